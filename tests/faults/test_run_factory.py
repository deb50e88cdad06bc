"""Faulty runs from their names to their records, models and answers, without a window."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_gui.cli.main import main
from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import FAULTS as NAMES
from mnist_gui.data.datasets import load_dataset
from mnist_gui.data.loading import load_splits
from mnist_gui.engine.components import Parts
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import idle, resolve_faults, split_dataset, trainer_for
from mnist_gui.storage.model_file import load_model
from tests.cli.test_main import SMALL, settings, write_stripes
from tests.support import dataset, run, small_config

PACKAGE = Path(__file__).parent.parent.parent / "mnist_gui"


def with_faults(*names: str) -> list[str]:
    return settings({"lab.faults": json.dumps(names)})


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    return write_stripes(tmp_path / "stripes")


def test_parts_are_looked_up_by_name_only_where_faults_are_added_to_them() -> None:
    """Whoever asks the config for the parts of a network that is there gets them without its faults."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        if any(ast.unparse(node) == "Parts.of" for node in calls):
            found.add(str(path.relative_to(PACKAGE)))
    defaults = {"engine/components.py", "engine/gradient_check.py", "training/hooks.py", "training/gradient_check.py"}
    assert found == defaults | {"training/snapshot.py", "faults/run_factory.py"}


