"""The input field of a number that need not be whole, with a slider where people explore."""

import math
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QWidget

from mnist_gui.config.field_types import Number
from mnist_gui.config.schema import SETTINGS
from mnist_gui.ui.panels.controls.setting_field import SettingField
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSlider

SLIDER_STEPS = 400

# Where the sliders end: the part of the legal range that people explore. The number field takes all of it. What is not
# here has no slider.
SLIDER_RANGES = {
    "training.learning_rate": (1e-4, 10.0),
    "training.momentum": (0.0, 0.99),
    "training.dropout": (0.0, 0.8),
    "augmentation.shift": (0.0, 6.0),
    "augmentation.rotation": (0.0, 45.0),
    "augmentation.scale": (0.0, 0.4),
    "augmentation.elastic": (0.0, 60.0),
    "augmentation.noise": (0.0, 0.5),
}


class NumberField(SettingField):
    """A number field, with a slider where people explore: logarithmic over many powers of ten."""

    def __init__(self, key: str, setting: Number) -> None:
        super().__init__(key)
        self._low, self._high = SLIDER_RANGES.get(key, (setting.low, setting.high))
        self._is_log = self._low > 0 and self._high / self._low >= 1000
        self._line = QLineEdit()
        self._line.setFixedWidth(self._line.fontMetrics().horizontalAdvance("0.00000000"))
        self._line.textEdited.connect(self._on_line_text_edited)
        self._line.editingFinished.connect(self._on_line_editing_finished)
        self._line.returnPressed.connect(self._on_line_return_pressed)
        self._name(self._line)
        self._slider = self._make_slider() if key in SLIDER_RANGES else None
        self._committed = ""
        self._is_filled_in = False
        self._shown: tuple[str, float] = ("", 0.0)  # a text that nobody changed stands for the exact value
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        if self._slider:
            layout.addWidget(self._slider, 1)
        layout.addWidget(self._line)
        if not self._slider:
            layout.addStretch(1)

    def _make_slider(self) -> QSlider:
        slider = NoWheelSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, SLIDER_STEPS)
        slider.setPageStep(SLIDER_STEPS // 10)
        slider.setMinimumWidth(30)  # a long label beside it must not make the form wider
        slider.valueChanged.connect(self._on_slider_value_changed)
        self._name(slider)
        slider.setObjectName(f"{self._line.objectName()}_slider")
        return slider

    @property
    def focus_widget(self) -> QWidget:
        return self._line

    def value(self) -> Any:
        """A number, with a decimal comma or point, or the text if it is none: the check then names it."""
        if self._line.text() == self._shown[0]:
            return self._shown[1]
        return SETTINGS[self.key].read(self._line.text().strip())

    def show_value(self, value: float) -> None:
        self._line.setText(f"{value:.6g}")
        self._committed = self._line.text()
        self._is_filled_in = True
        self._shown = self._line.text(), value
        self._show_position(value)

    def commit(self) -> None:
        if self._line.text() != self._committed:
            self._committed = self._line.text()
            self._is_filled_in = False
            self.committed.emit(self.key)

    @Slot(str)
    def _on_line_text_edited(self, text: str) -> None:
        value = self.value()
        if isinstance(value, float) and math.isfinite(value):
            self._show_position(value)
        self.edited.emit()

    @Slot()
    def _on_line_editing_finished(self) -> None:
        self.commit()

    @Slot()
    def _on_line_return_pressed(self) -> None:
        """Return says that this value is wanted now, also where it was not typed but filled in."""
        if self._is_filled_in and self._line.text() == self._committed:
            self._is_filled_in = False
            self.committed.emit(self.key)

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        share = position / SLIDER_STEPS
        if self._is_log:
            value = float(f"{10 ** (math.log10(self._low) + share * math.log10(self._high / self._low)):.2g}")
        else:
            value = round(self._low + share * (self._high - self._low), 3)
        self._line.setText(f"{value:.6g}")
        self.edited.emit()
        self.commit()

    def _show_position(self, value: float) -> None:
        slider = self._slider
        if slider:
            with QSignalBlocker(slider):
                slider.setValue(self._position(value))

    def _position(self, value: float) -> int:
        clipped = min(max(value, self._low), self._high)
        if self._is_log:
            share = math.log10(clipped / self._low) / math.log10(self._high / self._low)
        else:
            share = (clipped - self._low) / (self._high - self._low)
        return round(share * SLIDER_STEPS)
