"""Digits and what a network takes them for, in words."""

from collections.abc import Sequence

import numpy as np

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions

ARROW = "\N{RIGHTWARDS ARROW}"


def thumbnail_caption(predictions: Predictions, names: Sequence[str], digit: int) -> str:
    """True class, predicted class where it is another, and the confidence."""
    true, predicted = predictions.labels[digit], predictions.predicted[digit]
    classes = names[true] if true == predicted else f"{names[true]} {ARROW} {names[predicted]}"
    return f"{classes}  {predictions.confidence[digit]:.0%}"


def describe_digit(split: Split, predictions: Predictions, names: Sequence[str], digit: int) -> str:
    """Which digit it is, what it is and what it is taken for, with confidence, loss and margin."""
    true, predicted = predictions.labels[digit], predictions.predicted[digit]
    taken = f"a {names[true]}, " + ("read rightly" if true == predicted else f"taken for a {names[predicted]}")
    return (
        f"{split.title} digit {digit:,}: {taken} with {predictions.confidence[digit]:.1%} confidence, "
        f"loss {predictions.losses[digit]:.3g}, margin {predictions.margins[digit]:.1%}"
    )


def count_wrong(split: Split, predictions: Predictions) -> str:
    """How many digits of a split are taken for another class."""
    if len(split) == 0:
        return f"This run has no {split.title} digits, so there is nothing to get wrong."
    wrong = int(np.count_nonzero(predictions.predicted != predictions.labels))
    if wrong == 0:
        return f"None of the {len(split):,} {split.title} digits is wrong."
    return f"{wrong:,} of {len(split):,} {split.title} digits wrong ({wrong / len(split):.1%})."
