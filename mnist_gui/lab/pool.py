"""Many trials at once: in processes on this machine, or on a Dask cluster, through joblib, which also schedules them.

Only configurations travel to the workers and only trials travel back.
"""

import logging
import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import active_children, resource_tracker
from threading import Event, Lock, Thread
from time import monotonic

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.backend import resource_tracker as loky_tracker

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.pool_leftovers import clean_up, keep_note
from mnist_gui.lab.trial import Trial, try_or_tell
from mnist_gui.signals import HANG_UP, asked_to_end, ignore_all

# Workers may be killed so often in a row, with no trial done in between, before it is held to be no accident.
MOST_BREAKS = 3

# What the processes of joblib's pool are called, with a number.
WORKER_NAME = "LokyProcess"

# Waiting for the scheduler of a cluster, in seconds.
CONNECT_SECONDS = 10

# joblib has one pool of processes for the whole program: who asks for it while another has it waits so many seconds,
# in which one that was cancelled lets go.
BUSY_SECONDS = 3.0

# How often who waits for the pool looks whether it still should, in seconds.
LOOK_SECONDS = 0.05

# How often a worker looks whether its parent lives.
WATCH_SECONDS = 1.0

# What joblib raises of a cluster that is no more: its scheduler does not answer, and what it was asked for is given up.
LOST = (CancelledError, OSError)
# The name of what it raises where workers of a cluster died of the same run; its package is there only with a cluster.
KILLED = "KilledWorker"

_in_use = Lock()

# The address of the cluster that `run_all` uses, None for the processes here.
_cluster: ContextVar[str | None] = ContextVar("cluster", default=None)


class PoolError(RuntimeError):
    """The workers cannot do what is asked of them."""


def _never() -> bool:
    return False


@contextmanager
def workers(jobs: int, cluster: str | None = None, *, is_cancelled: Callable[[], bool] = _never) -> Iterator[None]:
    """Within this context `run_all` uses so many processes here, -1: one for each core; or the Dask cluster whose
    scheduler has this address, such as tcp://10.0.0.1:8786. ConfigError if there is no such cluster, PoolError if the
    processes here are another thread's, or the waiting for them is cancelled."""
    if cluster is None:
        end = monotonic() + BUSY_SECONDS
        while not (has_them := _in_use.acquire(timeout=LOOK_SECONDS)) and monotonic() < end and not is_cancelled():
            pass
        if not has_them:
            raise PoolError("Another search or sweep is under way: wait for its end, or cancel it.")
        # For good: workers, and what cleans up after them, are started later, and from other threads. They run no code
        # of the current folder, where a numpy.py may lie that is none of ours.
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            clean_up()
            if jobs != 1:
                keep_note()
                _start_trackers()
            with parallel_config(
                backend="loky",
                n_jobs=jobs,
                inner_max_num_threads=1,
                initializer=_end_with,
                initargs=(os.getpid(),),
                temp_folder=tempfile.gettempdir(),  # if none is named, joblib makes some, and leaves some behind
            ):
                yield
        finally:
            _in_use.release()
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ConfigError("--dask", cluster, "the extra `cluster`: pip install 'mnist-gui[cluster]'") from None
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ConfigError("--dask", cluster, f"the address of a Dask scheduler that answers ({error})") from error
    with _on_cluster(cluster), client, parallel_config(backend="dask", n_jobs=-1):
        yield


def _start_trackers() -> None:
    """Start the two processes that clean up after all others, so that the hang-up of a terminal does not end them."""
    if HANG_UP is None:
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {HANG_UP})  # which they inherit
    try:
        loky_tracker.ensure_running()
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _on_cluster(address: str) -> Iterator[None]:
    """Within this context what goes wrong is a cluster's, and told in a sentence, not in tracebacks of its log."""
    log, before = logging.getLogger("distributed.client"), _cluster.set(address)
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
        _cluster.reset(before)


def end_workers() -> None:
    """End the processes on this machine at once, whatever they do: for whoever asks for trials and waits no longer."""
    for child in active_children():
        if child.name.startswith(WORKER_NAME):
            child.terminate()


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Within this context, in the main thread, the first Ctrl-C, SIGTERM or hang-up ends the processes on this machine
    and raises KeyboardInterrupt; others are ignored, as they would interrupt the putting away and leave tracebacks
    behind."""

    def end(number: int) -> None:
        ignore_all()
        end_workers()
        raise KeyboardInterrupt

    with asked_to_end(end):
        yield


def run_all(
    configs: Sequence[RunConfig],
    is_cancelled: Callable[[], bool] = _never,
    *,
    attempt: Callable[[RunConfig], Trial] = try_or_tell,
    at_once: int | None = None,
) -> Iterator[tuple[int, Trial]]:
    """The trials of all configurations as they come, each with its place in `configs`.

    attempt: what makes one; importable by its name. at_once: the most that are under way, if fewer than processes.
    Whoever stops asking, or closes the iterator, cancels those still under way; so does another thread for which
    `is_cancelled` says so and that then calls `end_workers`. Trials whose worker was killed otherwise are repeated;
    what they give is the same. PoolError if workers are killed again and again, or the cluster is lost.
    """
    left, breaks = list(range(len(configs))), 0
    while left and not is_cancelled():
        before = len(left)
        trials = None
        try:
            trials = Parallel(
                return_as="generator_unordered", batch_size=1, max_nbytes=None, pre_dispatch=at_once or "2*n_jobs"
            )(delayed(_numbered)(attempt, place, configs[place]) for place in left)
            for place, trial in trials:
                left.remove(place)
                yield place, trial
                if is_cancelled():
                    return
        except Exception as error:
            if is_cancelled():  # whatever the end of its workers led to
                return
            if lost := _lost(error):
                raise PoolError(lost) from error
            if not isinstance(error, BrokenProcessPool):
                raise
            breaks = 0 if len(left) < before else breaks + 1
            if breaks >= MOST_BREAKS:
                raise PoolError(f"Workers were killed {breaks} times in a row: is there enough memory?") from error
        finally:
            if trials is not None:
                with warnings.catch_warnings(action="ignore"):  # that some were cancelled is what was wanted
                    trials.close()


def _lost(error: Exception) -> str:
    """What an error says of the cluster, in a sentence; "" if it says nothing, or there is none."""
    cluster = _cluster.get()
    if cluster and isinstance(error, LOST):
        return f"The Dask cluster at {cluster} does not answer any more, or has no workers left."
    if cluster and type(error).__name__ == KILLED:
        return f"Workers of the Dask cluster at {cluster} were killed again and again: is there enough memory?"
    return ""


def _numbered(attempt: Callable[[RunConfig], Trial], place: int, config: RunConfig) -> tuple[int, Trial]:
    """In a worker: a trial, with its place."""
    return place, attempt(config)


def _end_with(parent: int) -> None:
    """In a new worker: from now on end when its parent has ended, which may have been killed and can end no workers.
    A hang-up is the parent's to heed."""
    if HANG_UP is not None:
        signal.signal(HANG_UP, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            Event().wait(WATCH_SECONDS)
        os._exit(1)

    Thread(target=watch, name="parent", daemon=True).start()
