"""The controls of a run: one form built from the table of settings, and the buttons that start and steer training."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.config.presets import preset, presets
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.ui.panels.controls.setting_field import SettingField
from mnist_gui.ui.panels.controls.setting_fields import IndexSetField
from mnist_gui.ui.panels.controls.setting_group import DEFAULTS, Group, SettingGroup
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.widgets.action_buttons import action_button, follow_action
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.vertical_scroll_area import VerticalScrollArea

GROUPS: Mapping[str, Group] = {
    "Network": Group(
        ("network.hidden", "network.activation"),
        (
            *("network.loss", "network.init", "network.init_mean", "network.init_sd", "network.init_low"),
            *("network.init_high", "network.bias_init"),
        ),
    ),
    "Optimizer": Group(
        (
            *("training.learning_rate", "training.momentum", "training.schedule", "training.step_epochs"),
            "training.step_factor",
        ),
        (
            *("training.optimizer", "training.dropout", "training.l2", "training.clip", "training.warm_up"),
            "training.gradient",
        ),
    ),
    "Run": Group(
        ("training.batch_size", "training.epochs"),
        ("training.patience", "training.seed", "training.blas_threads"),
    ),
    "Data": Group(
        ("data.train", "data.validation", "data.left_out"),
        ("data.validation_from", "data.test", "data.digits", "data.scaling", "data.seed"),
    ),
    "Distortions": Group(
        more=(
            *("augmentation.shift", "augmentation.rotation", "augmentation.scale", "augmentation.elastic"),
            *("augmentation.elastic_sigma", "augmentation.noise"),
        )
    ),
}
OWN_SETTINGS = "own settings"
WIDTH = 262


class ControlsView(QWidget):
    """Everything the user sets. Tells by signal; `config` is what the form says now.

    live_setting_changed(key, value): a setting that acts at the next minibatch. edited(): fields took new values.
    """

    live_setting_changed = Signal(str, float)
    edited = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = RunConfig()
        self._groups: list[SettingGroup] = []
        self.primary = QPushButton()
        self._presets = NoWheelComboBox()
        self._chosen = ""
        self._about = QLabel()
        self._note = QLabel()
        self._test_result = QLabel()
        self._dataset = QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 2, 6)
        layout.setSpacing(5)
        layout.addLayout(self._make_buttons(actions))
        layout.addWidget(self._note)
        self._area = self._make_scroll_area(actions)
        layout.addWidget(self._area, 1)
        self.setMinimumWidth(WIDTH)
        self.show_note("")

    @property
    def config(self) -> RunConfig:
        """The settings as they stand in the form. ConfigError if a field holds something illegal."""
        values = {key: value for group in self._groups for key, value in group.values().items()}
        return self._config.with_settings(values)

    @property
    def config_folder(self) -> str:
        """The dataset folder that `config` names, whatever the fields hold."""
        return self._config.data.folder

    @property
    def note(self) -> str:
        """The line under the buttons."""
        return self._note.text()

    @property
    def test_result(self) -> str:
        """What the test digits gave."""
        return self._test_result.text()

    def commit(self) -> None:
        """Take what is being typed as entered, though the field still has the focus."""
        for group in self._groups:
            for field in group.fields.values():
                field.commit()

    def show_config(self, config: RunConfig) -> None:
        """Fill the form; settings without a field are kept and handed back by `config`."""
        self._config = config
        for group in self._groups:
            group.show_config(config)
        self._show_preset()
        self.edited.emit()

    def follow(self, key: str, old: Any, new: Any) -> None:
        """A setting took another value without the form: show it, unless the user has other plans with the field."""
        group = next((group for group in self._groups if key in group.fields), None)
        if group is not None and group.fields[key].value() == old:
            group.fields[key].show_value(new)
        if self._config[key] == old:
            self._config = self._config.with_settings({key: new})

    def use_folder(self, folder: str) -> None:
        """The dataset folder that `config` names from now on; the form has no field for it."""
        if folder != self._config.data.folder:  # other files, whose places are other digits
            self._field("data.left_out").show_value(())
        self._config = self._config.with_settings({"data.folder": folder})

    def offer_left_out(self, offered: Mapping[str, tuple[int, ...]]) -> None:
        """Digits that could be left out of the next training, by what they have in common: places in the files."""
        field = self._field("data.left_out")
        assert isinstance(field, IndexSetField)
        before = field.value()
        field.offer(offered)
        for group in self._groups:
            group.show_rows()
        if field.value() != before:
            self._on_group_edited()

    def show_dataset(self, text: str) -> None:
        """Say which dataset is in use."""
        self._dataset.setText(text)

    def show_test(self, text: str) -> None:
        """Say what the test digits gave; "" for nothing."""
        self._test_result.setText(text)
        self._test_result.setVisible(bool(text))
        if text:  # wherever it was asked for, the answer is in sight
            self._form.activate()
            self._area.ensureWidgetVisible(self._test_result)

    def show_note(self, text: str, *, is_error: bool = False) -> None:
        """A line under the buttons: what the next click will do, or why it cannot."""
        set_text_role(self._note, "error" if is_error else "muted")
        self._note.setText(text)

    def show_error(self, error: ConfigError) -> None:
        """Say which field holds something that cannot be used, by the name that stands beside it."""
        self.show_note(f"{SETTINGS[error.key].label} {error.complaint}", is_error=True)

    def _make_buttons(self, actions: Actions) -> QGridLayout:
        self.primary.setObjectName("primary")
        set_sheet(self.primary, "primary button")
        self.primary.clicked.connect(actions.primary.trigger)
        follow_action(self.primary, actions.primary)
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)  # it repeats what was typed
        # Room for three lines, so that the form does not jump when the note changes.
        self._note.setMinimumHeight(3 * self._note.fontMetrics().lineSpacing())
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid = QGridLayout()
        grid.setSpacing(4)
        grid.addWidget(self.primary, 0, 0, 1, 3)
        rows = (
            (actions.pause, actions.train_on, actions.stop),
            (actions.step_batch, actions.step_epoch, actions.new_network),
        )
        for row, secondary in enumerate(rows, start=1):
            for column, action in enumerate(secondary):
                grid.addWidget(action_button(action), row, column)
        return grid

    def _make_scroll_area(self, actions: Actions) -> VerticalScrollArea:
        form = QWidget()
        self._form = layout = QVBoxLayout(form)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(6)
        layout.addWidget(self._make_presets())
        for title, group in GROUPS.items():
            layout.addWidget(self._make_group(title, group, actions))
        layout.addStretch(1)
        area = VerticalScrollArea(WIDTH)
        area.setWidget(form)
        return area

    def _make_presets(self) -> QWidget:
        self._presets.setObjectName("preset")
        self._presets.setAccessibleName("Preset")
        self._presets.setToolTip("<p>Settings to begin with: good ones, and networks that people asked about.</p>")
        for each in presets():
            self._presets.addItem(each.title, each.name)
            self._presets.setItemData(self._presets.count() - 1, f"<p>{each.about}</p>", Qt.ItemDataRole.ToolTipRole)
        self._presets.activated.connect(self._on_presets_activated)
        label = QLabel("Preset")
        label.setBuddy(self._presets)
        self._about.setWordWrap(True)
        set_text_role(self._about, "muted")
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(9, 0, 9, 0)
        grid.setVerticalSpacing(3)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self._presets, 0, 1)
        grid.addWidget(self._about, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return holder

    def _make_group(self, title: str, group: Group, actions: Actions) -> SettingGroup:
        box = SettingGroup(title, group)
        self._groups.append(box)
        box.edited.connect(self._on_group_edited)
        box.committed.connect(self._on_group_committed)
        if title == "Data":
            self._dataset.setWordWrap(True)
            self._dataset.setText("loading...<br>")  # two lines, as when it is loaded: the form does not jump
            set_text_role(self._dataset, "muted")
            box.insert_row(self._dataset)
            self._test_result.setWordWrap(True)
            self._test_result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._test_result.setVisible(False)
            box.add_row(action_button(actions.test))
            box.add_row(self._test_result)
        if title == "Distortions":
            box.add_row(action_button(actions.preview_distortions))
        return box

    def _show_preset(self) -> None:
        """Name the preset that the form agrees with, if any."""
        try:
            config = self.config.with_settings({"data.folder": ""})
        except ConfigError:
            config = None
        # Of presets that are alike, the one that was chosen.
        alike = sorted(
            (each for each in presets() if each.config == config), key=lambda each: each.name != self._chosen
        )
        agreeing = alike[0] if alike else None
        if agreeing is None and self._presets.findText(OWN_SETTINGS) < 0:
            self._presets.addItem(OWN_SETTINGS)
        if agreeing is not None and self._presets.findText(OWN_SETTINGS) >= 0:
            self._presets.removeItem(self._presets.findText(OWN_SETTINGS))
        self._presets.setCurrentText(agreeing.title if agreeing else OWN_SETTINGS)
        self._about.setText(agreeing.about if agreeing else "")
        self._about.setVisible(agreeing is not None and agreeing.config != DEFAULTS)

    @Slot()
    def _on_presets_activated(self) -> None:
        name = self._presets.currentData()
        if name:
            self._chosen = name
            self.show_config(preset(name).config.with_settings({"data.folder": self._config.data.folder}))

    @Slot()
    def _on_group_edited(self) -> None:
        self._show_preset()
        self.edited.emit()

    @Slot(str)
    def _on_group_committed(self, key: str) -> None:
        if SETTINGS[key].acts != "at once":
            return
        try:
            value = SETTINGS[key].check(key, self._field(key).value())
        except ConfigError:
            return  # the note says so; the run keeps its value
        self.live_setting_changed.emit(key, value)

    def _field(self, key: str) -> SettingField:
        return next(group.fields[key] for group in self._groups if key in group.fields)
