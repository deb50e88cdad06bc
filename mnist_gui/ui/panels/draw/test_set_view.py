"""The drawings that the user kept: a gallery to look through them, and to delete what should not be there."""

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.ui.panels.draw.test_set_curve import TestSetCurve
from mnist_gui.ui.widgets.buttons import tool_button
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel

ARROW = "\N{RIGHTWARDS ARROW}"


class TestSetView(QWidget):
    """back_asked(): to the canvas. delete_asked(index): of those shown. undo_asked(): bring the last one back."""

    back_asked = Signal()
    delete_asked = Signal(int)
    undo_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._caption = FixedHeightLabel("kept_caption", 2)
        self._gallery = DigitGallery("kept_digits", "Drawings that you kept")
        self._gallery.digit_chosen.connect(self._refresh_buttons)
        self.curve = TestSetCurve()
        self._back = tool_button("back_to_canvas", "Back to the canvas", "Draw on (Esc)")
        self._delete = tool_button("delete_kept", "Delete", "Take the chosen drawing out of the set (Del)")
        self._undo = tool_button("undo_delete_kept", "Undo", "Bring back the drawing that was deleted last")
        self._back.clicked.connect(self.back_asked)
        self._delete.clicked.connect(self._on_delete_clicked)
        self._undo.clicked.connect(self.undo_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(3)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        buttons.addWidget(self._delete)
        buttons.addWidget(self._undo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addWidget(self._gallery, 1)
        layout.addWidget(self.curve)
        layout.addLayout(buttons)

    @property
    def caption(self) -> str:
        """What is said of them."""
        return self._caption.text()

    def show_digits(
        self, split: Split, predictions: Predictions | None, names: tuple[str, ...], scored: str, *, can_undo: bool
    ) -> None:
        """All kept drawings in their order, with the network's answers where they are known.

        scored: how it does on them. can_undo: a deleted one can be brought back.
        """

        def caption(digit: int) -> str:
            true: str = names[split.labels[digit]]
            if predictions is None:
                return true
            return f"{true} {ARROW} {names[predictions.predicted[digit]]}  {predictions.confidence[digit]:.0%}"

        def describe(digit: int) -> str:
            text = f"Drawing {digit + 1:,}: a {names[split.labels[digit]]}"
            if predictions is None:
                return text
            taken_for = names[predictions.predicted[digit]]
            return f"{text}, taken for a {taken_for} with {predictions.confidence[digit]:.1%} confidence"

        if self._gallery.chosen is not None and self._gallery.chosen >= len(split):
            self._gallery.choose(len(split) - 1 if len(split) else None)
        self._gallery.show_digits(split, np.arange(len(split)), caption, describe)
        counted = "1 drawing" if len(split) == 1 else f"{len(split):,} drawings"
        self._caption.setText(f"{counted} of yours{f', {scored}' if scored else ''}. True class {ARROW} the network's.")
        self._undo.setEnabled(can_undo)
        self._refresh_buttons()

    @Slot()
    def _refresh_buttons(self) -> None:
        self._delete.setEnabled(self._gallery.chosen is not None)

    @Slot()
    def _on_delete_clicked(self) -> None:
        if self._gallery.chosen is not None:
            self.delete_asked.emit(self._gallery.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._on_delete_clicked()
        elif event.key() == Qt.Key.Key_Escape:
            self.back_asked.emit()
        else:
            super().keyPressEvent(event)
