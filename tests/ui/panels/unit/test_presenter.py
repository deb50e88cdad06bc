"""The panel of one unit: opened by a click on its picture, studied as the weights of the moment, edited in a copy."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QScrollArea, QTabWidget
from pytestqt.qtbot import QtBot

from mnist_gui.engine.network import layer_views
from mnist_gui.storage.model_file import load_model
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.unit.view import NOTHING
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import button, click


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("units", "weights", "unit")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Until everything that was asked is answered and drawn."""
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    window.refresh_scheduler.draw_everything()


def choose_unit(qtbot: QtBot, window: MainWindow, unit: int) -> None:
    window.view("units")._mosaic._on_canvas_moved_to(unit)
    settle(qtbot, window)


def spin(window: MainWindow, name: str) -> QDoubleSpinBox:
    found = window.findChild(QDoubleSpinBox, name)
    assert found
    return found


def label(window: MainWindow, name: str) -> str:
    found = window.findChild(QLabel, name)
    assert found, name
    return found.text()


def result(window: MainWindow) -> str:
    return label(window, "surgery_result")


def show_page(window: MainWindow, title: str) -> None:
    tabs = window.view("unit").findChild(QTabWidget, "unit_tabs")
    assert tabs
    tabs.setCurrentIndex([tabs.tabText(index) for index in range(tabs.count())].index(title))


def area_around(window: MainWindow, name: str) -> QAbstractScrollArea:
    """What scrolls the widget of this name."""
    return next(area for area in window.view("unit").findChildren(QScrollArea) if area.widget().objectName() == name)


def switch_off(qtbot: QtBot, window: MainWindow) -> None:
    box = window.findChild(QCheckBox, "surgery_off")
    assert box
    box.click()
    settle(qtbot, window)


def test_before_a_unit_is_chosen_the_panel_says_how(window: MainWindow) -> None:
    assert window.view("unit").caption == NOTHING
    assert not button(window, "surgery_save").isEnabled()


def test_a_click_on_a_picture_opens_the_card_of_its_unit(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 5)
    assert window.view("unit").is_in_sight
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    assert window.view("unit").caption.startswith(f"Unit 5 of hidden layer 1, weights of epoch {best.epoch}, step")
    inputs = splits.validation.images(np.arange(200)).reshape(200, -1) / 255.0
    came_in = inputs @ best.weights[0][:, 5] + best.biases[0][5]
    assert window.view("unit").digits[:5] == np.argsort(-came_in)[:5].tolist()
    np.testing.assert_allclose(window.view("unit").speaks.values, best.weights[1][5], atol=1e-6)
    parameters = best.parameters.copy()
    layer_views(parameters, best.sizes)[0][1][5] = 0.0
    whole = best.predict(splits.validation)
    without = dataclasses.replace(best, parameters=parameters).predict(splits.validation)
    assert whole
    assert without
    assert f"Without it {without.accuracy:.2%}" in window.view("unit").caption
    assert f"with it {whole.accuracy:.2%}" in window.view("unit").caption


def test_a_digit_of_the_card_opens_like_any_other(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 2)
    gallery = window.view("unit").findChild(DigitGallery)
    assert gallery
    place = gallery.visualRect(gallery.model().index(0, 0)).center()
    qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.digit_selection.index == window.view("unit").digits[0]
    assert window.digit_selection.split is window.run_controller.splits.validation  # type: ignore[union-attr]


def test_the_card_follows_the_timeline(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 3)
    window.playhead.show_step(0)
    settle(qtbot, window)
    assert "weights of epoch 0, step 0." in window.view("unit").caption
    run = window.run_controller.run
    assert run
    assert run.timeline.first
    np.testing.assert_allclose(window.view("unit").speaks.values, run.timeline.first.weights[1][3], atol=1e-6)


def test_a_unit_that_is_switched_off_costs_what_the_panel_says_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 4)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    before = best.parameters.copy()
    switch_off(qtbot, window)
    inputs = splits.validation.images(np.arange(200)).reshape(200, -1) / 255.0
    hidden = np.maximum(inputs @ best.weights[0] + best.biases[0], 0.0)
    hidden[:, 4] = 0.0
    answers = (hidden @ best.weights[1] + best.biases[1]).argmax(axis=1)
    accuracy = float(np.mean(answers == splits.validation.labels))
    assert result(window).startswith(f"The copy: {accuracy:.2%} of 200 digits right")
    np.testing.assert_array_equal(best.parameters, before)  # the network itself is as it was
    click(qtbot, window, "surgery_undo")
    assert window.presenter("unit").edits == []
    assert not button(window, "surgery_save").isEnabled()


