"""Helper threads: keys at the same time, one answer for each, the newest; what fails or comes late does no harm."""

import threading
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from mnist_gui.data.datasets import Dataset
from mnist_gui.storage.model_file import load_model, save_model
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services import file_service as storage_module
from mnist_gui.ui.services.file_service import FileService, OpenedNetwork
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.task_runner import THREADS, Request, TaskRunner
from tests.support import dataset, make_trainer


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

    def __init__(self, background: TaskRunner) -> None:
        self._background = background
        self.answers: list[Any] = []
        self.failures: list[BaseException] = []
        self.dropped: list[str] = []
        self.threads: set[threading.Thread] = set()

    def ask(self, key: str, work: Callable[[], Any], after: Set[str] = frozenset()) -> Request:
        return self._background.request(
            key,
            work,
            self._on_answer,
            self.failures.append,
            after=after,
            dropped=lambda: self.dropped.append(key),
        )

    def _on_answer(self, value: Any) -> None:
        self.answers.append(value)
        self.threads.add(threading.current_thread())


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def background(gate: Gate) -> Iterator[TaskRunner]:
    background = TaskRunner()
    yield background
    background.close()


@pytest.fixture
def asker(background: TaskRunner) -> Asker:
    return Asker(background)


def poll_until_idle(qtbot: QtBot, background: TaskRunner) -> None:
    def is_idle() -> bool:
        background.poll()
        return not background.is_busy

    qtbot.waitUntil(is_idle)


def poll_until(qtbot: QtBot, background: TaskRunner, is_there: Callable[[], bool]) -> None:
    def has_come() -> bool:
        background.poll()
        return is_there()

    qtbot.waitUntil(has_come)


def test_work_runs_in_a_helper_thread_and_its_answer_comes_in_the_polling_one(
    qtbot: QtBot, background: TaskRunner, asker: Asker
) -> None:
    asker.ask("thread", threading.current_thread)
    poll_until_idle(qtbot, background)
    assert asker.answers[0] is not threading.current_thread()
    assert asker.threads == {threading.current_thread()}


