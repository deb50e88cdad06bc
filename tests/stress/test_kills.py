"""A few of the kills of `make stress ARGS=kills`."""

import signal
import sys
from collections.abc import Callable

import pytest

from tests.stress.kills import Attempt, Signals, try_once
from tests.stress.tally import Tally


def has_trained(attempt: Attempt) -> bool:
    return "epoch 2" in attempt.said.read_text()


def has_begun_a_sweep(attempt: Attempt) -> bool:
    return (attempt.work / "long.results.jsonl").exists()


def has_saved(attempt: Attempt) -> bool:
    return "saved" in attempt.said.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
@pytest.mark.parametrize(
    ("name", "sent", "seed", "event"),
    [
        ("train", (signal.SIGKILL,), 3, has_trained),
        ("sweep with more processes than runs", (signal.SIGKILL,), 4, has_begun_a_sweep),
        ("window", (signal.SIGTERM, signal.SIGHUP), 5, has_saved),
    ],
)
def test_a_kill_tears_no_file_and_leaves_no_process_and_nothing_else_behind(
    name: str, sent: Signals, seed: int, event: Callable[[Attempt], bool]
) -> None:
    tally = Tally("kills")
    try_once(tally, name, sent, seed, event)
    assert (tally.tried, tally.failures) == (1, [])
