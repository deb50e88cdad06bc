"""Signals that ask the program to end: the first is heard, the second of any kind does what it always does."""

import math
import signal
import sys
from collections.abc import Iterator

import pytest

from mnist_gui.system import signals
from mnist_gui.system.signals import end_on_signal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process that is sent a signal")

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@pytest.fixture
def outside() -> Iterator[list[str]]:
    """Which signals went to the handlers that were there before."""
    received: list[str] = []
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {
        number: signal.signal(number, lambda got, _: received.append(signal.Signals(got).name)) for number in numbers
    }
    yield received
    for number, handler in before.items():
        signal.signal(number, handler or signal.SIG_DFL)


def send(name: str) -> None:
    signal.raise_signal(getattr(signal, name))


@pytest.mark.parametrize("first", NAMES)
@pytest.mark.parametrize("second", ["SIGINT", "SIGTERM"])
def test_a_second_signal_of_any_kind_is_not_held_back_by_the_first(
    first: str, second: str, outside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "SAME_REQUEST_SECONDS", 0.0)
    heard: list[str] = []
    with end_on_signal(lambda number: heard.append(signal.Signals(number).name)):
        send(first)
        send(second)
    assert heard == [first]
    assert outside == [second]


@pytest.mark.parametrize(
    ("first", "second"),
    [("SIGTERM", "SIGHUP"), ("SIGINT", "SIGHUP"), ("SIGHUP", "SIGHUP"), ("SIGHUP", "SIGTERM")],
)
def test_what_comes_with_a_hang_up_is_the_same_request(
    first: str, second: str, outside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that is closed sends several; the end of a session sends SIGTERM and a hang-up, in any order."""
    monkeypatch.setattr(signals, "SAME_REQUEST_SECONDS", math.inf)
    heard: list[str] = []
    with end_on_signal(lambda number: heard.append(signal.Signals(number).name)):
        send(first)
        send(second)
        send("SIGHUP")
    assert heard == [first]
    assert outside == []


@pytest.mark.parametrize("second", NAMES)
def test_what_cannot_be_hurried_hears_one_signal(second: str, outside: list[str]) -> None:
    heard: list[str] = []
    with end_on_signal(lambda number: heard.append(signal.Signals(number).name), may_be_hurried=False):
        send("SIGTERM")
        send(second)
    assert heard == ["SIGTERM"]
    assert outside == []


@pytest.mark.parametrize("names", [("SIGTERM", "SIGHUP"), ("SIGINT", "SIGTERM")])
def test_of_two_signals_received_at_once_none_is_lost_and_nothing_is_complained_of(
    names: tuple[str, str], outside: list[str]
) -> None:
    numbers = {getattr(signal, name) for name in names}
    heard: list[int] = []
    with end_on_signal(heard.append):
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        for name in names:
            send(name)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    assert len(heard) == 1
    assert outside == (["SIGTERM"] if "SIGHUP" not in names else [])


def test_signals_do_again_what_they_did_when_all_is_over(outside: list[str]) -> None:
    with end_on_signal(lambda number: None):
        send("SIGHUP")
    for name in NAMES:
        send(name)
    assert outside == list(NAMES)