def test_units_are_edited_one_after_the_other_and_restored_together(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 1)
    spin(window, "surgery_scale").setValue(0.5)
    spin(window, "surgery_shift").setValue(0.25)
    choose_unit(qtbot, window, 2)
    assert spin(window, "surgery_scale").value() == 1.0
    switch_off(qtbot, window)
    assert [(edit.unit, edit.scale, edit.shift) for edit in window.presenter("unit").edits] == [
        (1, 0.5, 0.25),
        (2, 0.0, 0.0),
    ]
    click(qtbot, window, "surgery_undo")
    assert [edit.unit for edit in window.presenter("unit").edits] == [1]
    click(qtbot, window, "surgery_restore")
    assert window.presenter("unit").edits == []
    click(qtbot, window, "surgery_undo")
    assert [edit.unit for edit in window.presenter("unit").edits] == [1]


def test_the_edited_copy_is_saved_as_a_model_and_the_run_stays_unsaved(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 6)
    switch_off(qtbot, window)
    dialogs.path = tmp_path / "edited.npz"
    with qtbot.waitSignal(window.run_controller.file_service.model_saved):
        click(qtbot, window, "surgery_save")
    saved = load_model(dialogs.path)
    assert (saved.weights[1][6] == 0.0).all()
    best = window.run_controller.best
    assert best
    np.testing.assert_array_equal(saved.weights[0], best.weights[0])
    assert window.run_controller.has_unsaved


@pytest.mark.parametrize(
    "settings",
    [
        {"network.hidden": [1]},
        {"network.hidden": []},
        {"data.validation": 0},
        {"network.hidden": [4, 3], "network.activation": "sigmoid"},
    ],
)
def test_any_network_has_cards(qtbot: QtBot, make_window: MakeWindow, settings: dict[str, object]) -> None:
    window = make_window(settings)
    train(qtbot, window)
    choose_unit(qtbot, window, 0)
    assert "Without it" in window.view("unit").caption
    switch_off(qtbot, window)
    assert "The copy" in result(window)


def test_another_run_begins_without_a_unit_and_without_edits(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 4)
    switch_off(qtbot, window)
    window.controls_actions.new_network.trigger()
    assert window.view("unit").caption == NOTHING
    assert window.presenter("unit").edits == []


def test_a_unit_is_held_at_its_own_mean_before_its_card_is_there(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_unit(qtbot, window, 1)
    window.view("units")._mosaic._on_canvas_moved_to(2)  # not yet studied
    click(qtbot, window, "surgery_hold")
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    inputs = splits.validation.images(np.arange(200)).reshape(200, -1) / 255.0
    mean = np.maximum(inputs @ best.weights[0][:, 2] + best.biases[0][2], 0.0).mean()
    (edit,) = window.presenter("unit").edits
    assert (edit.unit, edit.scale) == (2, 0.0)
    assert edit.shift == pytest.approx(mean, rel=1e-6)
    settle(qtbot, window)
    assert result(window).startswith("The copy: ")


def test_the_card_and_the_copy_agree_on_what_a_unit_at_its_mean_is_worth(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.scaling": "raw", "training.learning_rate": 1e-7})
    train(qtbot, window)
    best = window.run_controller.best
    assert best
    means = np.maximum(
        window.run_controller.splits.validation.images(np.arange(200)).reshape(200, -1) @ best.weights[0], 0
    )  # type: ignore[union-attr]
    choose_unit(qtbot, window, int(means.mean(axis=0).argmax()))
    click(qtbot, window, "surgery_hold")
    settle(qtbot, window)
    (edit,) = window.presenter("unit").edits
    assert edit.shift > 100
    told = result(window).partition("The copy: ")[2].partition(" of")[0]
    assert window.view("unit").caption.endswith(f"at its mean {told}.")
    assert spin(window, "surgery_shift").value() == pytest.approx(edit.shift, abs=6e-4)


def test_an_edited_class_is_listed_by_its_name(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"network.hidden": []})
    train(qtbot, window)
    choose_unit(qtbot, window, 3)
    assert window.view("unit").caption.startswith("Class 3 (there is no hidden layer), weights of epoch")
    switch_off(qtbot, window)
    assert label(window, "surgery_edits") == "Copy: class 3 off."


def test_the_newest_of_many_edits_is_in_sight_and_the_others_can_be_scrolled_to(
    qtbot: QtBot, window: MainWindow
) -> None:
    train(qtbot, window)
    show_page(window, "Surgery")
    for unit in range(16):
        choose_unit(qtbot, window, unit)
        switch_off(qtbot, window)
    text = label(window, "surgery_edits")
    assert text.startswith("Copy: layer 1 unit 15 off; layer 1 unit 14 off; ")
    assert text.endswith("layer 1 unit 0 off.")
    area = area_around(window, "surgery_edits")
    hidden = area.widget().height() - area.viewport().height()
    assert area.verticalScrollBar().maximum() == max(0, hidden)
    assert area.verticalScrollBar().value() == 0


def test_the_last_unit_of_a_large_deep_layer_has_a_card(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"network.hidden": [1024, 1024], "training.epochs": 1})
    train(qtbot, window)
    box = window.findChild(QComboBox, "weights_layer")
    assert box
    box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: window.view("units").refresh() is False and window.view("units").layer == 1)
    choose_unit(qtbot, window, 1023)
    best = window.run_controller.best
    assert best
    assert window.view("unit").caption.startswith("Unit 1,023 of hidden layer 2, weights of epoch 1")
    np.testing.assert_allclose(window.view("unit").speaks.values, best.weights[2][1023], atol=1e-6)


