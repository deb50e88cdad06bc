"""The result of a search for a fix, in sentences and as JSON."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mnist_gui.config.run_config import as_options
from mnist_gui.experiments.fix_candidates import Candidate
from mnist_gui.experiments.fix_search import Attempt, Search
from mnist_gui.faults.registry import FAULTS
from mnist_gui.training.descriptions import counted

NOTHING: Mapping[str, Any] = MappingProxyType({})

PUT_RIGHT = "Corrected in every run, also in that of the network as it is, so that the numbers are true:"

BY_HEART = "There are no validation digits: the accuracy is that of training digits, which may be learned by heart."


def report_lines(search: Search, beyond: Mapping[str, Any] = NOTHING) -> list[str]:
    """The result in lines. beyond: further settings, see `changes_of`."""
    lines = _describe_result(search)
    if search.put_right:
        lines += [PUT_RIGHT, *(f"    {change.name}. {_why(change)}".rstrip() for change in search.put_right)]
    if search.tried and search.digits == "training":
        lines.append(BY_HEART)
    changes = changes_of(search, beyond)
    return [*lines, f"    Try: {as_options(changes)}"] if changes else lines


def _describe_result(search: Search) -> list[str]:
    """The best attempt, in lines."""
    before, after = search.before, search.best
    if before is None or after is None:
        return ["The search was cut off before its first result."]
    if before.trial.state == "failed" and not after.changes:
        return [f"The network could not be trained: {before.trial.error}"]
    if not search.is_over and len(search.tried) == 1 and not search.has_learned:
        before_text = f"the network {as_it_is(before)} reaches {before.trial.percent}"
        return [f"The search was cut off before any change was tried; {before_text}."]
    so_far = "Nothing that was tried reaches" if search.is_over else "The search was cut off; nothing reached"
    in_epochs = f"of the {search.digits} digits in {counted(search.epochs, 'epoch')}"
    if not after.changes and search.has_learned:
        other = "other " if search.put_right else ""
        return [f"No {other}change is needed: it reaches {after.trial.percent} {in_epochs} {as_it_is(after)}."]
    if not after.changes:
        same = f"the network {as_it_is(after)} ({after.trial.percent})"
        return [f"{so_far} {search.goal:.0%} {in_epochs}, or does better than {same}."]
    reached = f"{before.trial.percent} before, {after.trial.percent} after"
    if not search.has_learned:
        first = f"{so_far} {search.goal:.0%} {in_epochs}. The best ({reached}):"
    elif search.is_smallest:
        first = f"These changes together make it learn, and none can be left out ({reached}):"
    else:
        first = f"These changes make it learn; fewer might do ({reached}):"
    return [first, *_describe_changes(search, after)]


def _describe_changes(search: Search, after: Attempt) -> Iterator[str]:
    without = search.without
    for change in sorted(after.changes, key=lambda change: change.name):
        result = f", without it {without[change].trial.percent}" if change in without else ""
        yield f"    {change.name}{result}"


def as_json(search: Search, beyond: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """The result as a JSON object. beyond: further settings, see `changes_of`."""
    before, after = search.before, search.best
    return {
        "changes": changes_as_json(changes_of(search, beyond)),
        "before": before.trial.as_json() if before else None,
        "after": after.trial.as_json() if after else None,
        "has_learned": search.has_learned,
        "is_smallest": search.is_smallest,
        "put_right": [{"change": change.name, "why": _why(change)} for change in search.put_right],
        "digits": search.digits,
        "goal": search.goal,
        "epochs_a_run": search.epochs,
        "budget": search.budget,
        "worth": [
            {"change": change.name, "accuracy_without": attempt.trial.as_json()["accuracy"]}
            for change, attempt in search.without.items()
        ],
        "tried": [{"changes": _list(attempt), **attempt.trial.as_json()} for attempt in search.tried],
    }


def changes_of(search: Search, beyond: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """The settings in which the result differs from the network as it was, corrections included; empty if there are
    none. Only the corrections if the search was cut off before its first result.

    beyond: settings that already differ between the given config and the resolved one, from `resolved_settings`.
    """
    uncorrected, answer = search.uncorrected, search.best.config if search.best else search.corrected
    changes = {key: answer[key] for key in answer.differences(uncorrected)}
    return {**beyond, **changes} if changes else {}


def changes_as_json(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by key, as a JSON object."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in changes.items()}


def _why(change: Candidate) -> str:
    """Why it had to be corrected, if that is known; else ""."""
    return FAULTS[change.fault].text if change.fault else ""


def _list(attempt: Attempt) -> list[str]:
    return sorted(change.name for change in attempt.changes)


def as_it_is(made: Attempt | Search) -> str:
    """The name of the network without changes, with its corrections."""
    return ", ".join(["as it is", *(change.name for change in made.put_right)])


def describe(attempt: Attempt) -> str:
    """The changes of an attempt, by name."""
    return ", ".join(_list(attempt)) or as_it_is(attempt)
