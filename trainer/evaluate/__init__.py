"""Evaluation of an exported checkpoint: greedy decoding with a budget of thinking tokens (s1's budget forcing)."""
