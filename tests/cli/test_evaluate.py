"""`mnist-gui evaluate`: what is told of a saved network's answers, as JSON and for people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from mnist_gui.cli.main import main
from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.loading import load_splits
from mnist_gui.inspection.corruptions import CORRUPTIONS
from mnist_gui.storage.model_file import load_model, save_model
from mnist_gui.training.snapshot import Snapshot
from tests.cli.test_main import NAMES, as_idx, records, write_stripes

Evaluate = Callable[..., dict[str, Any]]

# A network that reads stripes without any training: each class adds up the pixels of its own row.
ROWS, CLASSES = 4, 3


def save_reader(path: Path, folder: Path, *, scale: float = 0.02, **settings: object) -> Path:
    """A model that takes a picture for the brightest of its first three rows."""
    weights = np.zeros((ROWS, ROWS, CLASSES), np.float32)
    for row in range(CLASSES):
        weights[row, :, row] = scale
    parameters = np.concatenate([weights.ravel(), np.zeros(CLASSES, np.float32)])
    config = RunConfig().with_settings(
        {"network.hidden": [], "data.folder": str(folder), "data.scaling": "raw", "data.validation": 10, **settings}
    )
    save_model(
        path, Snapshot.of(parameters, config=config, image_shape=(4, 4), class_names=("0", "1", "2"), step=5, epoch=1)
    )
    return path


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    return write_stripes(tmp_path / "stripes", test=60)


@pytest.fixture
def evaluate(capsys: pytest.CaptureFixture[str]) -> Evaluate:
    """The JSON object of an evaluation."""

    def run(model: Path, *arguments: object) -> dict[str, Any]:
        assert main(["evaluate", str(model), "--json", *map(str, arguments)]) == 0
        (record,) = records(capsys.readouterr().out)
        return record

    return run


def flip_test_labels(folder: Path, digits: list[int]) -> np.ndarray:
    """Give some test digits the next class as their label; the labels that are right."""
    path = folder / NAMES[3]
    labels = np.frombuffer(path.read_bytes()[8:], np.uint8)
    flipped = labels.copy()
    flipped[digits] = (flipped[digits] + 1) % CLASSES
    path.write_bytes(as_idx(flipped))
    return labels


# As JSON


def test_the_matrix_and_the_scores_of_the_classes_are_those_of_scikit_learn(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    flip_test_labels(stripes, [1, 4, 8, 20])
    model = save_reader(tmp_path / "m.npz", stripes)
    told = evaluate(model)
    predictions = load_model(model).predict(load_splits(load_model(model).config.data).test)
    assert predictions is not None
    expected = confusion_matrix(predictions.labels, predictions.predicted)
    assert told["confusion"] == expected.tolist()
    assert (told["digits"], told["accuracy"]) == (60, pytest.approx(56 / 60))
    scores = precision_recall_fscore_support(predictions.labels, predictions.predicted)
    for index, each in enumerate(told["classes"]):
        assert each["class"] == str(index)
        found = [each["precision"], each["recall"], each["f1"], each["digits"]]
        assert found == pytest.approx([column[index] for column in scores])


def test_bins_and_errors_of_calibration_are_those_of_the_answers(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    flip_test_labels(stripes, [1, 4, 8, 20])
    told = evaluate(save_reader(tmp_path / "m.npz", stripes, scale=0.001))["calibration"]
    assert [(each["from"], each["to"]) for each in told["bins"]] == [(n / 10, (n + 1) / 10) for n in range(10)]
    filled = [each for each in told["bins"] if each["digits"]]
    gaps = [abs(each["confidence"] - each["accuracy"]) for each in filled]
    assert told["ece"] == pytest.approx(np.average(gaps, weights=[each["digits"] for each in filled]))
    assert told["mce"] == pytest.approx(max(gaps))
    assert sum(each["digits"] for each in filled) == 60


def test_coverage_falls_with_the_threshold_and_is_told_with_its_accuracy(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    told = evaluate(save_reader(tmp_path / "m.npz", stripes, scale=0.002))["coverage"]
    assert [each["threshold"] for each in told] == [0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
    coverage = [each["coverage"] for each in told]
    assert coverage == sorted(coverage, reverse=True)
    for each in told:
        assert each["coverage"] == each["answered"] / 60
        assert each["accuracy"] == (each["right"] / each["answered"] if each["answered"] else None)


def test_the_worst_digits_are_those_of_the_largest_loss(evaluate: Evaluate, stripes: Path, tmp_path: Path) -> None:
    right = flip_test_labels(stripes, [1, 4, 8])
    worst = evaluate(save_reader(tmp_path / "m.npz", stripes), "--worst", 3)["worst"]
    assert {digit["index"] for digit in worst} == {1, 4, 8}
    assert [digit["loss"] for digit in worst] == sorted((digit["loss"] for digit in worst), reverse=True)
    for digit in worst:
        assert digit["predicted"] == str(right[digit["index"]])
        assert digit["true"] == str((right[digit["index"]] + 1) % CLASSES)
        assert 0 < digit["confidence"] <= 1


def test_flipped_labels_are_the_first_suspects_with_the_class_they_should_have(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    right = flip_test_labels(stripes, [7, 11, 30, 59])
    told = evaluate(save_reader(tmp_path / "m.npz", stripes), "--label-errors", 4)
    assert set(told["label_error_indexes"]) == {7, 11, 30, 59}
    assert [digit["row"] for digit in told["label_errors"]] == told["label_error_indexes"]
    assert [digit["suggested"] for digit in told["label_errors"]] == [
        str(right[n]) for n in told["label_error_indexes"]
    ]
    assert told["label_errors_out_of_sample"] is True


def test_a_digit_is_told_by_its_place_in_the_split_and_in_the_file(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    flip_test_labels(stripes, [7, 11, 30, 59])
    model = save_reader(tmp_path / "m.npz", stripes, **{"data.test": 50})
    told = evaluate(model, "--worst", 50, "--label-errors", 50)
    split = load_splits(load_model(model).config.data).test
    for digit in (*told["worst"], *told["label_errors"]):
        assert digit["row"] == split.rows[digit["index"]]
    assert told["label_error_indexes"] != [digit["index"] for digit in told["label_errors"]]
    assert (told["file"], told["digits"]) == ("test", 50)


@pytest.mark.parametrize(("where", "file"), [("train", "train"), ("test", "test")])
def test_rows_of_validation_digits_are_of_the_file_they_were_taken_from(
    evaluate: Evaluate, stripes: Path, tmp_path: Path, where: str, file: str
) -> None:
    model = save_reader(tmp_path / "m.npz", stripes, **{"data.validation_from": where})
    assert evaluate(model, "--split", "validation")["file"] == file


def test_nothing_is_listed_when_none_are_asked_for_and_all_when_there_are_no_more(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    model = save_reader(tmp_path / "m.npz", stripes)
    none = evaluate(model, "--worst", 0, "--label-errors", 0)
    assert (none["worst"], none["label_errors"], none["label_error_indexes"]) == ([], [], [])
    every = evaluate(model, "--worst", 999, "--label-errors", 999)
    assert (len(every["worst"]), len(every["label_error_indexes"])) == (60, 60)


def test_labels_that_the_network_has_learned_are_said_to_be(evaluate: Evaluate, stripes: Path, tmp_path: Path) -> None:
    model = save_reader(tmp_path / "m.npz", stripes)
    assert evaluate(model, "--split", "train", "--label-errors", 1)["label_errors_out_of_sample"] is False


def test_answers_that_are_no_numbers_are_null(evaluate: Evaluate, stripes: Path, tmp_path: Path) -> None:
    told = evaluate(save_reader(tmp_path / "m.npz", stripes, scale=1e38), "--label-errors", 5)
    assert told["loss"] is None
    assert told["worst"][0]["loss"] is None
    assert len(told["label_errors"]) == 5


def test_the_accuracy_is_told_for_every_strength_of_every_disturbance(
    evaluate: Evaluate, stripes: Path, tmp_path: Path
) -> None:
    told = evaluate(save_reader(tmp_path / "m.npz", stripes), "--robustness")
    curves = {curve["disturbance"]: curve for curve in told["robustness"]}
    assert list(curves) == list(CORRUPTIONS)
    for key, curve in curves.items():
        assert (curve["digits"], curve["unit"]) == (60, CORRUPTIONS[key].unit)
        assert [point["strength"] for point in curve["points"]] == list(CORRUPTIONS[key].scale((4, 4)).points)
        assert {point["accuracy"] for point in curve["points"] if point["strength"] == 0} == {told["accuracy"]}
    # A picture without ink is taken for the first class, as a third of them are labelled.
    assert curves["occlusion"]["points"][-1] == {"strength": 4.0, "accuracy": pytest.approx(1 / 3)}


def test_digits_are_disturbed_only_when_it_is_asked_for(evaluate: Evaluate, stripes: Path, tmp_path: Path) -> None:
    assert evaluate(save_reader(tmp_path / "m.npz", stripes))["robustness"] == []


# For people


def tell(capsys: pytest.CaptureFixture[str], model: Path, *arguments: str) -> list[str]:
    assert main(["evaluate", str(model), *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out.splitlines()


def test_the_first_line_sums_up(capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path) -> None:
    flip_test_labels(stripes, [7, 11, 30])
    first = tell(capsys, save_reader(tmp_path / "m.npz", stripes))[0]
    assert first.startswith(f"{tmp_path / 'm.npz'}: 95.00 % of 60 test digits right, loss ")
    assert first.endswith(" (weights of epoch 1)")


def test_columns_are_aligned_below_their_headings(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    flip_test_labels(stripes, [7, 11, 30])
    lines = tell(capsys, save_reader(tmp_path / "m.npz", stripes), "--worst", "3", "--label-errors", "3")
    tables = "\n".join(lines).split("\n\n")
    for heading, rows in [("class  digits", 3), ("confidence  digits", 10), ("digit  row in file", 3)]:
        (table, *_) = [part.splitlines() for part in tables if heading in part]
        start = next(number for number, line in enumerate(table) if heading in line)
        assert len({len(line) for line in table[start:]}) == 1
        assert len(table) - start == rows + 1


def test_people_are_told_when_labels_were_learned(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    model = save_reader(tmp_path / "m.npz", stripes)
    assert "trained on these digits" in "\n".join(tell(capsys, model, "--split", "train", "--label-errors", "2"))
    assert "trained on these digits" not in "\n".join(tell(capsys, model, "--label-errors", "2"))


def test_a_matrix_too_wide_for_a_line_gives_way_to_the_commonest_mistakes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = write_stripes(tmp_path / "many", train=300, test=94, size=47, classes=47)
    names = tuple(map(str, range(47)))
    parameters = np.zeros(47 * 47 * 47 + 47, np.float32)
    parameters[-47] = 1.0  # takes everything for the first class
    config = RunConfig().with_settings({"network.hidden": [], "data.folder": str(folder)})
    facts = {"image_shape": (47, 47), "class_names": names, "step": 0, "epoch": 0}
    save_model(tmp_path / "m.npz", Snapshot.of(parameters, config=config, **facts))
    lines = tell(capsys, tmp_path / "m.npz")
    assert max(map(len, lines[1:])) <= 120
    start = lines.index("The most frequent mistakes:")
    assert lines[start + 1].split() == ["true", "predicted", "digits"]
    assert len(lines[start + 2 : lines.index("", start)]) == 20


def test_people_read_the_accuracy_beside_each_strength(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    lines = tell(capsys, save_reader(tmp_path / "m.npz", stripes), "--robustness")
    start = next(
        number for number, line in enumerate(lines) if line.startswith("Right of 60 test digits when corrupted")
    )
    assert "rotation in degrees" in lines[start]
    table = lines[start + 1 :]
    assert table[0].split() == [word for key in CORRUPTIONS for word in (key, "right")]
    assert len(table) == 1 + max(len(each.scale((4, 4)).points) for each in CORRUPTIONS.values())
    assert len({len(line) for line in table}) == 1
    undisturbed = next(line for line in table[1:] if line.split()[0] == "0")
    assert undisturbed.split()[1:3] == ["100.00", "%"]


@pytest.mark.parametrize("option", ["--worst", "--label-errors"])
@pytest.mark.parametrize("value", ["-1", "many", "1.5", "1e3", "", "\N{SUPERSCRIPT TWO}", "9" * 400])
def test_what_is_no_number_of_digits_is_refused(capsys: pytest.CaptureFixture[str], option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "m.npz", option, value])
    assert ended.value.code == 2
    assert "expected a whole number from 0 to 999,999,999" in capsys.readouterr().err
