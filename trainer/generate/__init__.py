"""The project's own dataset and tokenizer: made from a seed, so that nothing has to be fetched."""
