"""The lab: posted networks with their numbers as dots, bugs put in on purpose, and one that is to be found."""

from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QTabWidget, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.casebook.hidden_fault import Score
from mnist_gui.casebook.posted_networks import CASES
from mnist_gui.faults.registry import FAULTS
from mnist_gui.runs.run import Run
from mnist_gui.training.commands import At, ChangeSetting, Stop
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.lab.code_diff_view import CodeDiffView
from mnist_gui.ui.panels.lab.presenter import NO_DIGITS, NOT_HIDDEN
from mnist_gui.ui.panels.search.presenter import NOT_YET
from mnist_gui.ui.plotting.event_markers import Stretch
from mnist_gui.ui.services.file_service import FileService
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import button, click


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("lab", "runs")


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window._docks.bring("Lab")
    assert button(window, name).isEnabled()
    button(window, name).click()


def shown(window: MainWindow, name: str) -> str:
    label = window.findChild(QLabel, name)
    assert label
    return label.text()


def dots(window: MainWindow, name: str) -> list[tuple[float, float]]:
    widget = window.curves.findChild(QWidget, name)
    assert isinstance(widget, pg.PlotWidget)
    (item,) = (each for each in widget.items() if isinstance(each, pg.ScatterPlotItem) and each.opts["symbol"] == "d")
    return [(point.pos().x(), point.pos().y()) for point in item.points()]


def test_every_posted_network_has_a_page_to_read(window: MainWindow) -> None:
    box, page = window.findChild(QComboBox, "lab_case"), window.findChild(QTextBrowser, "lab_page")
    assert box
    assert page
    for place, case in enumerate(CASES.values()):
        box.setCurrentIndex(place)
        assert len(page.toPlainText()) > 500
        assert all(remark.title in page.toPlainText() for remark in case.remarks)


