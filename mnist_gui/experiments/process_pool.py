"""Many trials at once: in processes on this machine, or on a Dask cluster, through joblib, which also schedules them.

Only configurations are sent to the workers and only trials are sent back.
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
from pathlib import Path
from threading import Event, Lock, Thread, Timer
from time import monotonic
from types import FrameType

from joblib import Parallel, delayed, effective_n_jobs, parallel_config
from joblib.externals.loky.backend import resource_tracker as loky_tracker

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.leftover_semaphores import clean_up, register
from mnist_gui.experiments.trial import Trial, try_or_report
from mnist_gui.system import exit_status
from mnist_gui.system.signals import HANG_UP, end_on_signal

# Number of times in a row, without a finished trial, that workers may be killed before it is an error.
MOST_BREAKS = 3

# The beginning of the names of joblib's worker processes.
WORKER_NAME = "LokyProcess"

# Waiting for the scheduler of a cluster, in seconds.
CONNECT_SECONDS = 10

# joblib has one pool of processes for the whole program: a caller waits this many seconds for another one that was
# cancelled to release it.
BUSY_SECONDS = 3.0

# Seconds between two checks while waiting for the pool.
LOOK_SECONDS = 0.05

# Seconds in which an interrupted caller must release the pool, or the process is ended.
END_SECONDS = 10.0

# Seconds between two checks of a worker whether its parent lives.
WATCH_SECONDS = 1.0

# What joblib raises if a cluster is lost: its scheduler does not answer, and tasks are cancelled.
LOST = (CancelledError, OSError)
# The name of what it raises if workers of a cluster died repeatedly; its package is an optional dependency.
KILLED = "KilledWorker"

_in_use = Lock()

# Whether trials run in other processes on this machine.
_has_processes = False

# The address of the cluster that `run_all` uses, None for the processes here.
_cluster: ContextVar[str | None] = ContextVar("cluster", default=None)


class PoolError(RuntimeError):
    """The workers cannot run trials; the text states why."""


def _never() -> bool:
    return False


@contextmanager
def workers(jobs: int, cluster: str | None = None, *, is_cancelled: Callable[[], bool] = _never) -> Iterator[None]:
    """Context in which `run_all` uses `jobs` processes on this machine (-1: one for each core), or the Dask cluster
    whose scheduler has this address, such as tcp://10.0.0.1:8786. ConfigError if there is no such cluster, PoolError if
    the processes are in use by another thread, or waiting for them is cancelled."""
    global _has_processes
    if cluster is None:
        end = monotonic() + BUSY_SECONDS
        while not (has_them := _in_use.acquire(timeout=LOOK_SECONDS)) and monotonic() < end and not is_cancelled():
            pass
        if not has_them:
            raise PoolError("Another search or sweep is under way: wait for its end, or cancel it.")
        # Not reset: workers and cleaners are started later, from other threads. They must not import from the current
        # folder, which may contain another numpy.py.
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            clean_up()
            if jobs != 1:
                _check_current_folder()
                register()
                _start_trackers()
            with parallel_config(
                backend="loky",
                n_jobs=jobs,
                inner_max_num_threads=1,
                initializer=_begin_worker,
                initargs=(os.getpid(),),
                temp_folder=tempfile.gettempdir(),  # without it joblib makes some, and leaves some behind
            ):
                _has_processes = effective_n_jobs() > 1
                yield
        finally:
            _has_processes = False
            _in_use.release()
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ConfigError("--dask", cluster, "the extra `cluster`: pip install 'mnist-gui[cluster]'") from None
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS)
    except TypeError as error:  # of tls:// and the like
        raise ConfigError("--dask", cluster, "an address without certificates, such as tcp://10.0.0.1:8786") from error
    except (OSError, ValueError) as error:
        raise ConfigError("--dask", cluster, f"the address of a Dask scheduler that answers ({error})") from error
    with _on_cluster(cluster), client, parallel_config(backend="dask", n_jobs=-1):
        yield


def _check_current_folder() -> None:
    """PoolError if it was deleted: processes cannot start in it, which joblib finds out only after the first runs."""
    try:
        Path.cwd()
    except OSError as error:
        raise PoolError(
            f"no process can be started in the current folder, which is not there any more ({error.strerror}): "
            "go to another folder, or ask for one job, which needs no other process"
        ) from error


def _start_trackers() -> None:
    """Start the two cleaner processes, so that the hang-up of a terminal does not end them."""
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
    """Context in which errors are reported as a cluster's, in a sentence instead of tracebacks in its log."""
    log, before = logging.getLogger("distributed.client"), _cluster.set(address)
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
        _cluster.reset(before)


