"""Controls: the settings of the next run, and the buttons that start, hold and stop training."""
