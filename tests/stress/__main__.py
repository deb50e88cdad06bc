"""`make stress`: mutated inputs, killed processes, hostile environments and long random use, or those named in ARGS.

Each kind in a process of its own; a line for each with what was tried, what survived and what failed. Exits with 1 if
anything failed.
"""

import subprocess
import sys

KINDS = ("mutations", "kills", "environments", "soak")


def main(names: list[str]) -> int:
    unknown = set(names) - set(KINDS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}", file=sys.stderr)
        return 2
    commands = [[sys.executable, "-m", f"tests.stress.{name}"] for name in names or KINDS]
    statuses = [subprocess.run(command, check=False).returncode for command in commands]
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
