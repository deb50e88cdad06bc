"""`mnist-gui diagnose --fix`: runs what may help, and tells how each run did."""

from collections.abc import Iterable, Mapping
from typing import Any

from mnist_gui import exit_status
from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.candidates import candidates_for
from mnist_gui.lab.pool import PoolError, ended_by_interrupt, run_all, workers
from mnist_gui.lab.search import Search
from mnist_gui.lab.search_report import describe
from mnist_gui.terminal import say


def search_for_fix(
    config: RunConfig,
    train_digits: int,
    proposed: Iterable[Mapping[str, Any]],
    *,
    epochs: int,
    jobs: int,
    cluster: str | None,
) -> tuple[Search, int | None]:
    """Search, told on standard error as it goes. What is known then, and the exit status if it was cut off.

    proposed: changes that findings propose; epochs: of every run.
    """
    candidates = candidates_for(config, train_digits, proposed)
    search = Search(config, epochs=epochs)
    say(f"searching with runs of {epochs:,} epochs, at most {search.most_runs:,} of them ({search.budget:,} epochs)")
    try:
        with ended_by_interrupt(), workers(jobs, cluster):
            for attempt in search.run(candidates, run_all):
                say(f"{len(search.tried):4}  {attempt.trial.percent:>7}  {describe(attempt)}")
    except KeyboardInterrupt:
        say("interrupted: what is known so far follows")
        return search, exit_status.INTERRUPTED
    except (PoolError, ConfigError) as error:  # also where there is no such cluster: the diagnosis is worth having
        say(f"mnist-gui: {error}")
        return search, exit_status.FAILED
    return search, None
