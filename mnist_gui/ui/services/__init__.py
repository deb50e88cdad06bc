"""What panels share: the run, tasks for helper threads, files, the step and the digit in view, when to draw."""
