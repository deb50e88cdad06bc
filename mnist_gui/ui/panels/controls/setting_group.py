"""A titled group of settings in the form: the usual ones in sight, the rest behind "More"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFormLayout, QGroupBox, QLabel, QSizePolicy, QToolButton, QWidget

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.ui.panels.controls.setting_field import SettingField
from mnist_gui.ui.panels.controls.setting_fields import make_field

DEFAULTS = RunConfig()


@dataclass(frozen=True, slots=True)
class Group:
    """Which settings a group has, by key. more: those that most people leave alone."""

    keys: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


class SettingGroup(QGroupBox):
    """edited(): the user changes a field. committed(key): and is done with it, for now."""

    edited = Signal()
    committed = Signal(str)

    def __init__(self, title: str, group: Group) -> None:
        super().__init__(title)
        self.fields: dict[str, SettingField] = {}
        self._more = group.more
        self._is_open = False
        self._rows_below = 0
        self._config = DEFAULTS
        self._form = QFormLayout(self)
        self._form.setContentsMargins(8, 4, 8, 6)
        self._form.setVerticalSpacing(4)
        self._form.setHorizontalSpacing(8)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key in group.keys:
            self._add_field(key)
        self._toggle = QToolButton()
        self._toggle.setObjectName(f"more_{title.lower()}")
        self._toggle.setAutoRaise(True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # What is behind it may be long, and must not make the form wider.
        self._toggle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._toggle.clicked.connect(self._on_toggle_clicked)
        if group.more:
            self._form.addRow(self._toggle)
        self.show_rows()

    def values(self) -> dict[str, Any]:
        """What the fields say, unchecked; without those that mean nothing beside the others and are out of sight."""
        return {key: field.value() for key, field in self.fields.items() if self._means_anything(key)}

    def add_row(self, widget: QWidget) -> None:
        """Something else than a setting, below all settings."""
        self._form.addRow(widget)
        self._rows_below += 1

    def insert_row(self, widget: QWidget) -> None:
        """Something else than a setting, above all settings."""
        self._form.insertRow(0, widget)

    def show_config(self, config: RunConfig) -> None:
        """Fill the fields; a group with an unusual value behind "More" opens."""
        self._config = config
        if any(config[key] != DEFAULTS[key] for key in self._more):
            self._open()
        for key, field in self.fields.items():
            field.show_value(config[key])
        self.show_rows()

    def _open(self) -> None:
        """Show all. The fields behind "More" are made now: most people never see them, and all wait for the window."""
        self._is_open = True
        before: QWidget = self._toggle
        for key in self._more:
            if key in self.fields:
                continue
            self._add_field(key)
            self.fields[key].show_value(self._config[key])
            for widget in self.fields[key].inputs():  # the Tab key goes on to them, late as they come
                QWidget.setTabOrder(before, widget)
                before = widget

    def _add_field(self, key: str) -> None:
        field = make_field(key)
        self.fields[key] = field
        field.edited.connect(self._on_field_edited)
        field.committed.connect(self.committed)
        label = QLabel(SETTINGS[key].label)
        label.setToolTip(field.toolTip())
        label.setBuddy(field.focus_widget)
        # Below all settings so far, but above what else the form has.
        self._form.insertRow(self._row_after_settings(), label, field)

    def _row_after_settings(self) -> int:
        return self._form.rowCount() - self._rows_below

    def show_rows(self) -> None:
        """Show what is wanted, of use, and means anything beside the other settings."""
        for key, field in self.fields.items():
            is_wanted = self._is_open or key not in self._more or not _is_legal(key, field)
            self._form.setRowVisible(field, is_wanted and field.is_of_use and self._means_anything(key))
        self._toggle.setText("Less" if self._is_open else f"More: {_names(self._more)}")
        self._toggle.setArrowType(Qt.ArrowType.DownArrow if self._is_open else Qt.ArrowType.RightArrow)
        self._toggle.setToolTip("Show fewer settings" if self._is_open else "Show the settings that few runs need")
        self._toggle.setAccessibleName(f"{'Less' if self._is_open else 'More'} settings of {self.title()}")

    def _means_anything(self, key: str) -> bool:
        needed = SETTINGS[key].only_with
        return needed is None or self.fields[needed[0]].value() in needed[1]

    @Slot()
    def _on_field_edited(self) -> None:
        self.show_rows()
        self.edited.emit()

    @Slot()
    def _on_toggle_clicked(self) -> None:
        if self._is_open:
            self._is_open = False
        else:
            self._open()
        self.show_rows()


def _is_legal(key: str, field: SettingField) -> bool:
    try:
        SETTINGS[key].check(key, field.value())
    except ConfigError:
        return False
    return True


def _names(keys: Iterable[str]) -> str:
    """The first settings by label, to say what is there."""
    labels = [SETTINGS[key].label.lower() for key in keys]
    return ", ".join(labels[:2]) + (", ..." if len(labels) > 2 else "")
