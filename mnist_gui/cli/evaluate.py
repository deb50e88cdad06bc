"""`mnist-gui evaluate`: the scores of a saved network on a split."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_gui.cli.evaluation_data import DigitsError, EvaluatedDigits, digits_for
from mnist_gui.cli.evaluation_report import Facts, report
from mnist_gui.config.run_config import ConfigError
from mnist_gui.data.splits import SplitName
from mnist_gui.storage.model_file import ModelError, load_model
from mnist_gui.system import exit_status
from mnist_gui.system.printable import named
from mnist_gui.system.terminal import write_lines, write_record
from mnist_gui.training.descriptions import counted, percent
from mnist_gui.training.snapshot import Snapshot

# Longest line of a matrix; a wider one is replaced by a list of its largest cells off the diagonal.
WIDEST = 120
MOST_CONFUSIONS = 20

NOTHING = "-"

SCORES = ("precision", "recall", "F1", "accuracy")
DIGIT_HEADINGS = ("digit", "row in file", "label", "predicted", "confidence", "loss")


def run_evaluation(
    model: Path,
    *,
    folder: str | None,
    split_name: SplitName,
    worst: int,
    label_errors: int,
    has_robustness: bool,
    as_records: bool,
) -> int:
    """Evaluate a saved model on a split of its own dataset or of another one. Returns the exit status.

    worst, label_errors: number of digits with the largest loss, and with the most suspect labels, to list.
    has_robustness: whether to report the accuracy on corrupted digits.
    """
    snapshot, digits = _read(model, folder, split_name)
    with threadpool_limits(1, user_api="blas"):
        facts = report(snapshot, digits, worst=worst, label_errors=label_errors, has_robustness=has_robustness)
    if as_records:
        write_record({"record": "evaluation", "model": str(model), "epoch": snapshot.epoch, **facts})
    else:
        write_lines("\n".join(_describe(str(model), snapshot.epoch, digits.split.title, facts)))
    return exit_status.FINISHED


def _read(model: Path, folder: str | None, split_name: SplitName) -> tuple[Snapshot, EvaluatedDigits]:
    """The network and the digits. ModelError or ConfigError if they do not fit."""
    snapshot = load_model(model)
    try:
        digits = digits_for(snapshot, folder, split_name)
    except DigitsError as error:
        raise ModelError(f"{named(model)}: {error}") from error
    if len(digits.split) == 0:
        raise ConfigError("--split", split_name, "a split with digits in it")
    return snapshot, digits


# Text, from the same facts as JSON


def _describe(model: str, epoch: int, title: str, facts: Facts) -> Iterator[str]:
    digits = counted(facts["digits"], f"{title} digit")
    yield (
        f"{model}: {_percent(facts['accuracy'])} of {digits} right, loss {_number(facts['loss'], 4)} "
        f"(weights of epoch {epoch})"
    )
    if facts["left_out_of_training"]:
        left_out = counted(facts["left_out_of_training"], "digit")
        yield f"Trained without {left_out} of the training files (data.left_out)."
    if facts["faults"]:
        yield f"It was trained with faults put in on purpose: {', '.join(facts['faults'])}."
    yield from _describe_confusion(facts)
    yield ""
    yield from _table(["class", "digits", *SCORES], [_class(each) for each in facts["classes"]])
    yield from _describe_calibration(facts)
    if facts["worst"]:
        yield ""
        yield f"The {counted(len(facts['worst']), 'digit')} with the largest loss:"
        yield from _table(DIGIT_HEADINGS, [_digit(digit) for digit in facts["worst"]])
    if facts["label_errors"]:
        yield from _describe_label_errors(facts)
    if facts["robustness"]:
        yield from _describe_robustness(facts["robustness"], title)


def _describe_confusion(facts: Facts) -> Iterator[str]:
    names, matrix = [each["class"] for each in facts["classes"]], facts["confusion"]
    lines = _table(["", *names], [[name, *map(str, row)] for name, row in zip(names, matrix, strict=True)])
    yield ""
    if len(lines[0]) <= WIDEST:
        yield "A row for each true class, a column for each predicted class:"
        yield from lines
        return
    cells = [(count, *cell) for cell, count in np.ndenumerate(np.array(matrix)) if count and cell[0] != cell[1]]
    most = sorted(cells, key=lambda cell: -cell[0])[:MOST_CONFUSIONS]
    yield "The most frequent mistakes:" if most else "No mistakes."
    if most:
        yield from _table(
            ["true", "predicted", "digits"], [[names[true], names[taken], f"{count:,}"] for count, true, taken in most]
        )


def _describe_calibration(facts: Facts) -> Iterator[str]:
    calibration = facts["calibration"]
    yield ""
    yield (
        f"Confidence against accuracy: expected calibration error {_percent(calibration['ece'])}, "
        f"largest {_percent(calibration['mce'])}"
    )
    yield from _table(
        ["confidence", "digits", "mean", "right"],
        [
            [
                f"{100 * each['from']:.0f} to {100 * each['to']:3.0f} %",
                f"{each['digits']:,}",
                _percent(each["confidence"]),
                _percent(each["accuracy"]),
            ]
            for each in calibration["bins"]
        ],
    )
    yield ""
    yield from _table(
        ["confidence from", "answered", "of them right"],
        [
            [f"{100 * each['threshold']:g} %", _percent(each["coverage"]), _percent(each["accuracy"])]
            for each in facts["coverage"]
        ],
    )


def _describe_label_errors(facts: Facts) -> Iterator[str]:
    yield ""
    yield f"The {counted(len(facts['label_errors']), 'digit')} with the most suspect labels:"
    if not facts["label_errors_out_of_sample"]:
        yield "(The network may have been trained on these digits: it contradicts only labels that it could not learn.)"
    rows = [[*_digit(digit), digit["suggested"]] for digit in facts["label_errors"]]
    yield from _table([*DIGIT_HEADINGS, "perhaps"], rows)


def _describe_robustness(curves: Sequence[Facts], title: str) -> Iterator[str]:
    """Two columns for each corruption: its strengths, and the accuracy at each."""
    units = ", ".join(f"{curve['disturbance']} in {curve['unit']}" for curve in curves)
    columns: list[list[str]] = []
    for curve in curves:
        columns.append([f"{point['strength']:g}" for point in curve["points"]])
        columns.append([_percent(point["accuracy"]) for point in curve["points"]])
    yield ""
    yield f"Right of {counted(curves[0]['digits'], f'{title} digit')} when corrupted ({units}):"
    headings = [heading for curve in curves for heading in (curve["disturbance"], "right")]
    yield from _table(headings, list(zip_longest(*columns, fillvalue="")))


def _class(scores: Facts) -> list[str]:
    return [scores["class"], f"{scores['digits']:,}", *(_percent(scores[name.lower()]) for name in SCORES)]


def _digit(digit: Facts) -> list[str]:
    """The cells of one digit, below DIGIT_HEADINGS."""
    return [
        str(digit["index"]),
        str(digit["row"]),
        digit["true"],
        digit["predicted"],
        _percent(digit["confidence"]),
        _number(digit["loss"], 3),
    ]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns, each aligned to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return ["  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines]


def _percent(share: float | None) -> str:
    return NOTHING if share is None else percent(share)


def _number(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else f"{value:.{decimals}f}"
