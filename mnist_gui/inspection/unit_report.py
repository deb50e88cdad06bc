"""The report on one unit: its weight image, and its activations and ablation on digits.

It is drawn by ui/panels/unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection.cached_forward import CachedForward
from mnist_gui.inspection.projection import Projection, class_weights
from mnist_gui.inspection.unit_edits import Edit, Score, edited_score, score
from mnist_gui.inspection.unit_order import norms

Floats = NDArray[np.float32]
Digits = NDArray[np.intp]

SHOWN_DIGITS = 32
STRONGEST = 10
BINS = 40


@dataclass(frozen=True, slots=True, eq=False)
class WeightImage:
    """The weights of one unit.

    picture (D,): its weights for the pixels; above the first layer projected through the layers below.
    change (D,): picture less that at the start; None without a start.
    class_weights (C,): its linear weight for each class; None for an output unit.
    incoming: the units of the layer below with the largest |weight|, (k,), and these weights, (k,), the largest first;
    empty for the first layer.
    bias: its bias.
    norm: Euclidean norm of its incoming weights, >= 0.
    change_norm: norm of their change since the start; None without a start.
    """

    picture: Floats
    change: Floats | None
    class_weights: Floats | None
    incoming: tuple[Digits, Floats]
    bias: float
    norm: float
    change_norm: float | None


@dataclass(frozen=True, slots=True, eq=False)
class AblationReport:
    """The activations of a unit for the N digits of a cached forward pass, and the network's score without it.

    outputs (N,) float32: its activations.
    net_inputs (N,) float32: its pre-activations.
    most, least (k,): the digits with its largest and smallest pre-activations, the extreme first.
    class_means (C,): its mean activation for the digits of each class; nan where there are none.
    mean: its mean activation for all digits.
    whole: the score of the unchanged network.
    off: the score with the unit's activation 0 (ablation).
    at_mean: the score with the unit's activation replaced by `mean`.
    """

    outputs: Floats
    net_inputs: Floats
    most: Digits
    least: Digits
    class_means: NDArray[np.float64]
    mean: float
    whole: Score
    off: Score
    at_mean: Score


def weight_image(
    weights: Sequence[Floats], biases: Sequence[Floats], start: Sequence[Floats] | None, layer: int, unit: int
) -> WeightImage:
    """The weight image of a unit. layer: 0 for the first hidden one. start: the weights before the first step."""
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
        class_weights=class_weights(above, np.array([unit]))[0] if above else None,
        incoming=strongest(own[:, 0]) if layer else (np.empty(0, np.intp), np.empty(0, np.float32)),
        bias=float(biases[layer][unit]),
        norm=float(norms(own)[0]),
        change_norm=change_norm,
    )


def strongest(weights: Floats, count: int = STRONGEST) -> tuple[Digits, Floats]:
    """The indexes of the largest |weights| (H,), (k,), and these weights, (k,), the largest first. nan comes last."""
    sizes = np.nan_to_num(np.abs(weights), nan=-1.0, posinf=np.inf)
    places = np.argsort(-sizes, kind="stable")[:count]
    return places, weights[places]


def ablation_report(kept: CachedForward, layer: int, unit: int) -> AblationReport:
    """The ablation report of a unit on the digits of a cached forward pass."""
    outputs, net_inputs = kept.unit_outputs(layer, unit), kept.net_inputs(layer, unit)
    most, least = extremes(net_inputs)
    mean = mean_of(outputs)
    return AblationReport(
        outputs=outputs,
        net_inputs=net_inputs,
        most=most,
        least=least,
        class_means=class_means(outputs, kept.labels, kept.logits.shape[1]),
        mean=mean,
        whole=score(kept.loss, kept.logits, kept.labels),
        off=edited_score(kept, [Edit(layer, unit, 0.0, 0.0)]),
        at_mean=edited_score(kept, [Edit(layer, unit, 0.0, mean)]),
    )


def extremes(net_inputs: Floats, count: int = SHOWN_DIGITS) -> tuple[Digits, Digits]:
    """The digits (k,) for which net_inputs (N,) are largest, and those for which they are smallest, the extreme first.

    Pre-activations and not activations: activation functions are monotonic, so the order is the same, and it also ranks
    digits for which a rectifier gives 0. At most half of the digits each; nan comes last.
    """
    count = min(count, (len(net_inputs) + 1) // 2)
    down = np.argsort(-np.nan_to_num(net_inputs, nan=-np.inf, posinf=np.inf, neginf=-np.inf), kind="stable")
    up = np.argsort(np.nan_to_num(net_inputs, nan=np.inf, posinf=np.inf, neginf=-np.inf), kind="stable")
    return down[:count], up[:count]


def mean_of(values: Floats) -> float:
    """The mean of values (N,), nan for none."""
    with np.errstate(invalid="ignore"):
        return float(values.mean(dtype=np.float64)) if len(values) else float("nan")


def class_means(values: Floats, labels: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """The mean of values (N,) for the digits of each class, (C,); nan for a class without digits."""
    with np.errstate(invalid="ignore"):
        sums = np.bincount(labels, values.astype(np.float64), classes)
        return sums / np.bincount(labels, minlength=classes)


def histogram(values: Floats, bins: int = BINS) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The number of values (N,) in each of `bins` bins from the smallest to the largest, and the bins' edges.

    Only those that are finite and not exactly 0: a rectifier gives 0 for most digits, and all other bins would be
    invisible.
    """
    counted = values[np.isfinite(values) & (values != 0.0)].astype(np.float64)
    if not len(counted):
        return np.zeros(bins, np.int64), np.linspace(0.0, 1.0, bins + 1)
    counts, edges = np.histogram(counted, bins)
    return counts, edges


def _picture(weights: Sequence[Floats], unit: int) -> Floats:
    projection = Projection(weights, np.array([unit]))
    projection.advance(np.inf)
    assert projection.pictures is not None
    return projection.pictures[:, 0]
