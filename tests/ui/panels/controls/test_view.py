"""The form as a whole: presets, what lies behind "More", and settings that mean something only beside others."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QScrollArea, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config.presets import Preset, preset, presets
from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.training.records import SettingChanged
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.controls.view import GROUPS, OWN_SETTINGS
from mnist_gui.ui.services.run_controller import RunState
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.person import click, retype, retype_and_enter

SHOWN_ELSEWHERE = {"data.folder", "lab.faults"}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("none")


def combo(window: MainWindow, name: str) -> QComboBox:
    found = window.findChild(QComboBox, name)
    assert found, name
    return found


def choose(qtbot: QtBot, window: MainWindow, name: str, text: str) -> None:
    """Pick an entry of a drop-down list with the keys."""
    box = combo(window, name)
    box.setFocus()
    place = box.findText(text)
    assert place >= 0, text
    while box.currentIndex() != place:
        qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def is_in_sight(window: MainWindow, name: str) -> bool:
    found = window.findChild(QWidget, name)
    return found is not None and found.isVisibleTo(window.controls)


def test_every_setting_has_a_field_in_the_form() -> None:
    keys = [key for group in GROUPS.values() for key in (*group.keys, *group.more)]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(SETTINGS) - SHOWN_ELSEWHERE


def test_what_few_runs_need_is_out_of_sight_until_asked_for(qtbot: QtBot, window: MainWindow) -> None:
    assert is_in_sight(window, "momentum")
    assert not is_in_sight(window, "dropout")
    click(qtbot, window, "more_optimizer")
    assert is_in_sight(window, "dropout")
    assert window.findChild(QToolButton, "more_optimizer").text() == "Less"
    click(qtbot, window, "more_optimizer")
    assert not is_in_sight(window, "dropout")
    assert "dropout" in window.findChild(QToolButton, "more_optimizer").text()


def test_numbers_of_a_choice_are_in_sight_only_with_it(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "more_network")
    names = ("init_mean", "init_sd", "init_low", "init_high")
    assert [is_in_sight(window, name) for name in names] == [False] * 4
    choose(qtbot, window, "init", "normal")
    assert [is_in_sight(window, name) for name in names] == [True, True, False, False]
    choose(qtbot, window, "init", "uniform")
    assert [is_in_sight(window, name) for name in names] == [False, False, True, True]
    choose(qtbot, window, "schedule", "step")
    assert is_in_sight(window, "step_epochs")


def test_the_form_opens_where_a_run_has_something_unusual(make_window: MakeWindow) -> None:
    window = make_window({"training.l2": 1.0})
    assert is_in_sight(window, "l2")
    assert not is_in_sight(window, "patience")


def test_the_window_begins_at_the_good_default_when_nothing_else_is_asked_for(make_window: MakeWindow) -> None:
    window = make_window(RunConfig().settings())
    assert combo(window, "preset").currentText() == preset("default").title


@pytest.mark.parametrize("each", presets(), ids=lambda each: each.name)
def test_a_preset_fills_the_form_and_is_trained_as_it_is(qtbot: QtBot, window: MainWindow, each: Preset) -> None:
    wanted = preset(each.name)
    assert combo(window, "preset").currentText() == OWN_SETTINGS
    box = combo(window, "preset")
    box.setCurrentIndex(box.findData(wanted.name))
    box.activated.emit(box.currentIndex())
    assert window.controls.config == wanted.config
    texts = [label.text() for label in window.controls.findChildren(QLabel) if label.isVisibleTo(window)]
    assert box.currentText() == wanted.title
    assert wanted.name == "default" or wanted.about in texts


def test_an_edit_makes_the_settings_ones_own_and_taking_it_back_a_preset_again(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(RunConfig().settings())
    retype(qtbot, window, "hidden", "64")
    assert combo(window, "preset").currentText() == OWN_SETTINGS
    retype(qtbot, window, "hidden", "256")
    assert combo(window, "preset").currentText() == preset("default").title
    assert combo(window, "preset").findText(OWN_SETTINGS) < 0


def test_a_preset_keeps_the_dataset_in_use(qtbot: QtBot, window: MainWindow) -> None:
    window.controls.use_folder("/somewhere/else")
    choose(qtbot, window, "preset", preset("case-c").title)
    combo(window, "preset").activated.emit(combo(window, "preset").currentIndex())
    assert window.controls.config.data.folder == "/somewhere/else"


@pytest.mark.parametrize(
    ("name", "key", "text", "value"),
    [("l2", "training.l2", "3", 3.0), ("dropout", "training.dropout", "0.2", 0.2), ("clip", "training.clip", "5", 5.0)],
)
def test_penalty_dropout_and_clipping_act_at_the_next_minibatch(
    qtbot: QtBot, make_window: MakeWindow, name: str, key: str, text: str, value: float
) -> None:
    window = make_window({"training.epochs": 5000})
    click(qtbot, window, "primary")
    wait_for(qtbot, window, RunState.TRAINING)
    click(qtbot, window, "more_optimizer")
    retype_and_enter(qtbot, window, name, text)
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    change = window.run_controller.history.changes[-1]
    assert isinstance(change, SettingChanged)
    assert (change.key, change.new) == (key, value)
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_a_share_of_the_digits_may_be_typed_in_percent(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    retype(qtbot, window, "train", "1 %")
    retype(qtbot, window, "validation", "0.5 %")
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    started = window.run_controller.history.starts[0]
    assert (started.train_digits, started.validation_digits) == (600, 300)
    assert window.controls.note == "Continue trains run 1 from epoch 1 to 2."


def test_a_run_that_lost_patience_says_so_and_can_be_trained_on(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window({"training.epochs": 200, "training.patience": 2, "training.learning_rate": 3.0})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.run_controller.history.last_step < 200 * 12
    assert any("stopped early" in label.text() for label in window.status.findChildren(QLabel))
    epochs = window.findChild(QSpinBox, "epochs")
    assert epochs
    epochs.setValue(1)
    before = window.run_controller.history.last_step
    click(qtbot, window, "continue")
    wait_for_end(qtbot, window)
    assert window.run_controller.history.last_step == before + 12


def test_a_preset_chosen_while_a_network_trains_leaves_that_network_alone_and_says_so(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"training.epochs": 5000})
    click(qtbot, window, "primary")
    wait_for(qtbot, window, RunState.TRAINING)
    # nothing structural differs: the form says the same but for its rate and schedule
    window.controls.show_config(window.controls.config.with_settings({"training.learning_rate": 0.02}))
    window.controls.edited.emit()
    assert window.controls.note == "Not in force: Learning rate. Return in the field uses it now."
    assert window.run_controller.history.changes == []
    line = window.findChild(QLineEdit, "learning_rate")
    assert line
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.run_controller.history.changes))
    assert window.run_controller.history.changes[-1].new == 0.02
    assert window.controls.note == ""
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_a_value_that_means_nothing_any_more_holds_nothing_up(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "more_network")
    choose(qtbot, window, "init", "normal")
    retype(qtbot, window, "init_sd", "abc")
    assert "Deviation" in window.controls.note
    choose(qtbot, window, "init", "auto")
    assert window.controls.note == ""
    assert window.controls.config.network.init_sd == RunConfig().network.init_sd


def test_a_wrong_value_stays_in_sight_when_the_rest_is_put_away(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "more_optimizer")
    retype(qtbot, window, "l2", "much")
    click(qtbot, window, "more_optimizer")
    assert is_in_sight(window, "l2")
    assert not is_in_sight(window, "dropout")


def test_what_is_typed_wrongly_behind_more_is_named(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "more_optimizer")
    line = window.findChild(QLineEdit, "dropout")
    assert line
    retype(qtbot, window, "dropout", "1.5")
    assert "Dropout 1.5: expected a number from 0 to 0.95" in window.controls.note


@pytest.mark.parametrize("each", presets(), ids=lambda each: each.name)
def test_no_preset_makes_the_form_wider_than_its_room(make_window: MakeWindow, each: Preset) -> None:
    window = make_window(each.config.settings(), loaded=False)
    window.resize(1366, 768)
    area = window.controls.findChild(QScrollArea)
    assert area
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
