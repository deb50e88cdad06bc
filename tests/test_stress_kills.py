"""A few of the kills of `make stress ARGS=kills`."""

import signal
import sys

import pytest

from tests.stress.kills import try_once
from tests.stress.tally import Tally


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
@pytest.mark.parametrize(
    ("name", "number", "seed"),
    [("train", signal.SIGKILL, 3), ("sweep with more processes than runs", signal.SIGKILL, 4)],
)
def test_a_kill_tears_no_file_and_leaves_no_process_and_nothing_else_behind(
    name: str, number: signal.Signals, seed: int
) -> None:
    tally = Tally("kills")
    try_once(tally, name, number, seed)
    assert (tally.tried, tally.failures) == (1, [])
