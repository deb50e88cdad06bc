"""Many trials at once: the same numbers as one by one, wherever they run and whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from multiprocessing import active_children
from pathlib import Path

import pytest
from joblib.externals.loky import reusable_executor

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.process_pool import WORKER_NAME, PoolError, _on_cluster, end_workers, run_all, workers
from mnist_gui.experiments.trial import Trial, try_or_report, try_out
from tests.support import small_config

RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def told(trial: Trial) -> tuple[object, ...]:
    """All but how long it took."""
    epochs = tuple((epoch.train_loss, epoch.validation_loss, epoch.validation_accuracy) for epoch in trial.epochs)
    return trial.state, trial.accuracy, trial.loss, trial.steps, trial.losses, epochs


@pytest.fixture(scope="module")
def configs() -> list[RunConfig]:
    return [small_config({"training.learning_rate": rate, "training.blas_threads": 1}) for rate in RATES]


@pytest.fixture(scope="module")
def one_by_one(configs: list[RunConfig]) -> list[tuple[object, ...]]:
    return [told(try_out(config)) for config in configs]


@pytest.fixture(autouse=True)
def no_workers_left() -> Iterator[None]:
    yield
    if reusable_executor._executor:
        reusable_executor._executor.shutdown(wait=True, kill_workers=True)


def worker_pids() -> list[int]:
    executor = reusable_executor._executor
    return list(executor._processes) if executor else []


def test_processes_give_what_one_process_gives(configs: list[RunConfig], one_by_one: list[tuple[object, ...]]) -> None:
    with workers(2):
        trials = dict(run_all(configs))
    assert [told(trials[place]) for place in range(len(configs))] == one_by_one


def test_a_killed_worker_loses_no_trial(configs: list[RunConfig], one_by_one: list[tuple[object, ...]]) -> None:
    trials: dict[int, Trial] = {}
    with workers(2):
        for place, trial in run_all(configs):
            if not trials:
                os.kill(worker_pids()[0], signal.SIGKILL)
            assert place not in trials
            trials[place] = trial
    assert [told(trials[place]) for place in range(len(configs))] == one_by_one


def test_workers_that_are_killed_again_and_again_are_no_accident() -> None:
    endless = [small_config({"training.epochs": 100_000})]
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(0.05):
            for pid in worker_pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    killer = threading.Thread(target=kill)
    with workers(2):
        killer.start()
        try:
            with pytest.raises(PoolError, match="killed 3 times"):
                list(run_all(endless))
        finally:
            is_over.set()
            killer.join()


def test_whoever_stops_asking_cancels_what_is_under_way(configs: list[RunConfig]) -> None:
    endless = small_config({"training.epochs": 100_000})
    with workers(2):
        trials = run_all([configs[0], endless, endless])
        assert next(trials)[0] == 0
        trials.close()
        # The pool is free again: these would else wait for ever behind the endless ones.
        assert len(list(run_all(configs[:2]))) == 2


def test_workers_can_be_ended_at_once_by_whoever_waits_no_longer(configs: list[RunConfig]) -> None:
    endless = small_config({"training.epochs": 100_000})
    is_cancelled = threading.Event()
    with workers(2):
        trials = run_all([configs[0], endless, endless], is_cancelled.is_set)
        assert next(trials)[0] == 0
        is_cancelled.set()
        end_workers()
        assert list(trials) == []  # and nothing is repeated
    assert not any(child.name.startswith(WORKER_NAME) for child in active_children())


def test_a_trial_that_cannot_begin_says_why() -> None:
    with workers(2):
        ((_, trial),) = run_all([small_config({"data.train": 60_000, "data.validation": 10_000})])
    assert trial.state == "failed"
    assert "data.train" in (trial.error or "")
    assert trial.percent == "–"


def test_a_cluster_gives_what_one_process_gives_also_when_it_loses_a_worker(
    configs: list[RunConfig], one_by_one: list[tuple[object, ...]]
) -> None:
    from distributed import LocalCluster

    trials: dict[int, Trial] = {}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        workers(-1, cluster.scheduler_address),
    ):
        for place, trial in run_all(configs):
            if not trials:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
            trials[place] = trial
    assert [told(trials[place]) for place in range(len(configs))] == one_by_one


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_gui.experiments.process_pool.CONNECT_SECONDS", 0.5)
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:9"), workers(1, "tcp://127.0.0.1:9"):
        raise AssertionError("there is no scheduler")


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def test_a_scheduler_that_dies_midway_is_told_in_a_sentence_and_what_is_done_is_kept(
    configs: list[RunConfig], one_by_one: list[tuple[object, ...]], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    endless = small_config({"training.epochs": 100_000})
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, str(script)], text=True, **pipes) as scheduler:
        assert scheduler.stdout
        address = scheduler.stdout.readline().strip()
        try:
            with workers(-1, address):
                trials = run_all([configs[0], endless, endless])
                first = told(next(trials)[1])
                scheduler.kill()
                with pytest.raises(PoolError, match=f"The Dask cluster at {address} does not answer"):
                    next(trials)
        finally:
            scheduler.kill()
    assert first == one_by_one[0]
    assert "Traceback" not in capfd.readouterr().err


class Killing:
    """An iterator of trials that ends as joblib's does where something went wrong."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, tasks: object) -> Iterator[tuple[int, Trial]]:
        raise self._error
        yield


