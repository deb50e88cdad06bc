"""Presenter of Draw: which weights answer, a second network to compare with, and pictures from elsewhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.files import reduction
from mnist_gui.data.images.ink import ink_of, load_picture
from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.top_two import verdict
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import describe_differences
from mnist_gui.training.predictor import Predictors
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.draw.brush import SIDE
from mnist_gui.ui.panels.draw.view import NOTHING, DrawView
from mnist_gui.ui.services.load_budget import MOST_AT_ONCE
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.class_bars import Shares

# A hand moves on faster than a screen shows: after an answer the next one is given so much later at the earliest.
PAUSE_MS = 8


DEFAULT_SHAPE = (28, 28)

Picture = NDArray[np.uint8]


class DrawPresenter(QObject):
    """answered(pixels, verdict): what the network sees of the drawing now, None if nothing is drawn, and what it takes
    it for, None without an answer."""

    answered = Signal(object, object)

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        view: DrawView,
        dialogs: Dialogs,
        preferences: Preferences,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._view, self._dialogs, self._preferences = run_controller, view, dialogs, preferences
        self._snapshot: Snapshot | None = None
        self._note = self._problem = ""
        self._is_stale = self._is_waiting = False
        self._comparison: Run | None = None
        self._offered: list[Run] = []
        self._readers, self._far_readers = Predictors(), Predictors()
        self._request_slot = RequestSlot(run_controller.task_runner, "drawing")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setTimerType(Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._on_pause_timeout)
        playhead.step_chosen.connect(self.refresh)
        run_controller.runs_changed.connect(self._offer_comparisons)
        view.canvas.changed.connect(self._on_canvas_changed)
        view.picture_given.connect(self._on_view_picture_given)
        view.open_asked.connect(self._on_view_open_asked)
        view.comparison_chosen.connect(self._on_view_comparison_chosen)
        playhead.subscribe(self._on_playhead_weights_shown, self._on_playhead_nothing_shown)

    # Which weights

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        is_first = self._snapshot is None
        self._snapshot, self._note, self._is_stale = snapshot, note, True
        if is_first:
            self._offer_comparisons()

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        self._snapshot, self._note, self._is_stale = None, "", True
        self._readers, self._far_readers = Predictors(), Predictors()
        self._request_slot.cancel()
        self._offer_comparisons()

    @Slot()
    def refresh(self) -> bool:
        """Answer with the newest weights if there are any and it would be seen; whether anything was drawn."""
        if not self._is_stale or self._view.visibleRegion().isEmpty():
            return False
        self._is_stale = False
        self._show_caption()
        self._answer()
        return True

    def _show_caption(self) -> None:
        snapshot = self._snapshot
        if self._problem:
            self._view.show_caption(self._problem, is_problem=True)
        elif snapshot is None:
            self._view.show_caption(NOTHING)
        else:
            self._view.show_caption(f"Weights of epoch {snapshot.epoch}, step {snapshot.step:,}{self._note}.")

    # Answers

    @Slot()
    def _on_canvas_changed(self) -> None:
        if self._problem:
            self._problem = ""
            self._show_caption()
        if self._pause.isActive():
            self._is_waiting = True
            return
        self._answer_now()

    @Slot()
    def _on_pause_timeout(self) -> None:
        if self._is_waiting:
            self._answer_now()

    def _answer_now(self) -> None:
        self._is_waiting = False
        with self._run_controller.drawing():
            self._answer()
            self._view.canvas.repaint()
        self._pause.start(PAUSE_MS)

    def _answer(self) -> None:
        """Show what the networks say to the drawing: at once, or, if they are large, as soon as they have said it."""
        snapshots, comparison = self._snapshots(), self._comparison
        names = snapshots[0].class_names if snapshots else ()
        picture = centred(self._view.canvas.pixels, snapshots[0].image_shape if snapshots else self._shape())
        if not picture.any():
            self._request_slot.cancel()
            self._view.show_answer(None, names, [], [])
            self.answered.emit(None, None)
        elif sum(snapshot.parameters.size for snapshot in snapshots) <= MOST_AT_ONCE:
            self._request_slot.cancel()
            self._show(picture, names, self._readers.answers(snapshots, picture), comparison)
        else:
            readers = self._far_readers
            self._request_slot.ask(
                lambda: readers.answers(snapshots, picture),
                lambda answers: self._show(picture, names, answers, comparison),
                lambda error: self._show_problem(f"The drawing could not be read: {error}"),
            )

    def _snapshots(self) -> list[Snapshot]:
        """The weights that answer: those shown, and those of the second network."""
        if self._snapshot is None:
            return []
        comparison = self._comparison.best if self._comparison else None
        return [self._snapshot, comparison] if comparison else [self._snapshot]

    def _shape(self) -> tuple[int, int]:
        """Of the pictures that the next network will see."""
        return self._run_controller.dataset.image_shape if self._run_controller.dataset else DEFAULT_SHAPE

    def _show(self, picture: Picture, names: tuple[str, ...], answers: list[Answer], comparison: Run | None) -> None:
        """rival: the second network that was asked."""
        who = ("this network", f"run {comparison.number}" if comparison else "")
        shares = [Shares(of, answer.confidences[0]) for of, answer in zip(who, answers, strict=False)]
        verdicts = [verdict(answer) for answer in answers]
        self._view.show_answer(picture, names, shares, verdicts)
        self.answered.emit(picture, verdicts[0] if verdicts else None)

    # The second network

    @Slot()
    def _offer_comparisons(self) -> None:
        """Offer the other runs that have weights for the same pictures and classes."""
        others = [run for run in self._run_controller.runs if run is not self._run_controller.run]
        self._offered = [run for run in others if _are_alike(run.best, self._snapshot)]
        if self._comparison is not None and self._comparison not in self._offered:
            self._comparison = None
            self._is_stale = True
        among = [run for run in (*self._offered, self._run_controller.run) if run is not None]
        texts = [f"run {run.number}: {describe_differences(run, among)}" for run in self._offered]
        self._view.show_comparisons(texts, self._offered.index(self._comparison) if self._comparison else -1)

    @Slot(int)
    def _on_view_comparison_chosen(self, place: int) -> None:
        self._comparison = self._offered[place] if 0 <= place < len(self._offered) else None
        self._answer()

    # Images from elsewhere

    @Slot()
    def _on_view_open_asked(self) -> None:
        path = self._dialogs.ask_picture_to_open(self._preferences.folder("picture"))
        if path:
            self._preferences.remember_folder("picture", path.parent)
            self.open_picture(path)

    def open_picture(self, path: Path) -> None:
        """Put an image file on the canvas."""
        self._ask_for_picture(lambda: load_picture(path))

    @Slot(object)
    def _on_view_picture_given(self, data: QMimeData | None) -> None:
        """None: from a clipboard on which nothing is, where the platform says so."""
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data else []
        if files:
            self.open_picture(Path(files[0]))
        elif data and data.hasImage():
            pixels = _pixels(data.imageData())
            self._ask_for_picture(lambda: ink_of(pixels, "This picture"))
        else:
            self._show_problem("There is no picture to paste: copy one, or an image file, first.")

    def _ask_for_picture(self, read: Callable[[], Picture]) -> None:
        self._run_controller.task_runner.request(
            "picture",
            lambda: centred(read(), (SIDE, SIDE)),
            self._view.canvas.show_picture,
            lambda error: self._show_problem(str(error)),
        )

    def _show_problem(self, text: str) -> None:
        self._problem = text
        self._show_caption()


def _are_alike(best: Snapshot | None, shown: Snapshot | None) -> bool:
    """Whether both can answer to the same picture, for the same classes."""
    if best is None or shown is None:
        return False
    return (best.image_shape, best.class_names) == (shown.image_shape, shown.class_names)


def _pixels(given: QImage | QPixmap) -> NDArray[np.uint8]:
    """(rows, cols, 4) uint8 of a picture from the clipboard; a large one made smaller. (0, 0, 4) for none."""
    image = given.toImage() if isinstance(given, QPixmap) else QImage(given)
    rows, columns = image.height(), image.width()
    factor = reduction(rows, columns)
    if factor > 1:
        smooth = Qt.TransformationMode.SmoothTransformation
        width, height = max(1, columns // factor), max(1, rows // factor)
        image = image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    if image.isNull():
        return np.empty((0, 0, 4), np.uint8)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()
