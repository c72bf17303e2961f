"""What runs in the containers of a job: supervised fine-tuning, evaluation and their supervision."""
