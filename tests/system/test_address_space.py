"""A process that may use too little memory says so in a sentence, before a library ends it without one."""

import subprocess
import sys

import pytest

from mnist_gui.system.address_space import OF_COMMAND, OF_WINDOW

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others have no such limit")

PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from mnist_gui.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def start(limit: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, str(limit), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("limit", "needed", "arguments"),
    [(150_000_000, "350 MB", ["predict", "a.npz", "x.pgm"]), (400_000_000, "800 MB", ["--self-test"])],
)
def test_too_little_memory_is_refused_in_a_sentence(limit: int, needed: str, arguments: list[str]) -> None:
    done = start(limit, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"{limit / 1e6:.0f} MB of memory" in line
    assert needed in line


def test_as_much_as_is_asked_for_is_enough() -> None:
    small = ["--set", "data.train=2000", "--set", "training.epochs=1"]
    assert start(OF_COMMAND, "train", *small).returncode == 0
    assert start(OF_WINDOW, "--self-test").returncode == 0


def test_what_loads_no_large_library_needs_no_more() -> None:
    assert start(200_000_000, "settings").returncode == 0