def end_workers() -> None:
    """End the worker processes on this machine, whatever they do."""
    for child in active_children():
        if child.name.startswith(WORKER_NAME):
            child.terminate()


@contextmanager
def ended_by_interrupt() -> Iterator[Callable[[], bool]]:
    """Context, for the main thread, in which the first Ctrl-C, SIGTERM or hang-up ends the worker processes, and the
    context ends with KeyboardInterrupt. Later signals are ignored, as they would interrupt the cleaning up. Yields
    `is_cancelled` for `run_all`.

    With worker processes nothing is raised earlier: an exception in the middle of joblib's work may leave a lock taken,
    for which its other threads would wait for ever.
    """
    is_cancelled, has_ended = Event(), Event()

    def end(number: int) -> None:
        if not _has_processes:
            raise KeyboardInterrupt
        is_cancelled.set()
        Thread(target=_end_workers_until, args=(has_ended,), name="interrupt", daemon=True).start()

    with end_on_signal(end, may_be_hurried=False):
        try:
            yield is_cancelled.is_set
        finally:
            has_ended.set()
        if is_cancelled.is_set():
            raise KeyboardInterrupt


def _end_workers_until(has_ended: Event) -> None:
    """End worker processes until `has_ended`, also new ones; after END_SECONDS end this process too."""
    end = monotonic() + END_SECONDS
    while not has_ended.wait(LOOK_SECONDS):
        end_workers()
        if monotonic() > end:
            os._exit(exit_status.INTERRUPTED)


def run_all(
    configs: Sequence[RunConfig],
    is_cancelled: Callable[[], bool] = _never,
    *,
    attempt: Callable[[RunConfig], Trial] = try_or_report,
    at_once: int | None = None,
) -> Iterator[tuple[int, Trial]]:
    """Yield the trials of all configurations as they finish, each with its index in `configs`.

    attempt: function that makes a trial; importable by its name. at_once: limit of running trials, if fewer than
    processes. Closing the iterator cancels the rest; so does another thread if `is_cancelled` returns True and it calls
    `end_workers`. Trials whose worker was killed otherwise are repeated, with the same result. PoolError if workers are
    killed repeatedly, or the cluster is lost.
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
            if is_cancelled():  # caused by the end of the workers
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
                with warnings.catch_warnings(action="ignore"):  # cancelled on purpose
                    trials.close()


def _lost(error: Exception) -> str:
    """A sentence if an error means that the cluster is lost; "" if not, or if there is no cluster."""
    cluster = _cluster.get()
    if cluster and isinstance(error, LOST):
        return f"The Dask cluster at {cluster} does not answer any more, or has no workers left."
    if cluster and type(error).__name__ == KILLED:
        return f"Workers of the Dask cluster at {cluster} were killed again and again: is there enough memory?"
    return ""


def _numbered(attempt: Callable[[RunConfig], Trial], place: int, config: RunConfig) -> tuple[int, Trial]:
    """In a worker: make a trial, with its index."""
    return place, attempt(config)


def _begin_worker(parent: int) -> None:
    """In a new worker: end when the parent has ended (it may have been killed) or sends SIGTERM. Ctrl-C and hang-ups,
    which all processes of a terminal get, are handled by the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if HANG_UP is not None:
        signal.signal(HANG_UP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_between_messages)

    def watch() -> None:
        while os.getppid() == parent:
            Event().wait(WATCH_SECONDS)
        os._exit(1)

    Thread(target=watch, name="parent", daemon=True).start()


def _end_between_messages(number: int, frame: FrameType | None) -> None:
    """In a worker: end now, or soon if a result is being sent: the reader of half a message would wait for ever."""
    while frame is not None:
        if frame.f_code.co_name == "send_bytes":  # of multiprocessing's connections
            Timer(LOOK_SECONDS, os.kill, (os.getpid(), number)).start()
            return
        frame = frame.f_back
    os._exit(1)
