"""Datasets and models through the window: what is in use stays until the new one is good, and nothing is lost."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mnist_gui.storage.model_file import load_model, save_model
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.support import make_trainer
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import click


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("units", "weights", "mistakes", "runs")


def train(qtbot: QtBot, window: MainWindow) -> None:
    window.controls_actions.primary.trigger()
    wait_for_end(qtbot, window)


def test_a_folder_of_other_pictures_can_be_opened_and_learned(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    write_letters(tmp_path)
    dialogs.path = tmp_path
    with qtbot.waitSignal(window.run_controller.dataset_loaded):
        window.controls_actions.open_dataset.trigger()
    window.controls.show_config(
        window.controls.config.with_settings({"data.train": 400, "data.validation": 100, "training.epochs": 20})
    )
    train(qtbot, window)
    best = window.run_controller.best
    assert best
    assert (best.image_shape, len(best.class_names)) == ((8, 8), 26)
    assert best.validation_accuracy > 0.9
    assert window.view("units").mosaic
    assert window.view("units").mosaic.cell == (8, 8)


def test_a_damaged_dataset_is_refused_and_the_one_in_use_still_trains(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    write_letters(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    dialogs.path = tmp_path
    with qtbot.waitSignal(window.run_controller.failed):
        window.controls_actions.open_dataset.trigger()
    assert "train-images-idx3-ubyte" in dialogs.errors[0]
    train(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.image_shape == (28, 28)


def test_a_start_with_a_missing_folder_says_so_and_offers_the_bundled_digits(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    window = make_window({"data.folder": str(tmp_path / "gone")})
    assert "gone" in dialogs.errors[0]
    assert window.controls.config.data.folder == ""
    train(qtbot, window)


def test_a_saved_model_opens_again_as_it_was_and_can_be_trained_further(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    train(qtbot, whole_window)
    best = whole_window.run_controller.best
    assert best
    dialogs.path = tmp_path / "model.npz"
    with qtbot.waitSignal(whole_window.run_controller.file_service.model_saved):
        whole_window.controls_actions.save_model.trigger()
    assert not whole_window.run_controller.has_unsaved
    whole_window.controls_actions.new_network.trigger()
    with qtbot.waitSignal(whole_window.run_controller.settings_shown):
        whole_window.controls_actions.open_model.trigger()
    wait_for_end(qtbot, whole_window)
    opened = whole_window.run_controller.best
    assert opened
    np.testing.assert_array_equal(opened.parameters, best.parameters)
    assert whole_window.view("units").mosaic
    assert f"epoch {best.epoch}" in whole_window.view("mistakes").caption
    assert "from the file" in whole_window.view("mistakes").caption
    assert "the best" not in whole_window.view("mistakes").caption
    assert whole_window.view("mistakes").digits
    whole_window.controls_actions.train_on.trigger()
    wait_for_end(qtbot, whole_window)
    assert whole_window.run_controller.history.last_step == best.step + 24


def test_the_best_weights_and_the_shown_ones_are_saved_each_by_its_own_entry_and_named(
    qtbot: QtBot, make_whole_window: MakeWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    window = make_whole_window({"training.epochs": 3})
    actions = window.controls_actions
    assert not actions.save_shown.isEnabled()
    train(qtbot, window)
    window.playhead.show_step(12)
    shown, best = window.playhead.weights, window.run_controller.best
    assert shown
    assert best
    assert shown.step == 12 != best.step
    wanted = {
        "best.npz": (actions.save_model, best, f"the best weights, epoch {best.epoch}, step {best.step}"),
        "shown.npz": (actions.save_shown, shown, "weights, epoch 1, step 12"),
    }
    for name, (action, snapshot, what) in wanted.items():
        dialogs.path = tmp_path / name
        with qtbot.waitSignal(window.run_controller.file_service.model_saved):
            action.trigger()
        assert dialogs.saving[-1] == what
        assert window.status.currentMessage() == f"Saved {what}: {dialogs.path}"
        np.testing.assert_array_equal(load_model(dialogs.path).parameters, snapshot.parameters)
        assert window.run_controller.has_unsaved == (name != "best.npz" and window.run_controller.run.saved is not best)
    window.playhead.return_to_present()
    assert window.playhead.weights is best
    actions.new_network.trigger()
    assert not actions.save_shown.isEnabled()


def test_the_weights_named_by_the_question_are_saved_though_better_ones_came_meanwhile(
    qtbot: QtBot,
    make_whole_window: MakeWindow,
    dialogs: AnsweringDialogs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = make_whole_window({"training.epochs": 3})
    click(qtbot, window, "step_epoch")
    wait_for(qtbot, window, RunState.PAUSED)
    asked_about = window.run_controller.best
    assert asked_about

    def answer_late(start: Path, what: str) -> Path:
        click(qtbot, window, "continue")
        wait_for_end(qtbot, window)
        return tmp_path / "model.npz"

    monkeypatch.setattr(dialogs, "ask_model_to_save", answer_late)
    with qtbot.waitSignal(window.run_controller.file_service.model_saved):
        window.controls_actions.save_model.trigger()
    assert window.run_controller.best is not asked_about
    assert window.status.currentMessage().startswith(f"Saved the best weights, epoch 1, step {asked_about.step}: ")
    np.testing.assert_array_equal(load_model(tmp_path / "model.npz").parameters, asked_about.parameters)


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_a_broken_model_is_refused_and_the_network_stays(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path, content: bytes
) -> None:
    train(qtbot, window)
    best = window.run_controller.best
    dialogs.path = tmp_path / "broken\n.npz"
    dialogs.path.write_bytes(content)
    with qtbot.waitSignal(window.run_controller.failed):
        window.controls_actions.open_model.trigger()
    assert "broken\\n.npz cannot be opened" in dialogs.errors[0]
    assert "broken\\n.npz: this is no file that this program has saved" in dialogs.errors[0]
    assert window.run_controller.best is best


def test_a_model_whose_folder_is_gone_opens_with_the_digits_in_use_if_they_fit(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    trainer = make_trainer({"data.folder": ""})
    trainer.train_minibatch()
    trainer.validate()
    trainer.config = trainer.config.with_settings({"data.folder": str(tmp_path / "gone")})
    dialogs.path = tmp_path / "moved.npz"
    save_model(dialogs.path, trainer.snapshot())
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.controls_actions.open_model.trigger()
    assert window.run_controller.best
    assert window.run_controller.best.config.data.folder == ""


def test_saving_where_nothing_can_be_written_says_so_and_keeps_the_network(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    train(qtbot, window)
    dialogs.path = tmp_path / "nowhere" / "model.npz"
    with qtbot.waitSignal(window.run_controller.failed):
        window.controls_actions.save_model.trigger()
    assert "model.npz was not saved" in dialogs.errors[0]
    assert window.run_controller.has_unsaved


def test_an_untouched_window_closes_without_a_question(whole_window: MainWindow, dialogs: AnsweringDialogs) -> None:
    assert whole_window.close()
    assert dialogs.test_evaluation == []


def test_cancel_keeps_the_window_with_its_unsaved_network(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs
) -> None:
    closing: list[bool] = []
    whole_window.closing.connect(closing.append)
    train(qtbot, whole_window)
    dialogs.unsaved = "cancel"
    assert not whole_window.close()
    assert closing == [True, False]
    assert whole_window.isVisible()
    assert dialogs.test_evaluation == ["Run 1, the one that is shown, is not saved."]
    dialogs.unsaved = "discard"
    assert whole_window.close()
    assert closing == [True, False, True]


@pytest.mark.parametrize("epochs", [1, 2000], ids=["ended", "training"])
def test_save_writes_the_network_and_then_closes(
    qtbot: QtBot, make_whole_window: MakeWindow, dialogs: AnsweringDialogs, tmp_path: Path, epochs: int
) -> None:
    window = make_whole_window({"training.epochs": epochs})
    window.controls_actions.primary.trigger()
    qtbot.waitUntil(lambda: window.run_controller.best is not None)
    if epochs == 1:
        wait_for_end(qtbot, window)
    dialogs.unsaved, dialogs.path = "save", tmp_path / "kept.npz"
    assert not window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert load_model(dialogs.path).step > 0


def test_a_network_left_behind_can_be_taken_up_again(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    first = window.run_controller.best
    assert first
    window.controls_actions.new_network.trigger()
    assert window.run_controller.best is None
    (left,) = window.run_controller.runs
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.run_controller.show_run(left)
    assert window.run_controller.best is first
    assert len(window.run_controller.history) == 24
    assert window.run_controller.has_unsaved


def test_a_network_left_while_it_trains_is_kept_with_what_it_had_learned(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 2000, "data.train": 6000})
    window.controls_actions.primary.trigger()
    qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    window.controls_actions.new_network.trigger()
    qtbot.waitUntil(lambda: not window.run_controller.is_ending)
    (left,) = window.run_controller.runs
    assert left.best
    assert left.ended
    assert left.ended.state == "stopped"
    assert len(left.history) == left.ended.step > 0


def test_the_chosen_mistake_stays_chosen_when_the_mistakes_are_refreshed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    train(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    predictions = best.predict(splits.validation)
    assert predictions
    gallery = window.view("mistakes").findChild(DigitGallery, "mistakes")
    cell = gallery.visualRect(gallery.model().index(0, 1))
    qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    chosen = window.view("mistakes").digits[1]
    window.view("mistakes").show_answers(splits.validation, predictions, best.class_names, "epoch 1")
    assert window.view("mistakes").digits[gallery.currentIndex().column()] == gallery.chosen == chosen
    wait_for(qtbot, window, RunState.ENDED)
