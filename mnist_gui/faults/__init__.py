"""Classic bugs, each put in place of one part of a run on purpose, and `run_factory`, which builds every run."""