class KilledWorker(Exception):  # noqa: N818 - as it is there
    """As distributed has it."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KilledWorker("on 4 workers"), "killed again and again"),
        (TimeoutError("no worker after 10 seconds"), "has no workers left"),
        (CancelledError(), "does not answer"),
    ],
)
def test_what_goes_wrong_with_a_cluster_is_told_in_a_sentence_and_not_of_processes_here(
    configs: list[RunConfig], monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr("mnist_gui.experiments.process_pool.Parallel", lambda **options: Killing(error))
    with pytest.raises(type(error)):
        list(run_all(configs))
    with _on_cluster("tcp://10.0.0.1:8786"), pytest.raises(PoolError, match=said):
        list(run_all(configs))


def test_another_thread_cancels_by_killing_the_workers(configs: list[RunConfig]) -> None:
    endless = small_config({"training.epochs": 100_000})
    is_cancelled, done = threading.Event(), list[int]()

    def work() -> None:
        with workers(2):
            for place, _ in run_all([configs[0], endless, endless], is_cancelled=is_cancelled.is_set):
                done.append(place)

    thread = threading.Thread(target=work)
    thread.start()
    while not done:
        thread.join(0.05)
    pids = worker_pids()
    is_cancelled.set()
    while thread.is_alive():
        end_workers()
        thread.join(0.05)
    assert done == [0]
    assert pids
    assert not [pid for pid in pids if is_alive(pid)]
    with workers(2):  # the pool is free again
        assert len(list(run_all(configs[:2]))) == 2


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_at_a_time_gives_what_one_process_gives(
    configs: list[RunConfig], one_by_one: list[tuple[object, ...]]
) -> None:
    with workers(2):
        trials = dict(run_all(configs, at_once=1))
    assert [told(trials[place]) for place in range(len(configs))] == one_by_one


def test_the_processes_are_one_thread_s_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnist_gui.experiments.process_pool.BUSY_SECONDS", 0.05)
    with workers(2), pytest.raises(PoolError, match="under way"), workers(2):
        raise AssertionError("two at a time")


def test_a_trial_that_is_impossible_ends_no_other_where_it_is_told(configs: list[RunConfig]) -> None:
    too_many = small_config({"data.train": 60_000, "data.validation": 10_000})
    too_large = small_config({"network.hidden": [8192] * 20})
    with workers(2):
        trials = dict(run_all([too_many, configs[0], too_large], attempt=try_or_report))
    assert [trials[place].state for place in range(3)] == ["failed", "finished", "failed"]
    assert "data.train" in str(trials[0].error)
    assert "network.hidden" in str(trials[2].error)


TELL = """
import signal, sys
from multiprocessing.connection import Connection
from mnist_gui.experiments.process_pool import _end_between_messages
signal.signal(signal.SIGTERM, _end_between_messages)
Connection(int(sys.argv[1])).send_bytes(b"result" * 100_000)
signal.pause()
"""


def test_a_worker_that_is_ended_while_it_tells_a_result_tells_the_whole_of_it() -> None:
    reading, writing = os.pipe()  # too small for it, so that it is in the middle of it when the signal comes
    with subprocess.Popen([sys.executable, "-c", TELL, str(writing)], pass_fds=[writing]) as process:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            head = pipe.read(10)
            process.terminate()
            message = head + pipe.read()
    assert (len(message), process.returncode) == (4 + 600_000, 1)


def test_a_cluster_that_wants_certificates_is_refused_in_a_sentence() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(ConfigError, match="without certificates"), workers(1, "tls://127.0.0.1:1"):
        raise AssertionError("there is no such cluster")
