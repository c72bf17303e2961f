"""Repositories of a model hub: what is in one at a revision, and its files on this machine's disk."""
