"""Input fields, one kind for each kind of setting. Limits, labels and help come from the table of settings."""

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QWidget

from mnist_gui.config.field_types import Choice, CountOrFraction, IndexSet, Int, Number, Setting, SizeList
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.typed_numbers import list_readings
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox, NoWheelSlider, NoWheelSpinBox

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

ACTS_TEXT = {
    "at once": "Acts at the next minibatch.",
    "next training": "Acts when training is started or continued.",
    "new network": "Acts on a new network.",
}


# Keys whose last part is also the name of another setting or of a button.
TWICE = ("data.seed", "data.test")


class SettingField(QWidget):
    """A field for one setting. edited(): the user changes it. committed(key): and is done with it, for now."""

    edited = Signal()
    committed = Signal(str)

    def __init__(self, key: str) -> None:
        super().__init__()
        setting = SETTINGS[key]
        self.key = key
        self.setToolTip(f"<p>{setting.help}</p><p><i>{ACTS_TEXT[setting.acts]}</i></p>")

    @property
    def focus_widget(self) -> QWidget:
        """Where a click on the label should go."""
        return self

    @property
    def is_of_use(self) -> bool:
        """Whether there is anything to choose."""
        return True

    def inputs(self) -> list[QWidget]:
        """What the Tab key stops at, in its order."""
        own = self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [widget for widget in own if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def value(self) -> Any:
        """What the field says, unchecked."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Put a legal value in, without telling."""
        raise NotImplementedError

    def commit(self) -> None:
        """Take what is being typed as entered."""

    def _name(self, widget: QWidget) -> None:
        """Make a widget findable: by tests through its objectName, by screen readers through its name."""
        section, name = self.key.split(".")
        widget.setObjectName(f"{section}_{name}" if self.key in TWICE else name)
        widget.setAccessibleName(SETTINGS[self.key].label)
        widget.setToolTip(self.toolTip())


class IntField(SettingField):
    """A spin box."""

    def __init__(self, key: str, setting: Int) -> None:
        super().__init__(key)
        self._spin = NoWheelSpinBox()
        self._spin.setRange(setting.low, setting.high)
        self._spin.setSpecialValueText(setting.zero)
        self._spin.setMinimumWidth(80)  # numbers are seldom as long as the longest
        self._spin.setGroupSeparatorShown(True)
        self._spin.setKeyboardTracking(False)
        self._spin.valueChanged.connect(self._on_spin_value_changed)
        self._name(self._spin)
        _fill(self, self._spin)

    @property
    def focus_widget(self) -> QWidget:
        return self._spin

    def value(self) -> int:
        return self._spin.value()

    def show_value(self, value: int) -> None:
        _silently(self._spin, lambda: self._spin.setValue(value))

    @Slot(int)
    def _on_spin_value_changed(self, value: int) -> None:
        self.edited.emit()
        self.committed.emit(self.key)

    def commit(self) -> None:
        self._spin.interpretText()


class ChoiceField(SettingField):
    """A drop-down list."""

    def __init__(self, key: str, setting: Choice) -> None:
        super().__init__(key)
        self._box = NoWheelComboBox()
        self._box.addItems(setting.choices)
        self._box.currentIndexChanged.connect(self._on_box_current_index_changed)
        self._name(self._box)
        _fill(self, self._box)

    @property
    def focus_widget(self) -> QWidget:
        return self._box

    def value(self) -> str:
        return self._box.currentText()

    def show_value(self, value: str) -> None:
        _silently(self._box, lambda: self._box.setCurrentText(value))

    @Slot(int)
    def _on_box_current_index_changed(self, index: int) -> None:
        self.edited.emit()
        self.committed.emit(self.key)


class SizeListField(SettingField):
    """A line of whole numbers with commas between them."""

    def __init__(self, key: str, setting: SizeList) -> None:
        super().__init__(key)
        self._most = setting.high
        self._line = QLineEdit()
        self._line.setPlaceholderText("none: linear")
        self._line.textEdited.connect(self._on_line_text_edited)
        self._name(self._line)
        _fill(self, self._line)

    @property
    def focus_widget(self) -> QWidget:
        return self._line

    def value(self) -> Any:
        """A list of whole numbers, or the text if it is none, or could be two: the check then names it."""
        if list_readings(self._line.text(), self._most):
            return self._line.text()
        parts = [part.strip() for part in self._line.text().replace(";", ",").split(",")]
        if parts == [""]:
            return []
        # isdecimal also holds for other scripts' digits, which int() reads too, though not thousands of them
        is_numbers = all(part.isdecimal() and len(part) < 20 for part in parts)
        return [int(part) for part in parts] if is_numbers else self._line.text()

    def show_value(self, value: tuple[int, ...]) -> None:
        self._line.setText(", ".join(map(str, value)))

    @Slot(str)
    def _on_line_text_edited(self, text: str) -> None:
        self.edited.emit()


class CountOrFractionField(SettingField):
    """A line with a number of digits, 55,000, or a share of them, 70 %."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._line = QLineEdit()
        self._shown: tuple[str, int | float] = ("", 0)  # a text that nobody changed stands for the exact value
        self._line.textEdited.connect(self.edited)
        self._name(self._line)
        _fill(self, self._line)

    @property
    def focus_widget(self) -> QWidget:
        return self._line

    def value(self) -> Any:
        """A whole number, a share, or the text if it is neither: the check then names it."""
        if self._line.text() == self._shown[0]:
            return self._shown[1]
        return SETTINGS[self.key].read(self._line.text().strip())

    def show_value(self, value: int | float) -> None:
        self._line.setText(f"{value:,}" if isinstance(value, int) else f"{100.0 * value:.6g} %")
        self._shown = self._line.text(), value


class IndexSetField(SettingField):
    """A drop-down list of sets of places that have names; one that has none is named by how many it has."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._names: list[str] = []  # "" for the set without a name
        self._sets: list[tuple[int, ...]] = []
        self._offered: Mapping[str, tuple[int, ...]] = {}
        self._box = NoWheelComboBox()
        self._box.currentIndexChanged.connect(self._on_box_current_index_changed)
        self._name(self._box)
        _fill(self, self._box)
        self.show_value(())

    @property
    def focus_widget(self) -> QWidget:
        return self._box

    @property
    def is_of_use(self) -> bool:
        return len(self._sets) > 1

    def value(self) -> tuple[int, ...]:
        return self._sets[self._box.currentIndex()]

    def show_value(self, value: tuple[int, ...]) -> None:
        self._fill_box(value)
        self._choose(self._sets.index(value))

    def offer(self, offered: Mapping[str, tuple[int, ...]]) -> None:
        """Sets to choose from, besides none, by name; empty ones are left out. The chosen name stays chosen."""
        name, value = self._names[self._box.currentIndex()], self.value()
        self._offered = {name: places for name, places in offered.items() if places}
        if name and value:
            value = self._offered.get(name, ())
        self._fill_box(value)
        self._choose(self._names.index(name) if value and name in self._names else self._sets.index(value))

    def _fill_box(self, value: tuple[int, ...]) -> None:
        sets = {"nothing": (), **self._offered}
        if value not in sets.values():
            sets[""] = value
        self._names, self._sets = list(sets), list(sets.values())
        texts = [f"{name or 'the same'} ({len(places):,})" if places else name for name, places in sets.items()]

        def fill() -> None:
            self._box.clear()
            self._box.addItems(texts)

        _silently(self._box, fill)

    def _choose(self, index: int) -> None:
        _silently(self._box, lambda: self._box.setCurrentIndex(index))

    @Slot(int)
    def _on_box_current_index_changed(self, index: int) -> None:
        self.edited.emit()
        self.committed.emit(self.key)


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
            _silently(slider, lambda: slider.setValue(self._position(value)))

    def _position(self, value: float) -> int:
        clipped = min(max(value, self._low), self._high)
        if self._is_log:
            share = math.log10(clipped / self._low) / math.log10(self._high / self._low)
        else:
            share = (clipped - self._low) / (self._high - self._low)
        return round(share * SLIDER_STEPS)


def make_field(key: str) -> SettingField:
    """The field for a key of the table."""
    setting: Setting = SETTINGS[key]
    match setting:
        case Int():
            return IntField(key, setting)
        case Choice():
            return ChoiceField(key, setting)
        case CountOrFraction():
            return CountOrFractionField(key)
        case SizeList():
            return SizeListField(key, setting)
        case IndexSet():
            return IndexSetField(key)
        case Number():
            return NumberField(key, setting)
        case _:
            raise TypeError(f"no field for {key}")


def _fill(field: QWidget, widget: QWidget) -> None:
    layout = QHBoxLayout(field)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)


def _silently(widget: QWidget, change: Any) -> None:
    """Change a widget without its telling anyone."""
    was_blocked = widget.blockSignals(True)
    try:
        change()
    finally:
        widget.blockSignals(was_blocked)
