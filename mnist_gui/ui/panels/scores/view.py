"""The panel of scores: how well each class is recognised, and whether the network's confidence is to be believed."""

import math

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.calibration import Reliability, Thresholds, reliability
from mnist_gui.inspection.confusion import class_scores, confusion
from mnist_gui.ui.panels.scores.class_table import ClassTable
from mnist_gui.ui.panels.scores.reliability_diagram import ReliabilityDiagram
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSlider, choice_box
from mnist_gui.ui.widgets.theme import Theme

NOTHING = "No answers yet: train, or open a model. Its scores appear after each epoch."

# Where the threshold can stand, in hundredths of a percent: most confidences are near 100 %, so it moves in finer
# steps there.
STEPS = (*range(0, 9_000, 100), *range(9_000, 9_900, 10), *range(9_900, 10_000))
START = STEPS.index(9_000)

PARTS = {
    "classes": "How well each class is told from the others",
    "confidence": "Whether the network is right as often as it is sure, and what it would answer above a threshold",
}
# From so many pixels on there is room for both, beside each other or one below the other.
ROOM_BESIDE, ROOM_BELOW = 620, 480

# A mean confidence this near to the accuracy is as good as equal.
LEVEL = 0.005


class ScoresView(QWidget):
    """Is drawn by `refresh`, when it is in sight. The threshold and the sorting stay as the user left them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = choice_box("scores_part", "Which scores", PARTS)
        self._caption = FixedHeightLabel("scores_caption", 2)
        self._table = ClassTable()
        self._diagram = ReliabilityDiagram()
        self._calibration = FixedHeightLabel("calibration", 2)
        self._calibration.setAccessibleName("Calibration")
        self._threshold = NoWheelSlider(Qt.Orientation.Horizontal)
        self._answered = FixedHeightLabel("answered", 2)
        self._answered.setAccessibleName("What is answered at this confidence")
        self._shown: tuple[Split, Predictions, tuple[str, ...], str] | None = None
        self._thresholds: Thresholds | None = None
        self._is_stale = False
        self._lay_out()
        self._part.currentIndexChanged.connect(self._show_parts)
        self._threshold.valueChanged.connect(self._on_threshold_value_changed)
        self.show_nothing()

    def _lay_out(self) -> None:
        self._confidence = QWidget()
        row = QHBoxLayout()
        row.addWidget(self._make_threshold_label())
        row.addWidget(self._threshold, 1)
        column = QVBoxLayout(self._confidence)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._diagram, 1)
        column.addWidget(self._calibration)
        column.addLayout(row)
        column.addWidget(self._answered)
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._parts.setSpacing(6)
        self._parts.addWidget(self._table, 1)
        self._parts.addWidget(self._confidence, 1)
        self._confidence.hide()  # until there is a size: a window that wants room for both would not get small
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._part)
        layout.addWidget(self._caption)
        layout.addLayout(self._parts, 1)

    def _make_threshold_label(self) -> QLabel:
        self._threshold.setObjectName("threshold")
        self._threshold.setAccessibleName("Smallest confidence that counts as an answer")
        self._threshold.setToolTip(
            "<p>Count only answers of at least this confidence, as if the network might say 'I do not know'. "
            "At 0 % everything is answered; the higher, the fewer, and the more of them are right. "
            "Above 90 % it moves in finer steps.</p>"
        )
        self._threshold.setRange(0, len(STEPS) - 1)
        self._threshold.setPageStep(10)
        self._threshold.setValue(START)
        label = QLabel("Answer from")
        label.setBuddy(self._threshold)
        return label

    @property
    def threshold(self) -> float:
        """The smallest confidence that counts as an answer, 0..1."""
        return float(STEPS[self._threshold.value()] / 10_000)

    def show_theme(self, theme: Theme) -> None:
        """Colours of the diagram to match."""
        self._diagram.show_theme(theme)

    def show_nothing(self, why: str = NOTHING) -> None:
        """There are no answers to score, and why."""
        self._shown, self._thresholds, self._is_stale = None, None, False
        self._show_text(self._caption, why)
        self._table.show_scores(None, ())
        self._diagram.show_reliability(None)
        for label in (self._calibration, self._answered):
            self._show_text(label, "")

    def show_predictions(self, split: Split, predictions: Predictions, class_names: tuple[str, ...], when: str) -> None:
        """The answers to all digits of a split. when: of which weights they are, such as "epoch 7"."""
        self._shown = (split, predictions, class_names, when)
        self._is_stale = True

    def refresh(self) -> bool:
        """Draw what is new, if it would be seen; whether anything was drawn."""
        if not self._is_stale or self._shown is None or self.visibleRegion().isEmpty():
            return False
        self._is_stale = False
        split, predictions, names, when = self._shown
        diagram = reliability(predictions)
        self._thresholds = Thresholds.of(predictions)
        self._show_text(self._caption, _describe(split, predictions, when))
        self._table.show_scores(class_scores(confusion(predictions, len(names))), names)
        self._diagram.show_reliability(diagram)
        self._show_text(self._calibration, _describe_calibration(diagram, predictions.accuracy))
        self._on_threshold_value_changed()
        return True

    @Slot()
    def _on_threshold_value_changed(self) -> None:
        if self._thresholds is not None:
            self._show_text(self._answered, _describe_answered(self._thresholds, self.threshold))

    def _show_text(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setToolTip(f"<p>{text}</p>" if text else "")  # all of it, where a narrow panel shows only the beginning

    @Slot()
    def _show_parts(self) -> None:
        """Both parts where there is room for them, else the chosen one."""
        is_wide, is_tall = self.width() >= ROOM_BESIDE, self.height() >= ROOM_BELOW
        self._parts.setDirection(
            QBoxLayout.Direction.LeftToRight if is_wide and not is_tall else QBoxLayout.Direction.TopToBottom
        )
        has_room, choice = is_wide or is_tall, self._part.currentIndex()
        self._part.setVisible(not has_room)
        self._table.setVisible(has_room or choice == 0)
        self._confidence.setVisible(has_room or choice == 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_parts()


def _describe(split: Split, predictions: Predictions, when: str) -> str:
    if not len(split):
        return f"This run has no {split.title} digits, so there is nothing to score."
    right = int(np.count_nonzero(predictions.predicted == predictions.labels))
    return f"{right:,} of {len(split):,} {split.title} digits right ({right / len(split):.1%}). Weights of {when}."


def _describe_calibration(diagram: Reliability, accuracy: float) -> str:
    if math.isnan(diagram.expected_error):
        return ""
    if abs(diagram.excess) <= LEVEL:
        how = "as sure as it is right"
    else:
        how = "surer than it is right" if diagram.excess > 0 else "more often right than it is sure"
    return (
        f"On average it is {how}: {accuracy + diagram.excess:.1%} sure, {accuracy:.1%} right. "
        f"Expected calibration error {diagram.expected_error:.2%}."
    )


def _describe_answered(thresholds: Thresholds, threshold: float) -> str:
    told, everything = thresholds.at(threshold), thresholds.at(0.0)
    if not told.digits:
        return ""
    at = f"At \N{GREATER-THAN OR EQUAL TO} {100 * threshold:g} %"
    if not told.answered:
        return f"{at}: none of the digits is answered."
    wrong, wrong_of_all = told.answered - told.right, everything.answered - everything.right
    left = f"; {wrong:,} of {wrong_of_all:,} mistakes left" if wrong_of_all else ""
    return f"{at}: {told.coverage:.1%} of the digits answered, {told.accuracy:.1%} of them right{left}."
