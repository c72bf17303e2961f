"""Rows of datasets and benchmarks, from files of every kind that people keep them in, and from a hub."""
