"""`mnist-gui diagnose --fix`: runs what may help, and tells how each run did."""

from collections.abc import Iterable, Mapping
from typing import Any

from mnist_gui.config import RunConfig
from mnist_gui.lab.candidates import candidates_for
from mnist_gui.lab.pool import PoolError, run_all, workers
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
) -> tuple[Search, bool]:
    """Search, told on standard error as it goes. What is known then, and whether it was cut off before its end.

    proposed: changes that findings propose; epochs: of every run.
    """
    candidates = candidates_for(config, train_digits, proposed)
    search = Search(config, epochs=epochs)
    say(f"searching with runs of {epochs:,} epochs, at most {search.most_runs:,} of them ({search.budget:,} epochs)")
    try:
        with workers(jobs, cluster):
            for attempt in search.run(candidates, run_all):
                say(f"{len(search.tried):4}  {attempt.trial.accuracy:7.2%}  {describe(attempt)}")
    except KeyboardInterrupt:
        say("interrupted: what is known so far follows")
        return search, True
    except PoolError as error:
        say(f"mnist-gui: {error}")
        return search, True
    return search, False
