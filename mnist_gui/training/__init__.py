"""One training run: from a config and digits to records and weights, in any thread, with no window in sight."""
