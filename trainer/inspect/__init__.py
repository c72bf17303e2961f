"""What a dataset and benchmarks hold, as prepare will read them, before anything is launched."""
