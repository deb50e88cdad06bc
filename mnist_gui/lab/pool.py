"""Many trials at once: in processes on this machine, or on a Dask cluster, through joblib, which also schedules them.

Only configurations travel to the workers and only trials travel back.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children

from joblib import Parallel, delayed, parallel_config

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.trial import Trial, try_out

# Workers may be killed so often in a row, with no trial done in between, before it is held to be no accident.
MOST_BREAKS = 3

# What the processes of joblib's pool are called, with a number.
WORKER_NAME = "LokyProcess"

# Waiting for the scheduler of a cluster, in seconds.
CONNECT_SECONDS = 10


class PoolError(RuntimeError):
    """The workers cannot do what is asked of them."""


@contextmanager
def workers(jobs: int, cluster: str | None = None) -> Iterator[None]:
    """Within this context `run_all` uses so many processes here, -1: one for each core; or the Dask cluster whose
    scheduler has this address, such as tcp://10.0.0.1:8786. ConfigError if there is no such cluster."""
    if cluster is None:
        with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
            yield
        return
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ConfigError("--dask", cluster, "the extra `cluster`: pip install 'mnist-gui[cluster]'") from None
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ConfigError("--dask", cluster, f"the address of a Dask scheduler that answers ({error})") from error
    with client, parallel_config(backend="dask", n_jobs=-1):
        yield


def end_workers() -> None:
    """End the processes on this machine at once, whatever they do: for whoever asks for trials and waits no longer."""
    for child in active_children():
        if child.name.startswith(WORKER_NAME):
            child.terminate()


def _never() -> bool:
    return False


def run_all(configs: Sequence[RunConfig], is_cancelled: Callable[[], bool] = _never) -> Iterator[tuple[int, Trial]]:
    """The trials of all configurations as they come, each with its place in `configs`.

    Whoever stops asking, or closes the iterator, cancels those still under way. Trials whose worker was killed are
    repeated, unless `is_cancelled` says that nobody waits for them; what they give is the same. PoolError if workers
    are killed again and again.
    """
    left, breaks = list(range(len(configs))), 0
    while left:
        before = len(left)
        trials = Parallel(return_as="generator_unordered", batch_size=1, max_nbytes=None)(
            delayed(_numbered)(place, configs[place]) for place in left
        )
        try:
            for place, trial in trials:
                left.remove(place)
                yield place, trial
        except BrokenProcessPool as broken:
            if is_cancelled():
                return
            breaks = 0 if len(left) < before else breaks + 1
            if breaks >= MOST_BREAKS:
                raise PoolError(f"Workers were killed {breaks} times in a row: is there enough memory?") from broken
        finally:
            with warnings.catch_warnings(action="ignore"):  # that some were cancelled is what was wanted
                trials.close()


def _numbered(place: int, config: RunConfig) -> tuple[int, Trial]:
    return place, try_out(config)
