"""Which answers the panels show: of the weights that are looked at, to the digits that are chosen."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split, SplitName
from mnist_gui.inspection.error_selection import in_order, select_digits
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services import prediction_service
from mnist_gui.ui.services.prediction_service import SPLITS
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.person import click

LONG = {"training.epochs": 5000}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("mistakes")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def choose_split(window: MainWindow, name: SplitName) -> None:
    box = window.findChild(QComboBox, "mistakes_split")
    assert box
    box.setCurrentIndex(list(SPLITS).index(name))


def mistakes_of(window: MainWindow, snapshot: Snapshot, name: SplitName) -> list[int]:
    """Worked out anew."""
    assert window.run_controller.splits
    answers = snapshot.predict(window.run_controller.splits.named(name))
    assert answers
    return [int(digit) for digit in in_order(answers, select_digits(answers, "mistakes"), "loss")]


def shown(window: MainWindow) -> list[int]:
    return window.view("mistakes").digits


def test_the_mistakes_of_every_split_are_those_of_the_weights_that_are_shown(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    best, run = window.run_controller.best, window.run_controller.run
    assert best
    assert run
    for name in ("train", "validation", "train"):
        choose_split(window, name)
        expected = mistakes_of(window, best, name)
        qtbot.waitUntil(lambda expected=expected: shown(window) == expected)
        assert f"Weights of epoch {best.epoch}, the best." in window.view("mistakes").caption
    start = run.timeline.first
    assert start
    window.playhead.show_step(0)
    expected = mistakes_of(window, start, "train")
    qtbot.waitUntil(lambda: shown(window) == expected)
    assert "Weights of step 0." in window.view("mistakes").caption
    window.playhead.return_to_present()
    expected = mistakes_of(window, best, "train")
    qtbot.waitUntil(lambda: shown(window) == expected)


def test_test_digits_are_hidden_until_they_are_revealed_which_the_run_notes(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    run = window.run_controller.run
    assert run
    assert run.best
    choose_split(window, "test")
    assert shown(window) == []
    assert run.test_revealed_at is None
    click(qtbot, window, "reveal")
    expected = mistakes_of(window, run.best, "test")
    qtbot.waitUntil(lambda: shown(window) == expected)
    assert run.test_revealed_at == run.epoch
    assert run.tests_asked == 0


def test_the_test_button_reveals_the_test_digits_and_its_answers_are_used(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    train(qtbot, whole_window)
    choose_split(whole_window, "test")
    click(qtbot, whole_window, "test")
    run = whole_window.run_controller.run
    assert run
    qtbot.waitUntil(lambda: run.tested is not None)
    assert run.tested
    answers = run.tested.predictions
    assert shown(whole_window) == in_order(answers, select_digits(answers, "mistakes"), "loss").tolist()


def test_another_run_has_its_test_digits_hidden_again(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    choose_split(window, "test")
    click(qtbot, window, "reveal")
    qtbot.waitUntil(lambda: bool(shown(window)))
    click(qtbot, window, "new_network")
    train(qtbot, window)
    assert shown(window) == []
    first = next(iter(window.run_controller.runs))
    window.run_controller.show_run(first)
    qtbot.waitUntil(lambda: bool(shown(window)))


def test_a_network_that_holds_in_the_middle_of_an_epoch_answers_at_once(qtbot: QtBot, window: MainWindow) -> None:
    for _ in range(3):
        click(qtbot, window, "step_batch")
        wait_for(qtbot, window, RunState.PAUSED)
        qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    qtbot.waitUntil(lambda: "Weights of step 3." in window.view("mistakes").caption)
    run = window.run_controller.run
    assert run
    kept = run.timeline.at(3)
    assert kept
    assert kept.step == 3
    assert shown(window) == mistakes_of(window, kept, "validation")


def test_training_digits_are_shown_while_training_goes_on(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "SECONDS_BETWEEN", 0.2)
    window = make_window(LONG)
    choose_split(window, "train")
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: "training digits" in window.view("mistakes").caption, timeout=20_000)
    assert window.run_controller.state is RunState.TRAINING
    choose_split(window, "validation")
    qtbot.waitUntil(lambda: "validation digits" in window.view("mistakes").caption, timeout=20_000)


def test_a_digit_chosen_in_any_panel_is_outlined_in_the_gallery(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    splits = whole_window.run_controller.splits
    assert splits
    gallery = whole_window.view("mistakes").findChild(DigitGallery, "mistakes")
    chosen = shown(whole_window)[3]
    whole_window.digit_selection.choose(splits.validation, chosen)
    assert gallery.currentIndex().isValid()
    assert gallery.chosen == chosen
    whole_window.digit_selection.choose(splits.train, chosen)
    assert not gallery.currentIndex().isValid()


def test_digits_that_another_panel_gathered_are_shown_as_they_are_listed(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    train(qtbot, whole_window)
    splits = whole_window.run_controller.splits
    assert splits
    listed = [17, 3, 250, 4]
    whole_window.digit_selection.gather(splits.train, np.array(listed), "excite unit 5 most")
    qtbot.waitUntil(lambda: shown(whole_window) == listed)
    kind, order = (whole_window.findChild(QComboBox, f"mistakes_{name}") for name in ("kind", "order"))
    assert kind
    assert order
    assert kind.currentText() == "excite unit 5 most"
    assert order.currentText() == "as listed"
    order.setCurrentIndex(order.findText("by number"))
    assert shown(whole_window) == sorted(listed)
    whole_window.digit_selection.gather(splits.train, np.array([9, 8]), "excite unit 6 most")
    qtbot.waitUntil(lambda: shown(whole_window) == [9, 8])
    kind.setCurrentIndex(kind.findText("mistakes"))
    best = whole_window.run_controller.best
    assert best
    assert order.currentText() == "by number"
    assert shown(whole_window) == sorted(mistakes_of(whole_window, best, "train"))


def test_what_is_gathered_is_shown_in_full_though_a_cell_was_chosen_before(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    splits = window.run_controller.splits
    assert splits
    window.view("mistakes")._matrix.choose((5, 3))
    window.digit_selection.gather(splits.validation, np.arange(40), "40 digits of the map")
    qtbot.waitUntil(lambda: shown(window) == list(range(40)))


def test_another_network_has_nothing_gathered(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    splits = window.run_controller.splits
    assert splits
    window.digit_selection.gather(splits.train, np.array([1, 2]), "two digits")
    qtbot.waitUntil(lambda: shown(window) == [1, 2])
    click(qtbot, window, "new_network")
    kind = window.findChild(QComboBox, "mistakes_kind")
    assert kind
    assert kind.currentText() == "mistakes"
    train(qtbot, window)
    qtbot.waitUntil(lambda: bool(shown(window)))


def test_after_an_evaluation_that_failed_the_digits_are_asked_for_again(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(qtbot, window)
    best = window.run_controller.best
    assert best
    with monkeypatch.context() as broken:
        broken.setattr(Snapshot, "predict", lambda *_: 1 // 0)
        choose_split(window, "train")
        qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert "could not be evaluated" in dialogs.errors[0]
    choose_split(window, "validation")
    choose_split(window, "train")
    expected = mistakes_of(window, best, "train")
    qtbot.waitUntil(lambda: shown(window) == expected)


def test_a_network_left_while_its_digits_were_read_costs_the_next_one_no_answers(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "SECONDS_BETWEEN", 0.2)
    window = make_window(LONG)
    has_begun, predict = threading.Event(), Snapshot.predict

    def predict_for_ever_the_first_time(
        snapshot: Snapshot, split: Split, should_cancel: Callable[[], bool] = lambda: False
    ) -> Any:
        if has_begun.is_set():
            return predict(snapshot, split, should_cancel)
        has_begun.set()
        while not should_cancel():
            threading.Event().wait(0.001)  # leaves the interpreter to the others
        return None

    monkeypatch.setattr(Snapshot, "predict", predict_for_ever_the_first_time)
    choose_split(window, "train")
    click(qtbot, window, "primary")
    qtbot.waitUntil(has_begun.is_set, timeout=20_000)
    click(qtbot, window, "new_network")
    states: list[RunState] = []
    window.prediction_service.shown.connect(lambda *_: states.append(window.run_controller.state))
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: bool(states), timeout=30_000)
    assert states[0] is RunState.TRAINING
    assert "training digits" in window.view("mistakes").caption
