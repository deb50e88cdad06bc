"""The keyframes by which a run shows how digits were learned: those ends of its epochs whose weights are kept."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.learning_history import NEVER, LearningHistory
from mnist_gui.runs.run import Run
from mnist_gui.training.snapshot import Snapshot

# Putting many digits to many weights takes time: of a longer run so many ends of epochs, evenly, have to do.
MOST_MOMENTS = 20


def keyframes_of(run: Run | None, split: Split) -> list[Snapshot]:
    """The kept ends of epochs; for digits whose answers are not kept with them, MOST_MOMENTS at most.

    Only weights of an epoch's end come with answers, be it to no validation digits at all.
    """
    ends = [keyframe for keyframe in run.timeline.keyframes if keyframe.validation is not None] if run else []
    if split.name == "validation":
        return ends
    places = np.unique(np.linspace(0, len(ends) - 1, min(len(ends), MOST_MOMENTS)).round().astype(int))
    return [ends[place] for place in places]


def answers_at(snapshot: Snapshot, split: Split, should_cancel: Callable[[], bool]) -> Predictions | None:
    """The answers to a split of the run at one of its moments, None if `should_cancel` returned True on the way."""
    if split.name == "validation" and snapshot.validation is not None:
        return snapshot.validation
    return snapshot.predict(split, should_cancel)


def taken_for_at(snapshot: Snapshot, split: Split, index: int, picture: NDArray[np.uint8]) -> int:
    """What a digit of a split of the run, (1, rows, cols), is taken for at one of its moments."""
    if split.name == "validation" and snapshot.validation is not None:
        return int(snapshot.validation.predicted[index])
    return int(snapshot.answer(picture).outputs[0].argmax())


def describe(found: LearningHistory, digit: int, moments: list[Snapshot]) -> str:
    """Such as "learned by epoch 3 of 10, forgotten twice, wrong at the end of epoch 10"."""
    last = moments[-1].epoch
    if found.learned[digit] == NEVER:
        return f"never learned in {last} epochs" if last > 1 else "not learned in epoch 1"
    forgotten = int(found.forgotten[digit])
    often = {0: "never forgotten", 1: "forgotten once", 2: "forgotten twice"}
    times = often.get(forgotten, f"forgotten {forgotten} times")
    now = "" if found.is_right[digit] else f", wrong at the end of epoch {last}"
    return f"learned by epoch {moments[found.learned[digit]].epoch} of {last}, {times}{now}"


def span(moments: list[Snapshot]) -> str:
    """Such as "the ends of 10 epochs, 1 to 10"."""
    first, last = moments[0].epoch, moments[-1].epoch
    return f"the end of epoch {first}" if len(moments) == 1 else f"the ends of {len(moments)} epochs, {first} to {last}"