def test_a_posted_network_runs_as_it_was_and_its_numbers_are_dots_on_the_curve(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.curves.show()
    box = window.findChild(QComboBox, "lab_case")
    assert box
    box.setCurrentIndex(list(CASES).index("case-c"))
    press(qtbot, window, "lab_run_posted")
    wait_for_end(qtbot, window)
    assert window.controls.config.training.l2 == 1.0
    case = CASES["case-c"]
    expected = [
        pair
        for series in case.series
        if series.curve.endswith("loss")
        for pair in zip(series.epochs, series.values, strict=True)
    ]
    np.testing.assert_allclose(sorted(dots(window, "loss")), sorted(expected))
    legend = window.findChild(QLabel, "posted_loss")
    assert legend
    assert legend.isVisible()
    assert "as posted" in legend.text()
    assert "run again" in legend.text()
    nothing = window.findChild(QLabel, "posted_accuracy")
    assert nothing
    assert not nothing.isVisible()
    assert window.run_controller.history.epochs[-1].train_loss < 3.26
    window.controls_actions.new_network.trigger()
    window.refresh_scheduler.draw_everything()
    assert dots(window, "loss") == []
    assert not legend.isVisible()


def test_a_posted_network_is_refused_on_few_digits_with_what_it_needs(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    digits, before = whole_window.run_controller.dataset, whole_window.controls.config
    write_letters(tmp_path)
    dialogs.path = tmp_path
    whole_window.controls_actions.open_dataset.trigger()
    qtbot.waitUntil(lambda: whole_window.run_controller.dataset is not digits, timeout=20_000)
    press(qtbot, whole_window, "lab_run_posted")
    [said] = dialogs.errors
    assert "Case A, as posted: too few digits" in said
    assert "the digits of MNIST, which has 60,000 for training and 10,000 to test; here are 520 and 52." in said
    assert "data.train = 60000" in said
    assert whole_window.run_controller.run is None
    assert whole_window.controls.config.training == before.training


def test_a_run_that_is_changed_on_the_way_is_no_posted_network_any_more(qtbot: QtBot, window: MainWindow) -> None:
    window.run_controller.begin(CASES["case-c"].posted.config, At(2, ChangeSetting("training.learning_rate", 1.0)))
    assert "this run's numbers" in shown(window, "lab_dots")
    wait_for_end(qtbot, window)
    window.refresh_scheduler.draw_everything()
    assert dots(window, "loss") == []
    assert shown(window, "lab_dots") == ""


def test_numbers_of_epochs_that_a_run_does_not_reach_are_told(qtbot: QtBot, window: MainWindow) -> None:
    config = CASES["case-b"].posted.config
    window.run_controller.begin(config.with_settings({"training.epochs": 1}))
    wait_for_end(qtbot, window)
    assert "epoch 20 and 50 lie beyond its end" in shown(window, "lab_dots")
    window.run_controller.train_on(
        config.with_settings({"training.epochs": 60}), At(window.run_controller.history.last_step + 9, Stop())
    )
    wait_for_end(qtbot, window)
    assert "beyond" not in shown(window, "lab_dots")


def test_ticked_bugs_are_in_the_next_run_and_said(qtbot: QtBot, window: MainWindow) -> None:
    window.view("lab").bugs.tick(["momentum_on_weights", "frozen_layer"])
    press(qtbot, window, "lab_train")
    wait_for_end(qtbot, window)
    run = window.run_controller.run
    assert run
    assert set(run.begun_as.lab.faults) == {"momentum_on_weights", "frozen_layer"}
    assert window.controls.note.startswith("Wrong on purpose: ")
    window.view("lab").bugs.tick([])
    press(qtbot, window, "lab_train")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    assert window.run_controller.run.begun_as.lab.faults == ()


def test_a_bug_shows_its_wrong_lines_beside_the_right_ones(window: MainWindow) -> None:
    lines = window.findChild(CodeDiffView, "lab_lines")
    assert lines
    for fault in FAULTS.values():
        window.view("lab").bugs.show_fault(fault)
        wrong, right = lines.toPlainText().split("\nright\n")
        assert [line[2:] for line in wrong.splitlines()[1:]] == fault.wrong.splitlines()
        assert [line[2:] for line in right.splitlines()] == fault.right.splitlines()
        assert fault.text in window.view("lab").bugs.text


def test_lines_that_differ_have_a_sign_in_the_margin_and_another_ground(whole_window: MainWindow) -> None:
    lines = whole_window.view("lab").findChild(CodeDiffView, "lab_lines")
    assert lines
    whole_window.view("lab").bugs.show_fault(FAULTS["missing_bias_gradient"])
    assert lines.tinted == ["- db1 = np.zeros_like(b1)", "+ db1 = d1.sum(axis=0)"]
    assert "  dW1 = x.T @ d1" in lines.toPlainText()
    for theme in (DARK, LIGHT):
        whole_window.panels.show_theme(theme)
        assert len({selection.format.background().color().name() for selection in lines.extraSelections()}) == 2


def test_long_lines_are_scrolled_to_in_a_narrow_panel(window: MainWindow, qtbot: QtBot) -> None:
    lines = window.findChild(CodeDiffView, "lab_lines")
    assert lines
    window._docks.bring("Lab")
    tabs = window.findChild(QTabWidget, "lab_tabs")
    assert tabs
    tabs.setCurrentWidget(window.view("lab").bugs)
    window.view("lab").bugs.show_fault(FAULTS["five_steps"])
    lines.setFixedWidth(150)
    qtbot.waitUntil(lambda: lines.horizontalScrollBar().maximum() > 0)


# What a bug needs


def titles(window: MainWindow) -> dict[str, str]:
    found = window.findChild(QListWidget, "lab_bugs")
    assert found
    return {name: found.item(row).text() for row, name in enumerate(FAULTS)}


def test_a_bug_that_the_forms_settings_leave_idle_says_so_in_the_list(window: MainWindow) -> None:
    window.controls.show_config(window.controls.config.with_settings({"training.optimizer": "adam"}))
    assert titles(window)["momentum_on_weights"].endswith("(needs the optimizer momentum)")
    window.controls.show_config(window.controls.config.with_settings({"training.optimizer": "momentum"}))
    assert titles(window)["momentum_on_weights"] == FAULTS["momentum_on_weights"].title


def test_one_setting_that_a_bug_needs_is_made_by_a_button(qtbot: QtBot, window: MainWindow) -> None:
    window.controls.show_config(window.controls.config.with_settings({"network.activation": "relu"}))
    window.view("lab").bugs.show_fault(FAULTS["overwritten_preactivations"])
    remedy = button(window, "lab_remedy")
    assert remedy.text() == "Set activation to sigmoid"
    press(qtbot, window, "lab_remedy")
    assert window.controls.config.network.activation == "sigmoid"
    assert not remedy.isVisibleTo(window.view("lab").bugs)


def test_where_more_than_one_setting_is_needed_the_reason_stands_without_a_button(window: MainWindow) -> None:
    settings = {"network.activation": "tanh", "network.hidden": ()}
    window.controls.show_config(window.controls.config.with_settings(settings))
    window.view("lab").bugs.show_fault(FAULTS["wrong_relu_derivative"])
    assert titles(window)["wrong_relu_derivative"].endswith("(needs hidden units of relu)")
    assert not button(window, "lab_remedy").isVisibleTo(window.view("lab").bugs)


# A mystery


def secret_name(window: MainWindow) -> str:
    assert window.run_controller.run
    (name,) = window.run_controller.run.begun_as.lab.faults
    return str(name)


def answers(window: MainWindow) -> list[str]:
    box = window.findChild(QComboBox, "lab_guess")
    assert box
    return [box.itemData(index) for index in range(1, box.count())]


def answer(qtbot: QtBot, window: MainWindow, name: str) -> None:
    box = window.findChild(QComboBox, "lab_guess")
    assert box
    box.setCurrentIndex(box.findData(name))
    press(qtbot, window, "lab_answer")


def score(window: MainWindow) -> str:
    label = window.findChild(QLabel, "lab_score")
    assert label
    return label.text()


def begin_hidden_fault(qtbot: QtBot, window: MainWindow) -> Run:
    press(qtbot, window, "lab_mystery")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    return window.run_controller.run


def test_the_curves_tell_what_the_diagnosis_finds_only_when_the_bug_is_named(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window()
    begin_hidden_fault(qtbot, window)
    found, asked = Stretch((1, 2), "a clue", is_shaded=False), Stretch((2, 3), "asked for", is_shaded=True)
    window.curves.show_findings([found, asked])
    window.diagnosis.error_found.emit("a clue")
    window.refresh_scheduler.draw_everything()
    assert set(window.curves.loss.marks) & {"a clue", "asked for"} == {"asked for"}
    assert "a clue" not in window.curves.accessibleDescription()
    press(qtbot, window, "lab_give_up")
    window.refresh_scheduler.draw_everything()
    assert {"a clue", "asked for"} <= set(window.curves.loss.marks)


def test_the_score_of_mysteries_is_kept_for_the_next_window_and_can_be_reset(
    qtbot: QtBot, make_window: MakeWindow, preferences: Preferences
) -> None:
    window = make_window()
    begin_hidden_fault(qtbot, window)
    answer(qtbot, window, secret_name(window))
    assert score(window) == "Named 1, wrong 0, given up 0"
    assert not button(window, "lab_answer").isVisibleTo(window.view("lab").bugs)
    begin_hidden_fault(qtbot, window)
    other = next(name for name in answers(window) if name != secret_name(window))
    answer(qtbot, window, other)
    assert window.view("lab").bugs.text.startswith("No, not ")
    begin_hidden_fault(qtbot, window)
    assert score(window) == "Named 1, wrong 1, given up 0"
    press(qtbot, window, "lab_give_up")
    assert score(window) == "Named 1, wrong 1, given up 1"
    assert score(make_window()) == "Named 1, wrong 1, given up 1"
    press(qtbot, window, "lab_reset")
    assert preferences.hidden_faults == Score()


def test_a_mystery_that_is_open_when_the_window_closes_is_given_up(
    qtbot: QtBot, make_window: MakeWindow, preferences: Preferences
) -> None:
    window = make_window()
    begin_hidden_fault(qtbot, window)
    assert score(window) == "Named 0, wrong 0, given up 0"
    window.close_without_asking()
    assert score(make_window()) == "Named 0, wrong 0, given up 1"


def test_a_mystery_that_is_left_is_given_up_and_told_where_a_person_looks(qtbot: QtBot, window: MainWindow) -> None:
    run = begin_hidden_fault(qtbot, window)
    title = FAULTS[secret_name(window)].title.lower()
    window.controls_actions.new_network.trigger()
    assert window.status.currentMessage() == f"The hidden bug of run {run.number} is given up. It was: {title}."
    assert window.view("lab").bugs.text.startswith(f"Given up: {title}.")
    assert score(window) == "Named 0, wrong 0, given up 1"
    assert not button(window, "lab_answer").isVisibleTo(window.view("lab").bugs)
    assert not run.is_hidden


def test_a_model_that_was_saved_in_a_mystery_tells_the_bug_only_by_giving_it_up(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    run = begin_hidden_fault(qtbot, whole_window)
    name = secret_name(whole_window)
    dialogs.path = tmp_path / "model.npz"
    whole_window.controls_actions.save_model.trigger()
    qtbot.waitUntil(lambda: run.saved is not None)
    assert name not in whole_window.status.currentMessage()
    assert run.is_hidden
    whole_window.controls_actions.open_model.trigger()
    qtbot.waitUntil(lambda: whole_window.run_controller.run is not run)
    assert not run.is_hidden
    assert whole_window.view("lab").bugs.text.startswith("Given up: ")
    assert score(whole_window) == "Named 0, wrong 0, given up 1"


def test_to_duplicate_the_run_of_a_mystery_is_to_give_it_up(qtbot: QtBot, window: MainWindow) -> None:
    run = begin_hidden_fault(qtbot, window)
    window.presenter("runs").duplicate(run)
    assert not run.is_hidden
    assert window.status.currentMessage().startswith(f"The hidden bug of run {run.number} is given up.")


def test_another_mystery_gives_up_the_one_that_is_open(qtbot: QtBot, window: MainWindow) -> None:
    first = begin_hidden_fault(qtbot, window)
    begin_hidden_fault(qtbot, window)
    assert not first.is_hidden
    assert window.view("lab").bugs.text.startswith("One of ")
    assert score(window) == "Named 0, wrong 0, given up 1"


def test_training_on_keeps_the_hidden_bug_and_the_secret(qtbot: QtBot, window: MainWindow) -> None:
    run = begin_hidden_fault(qtbot, window)
    name = secret_name(window)
    epochs = len(run.history.epochs)
    click(qtbot, window, "continue")
    qtbot.waitUntil(lambda: len(run.history.epochs) > epochs)
    wait_for_end(qtbot, window)
    assert window.run_controller.run is run
    assert run.is_hidden
    assert run.config.lab.faults == (name,)


def test_every_bug_that_is_offered_as_an_answer_could_be_hidden_and_none_is_a_setting_of_the_form(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"network.hidden": (), "training.optimizer": "adam"})
    begin_hidden_fault(qtbot, window)
    assert set(answers(window)) >= {"shuffled_labels", "flipped_gradient", secret_name(window)}
    assert not set(answers(window)) & {"momentum_on_weights", "wrong_relu_derivative", "raw_pixels", "five_steps"}


def test_a_search_waits_until_the_hidden_bug_is_named(qtbot: QtBot, whole_window: MainWindow) -> None:
    begin_hidden_fault(qtbot, whole_window)
    whole_window.presenter("search").start(1)
    assert whole_window.view("search").caption == NOT_YET
    assert whole_window.view("search").attempts == []


def test_before_the_digits_are_read_the_lab_says_so(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileService, "load_dataset", lambda service, folder: None)  # as if it took for ever
    window = make_window(loaded=False)
    press(qtbot, window, "lab_train")
    assert window.view("lab").bugs.text == NO_DIGITS
    assert window.run_controller.state is RunState.NEW


def test_a_bug_that_is_ticked_is_the_one_whose_lines_are_shown(qtbot: QtBot, window: MainWindow) -> None:
    window._docks.bring("Lab")
    tabs = window.findChild(QTabWidget, "lab_tabs")
    bugs = window.findChild(QListWidget, "lab_bugs")
    assert tabs
    assert bugs
    tabs.setCurrentIndex(1)
    place = bugs.visualItemRect(bugs.item(1))
    box = QPoint(place.left() + 8, place.center().y())
    qtbot.mouseClick(bugs.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert window.view("lab").bugs.ticked == [list(FAULTS)[1]]
    assert window.view("lab").bugs.text == list(FAULTS.values())[1].text


def test_a_teacher_chooses_what_is_hidden_and_nothing_of_the_choice_is_left_in_sight(
    qtbot: QtBot, window: MainWindow
) -> None:
    bugs = window.view("lab").bugs
    bugs.tick(["frozen_layer", "few_digits"])  # the latter is a setting, which is never hidden
    bugs.show_fault(FAULTS["frozen_layer"])
    press(qtbot, window, "lab_mystery")
    run = window.run_controller.run
    assert run
    assert run.is_hidden
    assert run.begun_as.lab.faults == ("frozen_layer",)
    assert bugs.ticked == []
    assert FAULTS["frozen_layer"].title.lower() not in bugs.text.lower()
    assert FAULTS["frozen_layer"].wrong not in window.findChild(CodeDiffView, "lab_lines").toPlainText()


def test_of_ticked_bugs_that_cannot_be_hidden_none_is(qtbot: QtBot, window: MainWindow) -> None:
    window.view("lab").bugs.tick(["few_digits"])
    press(qtbot, window, "lab_mystery")
    assert window.run_controller.run is None
    assert window.view("lab").bugs.text == NOT_HIDDEN
