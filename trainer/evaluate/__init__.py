"""Evaluation of an exported checkpoint, on any engine, under controls of how long it thinks."""
