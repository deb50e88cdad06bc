"""`mnist-gui diagnose --fix`: runs candidate changes and reports each run."""

from collections.abc import Sequence
from functools import partial

from mnist_gui.config.run_config import ConfigError
from mnist_gui.experiments.fix_candidates import Candidate
from mnist_gui.experiments.fix_report import describe
from mnist_gui.experiments.fix_search import Search
from mnist_gui.experiments.process_pool import PoolError, ended_by_interrupt, run_all, workers
from mnist_gui.system import exit_status
from mnist_gui.system.terminal import write_message


def search_for_fix(search: Search, candidates: Sequence[Candidate], *, jobs: int, cluster: str | None) -> int | None:
    """Search among these candidates, with progress on standard error. Returns the exit status if it was cut off."""
    runs = f"runs of {search.epochs:,} epochs, at most {search.most_runs:,} of them"
    write_message(f"searching with {runs} ({search.budget:,} epochs)")
    try:
        with ended_by_interrupt() as is_cancelled, workers(jobs, cluster):
            for attempt in search.run(candidates, partial(run_all, is_cancelled=is_cancelled)):
                write_message(f"{len(search.tried):4}  {attempt.trial.percent:>7}  {describe(attempt)}")
    except KeyboardInterrupt:
        write_message("interrupted: the results so far follow")
        return exit_status.INTERRUPTED
    except (PoolError, ConfigError) as error:  # also without the cluster: the diagnosis is still reported
        write_message(f"mnist-gui: {error}")
        return exit_status.FAILED
    return None
