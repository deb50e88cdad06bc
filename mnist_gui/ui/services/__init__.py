"""What panels share: the run, tasks for helper threads, files, the moment and the digit in view, when to draw."""
