"""The search for the fix in the window: runs elsewhere, tells as it goes, and its answer can be trained."""

from multiprocessing import active_children
from pathlib import Path

from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from mnist_gui.lab.pool import WORKER_NAME
from mnist_gui.ui.main_window import MainWindow
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for_end
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


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    window._layout.bring("Search")
    assert button(window, name).isEnabled()
    button(window, name).click()


def one_process(window: MainWindow) -> None:
    """In the test's own process, where the digits are read already."""
    window.search_desk._jobs = 1
    epochs = window.findChild(QSpinBox, "search_epochs")
    assert epochs
    epochs.setValue(6)


def test_a_search_finds_what_makes_the_network_learn_and_trains_it(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    one_process(window)
    window.search_desk.start(6)
    search = window.search_desk._job
    assert search
    search.search.goal = 0.85
    qtbot.waitUntil(lambda: window.panels.search.caption.startswith("Done"), timeout=50_000)
    view = window.panels.search
    assert "make it learn, and none can be left out" in view.result
    assert len(view.attempts) >= 3
    accuracies = [float(text.split("%")[0]) for text in view.attempts]
    assert accuracies == sorted(accuracies, reverse=True)
    press(qtbot, window, "search_train")
    wait_for_end(qtbot, window)
    assert window.bridge.run
    assert window.bridge.run.begun_as.network.init == "auto"
    assert window.controls.config.network.init == "auto"


def test_a_search_can_be_cancelled_and_keeps_what_is_known(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    one_process(window)
    press(qtbot, window, "search_start")
    qtbot.waitUntil(lambda: len(window.panels.search.attempts) >= 1, timeout=30_000)
    press(qtbot, window, "search_cancel")
    assert window.panels.search.caption.startswith("Cancelled after")
    assert len(window.panels.search.attempts) >= 1
    assert button(window, "search_start").isEnabled()


def test_closing_the_window_ends_the_processes_of_a_search(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(BAD)
    window.search_desk.start(100)
    qtbot.waitUntil(lambda: any(child.name.startswith(WORKER_NAME) for child in active_children()), timeout=30_000)
    window.close()
    assert not window.has_left_thread
    assert not any(child.name.startswith(WORKER_NAME) for child in active_children())


def test_before_a_search_the_panel_says_what_it_is(qtbot: QtBot, window: MainWindow) -> None:
    assert "smallest set of changes" in window.panels.search.caption
    click(qtbot, window, "search_cancel")
    assert window.panels.search.attempts == []


def test_what_was_found_is_trained_on_the_digits_that_were_searched_with(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    window = make_window(BAD)
    one_process(window)
    window.search_desk.start(6)
    assert window.search_desk._job
    window.search_desk._job.search.goal = 0.85
    qtbot.waitUntil(lambda: window.panels.search.caption.startswith("Done"), timeout=50_000)
    digits = window.bridge.dataset
    write_letters(tmp_path)
    dialogs.path = tmp_path
    window.controls_actions.open_dataset.trigger()
    qtbot.waitUntil(lambda: window.bridge.dataset is not digits, timeout=20_000)
    press(qtbot, window, "search_train")
    wait_for_end(qtbot, window)
    assert window.bridge.run
    assert window.bridge.run.dataset is window.bridge.dataset is digits
    assert window.bridge.run.begun_as.data.folder == window.controls.config_folder == ""


def test_a_share_of_the_digits_in_one_batch_can_be_searched_with(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.train": 0.05, "data.validation": 0.01, "training.batch_size": 0})
    one_process(window)
    window.search_desk.start(1)
    qtbot.waitUntil(lambda: len(window.panels.search.attempts) >= 1, timeout=30_000)
    press(qtbot, window, "search_cancel")
    assert window.panels.search.caption.startswith("Cancelled")