@pytest.mark.parametrize(("side", "classes"), [(8, 26), (8, 2), (11, 47)])
def test_small_pictures_of_letters_have_cards_with_every_class(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, side: int, classes: int
) -> None:
    write_letters(tmp_path, side=side, classes=classes)
    window = make_window({"data.folder": str(tmp_path), "data.train": 300, "data.validation": 100})
    train(qtbot, window)
    choose_unit(qtbot, window, 0)
    assert len(window.view("unit").speaks.values) == len(window.view("unit").means.values) == classes
    assert len(window.view("unit").digits) == 32
    switch_off(qtbot, window)
    assert "of 100 digits right" in result(window)


def test_a_dead_unit_is_said_to_be_dead_and_its_digits_are_still_ranked(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    parameters = best.parameters.copy()
    layer_views(parameters, best.sizes)[1][0][7] = -1000.0
    dead = dataclasses.replace(best, parameters=parameters)
    window.playhead.weights_shown.emit(dead, "", None)
    choose_unit(qtbot, window, 7)
    assert label(window, "unit_activity").startswith("It says 0 to all 200 digits: a dead unit")
    assert "(+0.00 points)" in window.view("unit").caption
    inputs = splits.validation.images(np.arange(200)).reshape(200, -1) / 255.0
    assert window.view("unit").digits[0] == int(np.argmax(inputs @ best.weights[0][:, 7]))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_ruined_weights_are_studied_and_edited_without_a_warning(
    qtbot: QtBot, window: MainWindow, value: float
) -> None:
    train(qtbot, window)
    best = window.run_controller.best
    assert best
    facts = {"config": best.config, "image_shape": best.image_shape, "class_names": best.class_names}
    ruined = Snapshot.of(np.full_like(best.parameters, value), **facts, step=1, epoch=0)
    window.playhead.weights_shown.emit(ruined, "", best)
    choose_unit(qtbot, window, 2)
    for page in ("Digits", "Activity", "Surgery"):
        show_page(window, page)
        window.view("unit").grab()
    switch_off(qtbot, window)
    assert "The copy" in result(window)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (900, 500)])
def test_the_card_follows_in_a_window_of_any_size_and_rests_behind_other_panels(
    qtbot: QtBot, whole_window: MainWindow, size: tuple[int, int]
) -> None:
    whole_window.resize(*size)
    train(qtbot, whole_window)
    choose_unit(qtbot, whole_window, 3)
    whole_window.playhead.show_step(0)
    settle(qtbot, whole_window)
    assert "weights of epoch 0, step 0." in whole_window.view("unit").caption
    whole_window._docks.bring("Runs")
    whole_window.playhead.return_to_present()
    settle(qtbot, whole_window)
    assert "weights of epoch 0, step 0." in whole_window.view("unit").caption
    whole_window._docks.bring("Unit")
    settle(qtbot, whole_window)
    assert "weights of epoch 2" in whole_window.view("unit").caption


def test_the_card_needs_no_scrolling_in_the_window_it_was_designed_for(qtbot: QtBot, whole_window: MainWindow) -> None:
    whole_window.resize(1366, 768)
    train(qtbot, whole_window)
    choose_unit(qtbot, whole_window, 4)
    assert area_around(whole_window, "unit_speaks").verticalScrollBar().maximum() == 0
    for page in ("Digits", "Activity", "Surgery"):
        show_page(whole_window, page)
        settle(qtbot, whole_window)
        around = whole_window.view("unit").findChildren(QScrollArea)[0]
        assert around.verticalScrollBar().maximum() == 0, page
