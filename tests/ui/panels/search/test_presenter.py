"""The search for the fix in the window: runs elsewhere, tells as it goes, and its answer can be trained."""

import math
from multiprocessing import active_children
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.fix_search import Attempt
from mnist_gui.experiments.process_pool import WORKER_NAME
from mnist_gui.experiments.trial import Trial
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.search.view import CURVE, SearchView
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import button, click

BAD = {
    "data.train": 3000,
    "data.validation": 500,
    "network.init": "zeros",
    "network.hidden": [32],
    "training.learning_rate": 0.05,
    "training.batch_size": 32,
}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("search", "runs")


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window._docks.bring("Search")
    assert button(window, name).isEnabled()
    button(window, name).click()


def one_process(window: MainWindow, epochs: int = 6) -> None:
    """In the test's own process, where the digits are read already."""
    window.presenter("search").in_process = True
    field = window.findChild(QSpinBox, "search_epochs")
    assert field
    field.setValue(epochs)


def ended(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: button(window, "search_start").isEnabled(), timeout=50_000)


def test_a_search_finds_what_makes_the_network_learn_and_trains_it(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    one_process(window)
    window.presenter("search").start(6)
    search = window.presenter("search")._job
    assert search
    search.search.goal = 0.85
    qtbot.waitUntil(lambda: ": done after" in window.view("search").caption, timeout=50_000)
    view = window.view("search")
    assert "make it learn, and none can be left out" in view.result
    assert len(view.attempts) >= 3
    accuracies = [float(text.split("%")[0]) for text in view.attempts]
    assert accuracies == sorted(accuracies, reverse=True)
    press(qtbot, window, "search_train")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    assert window.run_controller.run.begun_as.network.init == "auto"
    assert window.controls.config.network.init == "auto"


def test_settings_that_were_not_trained_yet_are_diagnosed_first(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({**BAD, "network.init": "auto", "training.learning_rate": 30.0})
    one_process(window)
    window.presenter("search").start(2)
    job = window.presenter("search")._job
    assert job
    job.search.goal = 0.8
    qtbot.waitUntil(lambda: ": done after" in window.view("search").caption, timeout=50_000)
    assert window.view("search").result.startswith("The settings of the form. These changes together make it learn")
    assert "\N{BULLET} learning rate" in window.view("search").result


def test_a_search_is_cancelled_while_it_diagnoses_settings_that_were_not_trained_yet(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    endless = {"data.train": 50_000, "training.batch_size": 1, "network.hidden": [512], "training.epochs": 100}
    window = make_window(endless)
    one_process(window)
    press(qtbot, window, "search_start")
    assert "diagnosing them" in window.view("search").caption
    qtbot.waitUntil(lambda: button(window, "search_cancel").isEnabled())
    click(qtbot, window, "search_cancel")
    qtbot.waitUntil(lambda: "cancelled after 0 runs" in window.view("search").caption, timeout=20_000)


def test_a_search_can_be_cancelled_and_keeps_what_is_known(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    one_process(window, epochs=40)
    press(qtbot, window, "search_start")
    qtbot.waitUntil(lambda: len(window.view("search").attempts) >= 1, timeout=30_000)
    press(qtbot, window, "search_cancel")
    assert window.view("search").caption == "Ending the runs under way..."
    assert not button(window, "search_cancel").isEnabled()
    ended(qtbot, window)
    assert "form: cancelled after" in window.view("search").caption
    assert "The search was cut off" in window.view("search").result
    assert len(window.view("search").attempts) >= 1
    assert button(window, "search_start").isEnabled()


def test_a_search_that_is_cancelled_at_once_ends(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    window.presenter("search").start(10_000)
    press(qtbot, window, "search_cancel")
    ended(qtbot, window)
    assert window.view("search").caption == "The settings of the form: cancelled after 0 runs of 10,000 epochs."
    assert window.view("search").result.endswith("The search was cut off before its first result.")


def test_search_and_sweep_wait_for_each_other_and_say_so(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window(BAD)
    one_process(window)
    window._docks.bring("Sweep")
    assert button(window, "sweep_start").isEnabled()
    press(qtbot, window, "search_start")
    assert not button(window, "sweep_start").isEnabled()
    assert "A search is under way" in button(window, "sweep_start").toolTip()
    window.presenter("search").cancel()
    ended(qtbot, window)
    assert button(window, "sweep_start").isEnabled()
    assert "processes of their own" in button(window, "sweep_start").toolTip()
    assert window.processes.take("Another test")
    assert not button(window, "search_start").isEnabled()
    assert "Another test is under way" in button(window, "search_start").toolTip()


def test_closing_the_window_ends_the_processes_of_a_search(qtbot: QtBot, make_whole_window: MakeWindow) -> None:
    window = make_whole_window(BAD)
    window.presenter("search").start(100)
    qtbot.waitUntil(lambda: any(child.name.startswith(WORKER_NAME) for child in active_children()), timeout=30_000)
    window.close()
    assert not window.has_left_thread
    assert not any(child.name.startswith(WORKER_NAME) for child in active_children())


def test_before_a_search_the_panel_says_what_it_is(qtbot: QtBot, window: MainWindow) -> None:
    assert "smallest set of changes" in window.view("search").caption
    click(qtbot, window, "search_cancel")
    assert window.view("search").attempts == []


def test_what_was_found_is_trained_on_the_digits_that_were_searched_with(
    qtbot: QtBot, make_whole_window: MakeWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    window = make_whole_window({**BAD, "data.train": 1000})
    one_process(window)
    window.presenter("search").start(2)
    assert window.presenter("search")._job
    window.presenter("search")._job.search.goal = 0.3
    qtbot.waitUntil(lambda: ": done after" in window.view("search").caption, timeout=50_000)
    digits = window.run_controller.dataset
    write_letters(tmp_path)
    dialogs.path = tmp_path
    window.controls_actions.open_dataset.trigger()
    qtbot.waitUntil(lambda: window.run_controller.dataset is not digits, timeout=20_000)
    press(qtbot, window, "search_train")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    assert window.run_controller.run.dataset is window.run_controller.dataset is digits
    assert window.run_controller.run.begun_as.data.folder == window.controls.config_folder == ""


def test_a_share_of_the_digits_in_one_batch_can_be_searched_with(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.train": 0.05, "data.validation": 0.01, "training.batch_size": 0})
    one_process(window)
    window.presenter("search").start(1)
    qtbot.waitUntil(lambda: len(window.view("search").attempts) >= 1, timeout=30_000)
    press(qtbot, window, "search_cancel")
    ended(qtbot, window)


def test_what_makes_numbers_untrue_is_put_right_in_every_run_and_in_what_is_trained(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({**BAD, "lab.faults": ["trains_on_validation"]})
    one_process(window)
    press(qtbot, window, "search_start")
    assert "as it is, without the bug: trains on validation, for" in window.view("search").caption
    qtbot.waitUntil(lambda: len(window.view("search").attempts) >= 1, timeout=30_000)
    press(qtbot, window, "search_cancel")
    ended(qtbot, window)
    view = window.view("search")
    assert any(text.endswith("as it is, without the bug: trains on validation") for text in view.attempts)
    assert "Corrected in every run" in view.result
    assert "lab.faults=[]" in view.result
    press(qtbot, window, "search_train")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    assert window.run_controller.run.begun_as.lab.faults == ()


def test_a_curve_that_ends_in_no_numbers_leaves_the_scale_and_the_pictures_of_the_others_as_they_are(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(rate: float, *losses: float) -> Attempt:
        config = RunConfig().with_settings({"training.learning_rate": rate})
        accuracy = 0.5 if math.isfinite(losses[-1]) else 0.0
        trial = Trial("finished", accuracy, losses[-1], (), tuple(range(1, 1 + len(losses))), losses, 1.0)
        return Attempt(frozenset(), config, trial)

    def picture(row: int) -> QImage:
        return view._list.item(row).icon().pixmap(CURVE).toImage()

    view = SearchView()
    qtbot.addWidget(view)
    calm, wild = tried(0.1, 2.0, 1.0, 0.5), tried(10.0, 3.0, math.nan, math.nan)
    view.show_attempts([calm])
    alone = picture(0)
    drawn = []
    draw = view._curve
    monkeypatch.setattr(view, "_curve", lambda trial, highest: drawn.append(trial) or draw(trial, highest))
    for _ in range(2):
        view.show_attempts([calm, wild])
    assert drawn == [wild.trial]
    assert picture(0) == alone
    for lost in (tried(20.0, math.nan, 3.0, math.nan), tried(30.0, math.nan, math.nan)):
        view.show_attempts([lost, calm])
        assert picture(0) == alone
        drawn.clear()
        view.show_attempts([lost, calm])
        assert drawn == []
