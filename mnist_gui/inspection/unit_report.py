"""What is known of one unit: its portrait by its weights, and a study of what it says to digits.

Drawing it is ui.unit_view's job.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.cached_forward import CachedForward
from mnist_gui.inspection.projection import Projection, speaks_for
from mnist_gui.inspection.unit_edits import Edit, Score, edited_score, score
from mnist_gui.inspection.unit_order import norms

Floats = NDArray[np.float32]
Digits = NDArray[np.intp]

SHOWN_DIGITS = 32
STRONGEST = 10
BINS = 40


@dataclass(frozen=True, slots=True, eq=False)
class WeightImage:
    """What the weights tell of a unit.

    picture (D,): what it looks for in pixels, for units above the first layer projected through those below. change
    (D,): less the same at the start. speaks (C,): how much it speaks for each class; None for an output unit. incoming:
    the units of the layer below with its largest weights, (k,), and these weights, (k,), the largest first; none where
    pixels are below. norm, change_norm: of its incoming weights. change and change_norm are None without a start.
    """

    picture: Floats
    change: Floats | None
    speaks: Floats | None
    incoming: tuple[Digits, Floats]
    bias: float
    norm: float
    change_norm: float | None


@dataclass(frozen=True, slots=True, eq=False)
class AblationReport:
    """What a unit says to the N digits of a pass, and what the network is without it.

    said, net_inputs (N,): its activations and what came in before the activation function. most, least (k,): the
    digits that excite it most and least, the extreme first. class_means (C,): its mean for the digits of each class,
    nan where there are none. whole, off, at_mean: the score of the network as it is, with the unit's output 0, and with
    it replaced by its mean for all digits.
    """

    said: Floats
    net_inputs: Floats
    most: Digits
    least: Digits
    class_means: NDArray[np.float64]
    mean: float
    whole: Score
    off: Score
    at_mean: Score


def portrait(
    weights: Sequence[Floats], biases: Sequence[Floats], start: Sequence[Floats] | None, layer: int, unit: int
) -> WeightImage:
    """The portrait of a unit of a layer, 0 for the first hidden one. start: the weights before the first step."""
    picture = _picture(weights[: layer + 1], unit)
    own = weights[layer][:, unit : unit + 1]
    change = change_norm = None
    with np.errstate(over="ignore", invalid="ignore"):
        if start is not None:
            change = picture - _picture(start[: layer + 1], unit)
            change_norm = float(norms(own - start[layer][:, unit : unit + 1])[0])
    above = weights[layer + 1 :]
    return WeightImage(
        picture=picture,
        change=change,
        speaks=speaks_for(above, np.array([unit]))[0] if above else None,
        incoming=strongest(own[:, 0]) if layer else (np.empty(0, np.intp), np.empty(0, np.float32)),
        bias=float(biases[layer][unit]),
        norm=float(norms(own)[0]),
        change_norm=change_norm,
    )


def strongest(weights: Floats, count: int = STRONGEST) -> tuple[Digits, Floats]:
    """Where the largest of weights (H,) in size are, (k,), and these, (k,), the largest first. nan comes last."""
    sizes = np.nan_to_num(np.abs(weights), nan=-1.0, posinf=np.inf)
    places = np.argsort(-sizes, kind="stable")[:count]
    return places, weights[places]


def study(kept: CachedForward, layer: int, unit: int) -> AblationReport:
    """Study a unit on the digits of a pass."""
    said, net_inputs = kept.said(layer, unit), kept.net_inputs(layer, unit)
    most, least = extremes(net_inputs)
    mean = mean_of(said)
    return AblationReport(
        said=said,
        net_inputs=net_inputs,
        most=most,
        least=least,
        class_means=class_means(said, kept.labels, kept.logits.shape[1]),
        mean=mean,
        whole=score(kept.loss, kept.logits, kept.labels),
        off=edited_score(kept, [Edit(layer, unit, 0.0, 0.0)]),
        at_mean=edited_score(kept, [Edit(layer, unit, 0.0, mean)]),
    )


def extremes(net_inputs: Floats, count: int = SHOWN_DIGITS) -> tuple[Digits, Digits]:
    """The digits (k,) for which net_inputs (N,) are largest, and those for which they are smallest, the extreme first.

    Net inputs and not activations: activation functions never fall, so the order is the same, and it also ranks the
    many digits to which a rectifier says 0. At most half of the digits each; values that are no numbers come last.
    """
    count = min(count, (len(net_inputs) + 1) // 2)
    down = np.argsort(-np.nan_to_num(net_inputs, nan=-np.inf, posinf=np.inf, neginf=-np.inf), kind="stable")
    up = np.argsort(np.nan_to_num(net_inputs, nan=np.inf, posinf=np.inf, neginf=-np.inf), kind="stable")
    return down[:count], up[:count]


def mean_of(said: Floats) -> float:
    """The mean of values (N,), nan for none."""
    with np.errstate(invalid="ignore"):
        return float(said.mean(dtype=np.float64)) if len(said) else float("nan")


def class_means(said: Floats, labels: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """The mean of values (N,) for the digits of each class, (C,); nan for a class without digits."""
    with np.errstate(invalid="ignore"):
        sums = np.bincount(labels, said.astype(np.float64), classes)
        return sums / np.bincount(labels, minlength=classes)


def histogram(said: Floats, bins: int = BINS) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many of values (N,) are in each of `bins` bins from the smallest to the largest, and the bins' edges.

    Only those that are finite and not exactly 0: a rectifier says 0 to so many digits that all others would vanish
    beside them.
    """
    counted = said[np.isfinite(said) & (said != 0.0)].astype(np.float64)
    if not len(counted):
        return np.zeros(bins, np.int64), np.linspace(0.0, 1.0, bins + 1)
    counts, edges = np.histogram(counted, bins)
    return counts, edges


def _picture(weights: Sequence[Floats], unit: int) -> Floats:
    projection = Projection(weights, np.array([unit]))
    projection.advance(np.inf)
    assert projection.pictures is not None
    return projection.pictures[:, 0]
