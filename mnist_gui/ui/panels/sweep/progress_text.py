"""What the panel of sweeps says about one: how much is planned, done and left, and about how long that takes."""

from collections.abc import Sequence
from statistics import fmean

from mnist_gui.experiments.sweep_plan import EPOCHS, Plan
from mnist_gui.experiments.sweep_runs import SweepRuns


def planned(plan: Plan, count: int) -> str:
    """What a plan amounts to before its first run."""
    epochs = "" if any(key == EPOCHS for key, _ in plan.axes) else f" of {_many(plan.epochs, 'epoch')}"
    each = f", each point with {plan.seeds} seeds" if plan.seeds > 1 else ""
    return f"{_many(count, 'run')}{epochs}{each}. How long that takes is known when the first is done."


def progress(runs: SweepRuns, begun_with: Sequence[int], at_once: int) -> str:
    """How far a sweep is that makes the runs of these places, so many at the same time."""
    made = [outcome for place in begun_with if (outcome := runs.outcomes[place]) is not None]
    done = len(runs.configs) - len(runs.left)
    said = f"{done:,} of {_many(len(runs.configs), 'run')} done"
    if not made:
        return f"{said}; how long the rest takes is known after the next."
    seconds = fmean(outcome.seconds for outcome in made) * len(runs.left) / at_once
    return f"{said}, about {_duration(seconds)} left; {_best(runs)}."


def rest(runs: SweepRuns, how: str) -> str:
    """What a sweep is that does not run: done, cancelled, or opened from a file."""
    done, left = len(runs.configs) - len(runs.left), len(runs.left)
    said = f"{how}: {done:,} of {_many(len(runs.configs), 'run')} done"
    if done:
        said += f"; {_best(runs)}"
    resume = "Resume makes the rest." if left else "Resume tries again what could not be made." if runs.failed else ""
    return f"{said}. {resume}".strip()


def _best(runs: SweepRuns) -> str:
    accuracies = [outcome.accuracy for outcome in runs.outcomes if outcome and outcome.accuracy is not None]
    best = f"the best reaches {max(accuracies):.2%}" if accuracies else "none gave a result"
    return best + (f", {runs.failed:,} could not be made" if runs.failed else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _duration(seconds: float) -> str:
    """Rounded as an estimate is."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
