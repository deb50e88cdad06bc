"""The evaluation of a network on a split, as one JSON object.

Shares are 0..1; None for 0 / 0 and for numbers that are not finite. Classes are given by name.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.cli.evaluation_data import EvaluatedDigits
from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.calibration import Thresholds, reliability
from mnist_gui.inspection.confusion import class_scores, confusion
from mnist_gui.inspection.corruptions import CORRUPTIONS
from mnist_gui.inspection.error_selection import in_order, select_digits
from mnist_gui.inspection.label_errors import rank, steady_confidences
from mnist_gui.inspection.robustness import accuracy_under, sampled_digits
from mnist_gui.training.snapshot import Snapshot, chunk_size, never

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)

# The digits' noise, directions and places.
SEED = 0

Facts = dict[str, Any]


def report(
    snapshot: Snapshot, digits: EvaluatedDigits, *, worst: int, label_errors: int, has_robustness: bool = False
) -> Facts:
    """Evaluate a network on a split. worst, label_errors: number of digits to list, at most. has_robustness: whether to
    evaluate corrupted digits too, which takes some seconds.

    confusion: counts, a row for each true class, a column for each predicted. worst: digits with the largest loss.
    left_out_of_training: number of digits of the training files left out of its training. label_errors: those with
    the most suspect labels; label_error_indexes: their rows in the file; label_errors_out_of_sample: False if the
    network may have been trained on digits of the split. robustness: for each corruption the accuracy at each strength,
    in its unit; empty without has_robustness. faults: names of the faults that the network was trained with.
    """
    split = digits.split
    predictions = snapshot.predict(split)
    assert predictions is not None
    names = snapshot.class_names
    matrix = confusion(predictions, len(names))
    suspects = _suspects(snapshot, split, predictions, label_errors) if label_errors else []
    worst_digits = in_order(predictions, select_digits(predictions, "all"), "loss")[:worst]
    return {
        "split": split.name,
        "file": digits.file,
        "digits": len(split),
        "faults": list(snapshot.config.lab.faults),
        "loss": _finite(predictions.loss),
        "accuracy": _finite(predictions.accuracy),
        "confusion": matrix.tolist(),
        "classes": _classes(matrix, names),
        "calibration": _calibration(predictions),
        "coverage": _coverage(predictions),
        "worst": [_digit(split, predictions, names, int(digit)) for digit in worst_digits],
        "left_out_of_training": digits.left_out,
        "label_errors": suspects,
        "label_error_indexes": [suspect["row"] for suspect in suspects],
        "label_errors_out_of_sample": digits.is_out_of_sample,
        "robustness": [_robustness(snapshot, split, key) for key in CORRUPTIONS] if has_robustness else [],
    }


def _classes(matrix: NDArray[np.int64], names: tuple[str, ...]) -> list[Facts]:
    scores = class_scores(matrix)
    return [
        {
            "class": name,
            "digits": int(scores.support[index]),
            "taken": int(scores.taken[index]),
            "precision": _finite(scores.precision[index]),
            "recall": _finite(scores.recall[index]),
            "f1": _finite(scores.f1[index]),
            "accuracy": _finite(scores.accuracy[index]),
        }
        for index, name in enumerate(names)
    ]


def _calibration(predictions: Predictions) -> Facts:
    diagram = reliability(predictions)
    bins = [
        {
            "from": float(low),
            "to": float(high),
            "digits": int(digits),
            "confidence": _finite(confidence),
            "accuracy": _finite(accuracy),
        }
        for low, high, digits, confidence, accuracy in zip(
            diagram.edges[:-1], diagram.edges[1:], diagram.digits, diagram.confidence, diagram.accuracy, strict=True
        )
    ]
    return {
        "ece": _finite(diagram.expected_error),
        "mce": _finite(diagram.largest_error),
        "excess": _finite(diagram.excess),
        "bins": bins,
    }


def _coverage(predictions: Predictions) -> list[Facts]:
    thresholds = Thresholds.of(predictions)
    answers = [(threshold, thresholds.at(threshold)) for threshold in THRESHOLDS]
    return [
        {
            "threshold": threshold,
            "answered": selected.answered,
            "right": selected.right,
            "coverage": _finite(selected.coverage),
            "accuracy": _finite(selected.accuracy),
        }
        for threshold, selected in answers
    ]


def _digit(split: Split, predictions: Predictions, names: tuple[str, ...], digit: int) -> Facts:
    """index: of the digit in its split; row: in the file, from 0."""
    return {
        "index": digit,
        "row": int(split.rows[digit]),
        "true": names[predictions.labels[digit]],
        "predicted": names[predictions.predicted[digit]],
        "confidence": _finite(predictions.confidence[digit]),
        "loss": _finite(predictions.losses[digit]),
    }


def _suspects(snapshot: Snapshot, split: Split, predictions: Predictions, count: int) -> list[Facts]:
    network = snapshot.network()
    loss, scaling = snapshot.parts.loss, snapshot.config.data.scaling
    confidences = steady_confidences(network, loss, split, scaling, chunk_size(network), never)
    assert confidences is not None
    ranked = rank(confidences, split.labels, predictions.losses)
    first = zip(ranked.digits[:count], ranked.suggested[:count], strict=True)
    names = snapshot.class_names
    return [
        {**_digit(split, predictions, names, int(digit)), "suggested": names[suggested]} for digit, suggested in first
    ]


def _robustness(snapshot: Snapshot, split: Split, key: str) -> Facts:
    network, loss = snapshot.network(), snapshot.parts.loss
    scaling, corruption = snapshot.config.data.scaling, CORRUPTIONS[key]
    points = []
    for strength in corruption.scale(snapshot.image_shape).points:
        rng = np.random.default_rng(SEED)
        accuracy = accuracy_under(network, loss, split, scaling, key, strength, rng, never)
        assert accuracy is not None
        points.append({"strength": strength, "accuracy": _finite(accuracy)})
    return {"disturbance": key, "unit": corruption.unit, "digits": len(sampled_digits(split)), "points": points}


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None
