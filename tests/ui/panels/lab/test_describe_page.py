"""The form for a network of one's own: built as described, diagnosed, and held against what its author sees."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from mnist_gui.casebook.description import POSTED, Description, build
from mnist_gui.casebook.description_terms import WAYS
from mnist_gui.casebook.symptoms import SYMPTOMS
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.lab.describe_page import FIELDS, DescribePage
from mnist_gui.ui.shell.preferences import LONGEST_ANSWER, Preferences
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import button, click, line_edit, retype

SMALL = {"hidden": "16", "digits": "600", "epochs": "3"}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("lab", "diagnosis", "search", "runs")


def bring(window: MainWindow) -> DescribePage:
    window._docks.bring("Lab")
    form = window.view("lab").describe
    tabs = form.parentWidget().parentWidget()
    tabs.setCurrentWidget(form)
    return form


def choose(window: MainWindow, what: str, name: str) -> None:
    box = window.findChild(QComboBox, f"describe_{what}")
    assert box
    assert box.findText(name) >= 0
    box.setCurrentText(name)


def describe(qtbot: QtBot, window: MainWindow, **answers: str) -> None:
    """Fill the form as a person does."""
    for what, answer in {**SMALL, **answers}.items():
        if what in WAYS or what == "sees":
            choose(window, what, answer)
        else:
            retype(qtbot, window, f"describe_{what}", answer)


def test_a_described_network_is_built_trained_and_diagnosed(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window()
    form = bring(window)
    describe(qtbot, window, start="zeros", sees="accuracy stays at chance", batch="20")
    click(qtbot, window, "describe_build")
    wait_for_end(qtbot, window)
    run = window.run_controller.run
    assert run
    assert run.begun_as == build(form.description).config
    assert window.controls.config == run.begun_as  # the form at the left says what runs
    assert form.answer.startswith("After 3 of 3 passes: it shows that too; ")
    found = window.diagnosis.diagnosis
    assert found
    assert found.causes[0].text in form.answer
    window.controls_actions.new_network.trigger()
    assert form.answer == ""  # which is of a run that is not looked at
    window.run_controller.show_run(run)
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: found.causes[0].text in form.answer)
    click(qtbot, window, "describe_diagnosis")
    assert not window.view("diagnosis").visibleRegion().isEmpty()


def test_a_network_that_is_sound_as_described_names_bugs_that_look_like_the_symptom(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window()
    form = bring(window)
    describe(qtbot, window, start="He or Kaiming", sees="loss becomes nan or inf", batch="20")
    click(qtbot, window, "describe_build")
    wait_for_end(qtbot, window)
    assert "it does not show that" in form.answer
    assert "flipped gradient" in form.answer
    choose(window, "sees", "stuck at a low accuracy")  # as with so few training digits
    assert "it shows that too" in form.answer


def test_what_cannot_be_understood_is_said_and_nothing_starts(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    form = bring(window)
    describe(qtbot, window, rate="fast")
    click(qtbot, window, "describe_build")
    assert form.error == "Learning rate: 'fast': expected a number from 1e-07 to 100."
    assert line_edit(window, "describe_rate").hasSelectedText()
    assert window.run_controller.run is None
    retype(qtbot, window, "describe_rate", "0.1")
    error = window.findChild(QLabel, "describe_error")
    assert error
    assert not error.isVisible()


def test_more_digits_than_there_are_is_told_by_the_window(
    qtbot: QtBot, make_window: MakeWindow, dialogs: object
) -> None:
    window = make_window()
    bring(window)
    describe(qtbot, window, digits="70000")
    click(qtbot, window, "describe_build")
    assert window.run_controller.run is None
    assert dialogs.errors  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", POSTED)
def test_the_form_can_be_filled_as_for_a_posted_network(qtbot: QtBot, make_window: MakeWindow, name: str) -> None:
    window = make_window()
    form = bring(window)
    box = window.findChild(QComboBox, "describe_template")
    assert box
    place = 1 + list(POSTED).index(name)
    box.setCurrentIndex(place)
    box.activated.emit(place)
    assert form.description == POSTED[name]
    assert box.currentIndex() == 0


def test_the_m_of_momentum_is_asked_for_where_there_is_one(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    bring(window)
    field = line_edit(window, "describe_momentum")
    for update, way in WAYS["update"].items():
        choose(window, "update", update)
        assert field.isVisible() is ("training.momentum" not in way.settings)


def test_what_was_taken_in_place_of_what_is_not_there_is_said(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    bring(window)
    describe(qtbot, window, activation="step", batch="20")
    click(qtbot, window, "describe_build")
    wait_for_end(qtbot, window)
    notes = window.findChild(QLabel, "describe_notes")
    assert notes
    assert "Sigmoid units" in notes.text()


def test_every_field_has_a_name_and_says_where_it_is_in_code(make_window: MakeWindow) -> None:
    window = make_window()
    form = window.view("lab").describe
    for what in FIELDS:
        field = form.findChild(QComboBox if what in WAYS else QLineEdit, f"describe_{what}")
        assert field
        assert FIELDS[what][1] in field.toolTip()
        assert field.accessibleName()
    assert form.description == Description()
    assert form.symptom is None
    sees = form.findChild(QComboBox, "describe_sees")
    assert sees
    assert [sees.itemText(place) for place in range(1, sees.count())] == list(SYMPTOMS)
    assert button(window, "describe_build").text() == "Build and diagnose"


def test_what_was_described_is_there_the_next_time_the_window_opens(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    form = bring(window)
    describe(qtbot, window, rate="0.03", start="zeros", batch="20")
    told = form.description
    click(qtbot, window, "describe_build")
    wait_for_end(qtbot, window)
    assert bring(make_window()).description == told
    assert told != Description()


def test_answers_that_nobody_could_have_given_are_not_taken_from_a_settings_file(preferences: Preferences) -> None:
    preferences.description = replace(Description(), start="a guess", hidden="9" * 1000)
    form = DescribePage()
    form.show_description(preferences.description)
    assert form.description.start == Description().start
    assert form.description.hidden == "9" * LONGEST_ANSWER
