"""Supervised fine-tuning: prepare the data, train, export the checkpoint; each is a stage of its own."""