def test_a_short_request_is_answered_while_a_long_one_is_under_way(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    asker.ask("evaluation", gate.work("long"))
    assert gate.has_begun.wait(20)
    asker.ask("question", lambda: "short")
    poll_until(qtbot, background, lambda: asker.answers == ["short"])
    assert background.is_busy
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["short", "long"]


def test_more_requests_than_threads_are_all_done_and_never_more_at_a_time(
    qtbot: QtBot, background: TaskRunner, asker: Asker
) -> None:
    all_run = threading.Barrier(THREADS)
    under_way: set[int] = set()
    most = 0

    def meet(number: int) -> int:
        nonlocal most
        under_way.add(number)
        most = max(most, len(under_way))
        all_run.wait(20)
        under_way.discard(number)
        return number

    for number in range(2 * THREADS):
        asker.ask(f"key {number}", lambda number=number: meet(number))
    poll_until_idle(qtbot, background)
    assert sorted(asker.answers) == list(range(2 * THREADS))
    assert most == THREADS


def test_one_answer_is_handed_over_at_a_poll(qtbot: QtBot, background: TaskRunner, asker: Asker) -> None:
    done = threading.Barrier(3)
    asker.ask("a", lambda: done.wait(20))
    asker.ask("b", lambda: done.wait(20))
    done.wait(20)
    poll_until(qtbot, background, lambda: bool(asker.answers))
    assert len(asker.answers) == 1
    poll_until_idle(qtbot, background)
    assert len(asker.answers) == 2


def test_of_several_waiting_requests_of_a_topic_only_the_newest_is_done(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    for value in range(5):
        asker.ask("predictions", gate.work(value))
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == asker.answers == [0, 4]


def test_a_request_waits_until_those_it_builds_on_are_answered(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    asker.ask("dataset", gate.work("digits"))
    asker.ask("network", lambda: list(asker.answers), after={"dataset"})
    asker.ask("other", lambda: "other")
    poll_until(qtbot, background, lambda: asker.answers == ["other"])
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["other", "digits", ["other", "digits"]]


def test_requests_that_build_on_each_other_are_done_in_the_order_of_asking(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    asker.ask("a", gate.work(1), after={"b"})
    asker.ask("b", gate.work(2), after={"a"})
    asker.ask("a", gate.work(3), after={"b"})
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == asker.answers == [1, 2, 3]


def test_a_newer_request_takes_its_own_place_in_the_order_and_not_that_of_the_one_it_replaces(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    asker.ask("dataset", gate.work("first"), after={"network"})
    asker.ask("dataset", gate.work("replaced"), after={"network"})
    asker.ask("network", gate.work("model"), after={"dataset"})
    asker.ask("dataset", gate.work("last"), after={"network"})
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["first", "model", "last"]


def test_what_a_failure_asks_for_goes_ahead_of_what_waits(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    def ask_for_another(error: BaseException) -> None:
        asker.ask("network", lambda: "replaced", after={"dataset"})
        asker.ask("dataset", gate.work("spare"), after={"network"})
        asker.ask("network", gate.work("model"), after={"dataset"})

    background.request("dataset", lambda: 1 // 0, asker.answers.append, ask_for_another)
    asker.ask("network", gate.work("waited"), after={"dataset"})
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == asker.answers == ["spare", "model"]


def test_work_that_raises_hands_its_exception_to_its_own_failure(
    qtbot: QtBot, background: TaskRunner, asker: Asker
) -> None:
    others: list[BaseException] = []
    background.request("broken", lambda: 1 // 0, asker.answers.append, others.append)
    asker.ask("missing", lambda: {}["key"])
    asker.ask("whole", lambda: 7)
    poll_until_idle(qtbot, background)
    assert [str(error) for error in others] == ["ZeroDivisionError: integer division or modulo by zero"]
    assert [str(error) for error in asker.failures] == ["KeyError: 'key'"]
    assert asker.answers == [7]


def test_an_answer_that_raises_does_not_hold_up_the_next_request(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    def refuse(value: object) -> None:
        raise LookupError("the panel is broken")

    background.request("first", gate.work(1), refuse, asker.failures.append)
    asker.ask("second", gate.work(2), after={"first"})
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


def test_a_request_from_an_answer_is_done_too(qtbot: QtBot, background: TaskRunner, asker: Asker) -> None:
    background.request("first", lambda: 1, lambda value: asker.ask("second", lambda: value + 1), asker.failures.append)
    poll_until_idle(qtbot, background)
    assert asker.answers == [2]


def test_a_cancelled_request_is_not_answered_whether_it_waits_or_runs(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    runs = asker.ask("runs", gate.work("runs"))
    waits = asker.ask("waits", gate.work("waits"), after={"runs"})
    asker.ask("stays", gate.work("stays"))
    assert gate.has_begun.wait(20)
    for request in (runs, waits, waits, None):
        background.cancel(request)
    assert asker.dropped == ["runs", "waits"]
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["stays"]
    assert "waits" not in gate.done
    background.cancel(runs)
    assert asker.dropped == ["runs", "waits"]


def test_what_is_cancelled_is_the_request_and_not_another_of_its_topic(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    old = asker.ask("predictions", gate.work("old"))
    gate.open()
    poll_until(qtbot, background, lambda: asker.answers == ["old"])
    asker.ask("predictions", gate.work("new"))
    background.cancel(old)
    poll_until_idle(qtbot, background)
    assert asker.answers == ["old", "new"]
    assert asker.dropped == []


def test_every_request_ends_in_one_call_answered_failed_or_dropped(qtbot: QtBot, background: TaskRunner) -> None:
    chance = np.random.default_rng(3)
    ends: dict[int, list[str]] = {}

    def ask(number: int) -> Request:
        ends[number] = []
        return background.request(
            str(chance.choice(["a", "b", "c"])),
            lambda: 1 // int(number % 5 > 0),
            lambda _: ends[number].append("answered"),
            lambda _: ends[number].append("failed"),
            dropped=lambda: ends[number].append("dropped"),
        )

    asked = []
    for number in range(300):
        asked.append(ask(number))
        if chance.random() < 0.3:
            background.cancel(asked[chance.integers(len(asked))])
        if chance.random() < 0.5:
            background.poll()
    poll_until_idle(qtbot, background)
    for number in (301, 305):  # one that is answered and one that fails, however busy the machine was before
        ask(number)
        poll_until_idle(qtbot, background)
    background.cancel(ask(306))
    poll_until_idle(qtbot, background)
    assert all(len(calls) == 1 for calls in ends.values())
    assert [ends[number] for number in (301, 305, 306)] == [["answered"], ["failed"], ["dropped"]]


def test_a_request_whose_place_a_newer_one_takes_is_told_of_it(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    for value in range(3):
        asker.ask("predictions", gate.work(value))
    assert asker.dropped == ["predictions"]
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == [0, 2]


def test_long_work_that_is_cancelled_is_told_to_give_up_and_no_other(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    gave_up = threading.Event()

    def long_work() -> None:
        gate.has_begun.set()
        while not background.should_cancel():
            pass
        gave_up.set()

    def other_work() -> bool:
        gate.work(None)()
        return background.should_cancel()

    long = asker.ask("long", long_work)
    asker.ask("other", other_work)
    assert gate.has_begun.wait(20)
    background.cancel(long)
    assert gave_up.wait(20)
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == [False]


def test_a_topic_can_be_asked_again_after_it_was_cancelled(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    background.cancel(asker.ask("predictions", gate.work("old")))
    asker.ask("predictions", gate.work("new"))
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == ["new"]


def test_closing_drops_what_waits_and_tells_long_work_to_give_up(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    gave_up = threading.Event()

    def long_work() -> None:
        gate.has_begun.set()
        while not background.should_cancel():
            pass
        gave_up.set()

    asker.ask("long", long_work)
    asker.ask("long", gate.work("waits for its key"))
    asker.ask("next", gate.work("waits for another"), after={"long"})
    assert gate.has_begun.wait(20)
    background.close()
    assert gave_up.wait(20)
    gate.open()
    poll_until_idle(qtbot, background)
    assert gate.done == []


def test_what_had_no_thread_yet_when_the_program_closes_is_not_answered(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    for number in range(2):  # writes take turns in one thread
        background.request(
            f"file {number}", gate.work(number), asker.answers.append, asker.failures.append, is_writing=True
        )
    assert gate.has_begun.wait(20)
    background.close()
    gate.open()
    poll_until_idle(qtbot, background)
    assert asker.answers == [0]
    assert asker.failures == []


def test_what_is_still_under_way_when_the_program_closes_is_known(
    qtbot: QtBot, background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    assert not background.is_at_work
    asker.ask("long", gate.work("long"))
    assert gate.has_begun.wait(20)
    background.close()
    assert background.is_at_work  # and the program must not wait for it
    gate.open()
    qtbot.waitUntil(lambda: not background.is_at_work)


def test_requests_after_closing_are_passed_over(background: TaskRunner, asker: Asker, gate: Gate) -> None:
    background.close()
    asker.ask("late", gate.work("late"))
    assert not background.is_busy
    assert not gate.has_begun.is_set()


# Writing


def test_all_that_writes_is_done_and_answered_before_closing_though_every_thread_is_busy(
    background: TaskRunner, asker: Asker, gate: Gate
) -> None:
    for number in range(THREADS + 2):
        asker.ask(f"long {number}", gate.work(number))
    written: list[int] = []
    told: list[None] = []
    for number in range(3):
        background.request(
            f"file {number % 2}",
            lambda number=number: written.append(number),
            told.append,
            asker.failures.append,
            is_writing=True,
        )
    assert background.finish_writing(20)
    background.close()
    assert written == [0, 1, 2]
    assert told == [None] * 3
    assert gate.done == []


def test_a_write_that_fails_or_does_not_end_in_time_is_told(background: TaskRunner, asker: Asker, gate: Gate) -> None:
    assert background.finish_writing(0)  # nothing is to be written
    background.request("file", lambda: 1 // 0, asker.answers.append, asker.failures.append, is_writing=True)
    assert not background.finish_writing(20)
    assert [type(error.__cause__) for error in asker.failures] == [ZeroDivisionError]
    assert background.finish_writing(0)  # what failed before is not told again
    background.request("file", gate.work(1), asker.answers.append, asker.failures.append, is_writing=True)
    assert not background.finish_writing(0.01)
    gate.open()
    assert background.finish_writing(20)
    assert asker.answers == [1]


# What storage asks for


class Disk:
    """Digits and models that are read only when the test lets them be; `log` says what was read, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
        self.log: list[str] = []
        self._gate = gate
        monkeypatch.setattr(storage_module, "open_dataset", self._open_dataset)
        monkeypatch.setattr(storage_module, "load_model", self._load_model)

    def _open_dataset(self, config: Any) -> Dataset:
        self._gate.work(None)()
        self.log.append(f"dataset {config.folder}")
        return dataset()

    def _load_model(self, path: Path) -> Snapshot:
        self._gate.work(None)()
        self.log.append(path.name)
        return load_model(path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    trainer = make_trainer()
    trainer.train_minibatch()
    trainer.validate()
    save_model(tmp_path / "model.npz", trainer.snapshot())
    return tmp_path / "model.npz"


def test_digits_and_models_come_into_use_in_the_order_in_which_they_were_asked_for(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, background: TaskRunner, gate: Gate, model: Path
) -> None:
    disk = Disk(monkeypatch, gate)
    parent = QObject()
    storage = FileService(background, lambda: None, parent)
    opened: list[str] = []
    storage.dataset_opened.connect(lambda _, folder: opened.append(f"dataset {folder}"))
    storage.network_opened.connect(lambda network: opened.append("network"))
    storage.load_dataset("first")
    storage.open_model(model)
    storage.load_dataset("last")
    gate.open()
    poll_until_idle(qtbot, background)
    assert opened == ["dataset first", "network", "dataset last"]
    assert disk.log == ["dataset first", "model.npz", "dataset ", "dataset last"]


def test_a_model_opened_at_a_start_without_its_digits_gets_the_bundled_ones(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    run_controller = RunController()
    run_controller.file_service.load_dataset(str(tmp_path / "gone"))
    run_controller.file_service.open_model(model)
    poll_until_idle(qtbot, run_controller.task_runner)
    assert run_controller.dataset is dataset()
    assert run_controller.best
    assert run_controller.best.step == 1
    assert run_controller.close()


def test_of_two_models_opened_in_haste_the_second_is_shown_and_a_new_network_drops_both(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    trainer = make_trainer()
    save_model(tmp_path / "second.npz", trainer.snapshot())
    run_controller = RunController()
    run_controller.use_dataset(dataset(), "")
    run_controller.file_service.open_model(model)
    run_controller.file_service.open_model(tmp_path / "second.npz")
    poll_until_idle(qtbot, run_controller.task_runner)
    assert [run.best.step for run in run_controller.runs if run.best] == [1, 0]
    assert run_controller.best
    assert run_controller.best.step == 0
    for _ in range(2):
        run_controller.file_service.open_model(model)
    run_controller.leave()
    poll_until_idle(qtbot, run_controller.task_runner)
    assert run_controller.run is None
    assert len(list(run_controller.runs)) == 2
    assert run_controller.close()


def test_a_model_that_is_being_saved_is_opened_when_that_is_done(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, background: TaskRunner, gate: Gate, tmp_path: Path
) -> None:
    trainer = make_trainer()
    snapshot = trainer.snapshot()

    def save_slowly(path: Path, snapshot: Snapshot) -> None:
        gate.work("saved")()
        save_model(path, snapshot)

    monkeypatch.setattr(storage_module, "save_model", save_slowly)
    parent = QObject()
    storage = FileService(background, dataset, parent)
    opened: list[OpenedNetwork] = []
    saved: list[Path] = []
    storage.network_opened.connect(opened.append)
    storage.model_saved.connect(lambda path, _: saved.append(path))
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    storage.save_model(tmp_path / "a.npz", snapshot)
    storage.save_model(tmp_path / "b.npz", snapshot)
    storage.open_model(tmp_path / "link" / "a.npz")
    gate.open()
    poll_until_idle(qtbot, background)
    assert sorted(saved) == [tmp_path / "a.npz", tmp_path / "b.npz"]
    np.testing.assert_array_equal(opened[0].snapshot.parameters, snapshot.parameters)
