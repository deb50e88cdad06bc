"""The helper thread: one answer for each topic, the newest; work that fails or comes too late does no harm."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.ui.background import Background


class Gate:
    """Work that the test holds back: `work(value)` answers value once the gate is open."""

    def __init__(self) -> None:
        self._is_open = threading.Event()
        self.has_begun = threading.Event()
        self.done: list[Any] = []

    def work(self, value: Any) -> Callable[[], Any]:
        def wait_and_answer() -> Any:
            self.has_begun.set()
            assert self._is_open.wait(20)
            self.done.append(value)
            return value

        return wait_and_answer

    def open(self) -> None:
        self._is_open.set()


class Asker:
    """Asks a background, and keeps the answers and failures that come back, with the thread they came in."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self.answers: list[Any] = []
        self.failures: list[BaseException] = []
        self.threads: set[threading.Thread] = set()

    def ask(self, topic: str, work: Callable[[], Any]) -> None:
        self._background.request(topic, work, self._on_answer, self.failures.append)

    def _on_answer(self, value: Any) -> None:
        self.answers.append(value)
        self.threads.add(threading.current_thread())


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def background(gate: Gate) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def asker(background: Background) -> Asker:
    return Asker(background)


def poll_until_idle(qtbot: QtBot, background: Background) -> None:
    def is_idle() -> bool:
        background.poll()
        return not background.is_busy

    qtbot.waitUntil(is_idle)


def test_work_runs_in_the_helper_thread_and_its_answer_comes_in_the_polling_one(
    qtbot: QtBot, background: Background, asker: Asker
) -> None:
    asker.ask("sum", threading.current_thread)
    poll_until_idle(qtbot, background)
    assert asker.answers[0] is not threading.current_thread()
    assert asker.threads == {threading.current_thread()}


def test_of_several_waiting_requests_of_a_topic_only_the_newest_is_done(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    for value in range(5):
        asker.ask("predictions", gate.work(value))
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == asker.answers == [0, 4]


def test_requests_of_different_topics_are_all_done(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    for topic in ("dataset", "predictions", "save a", "save b"):
        asker.ask(topic, gate.work(topic))
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["dataset", "predictions", "save a", "save b"]


def test_work_that_raises_hands_over_its_exception_and_the_next_request_is_done(
    qtbot: QtBot, background: Background, asker: Asker
) -> None:
    asker.ask("broken", lambda: 1 // 0)
    asker.ask("whole", lambda: 7)
    poll_until_idle(qtbot, background)
    assert [type(error) for error in asker.failures] == [ZeroDivisionError]
    assert asker.answers == [7]


def test_an_answer_that_raises_does_not_hold_up_the_next_request(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    def refuse(value: object) -> None:
        raise LookupError("the panel is broken")

    background.request("first", gate.work(1), refuse, asker.failures.append)
    asker.ask("second", gate.work(2))
    gate.open()
    qtbot.waitUntil(lambda: gate.done != [])

    def poll() -> bool:
        try:
            background.poll()
        except LookupError:
            asker.failures.append(LookupError())
        return asker.answers == [2]

    qtbot.waitUntil(poll)
    assert len(asker.failures) == 1


def test_a_request_from_an_answer_is_done_too(qtbot: QtBot, background: Background, asker: Asker) -> None:
    background.request("first", lambda: 1, lambda value: asker.ask("second", lambda: value + 1), asker.failures.append)
    poll_until_idle(qtbot, background)
    assert asker.answers == [2]


def test_a_cancelled_request_is_not_answered_whether_it_waits_or_runs(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    asker.ask("runs", gate.work("runs"))
    asker.ask("waits", gate.work("waits"))
    asker.ask("stays", gate.work("stays"))
    assert gate.has_begun.wait(20)
    background.cancel("runs")
    background.cancel("waits")
    background.cancel("unknown")
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["stays"]
    assert "waits" not in gate.done


def test_a_topic_can_be_asked_again_after_it_was_cancelled(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    asker.ask("predictions", gate.work("old"))
    background.cancel("predictions")
    asker.ask("predictions", gate.work("new"))
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["new"]


def test_closing_drops_what_waits_and_tells_long_work_to_give_up(
    qtbot: QtBot, background: Background, asker: Asker, gate: Gate
) -> None:
    gave_up = threading.Event()

    def long_work() -> None:
        gate.has_begun.set()
        while not background.is_closed():
            pass
        gave_up.set()

    asker.ask("long", long_work)
    asker.ask("next", gate.work("next"))
    assert gate.has_begun.wait(20)
    background.close()
    assert gave_up.wait(20)
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == []
