"""Input widgets that leave the wheel to the form around them unless they have the focus."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QStandardItemModel, QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QWidget

from mnist_gui.config.typed_numbers import read_number


class NoWheelSpinBox(QSpinBox):
    """Takes the wheel only while it has the focus: scrolling the form must not change its values."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


class FractionSpinBox(QDoubleSpinBox):
    """Reads what is typed as every other field does: with a decimal point or comma."""

    def validate(self, text: str, position: int) -> object:
        value = read_number(text)
        if isinstance(value, float) and self.minimum() <= value <= self.maximum():
            return QValidator.State.Acceptable, text, position
        is_begun = set(text) <= set("0123456789+-,. ")
        return QValidator.State.Intermediate if is_begun else QValidator.State.Invalid, text, position

    def valueFromText(self, text: str) -> float:
        value = read_number(text)
        return value if isinstance(value, float) else self.value()

    def fixup(self, text: str) -> str:
        """What was typed is no number: what was there before stands."""
        return self.textFromValue(self.value())


class NoWheelComboBox(QComboBox):
    """Takes the wheel only while it has the focus, and gives way to a narrow form."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


class NoWheelSlider(QSlider):
    """Takes the wheel only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, super().wheelEvent, event)


def choice_box(name: str, accessible_name: str, entries: Mapping[str, str]) -> NoWheelComboBox:
    """A box of these entries, each with its tool tip."""
    box = NoWheelComboBox()
    box.setObjectName(name)
    box.setAccessibleName(accessible_name)
    for entry, tip in entries.items():
        box.addItem(entry)
        box.setItemData(box.count() - 1, f"<p>{tip}</p>", Qt.ItemDataRole.ToolTipRole)
    box.setToolTip("<br>".join(f"<b>{entry}</b>: {tip}" for entry, tip in entries.items()))
    return box


def offer(box: QComboBox, possible: Mapping[int, bool], instead: int = 0) -> None:
    """Which entries can be chosen; a chosen one that can not be gives way to another, and no signal is sent."""
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    for index, is_possible in possible.items():
        model.item(index).setEnabled(is_possible)
    if not possible.get(box.currentIndex(), True):
        with QSignalBlocker(box):
            box.setCurrentIndex(instead)


def _wheel_if_focused(widget: QWidget, handle: Any, event: QWheelEvent) -> None:
    if widget.hasFocus():
        handle(event)
    else:
        event.ignore()
