"""Model folders that the trainer reads, out of files in which models are passed around otherwise."""
