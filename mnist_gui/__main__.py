"""`python -m mnist_gui`, and the entry point of the bundle."""

import sys

from mnist_gui.cli import main

if __name__ == "__main__":
    sys.exit(main())
