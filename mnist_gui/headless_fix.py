"""`mnist-gui diagnose --fix`: runs what may help, and tells the smallest set of changes that makes a network learn."""

from collections.abc import Iterable, Mapping
from typing import Any

from mnist_gui.config import RunConfig
from mnist_gui.lab.candidates import candidates_for
from mnist_gui.lab.pool import PoolError, run_all, workers
from mnist_gui.lab.search import Attempt, Search
from mnist_gui.terminal import as_typed, say


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
                say(f"{len(search.tried):4}  {attempt.trial.accuracy:7.2%}  {_names(attempt)}")
    except KeyboardInterrupt:
        say("interrupted: what is known so far follows")
        return search, True
    except PoolError as error:
        say(f"mnist-gui: {error}")
        return search, True
    return search, False


def told(search: Search) -> list[str]:
    """The result in lines."""
    before, after = search.before, search.best
    if before is None or after is None:
        return ["The search was cut off before it knew anything."]
    reached = f"{before.trial.accuracy:.2%} before, {after.trial.accuracy:.2%} after"
    if not after.changes:
        return [f"No change is needed: it reaches {after.trial.accuracy:.2%} in {search.epochs:,} epochs as it is."]
    if not search.has_learned:
        lines = [f"Nothing that was tried reaches {search.goal:.0%}. The best ({reached}):"]
    elif search.is_smallest:
        lines = [f"These changes together make it learn, and none can be left out ({reached}):"]
    else:
        lines = [f"These changes make it learn; fewer might do ({reached}):"]
    worth = search.worth
    for change in sorted(after.changes, key=lambda change: change.name):
        without = f", without it {worth[change].trial.accuracy:.2%}" if change in worth else ""
        lines.append(f"    {change.name}{without}")
    sets = " ".join(f"--set {key}={as_typed(value)}" for key, value in _changes(search).items())
    return [*lines, f"    Try: {sets}"]


def as_json(search: Search) -> dict[str, Any]:
    """The result as a JSON object."""
    before, after = search.before, search.best
    return {
        "changes": {key: list(value) if isinstance(value, tuple) else value for key, value in _changes(search).items()},
        "before": before.trial.as_json() if before else None,
        "after": after.trial.as_json() if after else None,
        "has_learned": search.has_learned,
        "is_smallest": search.is_smallest,
        "goal": search.goal,
        "epochs_a_run": search.epochs,
        "budget": search.budget,
        "worth": [
            {"change": change.name, "accuracy_without": attempt.trial.accuracy}
            for change, attempt in search.worth.items()
        ],
        "tried": [{"changes": _list(attempt), **attempt.trial.as_json()} for attempt in search.tried],
    }


def _changes(search: Search) -> dict[str, Any]:
    """The settings in which the answer differs from the network as it was."""
    before, after = search.before, search.best
    if before is None or after is None:
        return {}
    return {key: after.config[key] for key in after.config.differences(before.config)}


def _list(attempt: Attempt) -> list[str]:
    return sorted(change.name for change in attempt.changes)


def _names(attempt: Attempt) -> str:
    return ", ".join(_list(attempt)) or "as it is"
