"""Measurements of the trainer on one GPU, beside what the plan expects: `python -m trainer.bench`."""
