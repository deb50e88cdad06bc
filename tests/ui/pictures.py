"""`make pictures`: the README's pictures, taken of the window itself, in packaging/pictures.

A moving picture of the first epochs, and three stills: a trained network, its answer to one digit, and a diagnosis.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QComboBox, QDockWidget, QToolButton

from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import LIGHT

FOLDER = Path(__file__).parents[2] / "packaging" / "pictures"
SIZE = (1366, 768)

# Of the moving picture: the steps that it shows, its width in pixels, its colours, and milliseconds a picture.
STEPS = (1, 10, 25, 50, 80, 120, 170, 230, 300, 380, 470, 600, 800, 1000, 1200, 1290)
MOVIE_EPOCHS = 3
MOVIE_WIDTH = 960
MOVIE_COLOURS = 256
MOVIE_MS, LAST_MS = 350, 2500
PACE = 100.0  # minibatches a second, so that every step can be caught

# In front of the docks that share its place, and how high.
DIGIT_AND_MAP = {"digit": 420, "map": 400}
DIAGNOSIS = {"units": 230, "diagnosis": 590}


class Studio:
    """One window after another, with settings of its own."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application = application
        self._preferences = Preferences(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        self._preferences.theme = LIGHT

    def open(self, config: RunConfig) -> MainWindow:
        """A window with its digits loaded."""
        window = MainWindow(config, self._preferences, Dialogs())
        window.show()
        window.resize(*SIZE)
        self.wait(lambda: window.run_controller.dataset is not None)
        return window

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        while not is_so():
            self._application.processEvents()

    def wait_for_end(self, window: MainWindow) -> None:
        """Until the run has ended and everything of it is drawn."""
        self.wait(lambda: window.run_controller.state is RunState.ENDED and not window.run_controller.is_busy)

    def arrange(self, window: MainWindow, heights: Mapping[str, int]) -> None:
        """Bring docks to the front, by name, and make them so high."""
        docks = [window.findChild(QDockWidget, f"dock_{name}") for name in heights]
        for dock in docks:
            dock.raise_()
        window.resizeDocks(docks, list(heights.values()), Qt.Orientation.Vertical)
        self._application.processEvents()
        self.wait(lambda: not window.run_controller.is_busy)

    def take(self, window: MainWindow) -> QImage:
        """A picture of the window as it is now."""
        self._application.processEvents()
        window.refresh_scheduler.draw_everything()
        return window.grab().toImage()


def film(studio: Studio, window: MainWindow) -> list[QImage]:
    """Pictures of a run from its first steps on, one at each of STEPS."""
    window.controls_actions.paces[PACE].trigger()
    window.controls_actions.primary.trigger()
    pictures = []
    for step in STEPS:
        if step > STEPS[len(STEPS) // 2]:
            window.controls_actions.paces[None].trigger()
        studio.wait(lambda step=step: window.run_controller.history.last_step >= step)
        pictures.append(studio.take(window))
    studio.wait_for_end(window)
    return [*pictures, studio.take(window)]


def as_pillow(picture: QImage) -> Image.Image:
    """The same for Pillow."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    stride = rgb.bytesPerLine()
    return Image.frombytes("RGB", (rgb.width(), rgb.height()), bytes(rgb.constBits()), "raw", "RGB", stride)


def save_movie(pictures: list[QImage], path: Path) -> None:
    """An animated GIF, in the colours of its last picture."""
    height = MOVIE_WIDTH * SIZE[1] // SIZE[0]
    small = [as_pillow(picture).resize((MOVIE_WIDTH, height), Image.Resampling.LANCZOS) for picture in pictures]
    palette = small[-1].quantize(MOVIE_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3)
    first, *others = (each.quantize(palette=palette, dither=Image.Dither.NONE) for each in small)
    duration = [MOVIE_MS] * (len(small) - 1) + [LAST_MS]
    first.save(path, save_all=True, append_images=others, duration=duration, loop=0, optimize=True)


def save_still(picture: QImage, path: Path) -> None:
    """A PNG, as small as can be."""
    as_pillow(picture).save(path, optimize=True)


def take_all(studio: Studio, folder: Path) -> None:
    """All pictures, in a folder."""
    short: Mapping[str, Any] = {"training.epochs": MOVIE_EPOCHS}
    window = studio.open(RunConfig().with_settings(short))
    save_movie(film(studio, window), folder / "training.gif")
    window.close_without_asking()

    window = studio.open(RunConfig())
    window.controls_actions.primary.trigger()
    studio.wait_for_end(window)
    save_still(studio.take(window), folder / "window.png")
    window.view("map").findChild(QComboBox, "map_layer").setCurrentIndex(1)
    window.digit_selection.choose(window.run_controller.splits.validation, window.view("mistakes").digits[1])
    studio.arrange(window, DIGIT_AND_MAP)
    studio.wait(lambda: window.view("map").map is not None)
    save_still(studio.take(window), folder / "digit.png")
    window.close_without_asking()

    window = studio.open(preset("case-c").config)
    window.controls_actions.primary.trigger()
    studio.wait_for_end(window)
    studio.arrange(window, DIAGNOSIS)
    window.findChild(QToolButton, "why_units_are_copies").click()
    save_still(studio.take(window), folder / "diagnosis.png")
    window.close_without_asking()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as settings:
        take_all(Studio(QApplication([]), Path(settings)), FOLDER)
    for taken in sorted(FOLDER.iterdir()):
        print(f"{taken.name}: {taken.stat().st_size / 1000:,.0f} kB")
