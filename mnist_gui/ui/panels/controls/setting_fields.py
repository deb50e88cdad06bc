"""Input fields, one kind for each kind of setting. Limits come from the table of settings."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from mnist_gui.config.field_types import Choice, CountOrFraction, IndexSet, Int, Number, Setting, SizeList
from mnist_gui.config.schema import SETTINGS
from mnist_gui.config.typed_numbers import list_readings
from mnist_gui.ui.panels.controls.number_field import NumberField
from mnist_gui.ui.panels.controls.setting_field import SettingField
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox, NoWheelSpinBox


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
        self._fill_with(self._spin)

    @property
    def focus_widget(self) -> QWidget:
        return self._spin

    def value(self) -> int:
        return self._spin.value()

    def show_value(self, value: int) -> None:
        with QSignalBlocker(self._spin):
            self._spin.setValue(value)

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
        self._fill_with(self._box)

    @property
    def focus_widget(self) -> QWidget:
        return self._box

    def value(self) -> str:
        return self._box.currentText()

    def show_value(self, value: str) -> None:
        with QSignalBlocker(self._box):
            self._box.setCurrentText(value)

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
        self._fill_with(self._line)

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
        self._fill_with(self._line)

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
        self._fill_with(self._box)
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

        with QSignalBlocker(self._box):
            self._box.clear()
            self._box.addItems(texts)

    def _choose(self, index: int) -> None:
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(index)

    @Slot(int)
    def _on_box_current_index_changed(self, index: int) -> None:
        self.edited.emit()
        self.committed.emit(self.key)


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
