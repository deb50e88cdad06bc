"""What a search found, in sentences and as JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mnist_gui.config import as_options
from mnist_gui.lab.search import Attempt, Search
from mnist_gui.training.summary import counted

NOTHING: Mapping[str, Any] = MappingProxyType({})


def told(search: Search, beyond: Mapping[str, Any] = NOTHING) -> list[str]:
    """The result in lines. beyond: what has to be set besides, see `changes_of`."""
    before, after = search.before, search.best
    if before is None or after is None:
        return ["The search was cut off before it knew anything."]
    if before.trial.state == "failed" and not search.has_learned:
        return [f"The network could not be trained: {before.trial.error}"]
    reached = f"{before.trial.percent} before, {after.trial.percent} after"
    in_epochs = f"{search.goal:.0%} of the validation digits in {counted(search.epochs, 'epoch')}"
    so_far = "Nothing that was tried reaches" if search.is_over else "The search was cut off; nothing reached"
    if not after.changes and search.has_learned:
        return [f"No change is needed: it reaches {after.trial.percent} in {search.epochs:,} epochs as it is."]
    if not after.changes:
        return [f"{so_far} {in_epochs}, or does better than the network as it is ({after.trial.percent})."]
    if not search.has_learned:
        lines = [f"{so_far} {in_epochs}. The best ({reached}):"]
    elif search.is_smallest:
        lines = [f"These changes together make it learn, and none can be left out ({reached}):"]
    else:
        lines = [f"These changes make it learn; fewer might do ({reached}):"]
    worth = search.worth
    for change in sorted(after.changes, key=lambda change: change.name):
        without = f", without it {worth[change].trial.percent}" if change in worth else ""
        lines.append(f"    {change.name}{without}")
    return [*lines, f"    Try: {as_options(changes_of(search, beyond))}"]


def as_json(search: Search, beyond: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """The result as a JSON object. beyond: what has to be set besides, see `changes_of`."""
    before, after = search.before, search.best
    return {
        "changes": {
            key: list(value) if isinstance(value, tuple) else value for key, value in changes_of(search, beyond).items()
        },
        "before": before.trial.as_json() if before else None,
        "after": after.trial.as_json() if after else None,
        "has_learned": search.has_learned,
        "is_smallest": search.is_smallest,
        "goal": search.goal,
        "epochs_a_run": search.epochs,
        "budget": search.budget,
        "worth": [
            {"change": change.name, "accuracy_without": attempt.trial.as_json()["accuracy"]}
            for change, attempt in search.worth.items()
        ],
        "tried": [{"changes": _list(attempt), **attempt.trial.as_json()} for attempt in search.tried],
    }


def changes_of(search: Search, beyond: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """The settings in which the answer differs from the network as it was; none if it does not.

    beyond: what differs already between what was asked for and what was searched with, `lab.build.spelled` of it.
    """
    before, after = search.before, search.best
    if before is None or after is None:
        return {}
    changes = {key: after.config[key] for key in after.config.differences(before.config)}
    return {**beyond, **changes} if changes else {}


def _list(attempt: Attempt) -> list[str]:
    return sorted(change.name for change in attempt.changes)


def describe(attempt: Attempt) -> str:
    """The changes of an attempt, by name."""
    return ", ".join(_list(attempt)) or "as it is"
