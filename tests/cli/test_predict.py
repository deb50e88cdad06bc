"""`mnist-gui predict`: a line for each image, bad ones told of while the others are read, and its exit statuses."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnist_gui.cli.main import main
from mnist_gui.storage.model_file import save_model
from mnist_gui.training.snapshot import Snapshot
from tests.support import dataset, make_trainer


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    trainer = make_trainer({"data.train": 3000})
    for _ in range(150):
        trainer.train_minibatch()
    return trainer.snapshot()


@pytest.fixture(scope="module")
def model(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.npz"
    save_model(path, snapshot)
    return path


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The first 20 test digits as large dark drawings on light paper, off the middle."""
    folder = tmp_path_factory.mktemp("images")
    paths = []
    for number, digit in enumerate(dataset().test_images[:20]):
        paper = np.full((200, 150), 240, np.uint8)
        paper[90:174, 20:104] = 240 - digit.repeat(3, 0).repeat(3, 1) * (220 / 255)
        paths.append(folder / f"{number}.png")
        Image.fromarray(paper).save(paths[-1])
    return paths


def predict(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> tuple[list[str], list[str]]:
    """The lines on standard output and on standard error."""
    assert main(["predict", *map(str, arguments)]) == status
    told = capsys.readouterr()
    return told.out.splitlines(), told.err.splitlines()


def records(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_drawings_are_read_as_the_digits_that_they_are(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], snapshot: Snapshot
) -> None:
    lines, errors = predict(capsys, model, *images, "--json")
    assert not errors
    found = records(lines)
    assert [record["image"] for record in found] == [str(path) for path in images]
    expected = snapshot.answer(dataset().test_images[:20])
    for record, outputs in zip(found, expected.confidences, strict=True):
        assert record["class"] == str(outputs.argmax())
        assert record["is_centred"]
        np.testing.assert_allclose(list(record["probabilities"].values()), outputs, atol=0.05)


def test_a_record_holds_all_probabilities_and_what_follows_from_them(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path]
) -> None:
    ((line,), _) = predict(capsys, model, images[0], "--json")
    record = json.loads(line)
    shares = record["probabilities"]
    assert list(shares) == list("0123456789")
    first, second = sorted(shares, key=shares.__getitem__)[:-3:-1]
    assert (record["class"], record["runner_up"]) == (first, second)
    assert record["confidence"] == shares[first]
    assert record["margin"] == pytest.approx(shares[first] - shares[second])
    assert sum(shares.values()) == pytest.approx(1)


def test_a_line_of_text_names_the_file_both_choices_and_the_margin(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path]
) -> None:
    ((record,), _) = predict(capsys, model, images[0], "--json")
    facts = json.loads(record)
    ((line,), _) = predict(capsys, model, images[0])
    assert line == (
        f"{images[0]}: {facts['class']} ({100 * facts['confidence']:.2f} %), then {facts['runner_up']} "
        f"({100 * facts['probabilities'][facts['runner_up']]:.2f} %), margin {100 * facts['margin']:.2f} %"
    )


def test_as_is_gives_the_answer_of_the_network_to_these_very_pixels(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], snapshot: Snapshot, tmp_path: Path
) -> None:
    shifted = np.roll(dataset().test_images[3], 4, axis=1)
    Image.fromarray(shifted).save(tmp_path / "shifted.png")
    lines, _ = predict(capsys, model, tmp_path / "shifted.png", images[0], "--as-is", "--json")
    first, second = records(lines)
    expected = snapshot.answer(shifted[np.newaxis]).confidences[0]
    np.testing.assert_array_equal(np.float32(list(first["probabilities"].values())), expected)
    assert not first["is_centred"]
    assert second["is_centred"]  # it is of another size


def test_a_bad_image_is_told_of_and_the_others_are_read(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_text("no image")
    lines, errors = predict(capsys, model, tmp_path / "text.png", images[0], tmp_path / "gone.png", images[1], status=1)
    assert [line.partition(": ")[0] for line in lines] == [str(images[0]), str(images[1])]
    assert len(errors) == 2
    for error, name in zip(errors, ("text.png", "gone.png"), strict=True):
        assert error.startswith(f"mnist-gui: {tmp_path / name}: ")


def test_a_bad_model_is_refused_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], images: list[Path], tmp_path: Path
) -> None:
    for model in (images[0], tmp_path / "gone.npz", tmp_path):
        lines, errors = predict(capsys, model, *images, status=2)
        assert not lines
        assert len(errors) == 1
        assert str(model) in errors[0]


def test_without_an_image_the_usage_is_told(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(model)])
    assert ended.value.code == 2
    assert "IMAGE" in capsys.readouterr().err


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "mse_tanh"])
def test_other_losses_and_shapes_and_names_are_answered_for(
    capsys: pytest.CaptureFixture[str], snapshot: Snapshot, images: list[Path], tmp_path: Path, loss: str
) -> None:
    config = snapshot.config.with_settings({"network.hidden": [], "network.loss": loss})
    parameters = np.random.default_rng(0).normal(size=(8 * 6 + 1) * 47).astype(np.float32)
    names = tuple(f"letter {number}" for number in range(47))
    odd = Snapshot.of(parameters, config=config, image_shape=(8, 6), class_names=names, step=0, epoch=0)
    save_model(tmp_path / "odd.npz", odd)
    lines, _ = predict(capsys, tmp_path / "odd.npz", images[0], "--json")
    (record,) = records(lines)
    assert list(record["probabilities"]) == list(names)
    assert all(0 <= share <= 1 for share in record["probabilities"].values())


def test_a_network_whose_outputs_are_no_numbers_has_no_answer(
    capsys: pytest.CaptureFixture[str], snapshot: Snapshot, images: list[Path], tmp_path: Path
) -> None:
    parameters = np.full_like(snapshot.parameters, 3e38)
    facts = {name: getattr(snapshot, name) for name in ("config", "image_shape", "class_names", "step", "epoch")}
    save_model(tmp_path / "huge.npz", Snapshot.of(parameters, **facts))
    lines, errors = predict(capsys, tmp_path / "huge.npz", images[0], status=1)
    assert not lines
    assert "are not finite" in errors[0]


def test_a_file_name_that_is_no_utf_8_is_told_as_it_can_be(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"no \xff utf-8.png")
    path.write_bytes(images[3].read_bytes())
    lines, errors = predict(capsys, model, path)
    assert not errors
    assert "no \\udcff utf-8.png: " in lines[0]


def test_a_line_tells_of_one_image_also_if_its_name_has_an_end_of_a_line_in_it(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "a.png: 7\nb.png"
    path.write_bytes(images[3].read_bytes())
    lines, errors = predict(capsys, model, path, tmp_path / "gone\n.png", status=1)
    assert [len(lines), len(errors)] == [1, 1]
    assert "a.png: 7\\nb.png: " in lines[0]
    assert "gone\\n.png: cannot be read" in errors[0]


def test_an_escape_code_in_a_file_name_does_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], model: Path, images: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "\x1b[31m.png"
    path.write_bytes(images[3].read_bytes())
    lines, errors = predict(capsys, model, path, tmp_path / "\x1b[2J.png", status=1)
    assert "\x1b" not in "".join(lines + errors)