def test_a_faulty_run_on_the_command_line_is_that_of_the_window_and_its_records_say_so(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    names = ("momentum_on_weights", "shuffled_labels")
    arguments = ["train", "--json", "--data", str(stripes), *SMALL, *with_faults(*names), "--save", str(path)]
    assert main(arguments) == 0
    started = json.loads(capsys.readouterr().out.splitlines()[0])
    assert started["config"]["lab.faults"] == ["shuffled_labels", "momentum_on_weights"]
    config = RunConfig().with_settings(started["config"])
    trainer = trainer_for(config, split_dataset(load_dataset(stripes), config))
    run(trainer)
    assert trainer.best is not None
    np.testing.assert_array_equal(load_model(path).parameters, trainer.best.parameters)


def test_people_are_told_of_faults_before_the_run_and_by_the_model(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    arguments = ["--data", str(stripes), *SMALL, *with_faults("frozen_layer", "relu_on_output"), "--save", str(path)]
    assert main(["train", *arguments]) == 0
    assert "; with faults put in on purpose: relu_on_output, frozen_layer\n" in capsys.readouterr().out
    assert main(["evaluate", str(path)]) == 0
    assert "It was trained with faults put in on purpose: relu_on_output, frozen_layer.\n" in capsys.readouterr().out
    assert main(["evaluate", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["faults"] == ["relu_on_output", "frozen_layer"]


def test_a_saved_network_with_relu_on_its_outputs_answers_with_it(tmp_path: Path) -> None:
    from mnist_gui.storage.model_file import save_model

    config = small_config({"lab.faults": ["relu_on_output"]})
    trainer = trainer_for(config, split_dataset(dataset(), config))
    run(trainer)
    before = trainer.best
    assert before is not None
    save_model(tmp_path / "model.npz", before)
    after = load_model(tmp_path / "model.npz")
    pictures = trainer.splits.test.images(np.arange(50))
    answer = after.answer(pictures)
    rectified = np.exp(np.maximum(answer.logits, 0.0))
    np.testing.assert_allclose(answer.outputs, rectified / rectified.sum(axis=1, keepdims=True), rtol=1e-4)
    np.testing.assert_array_equal(answer.outputs, before.answer(pictures).outputs)
    predictions = after.predict(trainer.splits.validation)
    assert predictions is not None
    assert predictions.loss == pytest.approx(before.validation_loss, rel=1e-6)


def test_a_healthy_network_from_a_file_is_made_of_what_its_config_names(stripes: Path, tmp_path: Path) -> None:
    assert main(["train", "--data", str(stripes), *SMALL, "--save", str(tmp_path / "model.npz")]) == 0
    snapshot = load_model(tmp_path / "model.npz")
    assert snapshot.parts == Parts.of(snapshot.config)


def test_a_fault_that_changes_nothing_is_told_on_standard_error(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    arguments = ["train", "--data", str(stripes), *SMALL, *settings({"network.activation": "tanh"})]
    assert main([*arguments, *with_faults("wrong_relu_derivative")]) == 0
    told = capsys.readouterr().err
    assert "the fault 'Wrong derivative of relu' has no effect here: it needs hidden units of relu\n" in told


def test_an_unknown_fault_is_refused_with_the_nearest_names(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    assert main(["train", "--data", str(stripes), *with_faults("frozen_layers")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "lab.faults = ['frozen_layers']: expected a list, perhaps empty, of names out of raw_pixels, " in told.err
    assert told.err.endswith("(nearest to frozen_layers is frozen_layer)\n")


def test_the_gradient_check_checks_the_faulty_network(capsys: pytest.CaptureFixture[str], stripes: Path) -> None:
    arguments = ["gradient-check", "--json", "--data", str(stripes), *SMALL]
    assert main(arguments) == 0
    capsys.readouterr()
    assert main([*arguments, *with_faults("missing_bias_gradient")]) == 1
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert [layer["name"] for layer in layers if not layer["is_right"]] == ["biases 1", "biases 2"]


def test_the_settings_of_a_fault_are_in_the_record_in_its_place(
    capsys: pytest.CaptureFixture[str], stripes: Path
) -> None:
    assert main(["train", "--json", "--data", str(stripes), *SMALL, *with_faults("one_unit", "five_steps")]) == 0
    config = json.loads(capsys.readouterr().out.splitlines()[0])["config"]
    assert (config["network.hidden"], config["training.epochs"], config["lab.faults"]) == ([1], 5, [])


def test_a_model_is_measured_on_digits_as_they_are(
    capsys: pytest.CaptureFixture[str], stripes: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    arguments = ["--data", str(stripes), *SMALL, *with_faults("shuffled_labels"), "--save", str(path)]
    assert main(["train", *arguments]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(path), "--split", "train", "--json"]) == 0
    snapshot = load_model(path)
    predictions = snapshot.predict(load_splits(snapshot.config.data).train)
    assert predictions is not None
    assert json.loads(capsys.readouterr().out)["accuracy"] == pytest.approx(predictions.accuracy)


@pytest.mark.parametrize(("size", "classes"), [(8, 2), (4, 3)])
@pytest.mark.parametrize("name", sorted(set(NAMES) - {"few_digits"}))
def test_every_fault_can_be_put_into_a_run_on_pictures_of_any_size_and_two_classes(
    tmp_path: Path, name: str, size: int, classes: int
) -> None:
    digits = load_dataset(write_stripes(tmp_path / "data", size=size, classes=classes))
    asked = {"data.train": 40, "data.validation": 20, "network.hidden": [6], "training.epochs": 2, "data.folder": "x"}
    config = resolve_faults(RunConfig().with_settings({**asked, "training.batch_size": 10, "lab.faults": [name]}))
    trainer = trainer_for(config, split_dataset(digits, config))
    run(trainer)
    assert np.isfinite(trainer.snapshot().parameters).all()


def test_faults_of_the_digits_are_harmless_where_there_are_none_to_move() -> None:
    config = small_config({"data.validation": 0, "lab.faults": ["trains_on_validation", "test_digits_in_training"]})
    assert list(idle(config).values()) == ["validation digits"]
    splits = split_dataset(dataset(), config)
    assert len(splits.train) == 600 + len(splits.test)


def test_all_faults_are_listed_with_what_they_do_and_their_wrong_lines_beside_the_right_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["faults"]) == 0
    told = capsys.readouterr().out
    for fault in FAULTS.values():
        assert f"{fault.name}   ({fault.title})\n    {fault.text}\n" in told
        for line in (*fault.wrong.split("\n"), *fault.right.split("\n")):
            assert line.rstrip() in told


def test_one_fault_is_told_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "wrong_relu_derivative"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrong_relu_derivative   (Wrong derivative of relu)",
        "    The derivative is taken as z (z <= 0); as max(0, z) was written over z, no hidden layer learns.",
        "    It needs hidden units of relu.",
        "        wrong                                    right",
        "        np.maximum(0, z1, out=z1)                np.maximum(0, z1, out=z1)",
        "        def derivative(z): return z * (z <= 0)   def derivative(z): return z > 0",
        "        d1 = (d2 @ W2.T) * derivative(z1)        d1 = (d2 @ W2.T) * derivative(z1)",
    ]


def test_faults_are_told_as_records(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["name"] for record in told] == list(FAULTS)
    assert told[0]["rule"] == "input_range"
    assert told[0]["needs"] is None


def test_a_fault_that_there_is_not_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "nothing"]) == 2
    assert "faults = 'nothing': expected one of raw_pixels, few_digits, " in capsys.readouterr().err
