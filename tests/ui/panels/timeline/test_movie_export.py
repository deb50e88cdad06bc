"""Movies of the weights: a frame for each kept moment, written in the background, given up on request."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PySide6.QtWidgets import QLabel, QProgressDialog
from pytestqt.qtbot import QtBot

from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.timeline.movie_export import CAPTION_HEIGHT, LEAST_WIDTH, frames
from tests.support import make_trainer
from tests.ui.conftest import AnsweringDialogs, wait_for_end
from tests.ui.person import click

# A program of the name ffmpeg that keeps what it is sent; while the file "hold" is there, it never ends.
KEEPS_ALL = """\
import pathlib, shutil, sys, time
if "-encoders" in sys.argv:
    sys.exit()
with open(sys.argv[-1], "wb") as file:
    shutil.copyfileobj(sys.stdin.buffer, file)
while pathlib.Path(__file__).with_name("hold").exists():
    time.sleep(0.01)
"""


@pytest.fixture
def ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable} -IS\n{KEEPS_ALL}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def text_below(window: MainWindow) -> str:
    label = window.timeline.findChild(QLabel, "timeline_text")
    assert label
    return label.text()


@pytest.mark.usefixtures("qapp")
def test_every_kept_moment_becomes_a_frame_and_all_frames_share_one_scale() -> None:
    trainer = make_trainer()
    keyframes = [trainer.snapshot()]
    for _ in range(3):
        trainer.train_minibatch()
        keyframes.append(trainer.snapshot())
    made = list(frames(tuple(keyframes)))
    assert len(made) == 4
    assert {frame.shape for frame in made} == {made[0].shape}
    assert made[0].shape[1] >= LEAST_WIDTH
    assert all(frame.dtype == np.uint8 for frame in made)
    assert not np.array_equal(made[0], made[1])
    same = list(frames((keyframes[0], keyframes[0])))
    np.testing.assert_array_equal(*same)


@pytest.mark.usefixtures("qapp")
def test_the_moment_is_written_below_the_picture() -> None:
    (frame,) = frames((make_trainer().snapshot(),))
    caption = frame[-CAPTION_HEIGHT:]
    assert caption.min() < 100
    assert np.median(caption) == 255


def test_a_movie_is_written_while_the_window_lives(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, ffmpeg: Path, tmp_path: Path
) -> None:
    train(qtbot, window)
    dialogs.path = tmp_path / "run.mp4"
    click(qtbot, window, "export_movie")
    qtbot.waitUntil(lambda: "Saved" in text_below(window), timeout=20_000)
    assert window.run_controller.run
    keyframes = window.run_controller.run.timeline.keyframes
    first = next(frames(keyframes))
    assert dialogs.path.read_bytes() == b"".join(frame.tobytes() for frame in frames(keyframes))
    assert dialogs.path.stat().st_size == len(keyframes) * first.nbytes
    assert dialogs.errors == []


def test_a_movie_can_be_given_up_and_leaves_nothing_behind(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, ffmpeg: Path, tmp_path: Path
) -> None:
    train(qtbot, window)
    ffmpeg.with_name("hold").touch()
    dialogs.path = tmp_path / "run.mp4"
    click(qtbot, window, "export_movie")
    progress = window.findChild(QProgressDialog, "movie_progress")
    assert progress
    progress.canceled.emit()
    qtbot.waitUntil(lambda: "given up" in text_below(window), timeout=20_000)
    assert sorted(path.name for path in tmp_path.iterdir() if "run" in path.name) == []
    assert dialogs.errors == []


def test_an_mp4_without_ffmpeg_is_refused_with_what_it_needs_and_a_gif_is_written(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    train(qtbot, window)
    dialogs.path = tmp_path / "run.mp4"
    with qtbot.waitSignal(window.run_controller.failed):
        click(qtbot, window, "export_movie")
    assert "apt-get install ffmpeg" in dialogs.errors[0]
    dialogs.path = tmp_path / "run.gif"
    click(qtbot, window, "export_movie")
    qtbot.waitUntil(lambda: "Saved" in text_below(window))
    assert window.run_controller.run
    keyframes = window.run_controller.run.timeline.keyframes
    with Image.open(dialogs.path) as movie:
        seen = [np.asarray(image.convert("RGB")).astype(int) for image in ImageSequence.Iterator(movie)]
    for image, frame in zip(seen, frames(keyframes), strict=True):
        assert np.abs(image - frame).max() <= 40  # of 256 colours
        assert np.abs(image - frame).mean() < 1


def test_a_folder_that_cannot_be_written_to_is_an_error_and_training_goes_on(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, ffmpeg: Path, tmp_path: Path
) -> None:
    train(qtbot, window)
    dialogs.path = tmp_path / "no folder" / "run.gif"
    with qtbot.waitSignal(window.run_controller.failed, timeout=20_000):
        click(qtbot, window, "export_movie")
    assert "The movie was not saved" in dialogs.errors[0]
    click(qtbot, window, "export_movie")  # it can be tried again
    qtbot.waitUntil(lambda: len(dialogs.errors) == 2, timeout=20_000)
