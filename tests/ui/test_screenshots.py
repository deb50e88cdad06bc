"""The window as a person sees it: two sizes, light and dark, each state. `make screenshots` keeps the pictures."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import DARK, LIGHT, Theme
from tests.ui.conftest import MakeWindow, wait_for_end
from tests.ui.person import click, retype_and_enter

RUN = {
    "data.train": 5000,
    "data.validation": 1000,
    "network.hidden": [100],
    "training.batch_size": 50,
    "training.epochs": 4,
}
SIZES = [(1366, 768), (1920, 1080)]


class Album:
    """Keeps and checks the pictures of one window, which all have its size and its theme's colours."""

    def __init__(self, folder: Path, window: MainWindow, theme: Theme) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._window, self._theme = folder, window, theme
        self._pictures: dict[str, NDArray[np.uint32]] = {}

    def take(self, name: str, box: QMessageBox | None = None) -> None:
        """A picture of the window, with a box over its middle if there is one."""
        QApplication.processEvents()  # layouts settle
        self._window.refresh_scheduler.draw_everything()
        picture = self._window.grab()
        if box:
            _put_over(picture, box.grab(), self._theme.border)
        size = f"{self._window.width()}x{self._window.height()}"
        assert picture.save(str(self._folder / f"{size}-{self._theme.name}-{name}.png"))
        self._check(name, _pixels(picture))

    def _check(self, name: str, pixels: NDArray[np.uint32]) -> None:
        assert pixels.shape == (self._window.height(), self._window.width())
        assert len(np.unique(pixels)) > 50, f"{name} is blank"
        other = LIGHT if self._theme is DARK else DARK
        for of_ours, of_other in ((self._theme.window, other.window), (self._theme.base, other.base)):
            assert _share(pixels, of_ours) > 0.1, f"{name} is not dressed in its theme"
            assert _share(pixels, of_other) < 0.02, f"{name} is dressed in the other theme"
        for earlier, others in self._pictures.items():
            assert (pixels != others).any(), f"{name} looks like {earlier}"
        self._pictures[name] = pixels


def _put_over(picture: QPixmap, box: QPixmap, frame: str) -> None:
    """The box has a window frame of the desktop's, which no picture shows: a line stands for it."""
    painter = QPainter(picture)
    place = picture.rect().center() - box.rect().center()
    painter.drawPixmap(place, box)
    painter.setPen(QColor(frame))
    painter.drawRect(box.rect().translated(place))
    painter.end()


def _pixels(picture: QPixmap) -> NDArray[np.uint32]:
    """(rows, columns) uint32, 0xffRRGGBB."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def _share(pixels: NDArray[np.uint32], colour: str) -> float:
    return float((pixels == QColor(colour).rgb()).mean())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("SCREENSHOTS") or tmp_path)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_state_of_the_window_has_a_picture_of_its_own_in_the_colours_of_the_theme(
    qtbot: QtBot,
    make_fresh_window: MakeWindow,
    preferences: Preferences,
    folder: Path,
    size: tuple[int, int],
    theme: Theme,
) -> None:
    preferences.theme = theme
    window = make_fresh_window(RUN)
    window.resize(*size)
    album = Album(folder, window, theme)
    album.take("1-empty")

    for button, step in (("step_epoch", 100), ("step_epoch", 200), ("step_batch", 201)):
        click(qtbot, window, button)
        wait_until_held_at(qtbot, window, step)
    album.take("2-training")

    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    album.take("3-finished")

    retype_and_enter(qtbot, window, "learning_rate", "1000")
    album.take("4-illegal-value")

    album.take("5-error", box=open_error(window))


def wait_until_held_at(qtbot: QtBot, window: MainWindow, step: int) -> None:
    run_controller = window.run_controller
    qtbot.waitUntil(
        lambda: run_controller.history.last_step == step and run_controller.state is RunState.PAUSED, timeout=20_000
    )


def open_error(window: MainWindow) -> QMessageBox:
    """The real box, over a window of whose dialogs the other tests see only the texts."""
    dialogs = Dialogs()
    dialogs.belong_to(window)
    dialogs.show_error("model.npz cannot be opened", "model.npz: no model: 0 bytes.\nIt was not written to the end.")
    (box,) = window.findChildren(QMessageBox)
    return box
