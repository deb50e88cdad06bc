"""How many BLAS threads: one unless asked for, or measured to be worth it, and told when it changes."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError, Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.engine.activations import ACTIVATIONS
from mnist_gui.engine.network import Network
from mnist_gui.training import blas_threads as blas
from mnist_gui.training.blas_threads import BLAS, WATCHED, BlasThreads
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.meters import Minibatch
from mnist_gui.training.records import Record, RunEnded, RunStarted, SettingChanged
from mnist_gui.training.snapshot import never
from mnist_gui.training.trainer import Trainer
from tests.support import ScriptedRunOutput, make_trainer, run

LARGE = Network((784, 1024, 10), ACTIVATIONS["relu"])


class Timed(BlasThreads):
    """Instead of timing reads its times from a list, (one thread, two threads)."""

    times: list[tuple[float, float]]

    def _seconds(self, should_cancel: Callable[[], bool]) -> tuple[float, float]:
        return self.times.pop(0)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_cores", lambda: 2)
    monkeypatch.setattr(blas, "TIMING_SHARE", np.inf)


def timed(asked: int, network: Network, batch_size: int, *times: tuple[float, float], parts: float = 1.0) -> Timed:
    threads = Timed(asked, network, np.ones((batch_size, network.sizes[0]), np.float32), parts)
    threads.times = list(times)
    return threads


@pytest.mark.parametrize(("two", "count"), [(0.5, 2), (0.84, 2), (0.9, 1), (1.0, 1), (4.0, 1)])
def test_two_threads_are_taken_only_where_they_are_clearly_faster(two: float, count: int) -> None:
    threads = timed(0, LARGE, 128, (1.0, two))
    assert threads.choose(never) is (count == 2)
    assert threads.count == count


def test_a_machine_that_gets_busy_gets_one_thread_again() -> None:
    threads = timed(0, LARGE, 128, (1.0, 0.5), (1.0, 3.0), (1.0, 3.0))
    assert [(threads.choose(never), threads.count) for _ in range(3)] == [(True, 2), (True, 1), (False, 1)]


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_a_number_that_was_asked_for_is_never_put_to_the_test(asked: int) -> None:
    threads = timed(asked, LARGE, 128)
    assert not threads.choose(never)
    assert threads.count == asked


def test_a_small_step_has_one_thread_without_timing() -> None:
    threads = timed(0, Network((784, 256, 10), ACTIVATIONS["relu"]), 128)
    assert not threads.choose(never)
    assert threads.count == 1


def test_one_core_has_one_thread_without_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_cores", lambda: 1)
    assert not timed(0, LARGE, 128).choose(never)


def test_timing_waits_until_it_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "TIMING_SHARE", 1e-9)
    threads = timed(0, LARGE, 128, (1.0, 0.5))
    assert threads.choose(never)
    assert not threads.choose(never), "its list of times is used up"


def test_steps_slower_than_their_products_with_one_thread_end_the_use_of_two() -> None:
    threads = timed(0, LARGE, 128, (1.0, 0.5))
    threads.choose(never)
    assert not any(threads.note_step(seconds) for seconds in WATCHED * [0.8])
    assert threads.count == 2
    assert [threads.note_step(seconds) for seconds in WATCHED * [1.3]] == (WATCHED - 1) * [False] + [True]
    assert threads.count == 1
    assert not threads.choose(never), "it is not tried again at once"
    assert not threads.note_step(9.0)


def test_a_single_slow_step_does_not_end_the_use_of_two_threads() -> None:
    threads = timed(0, LARGE, 128, (1.0, 0.5))
    threads.choose(never)
    assert not any(threads.note_step(seconds) for seconds in [50.0, *(WATCHED - 1) * [0.7]])
    assert threads.count == 2


def test_a_number_that_was_asked_for_stays_however_slow_its_steps_are() -> None:
    threads = timed(2, LARGE, 128)
    assert not any(threads.note_step(100.0) for _ in range(3 * WATCHED))
    assert threads.count == 2


def test_a_full_batch_made_in_parts_is_watched_part_by_part() -> None:
    threads = timed(0, LARGE, 128, (1.0, 0.6), parts=14.0)
    threads.choose(never)
    assert not any(threads.note_step(14 * 0.7) for _ in range(3 * WATCHED))
    assert threads.count == 2


def test_a_stop_ends_the_timing_with_one_thread() -> None:
    threads = BlasThreads(0, LARGE, np.ones((128, 784), np.float32))
    assert not threads.choose(lambda: True)
    assert threads.count == 1


def test_the_timing_itself_measures_both_and_changes_no_weight() -> None:
    network = Network((200, 300, 10), ACTIVATIONS["relu"])
    network.parameters[...] = 0.01
    with BLAS.managed():
        one, two = BlasThreads(0, network, np.ones((64, 200), np.float32))._seconds(never)
    assert one > 0
    assert two > 0
    assert (network.parameters == np.float32(0.01)).all()


def threads_now() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


class ChangingTrainer(Trainer):
    """Its threads are one at first, and two from the end of the first epoch on."""

    def blas_threads(self) -> BlasThreads:
        return timed(0, LARGE, 128, (1.0, 2.0), (1.0, 0.5), (1.0, 0.5))


def test_a_change_of_the_number_in_a_run_is_recorded_and_in_force() -> None:
    healthy = make_trainer()
    in_force = []

    class Watching(ChangingTrainer):
        def validate(self, *arguments: object) -> object:  # type: ignore[override]
            in_force.append(threads_now())
            return super().validate(*arguments)  # type: ignore[arg-type]

    with threadpool_limits(1, user_api="blas"):
        records = run(Watching(healthy.config, healthy.splits))
        after = threads_now()
    started, ended = records[0], records[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(ended, RunEnded)
    assert started.blas_threads == 1
    changes = [record for record in records if isinstance(record, SettingChanged)]
    assert [(change.step, change.key, change.old, change.new) for change in changes] == [
        (12, "training.blas_threads", 1, 2)
    ]
    assert in_force == [{1}, {2}]
    assert after == {1}


class CountingTrainer(Trainer):
    """Notes the numbers of BLAS threads that its steps begin and end with."""

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        self.__dict__.setdefault("seen", []).append(threads_now())
        minibatch = super().train_minibatch(should_cancel)
        self.__dict__["seen"].append(threads_now())
        return minibatch


class SteppingOutbox(ScriptedRunOutput):
    """Lets two runs begin each of their steps at the same time, until one of them has ended."""

    def __init__(self, inbox: Inbox, together: Barrier) -> None:
        super().__init__(inbox)
        self._together = together

    def yield_to_gui(self) -> None:
        with suppress(BrokenBarrierError):
            self._together.wait(30)

    def post(self, record: Record) -> None:
        super().post(record)
        if isinstance(record, RunEnded):
            self._together.abort()


@pytest.mark.parametrize(("left", "watched"), [(2, 2), (1, 2), (2, 1), (3, 2)])
def test_every_step_of_runs_that_overlap_has_the_number_of_its_own_record(left: int, watched: int) -> None:
    together = Barrier(2)
    asked = {"left": (left, 1), "watched": (watched, 2)}
    trainers, outboxes, threads = {}, {}, []
    for name, (number, epochs) in asked.items():
        healthy = make_trainer({"training.blas_threads": number, "training.epochs": epochs})
        trainers[name] = CountingTrainer(healthy.config, healthy.splits)
        inbox = Inbox()
        outboxes[name] = SteppingOutbox(inbox, together)
        threads.append(Thread(target=train, args=(trainers[name], inbox, outboxes[name])))
    with threadpool_limits(1, user_api="blas"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = threads_now()
    for name, (number, epochs) in asked.items():
        started, ended = outboxes[name].records[0], outboxes[name].records[-1]
        assert isinstance(started, RunStarted)
        assert isinstance(ended, RunEnded)
        assert (started.blas_threads, ended.state, ended.error) == (number, "finished", None)
        assert vars(trainers[name])["seen"] == 2 * 12 * epochs * [{number}]
    assert after == {1}


def test_settings_that_are_tried_out_beside_a_run_leave_the_threads_of_its_steps_alone() -> None:
    healthy = make_trainer({"training.blas_threads": 2})
    trainer = CountingTrainer(healthy.config, healthy.splits)
    has_begun, may_end, calls = Event(), Event(), count(1)

    class Measured(Trainer):
        def coming_order(self) -> NDArray[np.intp]:
            """Asked for in the middle of the measurements before the first step."""
            has_begun.set()
            assert may_end.wait(30)
            return super().coming_order()

    class WaitingOutbox(ScriptedRunOutput):
        def yield_to_gui(self) -> None:
            call = next(calls)
            if call == 3:
                beside.start()
                assert has_begun.wait(30)
            elif call == 6:
                may_end.set()
            elif call == 9:
                beside.join()

    small = make_trainer()
    beside = Thread(target=examine, args=(Measured(small.config, small.splits), 0))
    inbox = Inbox()
    train(trainer, inbox, WaitingOutbox(inbox))
    assert not beside.is_alive()
    assert vars(trainer)["seen"] == 2 * 24 * [{2}]
