"""`python -m mnist_gui`, and the program of the bundle."""

import re
import runpy
import sys
from multiprocessing import freeze_support

from mnist_gui.cli.main import main

TRACKER = re.compile(r"from (joblib\.externals\.loky\.backend\.resource_tracker) import main; main\((\d+), (\w+)\)")
WORKER = "joblib.externals.loky.backend.popen_loky_posix"


def serve_joblib(arguments: list[str]) -> bool:
    """Whether this process was started by joblib, and has done its work.

    joblib starts workers, and what cleans up after them, with sys.executable as if that were Python; in the bundle it
    is this program.
    """
    for argument in arguments:
        tracker = TRACKER.fullmatch(argument)
        if tracker:
            from joblib.externals.loky.backend import resource_tracker

            resource_tracker.main(int(tracker[2]), tracker[3] == "True")
            return True
    if WORKER in arguments:
        sys.argv = [WORKER, *arguments[arguments.index(WORKER) + 1 :]]
        runpy.run_module(WORKER, run_name="__main__", alter_sys=True)
        return True
    return False


if __name__ == "__main__":
    freeze_support()  # the same for multiprocessing's own
    if not (getattr(sys, "frozen", False) and serve_joblib(sys.argv[1:])):
        sys.exit(main())
