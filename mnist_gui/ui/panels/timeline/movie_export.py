"""How the weights grew, as a movie: a picture for each keyframe. `storage/movie_encoder.py` encodes them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QProgressDialog, QWidget

from mnist_gui.inspection.weight_images import mosaic, shared_scale
from mnist_gui.runs.run import Run
from mnist_gui.storage.movie_encoder import write_movie
from mnist_gui.system.printable import named, on_one_line
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.timeline.view import TimelineView
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.weight_colormap import rgb_picture

PROGRESS_MS = 100
LEAST_WIDTH = 480  # of a frame, in pixels
CAPTION_HEIGHT = 22
GAP, TEXT = "#ffffff", "#1c2126"
MOST_UNITS = 1024


class MovieExport(QObject):
    """Asks where to, and writes in the background with progress and a cancel."""

    def __init__(
        self,
        run_controller: RunController,
        bar: TimelineView,
        dialogs: Dialogs,
        preferences: Preferences,
        window: QWidget,
    ) -> None:
        super().__init__(run_controller)
        self._run_controller, self._bar, self._dialogs, self._preferences = run_controller, bar, dialogs, preferences
        self._window = window
        self._progress: QProgressDialog | None = None
        self._should_cancel = False
        self._made = 0  # frames; counted in the helper thread
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        bar.export_asked.connect(self._on_bar_export_asked)

    @Slot()
    def _on_bar_export_asked(self) -> None:
        run = self._run_controller.run
        if run is None or not len(run.timeline) or self._progress is not None:
            return
        path = self._dialogs.ask_movie_to_save(self._preferences.folder("movie") / f"run-{run.number}.gif")
        if path:
            self._preferences.remember_folder("movie", path.parent)
            self.write(run, path)

    def write(self, run: Run, path: Path) -> None:
        """Make a movie of all moments of a run that are kept now."""
        keyframes, speed = run.timeline.keyframes, self._bar.speed
        self._should_cancel, self._made = False, 0
        self._show_progress(len(keyframes), path)
        self._run_controller.task_runner.request(
            "movie",
            lambda: write_movie(path, self._count(frames(keyframes)), speed, self._must_give_up),
            lambda is_written: self._finish(path if is_written else None),
            self._fail,
        )

    def _count(self, pictures: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        for picture in pictures:
            yield picture
            self._made += 1

    def _must_give_up(self) -> bool:
        """Asked in the helper thread."""
        return self._should_cancel or self._run_controller.task_runner.should_cancel()

    def _show_progress(self, count: int, path: Path) -> None:
        progress = QProgressDialog(f"Writing {named(path.name)}...", "Cancel", 0, count, self._window)
        progress.setWindowTitle("Movie")
        progress.setObjectName("movie_progress")
        progress.setMinimumDuration(300)
        progress.setAutoClose(False)
        progress.setAutoReset(False)
        progress.canceled.connect(self._on_progress_canceled)
        self._progress = progress
        self._timer.start(PROGRESS_MS)

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._progress:
            self._progress.setValue(self._made)

    @Slot()
    def _on_progress_canceled(self) -> None:
        self._should_cancel = True

    def _finish(self, path: Path | None) -> None:
        self._timer.stop()
        if self._progress:
            self._progress.deleteLater()
            self._progress = None
        given_up = "The movie was given up; nothing was written."
        self._bar.show_message(f"Saved {on_one_line(str(path))}" if path else given_up)

    def _fail(self, error: BaseException) -> None:
        self._finish(None)
        self._run_controller.failed.emit("The movie was not saved", str(error))


def frames(keyframes: tuple[Snapshot, ...]) -> Iterator[NDArray[np.uint8]]:
    """The first layer's weights at each moment, (rows, cols, 3), with the moment written below; one scale for all."""
    shape = keyframes[0].image_shape
    units = min(keyframes[0].weights[0].shape[1], MOST_UNITS)
    columns = max(1, round((units * shape[0] / shape[1] * 4 / 3) ** 0.5))
    scale = max(shared_scale(keyframe.weights[0]) for keyframe in keyframes)
    for keyframe in keyframes:
        picture = rgb_picture(mosaic(keyframe.weights[0][:, :units], shape, columns, scale), GAP, LEAST_WIDTH)
        caption = _caption(f"step {keyframe.step:,}, epoch {keyframe.epoch}", picture.shape[1])
        yield np.concatenate([picture, caption])


def _caption(text: str, width: int) -> NDArray[np.uint8]:
    """A line of text as a picture, (CAPTION_HEIGHT, width, 3)."""
    image = QImage(width, CAPTION_HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor(GAP))
    painter = QPainter(image)
    painter.setPen(QColor(TEXT))
    painter.drawText(QRect(6, 0, width - 12, CAPTION_HEIGHT), Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(CAPTION_HEIGHT, image.bytesPerLine() // 4, 4)
    blue, green, red = (pixels[:, :width, channel] for channel in range(3))
    return np.stack([red, green, blue], axis=2)
