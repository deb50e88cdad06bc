"""`make bench`: every benchmark but the long one, or those named in ARGS, each in a process of its own."""

import subprocess
import sys

BENCHMARKS = ("engine", "extras", "accuracy", "window", "curves", "mistakes", "start")
LONG = ("anchors",)


def main(names: list[str]) -> int:
    unknown = set(names) - {*BENCHMARKS, *LONG}
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join((*BENCHMARKS, *LONG))}", file=sys.stderr)
        return 2
    status = 0
    for name in names or BENCHMARKS:
        status |= subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
