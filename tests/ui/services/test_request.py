"""Requests of one owner: its turn of spare time ends whether it is answered, fails, is replaced or cancelled."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.ui.services.load_budget import LoadBudget, Throttle
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.task_runner import TaskRunner


class Owner:
    """Asks, and keeps how each request ended. `gate` holds back the work that waits for it."""

    def __init__(self, background: TaskRunner, key: str) -> None:
        self.throttle = Throttle(LoadBudget(lambda: True), 0.0)
        self.request_slot = RequestSlot(background, key, self.throttle)
        self.ends: list[Any] = []
        self.gate, self.has_begun = threading.Event(), threading.Event()

    def ask(self, value: Any) -> None:
        self._ask(lambda: value)

    def ask_behind_gate(self, value: Any) -> None:
        def work() -> Any:
            self.has_begun.set()
            assert self.gate.wait(20)
            return value

        self._ask(work)

    def ask_in_vain(self) -> None:
        self._ask(lambda: 1 // 0)

    def _ask(self, work: Callable[[], Any]) -> None:
        self.request_slot.ask(
            work, self.ends.append, lambda error: self.ends.append("failed"), lambda: self.ends.append("dropped")
        )


@pytest.fixture
def background() -> Iterator[TaskRunner]:
    background = TaskRunner()
    yield background
    background.close()


@pytest.fixture
def owner(background: TaskRunner) -> Iterator[Owner]:
    owner = Owner(background, "digits")
    yield owner
    owner.gate.set()


def poll_until_idle(qtbot: QtBot, background: TaskRunner) -> None:
    def is_idle() -> bool:
        background.poll()
        return not background.is_busy

    qtbot.waitUntil(is_idle)


def test_a_turn_ends_with_an_answer_and_with_a_failure(qtbot: QtBot, background: TaskRunner, owner: Owner) -> None:
    for ask in (lambda: owner.ask(1), owner.ask_in_vain):
        ask()
        assert owner.throttle.is_under_way
        assert owner.request_slot.is_under_way
        poll_until_idle(qtbot, background)
        assert not owner.throttle.is_under_way
        assert not owner.request_slot.is_under_way
    assert owner.ends == [1, "failed"]


def test_a_turn_ends_when_its_request_is_cancelled(qtbot: QtBot, background: TaskRunner, owner: Owner) -> None:
    owner.ask_behind_gate("under way")
    owner.ask("waits")
    assert owner.has_begun.wait(20)
    owner.request_slot.cancel()
    assert owner.ends == ["dropped", "dropped"]
    assert not owner.throttle.is_under_way
    assert not owner.request_slot.is_under_way
    owner.gate.set()
    poll_until_idle(qtbot, background)
    assert owner.ends == ["dropped", "dropped"]


def test_the_turn_of_a_newer_request_outlasts_the_answer_to_an_older_one(
    qtbot: QtBot, background: TaskRunner, owner: Owner
) -> None:
    owner.ask_behind_gate("older")
    assert owner.has_begun.wait(20)
    newer = threading.Event()
    owner.request_slot.ask(lambda: newer.wait(20), owner.ends.append, owner.ends.append)
    owner.gate.set()

    def has_older() -> bool:
        background.poll()
        return bool(owner.ends)

    qtbot.waitUntil(has_older)
    assert owner.ends == ["older"]
    assert owner.throttle.is_under_way
    assert owner.request_slot.is_under_way
    newer.set()
    poll_until_idle(qtbot, background)
    assert not owner.throttle.is_under_way


def test_of_requests_that_wait_the_newest_is_answered_and_the_others_are_told(
    qtbot: QtBot, background: TaskRunner, owner: Owner
) -> None:
    owner.ask_behind_gate("first")
    assert owner.has_begun.wait(20)
    owner.ask("second")
    owner.ask("third")
    assert owner.ends == ["dropped"]
    assert owner.throttle.is_under_way
    owner.gate.set()
    poll_until_idle(qtbot, background)
    assert owner.ends == ["dropped", "first", "third"]
    assert not owner.throttle.is_under_way


def test_an_answer_may_ask_again(qtbot: QtBot, background: TaskRunner, owner: Owner) -> None:
    found: list[int] = []

    def answer(value: int) -> None:
        found.append(value)
        if value < 3:
            owner.request_slot.ask(lambda: value + 1, answer, owner.ends.append)

    owner.request_slot.ask(lambda: 1, answer, owner.ends.append)
    poll_until_idle(qtbot, background)
    assert found == [1, 2, 3]
    assert not owner.request_slot.is_under_way


def test_what_is_asked_after_the_end_is_not_under_way(background: TaskRunner, owner: Owner) -> None:
    background.close()
    owner.ask(1)
    assert not owner.request_slot.is_under_way
