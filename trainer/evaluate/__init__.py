"""Evaluation of an exported checkpoint by greedy decoding within a budget of thinking tokens."""
