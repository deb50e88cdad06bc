"""Mutated inputs of every kind: none may end in a traceback, take long, or take much memory.

    python -m tests.stress.mutations [KIND ...] [--count N] [--first N]

Each kind in a worker process of its own, which calls what the command line and the window call. A failure is told with
its number, which brings it back: --first N --count 1.
"""

import argparse
import json
import os
import resource
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from tests.stress.tally import Tally

COUNT = 2000
WORKER = ("-m", "tests.stress.mutations")

MOST_SECONDS = 5.0
MOST_MB = 500

# A worker that says nothing for so long hangs; one that takes so much more memory than it had is stopped.
HANGS_SECONDS = 60.0
STOPPED_MB = 4000


@dataclass(frozen=True, slots=True)
class Measured:
    """What one attempt took: seconds, and megabytes above what the process had before; error: what went wrong."""

    seconds: float
    megabytes: float
    error: str = ""

    @property
    def complaint(self) -> str:
        """How it failed, "" if it did not."""
        if self.error:
            return self.error
        if self.seconds > MOST_SECONDS:
            return f"took {self.seconds:.1f} s"
        return f"took {self.megabytes:.0f} MB" if self.megabytes > MOST_MB else ""


class Attempts:
    """Tries mutations of one kind in this process."""

    def __init__(self, kind: str, folder: Path) -> None:
        from tests.stress.damaged import KINDS
        from tests.stress.samples import Samples

        self._kind, self._attempt, self._folder = kind, KINDS[kind], folder
        self._samples = Samples(folder / "samples")

    def measure(self, number: int) -> Measured:
        """Try one."""
        from tests.stress.damaged import seed_of

        place = self._folder / "try"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        attempt = self._attempt(self._samples, seed_of(self._kind, number), place)
        next(attempt)
        before, started, error = _forget_peak(), time.monotonic(), ""
        try:
            next(attempt, None)
        except Exception:  # noqa: BLE001  whatever it is, it has failed
            error = "".join(traceback.format_exc()[-1500:])
        return Measured(time.monotonic() - started, _peak_mb() - before, error)


def _status(name: str) -> float:
    """A number of this process's status, in MB; 0 where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


def _forget_peak() -> float:
    """Let the peak of memory begin anew; what is in use now, in MB."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _status("VmHWM:")
    return _status("VmRSS:")


def _peak_mb() -> float:
    return _status("VmHWM:")


def work(kind: str, first: int, count: int) -> None:
    """In a worker: try `count` mutations, and write a line for each."""
    tell = os.fdopen(os.dup(1), "w", buffering=1)
    with tempfile.TemporaryDirectory() as folder:
        attempts = Attempts(kind, Path(folder))
        limit = int(_status("VmSize:") + STOPPED_MB) * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for number in range(first, first + count):
            found = attempts.measure(number)
            print(json.dumps([number, found.seconds, found.megabytes, found.error]), file=tell)


def run_kind(kind: str, first: int, count: int, tally: Tally) -> None:
    """Try `count` mutations of a kind in worker processes: one, or more where one hangs or is killed."""
    number, end = first, first + count
    while number < end:
        command = [sys.executable, *WORKER, kind, "--work", "--first", str(number), "--count", str(end - number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as worker:
            assert worker.stdout
            reached = _follow(worker, kind, tally)
            if worker.poll() is None:
                worker.kill()
        number = end if reached is None else max(number, reached + 1)
        if number < end:
            tally.failed(f"{kind} {number}: ended the process, or hung for {HANGS_SECONDS:.0f} s")
            number += 1


def _follow(worker: "subprocess.Popen[str]", kind: str, tally: Tally) -> int | None:
    """Count what a worker tells. The last number it told, None if it came to its end."""
    assert worker.stdout
    last = -1
    with selectors.DefaultSelector() as ready:
        ready.register(worker.stdout, selectors.EVENT_READ)
        while ready.select(HANGS_SECONDS):
            line = worker.stdout.readline()
            if not line:
                return None if worker.wait() == 0 else last
            last, seconds, megabytes, error = json.loads(line)
            complaint = Measured(seconds, megabytes, error).complaint
            if complaint:
                tally.failed(f"{kind} {last}: {complaint}")
            else:
                tally.survived()
    return last


def main(arguments: list[str]) -> int:
    """Try mutations of some kinds, or of all; 1 if any failed."""
    from tests.stress.damaged import KINDS

    parser = argparse.ArgumentParser(prog="python -m tests.stress.mutations", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=(*KINDS, []), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        work(options.kinds[0], options.first, options.count)
        return 0
    has_failed = False
    for kind in options.kinds or KINDS:
        started, tally = time.monotonic(), Tally(f"mutations of {kind}")
        run_kind(kind, options.first, options.count, tally)
        print(f"{tally} in {time.monotonic() - started:.0f} s", flush=True)
        has_failed |= bool(tally.failures)
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
