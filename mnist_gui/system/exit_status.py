"""What the program's exit status means, for the window and the command line alike."""

FINISHED = 0
FAILED = 1  # the run failed or diverged, the gradient is wrong, or something could not be written
USAGE = 2  # bad input or usage: nothing was started
FOUND = 3  # a diagnosis found what keeps the network from learning, or its numbers from being true
INTERRUPTED = 130  # as shells name an end by Ctrl-C
