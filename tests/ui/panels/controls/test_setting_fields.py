"""The fields of the form, one by one: what they show, what they take, and when they tell."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config.field_types import Choice, ConfigError, CountOrFraction, IndexSet
from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.ui.panels.controls.number_field import SLIDER_RANGES, SLIDER_STEPS, NumberField
from mnist_gui.ui.panels.controls.setting_field import SettingField
from mnist_gui.ui.panels.controls.setting_fields import IndexSetField, SizeListField, make_field
from mnist_gui.ui.panels.controls.view import GROUPS
from mnist_gui.ui.widgets.no_wheel_inputs import FractionSpinBox
from tests.ui.person import show_window, turn_wheel

KEYS = [key for group in GROUPS.values() for key in (*group.keys, *group.more)]


def shown(qtbot: QtBot, key: str) -> Any:
    """A field on the screen, with its default."""
    field = make_field(key)
    qtbot.addWidget(field)
    field.show_value(RunConfig()[key])
    field.show()
    return field


def inputs(field: SettingField) -> list[QWidget]:
    """The widgets that take keys or the wheel."""
    kinds = (QAbstractSpinBox, QComboBox, QSlider, QLineEdit)
    found = [widget for kind in kinds for widget in field.findChildren(kind)]
    return [widget for widget in found if not isinstance(widget.parent(), (QAbstractSpinBox, QComboBox))]


class Listener:
    """What a field told."""

    def __init__(self, field: SettingField) -> None:
        self.edits = 0
        self.committed: list[str] = []
        field.edited.connect(self._on_edited)
        field.committed.connect(self.committed.append)

    def _on_edited(self) -> None:
        self.edits += 1


@pytest.mark.parametrize("key", KEYS)
def test_a_field_gives_back_what_it_was_shown_and_says_nothing(qtbot: QtBot, key: str) -> None:
    field = shown(qtbot, key)
    listener = Listener(field)
    for value in (RunConfig()[key], *extremes(key), RunConfig()[key]):
        field.show_value(value)
        assert SETTINGS[key].check(key, field.value()) == value
    field.commit()
    assert (listener.edits, listener.committed) == (0, [])


def extremes(key: str) -> list[Any]:
    """The ends of what is legal."""
    setting = SETTINGS[key]
    if isinstance(setting, Choice):
        return list(setting.choices)
    if isinstance(setting, IndexSet):
        return [(0,), (3, setting.high), tuple(range(setting.most))]
    low, high = setting.low, setting.high  # type: ignore[attr-defined]
    if isinstance(setting, CountOrFraction):
        return [low, high, 0.7, 0.15, 1 / 3]
    return [(), (low,) * 20, (high,)] if key == "network.hidden" else [low, high]


@pytest.mark.parametrize("key", KEYS)
def test_every_input_of_a_field_is_named_explained_and_reached_by_the_keyboard(qtbot: QtBot, key: str) -> None:
    field = shown(qtbot, key)
    assert inputs(field)
    for widget in inputs(field):
        assert widget.objectName().startswith(key.split(".")[1]) or widget.objectName() == key.replace(".", "_")
        assert widget.accessibleName() == SETTINGS[key].label
        assert SETTINGS[key].help in widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert field.focus_widget in inputs(field)


@pytest.mark.parametrize("key", KEYS)
def test_the_wheel_over_a_field_without_focus_is_left_to_the_form(qtbot: QtBot, key: str) -> None:
    field = shown(qtbot, key)
    listener = Listener(field)
    for widget in inputs(field):
        widget.clearFocus()
        turn_wheel(widget, 1)
        turn_wheel(widget, -1)
        assert not widget.hasFocus()
        turn_wheel(widget, 3)
    assert SETTINGS[key].check(key, field.value()) == RunConfig()[key]
    assert listener.edits == 0


def test_the_wheel_turns_a_spin_box_that_has_the_focus(qtbot: QtBot) -> None:
    field = shown(qtbot, "training.epochs")
    show_window(qtbot, field)
    field.activateWindow()
    box = field.findChild(QSpinBox)
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    turn_wheel(box, 1)
    assert field.value() == RunConfig().training.epochs + 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("256", [256]),
        ("128, 64", [128, 64]),
        ("128,64 ,  32", [128, 64, 32]),
        ("128; 64", [128, 64]),
        ("", []),
        ("   ", []),
        ("٣٢", [32]),
        ("007", [7]),
    ],
)
def test_hidden_layers_are_read_from_whole_numbers_with_commas(qtbot: QtBot, text: str, value: list[int]) -> None:
    field = shown(qtbot, "network.hidden")
    field.focus_widget.setText(text)
    assert field.value() == value


def test_hidden_layers_that_could_be_one_or_two_are_refused_with_how_to_write_either(qtbot: QtBot) -> None:
    field = shown(qtbot, "network.hidden")
    field.focus_widget.setText("1,500")
    with pytest.raises(ConfigError, match="written as 1500 or as 1, 500"):
        RunConfig().with_settings({field.key: field.value()})


@pytest.mark.parametrize(
    "text", ["x", "128,", ",", "1.5", "-3", "0", "8193", "²", "1,2,,3", "1e3", "9" * 5000, ", ".join(["1"] * 21)]
)
def test_hidden_layers_that_are_none_are_refused_by_key_and_legal_range(qtbot: QtBot, text: str) -> None:
    field = shown(qtbot, "network.hidden")
    field.focus_widget.setText(text)
    with pytest.raises(ConfigError, match=r"network\.hidden = .*expected a list of 0 to 20 whole numbers"):
        RunConfig().with_settings({field.key: field.value()})


@pytest.mark.parametrize(
    ("text", "value"), [("0.05", 0.05), ("0,05", 0.05), (" 1e-3 ", 0.001), (".5", 0.5), ("5", 5.0), ("1E2", 100.0)]
)
def test_a_rate_is_read_with_point_or_comma_or_exponent(qtbot: QtBot, text: str, value: float) -> None:
    field = shown(qtbot, "training.learning_rate")
    field.focus_widget.setText(text)
    assert SETTINGS[field.key].check(field.key, field.value()) == value


@pytest.mark.parametrize("text", ["1,500", "2,000"])
def test_a_comma_before_three_digits_is_refused_where_it_may_stand_before_a_fraction(qtbot: QtBot, text: str) -> None:
    field = shown(qtbot, "training.l2")
    field.focus_widget.setText(text)
    with pytest.raises(ConfigError, match=f"written as {text.replace(',', '')} or as {text[0]}"):
        RunConfig().with_settings({field.key: field.value()})
    digits = shown(qtbot, "data.train")
    digits.focus_widget.setText(text)
    assert digits.value() == int(text.replace(",", ""))


@pytest.mark.parametrize(
    ("text", "value"), [("0,5", 0.5), ("0.5", 0.5), ("1500", 1500.0), ("1,500", 0.25), ("-2", -2.0), ("1.500", 1.5)]
)
def test_a_spin_box_of_fractions_reads_a_comma_as_other_fields_do(qtbot: QtBot, text: str, value: float) -> None:
    box = FractionSpinBox()
    qtbot.addWidget(box)
    box.setRange(-1e5, 1e5)
    box.setDecimals(3)
    box.setKeyboardTracking(False)
    box.setValue(0.25)
    box.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == value
    assert box.text() == f"{value:.3f}"


@pytest.mark.parametrize("text", ["", "fast", "nan", "inf", "-1", "0", "1e999", "100.1", "1 000", "0.0.1", "1,000.5"])
def test_a_rate_that_is_none_is_refused_by_key_and_legal_range(qtbot: QtBot, text: str) -> None:
    field = shown(qtbot, "training.learning_rate")
    qtbot.keyClicks(field.focus_widget, "")
    field.focus_widget.selectAll()
    qtbot.keyClick(field.focus_widget, Qt.Key.Key_Delete)
    qtbot.keyClicks(field.focus_widget, text)
    with pytest.raises(ConfigError, match=r"training\.learning_rate = .*expected a number from 1e-07 to 100"):
        RunConfig().with_settings({field.key: field.value()})


def test_a_number_is_committed_once_with_return_and_not_again_when_the_focus_leaves(qtbot: QtBot) -> None:
    field = shown(qtbot, "training.momentum")
    listener = Listener(field)
    line = field.focus_widget
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    assert (listener.edits, listener.committed) == (3, [])
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    field.commit()
    assert listener.committed == ["training.momentum"]


def test_what_is_typed_is_committed_by_asking_for_it(qtbot: QtBot) -> None:
    field = shown(qtbot, "training.momentum")
    listener = Listener(field)
    field.focus_widget.selectAll()
    qtbot.keyClicks(field.focus_widget, "0.5")
    field.commit()
    assert listener.committed == ["training.momentum"]


@pytest.mark.parametrize("key", list(SLIDER_RANGES))
def test_every_position_of_a_slider_is_legal_rises_and_shows_in_the_field(qtbot: QtBot, key: str) -> None:
    field: NumberField = shown(qtbot, key)
    slider = field.findChild(QSlider)
    values = []
    for position in range(SLIDER_STEPS + 1):
        slider.setValue(position)
        values.append(SETTINGS[key].check(key, field.value()))
    assert values == sorted(values)
    assert len(set(values)) > SLIDER_STEPS / 3
    assert (values[0], values[-1]) == SLIDER_RANGES[key]


@pytest.mark.parametrize("key", list(SLIDER_RANGES))
def test_a_slider_goes_where_the_typed_number_is_and_leaves_the_number_alone(qtbot: QtBot, key: str) -> None:
    field: NumberField = shown(qtbot, key)
    slider = field.findChild(QSlider)
    low, high = SLIDER_RANGES[key]
    for value, position in ((low, 0), (high, SLIDER_STEPS), (high * 1.00001, SLIDER_STEPS)):
        field.focus_widget.selectAll()
        qtbot.keyClicks(field.focus_widget, repr(value))
        assert slider.value() == position
        assert field.focus_widget.text() == repr(value)


def test_the_keys_of_a_slider_change_the_number(qtbot: QtBot) -> None:
    field: NumberField = shown(qtbot, "training.learning_rate")
    listener = Listener(field)
    slider = field.findChild(QSlider)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert field.value() > 0.1
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert field.value() == 1e-4
    assert listener.committed == ["training.learning_rate"] * 2


def test_a_large_number_may_be_typed_with_or_without_its_separators(qtbot: QtBot) -> None:
    field = shown(qtbot, "training.epochs")
    box = field.findChild(QSpinBox)
    field.show_value(55_000)
    assert box.text() == "55,000"
    for text, value in (("1234", 1234), ("12,345", 12_345)):
        box.selectAll()
        qtbot.keyClicks(box, text)
        field.commit()
        assert field.value() == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("55,000", 55_000),
        ("55000", 55_000),
        ("55.000", 55.0),  # a point stands before a fraction: it is refused
        ("55 000", 55_000),
        ("1,234,567", 1_234_567),
        ("70 %", 0.7),
        ("70%", 0.7),
        ("12,5 %", 0.125),
        ("0.7", 0.7),
        ("0,7", 0.7),
        ("0", 0),
        ("many", "many"),
        ("", ""),
    ],
)
def test_a_number_of_digits_or_a_share_is_read_as_people_write_it(qtbot: QtBot, text: str, value: object) -> None:
    field = shown(qtbot, "data.train")
    listener = Listener(field)
    field.focus_widget.clear()
    qtbot.keyClicks(field.focus_widget, text)
    assert field.value() == value
    assert type(field.value()) is type(value)
    assert listener.edits == len(text)


def test_a_share_is_shown_in_percent_and_a_number_in_groups(qtbot: QtBot) -> None:
    field = shown(qtbot, "data.train")
    assert field.focus_widget.text() == "55,000"
    field.show_value(0.15)
    assert field.focus_widget.text() == "15 %"
    assert field.value() == 0.15


def test_a_spin_box_tells_when_the_number_is_typed_to_its_end(qtbot: QtBot) -> None:
    field = shown(qtbot, "training.epochs")
    listener = Listener(field)
    box = field.findChild(QSpinBox)
    box.selectAll()
    qtbot.keyClicks(box, "250")
    assert listener.committed == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert field.value() == 250
    assert listener.committed == ["training.epochs"]


def test_an_empty_hidden_layers_field_says_what_that_means(qtbot: QtBot) -> None:
    field: SizeListField = shown(qtbot, "network.hidden")
    line = field.focus_widget
    assert isinstance(line, QLineEdit)
    assert "linear" in line.placeholderText()


def test_digits_to_leave_out_are_chosen_by_what_they_have_in_common(qtbot: QtBot) -> None:
    field: IndexSetField = shown(qtbot, "data.left_out")
    listener = Listener(field)
    assert not field.is_of_use
    field.offer({"bad label": (4, 7), "ambiguous": (), "any": (1, 4, 7)})
    assert field.is_of_use
    box = field.focus_widget
    assert isinstance(box, QComboBox)
    assert [box.itemText(index) for index in range(box.count())] == ["nothing", "bad label (2)", "any (3)"]
    box.setCurrentIndex(1)
    assert field.value() == (4, 7)
    assert listener.committed == ["data.left_out"]


def test_what_is_left_out_by_name_follows_the_tags_and_a_set_without_a_name_stays(qtbot: QtBot) -> None:
    field: IndexSetField = shown(qtbot, "data.left_out")
    field.offer({"bad label": (4,)})
    field.show_value((4,))
    field.offer({"bad label": (4, 9)})
    assert field.value() == (4, 9)
    field.offer({})
    assert field.value() == ()
    field.show_value((2, 3))
    field.offer({"bad label": (4, 9)})
    assert field.value() == (2, 3)
    assert field.focus_widget.currentText() == "the same (2)"
