"""Closing the window and opening something else: in every state, whatever is answered, nothing is lost unasked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.storage.model_file import load_model
from mnist_gui.storage.tags import Remark, file_for, load_tags
from mnist_gui.storage.user_test_set import Kind, load_user_test_set
from mnist_gui.system import paths
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.dialogs import Unsaved
from mnist_gui.ui.shell.preferences import Preferences
from tests.support import dataset
from tests.ui.conftest import AnsweringDialogs, MakeWindow, wait_for, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import click, retype

LONG = {"training.epochs": 5000}


class ListeningDialogs(AnsweringDialogs):
    """Also keeps whether saving was offered, and where the file dialogs would have opened."""

    def __init__(self) -> None:
        super().__init__()
        self.offers: list[bool] = []
        self.starts: list[Path] = []

    def ask_unsaved(self, what: str, *, can_save: bool) -> Unsaved:
        self.offers.append(can_save)
        return super().ask_unsaved(what, can_save=can_save)

    def ask_folder(self, start: Path) -> Path | None:
        self.starts.append(start)
        return super().ask_folder(start)

    def ask_model_to_open(self, start: Path) -> Path | None:
        self.starts.append(start)
        return super().ask_model_to_open(start)

    def ask_model_to_save(self, start: Path, what: str) -> Path | None:
        self.starts.append(start)
        return super().ask_model_to_save(start, what)


@pytest.fixture
def dialogs() -> ListeningDialogs:
    return ListeningDialogs()


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def hold_after_an_epoch(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "step_epoch")
    wait_for(qtbot, window, RunState.PAUSED)


def save(qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, path: Path) -> None:
    dialogs.path = path
    with qtbot.waitSignal(window.run_controller.file_service.model_saved):
        window.controls_actions.save_model.trigger()


# Closing


@pytest.mark.parametrize("state", ["training", "held"])
def test_a_run_under_way_is_asked_about_and_goes_on_if_the_person_stays(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, state: str
) -> None:
    window = make_window(LONG)
    if state == "held":
        hold_after_an_epoch(qtbot, window)
    else:
        click(qtbot, window, "primary")
        qtbot.waitUntil(lambda: len(window.run_controller.history) > 0)
    dialogs.unsaved = "cancel"
    assert not window.close()
    doing = "paused in the middle of its training" if state == "held" else "still training"
    assert dialogs.test_evaluation == [
        f"Run 1, the one that is shown, is {doing}.\nSave ends it, and keeps its best weights."
    ]
    assert dialogs.offers == [True]
    assert window.isVisible()
    if state == "training":
        reached = window.run_controller.history.last_step
        qtbot.waitUntil(lambda: window.run_controller.history.last_step > reached)
    else:
        assert window.run_controller.state is RunState.PAUSED
    dialogs.unsaved = "discard"
    assert window.close()
    assert window.run_controller.close()


def test_a_saved_network_is_not_asked_about_but_one_trained_further_is(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    window = make_window()
    train(qtbot, window)
    save(qtbot, window, dialogs, tmp_path / "model.npz")
    assert not window.run_controller.has_unsaved
    train(qtbot, window)
    dialogs.unsaved = "cancel"
    assert not window.close()
    save(qtbot, window, dialogs, tmp_path / "model.npz")
    assert window.close()
    assert len(dialogs.test_evaluation) == 1


def test_a_network_that_was_opened_and_only_looked_at_is_not_asked_about(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    first = make_window()
    train(qtbot, first)
    save(qtbot, first, dialogs, tmp_path / "model.npz")
    window = make_window()
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.controls_actions.open_model.trigger()
    click(qtbot, window, "test")
    qtbot.waitUntil(lambda: "asked once" in window.controls.test_result, timeout=20_000)
    assert window.close()
    assert dialogs.test_evaluation == []


def test_an_earlier_network_is_asked_about_and_saving_is_offered_only_for_the_present_one(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs
) -> None:
    window = make_window({"training.epochs": 1})
    train(qtbot, window)
    click(qtbot, window, "new_network")
    dialogs.unsaved = "cancel"
    assert not window.close()
    train(qtbot, window)
    click(qtbot, window, "new_network")
    assert not window.close()
    assert dialogs.test_evaluation[0].startswith("One earlier network is not saved")
    assert dialogs.test_evaluation[1].startswith("2 earlier networks are not saved")
    assert dialogs.offers == [False, False]


def test_a_run_left_a_moment_ago_is_asked_about_though_it_is_still_ending(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs
) -> None:
    window = make_window(LONG)
    hold_after_an_epoch(qtbot, window)
    click(qtbot, window, "new_network")
    dialogs.unsaved = "cancel"
    assert not window.close()
    assert len(dialogs.test_evaluation) == 1


def test_choosing_save_and_then_no_file_keeps_the_window(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs
) -> None:
    window = make_window(LONG)
    hold_after_an_epoch(qtbot, window)
    dialogs.unsaved, dialogs.path = "save", None
    assert not window.close()
    assert window.isVisible()
    assert window.run_controller.state is RunState.PAUSED


def test_a_save_that_fails_keeps_the_window_and_a_later_save_does_not_close_it(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    window = make_window({"training.epochs": 1})
    train(qtbot, window)
    dialogs.unsaved, dialogs.path = "save", tmp_path / "no folder" / "model.npz"
    with qtbot.waitSignal(window.run_controller.failed):
        assert not window.close()
    assert "model.npz was not saved" in dialogs.errors[0]
    assert "still here" in dialogs.errors[0]
    save(qtbot, window, dialogs, tmp_path / "model.npz")
    assert window.isVisible()


def test_closing_in_the_middle_of_a_test_ends_well(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1, "network.hidden": [1024]})
    train(qtbot, window)
    click(qtbot, window, "test")
    assert window.close()
    assert window.run_controller.close()


def test_closing_while_the_digits_are_read_ends_well(make_window: MakeWindow) -> None:
    window = make_window(loaded=False)
    assert window.close()


# Opening something else


def test_opening_a_model_while_training_keeps_what_was_learned_among_the_runs(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    first = make_window({"network.hidden": [5], "network.activation": "tanh"})
    train(qtbot, first)
    save(qtbot, first, dialogs, tmp_path / "model.npz")
    window = make_window(LONG)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: window.run_controller.best is not None)
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.controls_actions.open_model.trigger()
    assert window.run_controller.best
    assert window.run_controller.best.sizes == (784, 5, 10)
    assert window.controls.config.network.activation == "tanh"
    qtbot.waitUntil(lambda: not window.run_controller.is_ending)
    left, opened = window.run_controller.runs
    assert left.best
    assert left.best.sizes == (784, 16, 10)
    assert (opened.best, left.ended and left.ended.state) == (window.run_controller.best, "stopped")
    assert window.run_controller.state is RunState.ENDED


def test_an_opened_model_is_tested_as_it_was_before_it_was_saved(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    window = make_window()
    train(qtbot, window)
    click(qtbot, window, "test")
    qtbot.waitUntil(lambda: "asked once" in window.controls.test_result, timeout=20_000)
    result, mistakes = window.controls.test_result, window.view("mistakes").digits
    save(qtbot, window, dialogs, tmp_path / "model.npz")
    other = make_window({"network.hidden": [3]})
    with qtbot.waitSignal(other.run_controller.settings_shown):
        other.controls_actions.open_model.trigger()
    wait_for_end(qtbot, other)
    click(qtbot, other, "test")
    qtbot.waitUntil(lambda: "asked once" in other.controls.test_result, timeout=20_000)
    assert (other.controls.test_result, other.view("mistakes").digits) == (result, mistakes)


def test_an_opened_model_trains_further_exactly_alike_each_time(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    first = make_window()
    train(qtbot, first)
    save(qtbot, first, dialogs, tmp_path / "model.npz")
    learned = []
    for _ in range(2):
        window = make_window()
        with qtbot.waitSignal(window.run_controller.settings_shown):
            window.controls_actions.open_model.trigger()
        train(qtbot, window)
        assert window.run_controller.best
        learned.append(window.run_controller.best.parameters)
    np.testing.assert_array_equal(*learned)


def test_a_model_saved_twice_under_one_name_is_the_newer_one(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    window = make_window({"training.epochs": 1})
    path = tmp_path / "model.npz"
    train(qtbot, window)
    save(qtbot, window, dialogs, path)
    train(qtbot, window)
    save(qtbot, window, dialogs, path)
    assert window.run_controller.best
    np.testing.assert_array_equal(load_model(path).parameters, window.run_controller.best.parameters)
    assert sorted(file.name for file in tmp_path.iterdir() if file.suffix == ".npz") == ["model.npz"]


def test_an_earlier_network_comes_back_with_its_settings_weights_and_mistakes(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"network.activation": "tanh", "training.epochs": 1})
    train(qtbot, window)
    first, mistakes = window.run_controller.best, window.view("mistakes").digits
    click(qtbot, window, "new_network")
    window.controls.show_config(window.controls.config.with_settings({"network.hidden": [4]}))
    train(qtbot, window)
    second = window.run_controller.best
    one, other = window.run_controller.runs
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.run_controller.show_run(one)
    wait_for_end(qtbot, window)
    assert window.run_controller.best is first
    assert window.controls.config.network.hidden == (16,)
    assert window.view("mistakes").digits == mistakes
    with qtbot.waitSignal(window.run_controller.settings_shown):
        window.run_controller.show_run(other)
    assert window.run_controller.best is second


def test_another_dataset_leaves_the_run_alone_and_is_for_the_next_network(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    window = make_window({**LONG, "data.train": 400, "data.validation": 100})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: window.run_controller.best is not None)
    write_letters(tmp_path)
    dialogs.path = tmp_path
    with qtbot.waitSignal(window.run_controller.dataset_loaded):
        window.controls_actions.open_dataset.trigger()
    assert window.run_controller.state is RunState.TRAINING
    assert window.controls.note == "Changed for a new network: Dataset."
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.image_shape == (28, 28)
    click(qtbot, window, "test")
    qtbot.waitUntil(lambda: "of 10,000 test digits" in window.controls.test_result, timeout=20_000)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: window.run_controller.best is not None and window.run_controller.best.image_shape == (8, 8))
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)


def test_a_dataset_of_two_classes_is_learned_and_named(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    write_letters(tmp_path, side=5, classes=2)
    window = make_window({"data.folder": str(tmp_path), "data.train": 400, "data.validation": 100})
    train(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.sizes == (25, 16, 2)
    assert window.run_controller.best.validation_accuracy == 1.0
    assert window.view("mistakes").digits == []
    assert "None of the 100 validation digits is wrong" in window.view("mistakes").caption


def test_the_bundled_digits_can_be_taken_again(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    write_letters(tmp_path)
    window = make_window({"data.folder": str(tmp_path)})
    with qtbot.waitSignal(window.run_controller.dataset_loaded):
        window.controls_actions.bundled_dataset.trigger()
    assert window.controls.config.data.folder == ""
    train(qtbot, window)
    assert window.run_controller.best
    assert window.run_controller.best.image_shape == (28, 28)


def test_file_dialogs_open_where_the_last_one_was_left(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, preferences: Preferences, tmp_path: Path
) -> None:
    window = make_window({"training.epochs": 1})
    train(qtbot, window)
    (tmp_path / "models").mkdir()
    save(qtbot, window, dialogs, tmp_path / "models" / "model.npz")
    dialogs.path = None
    window.controls_actions.save_model.trigger()
    window.controls_actions.open_model.trigger()
    window.controls_actions.open_dataset.trigger()
    assert dialogs.starts == [
        Path.home() / "model.npz",
        tmp_path / "models" / "model.npz",
        tmp_path / "models",
        Path.home(),
    ]
    assert preferences.folder("model") == tmp_path / "models"


@pytest.mark.parametrize("action", ["open_model", "save_model", "open_dataset"])
def test_a_file_dialog_that_is_left_without_a_choice_changes_nothing(
    qtbot: QtBot, make_window: MakeWindow, dialogs: ListeningDialogs, action: str
) -> None:
    window = make_window({"training.epochs": 1})
    train(qtbot, window)
    before: tuple[Any, ...] = (
        window.run_controller.best,
        window.run_controller.dataset,
        window.run_controller.run.saved,
        window.run_controller.state,
    )
    dialogs.path = None
    getattr(window.controls_actions, action).trigger()
    assert not window.run_controller.is_busy
    assert (
        window.run_controller.best,
        window.run_controller.dataset,
        window.run_controller.run.saved,
        window.run_controller.state,
    ) == before
    assert dialogs.errors == []


# What a person said of digits


def tagged_places(window: MainWindow) -> dict[int, Remark]:
    """What is on the disk of the training digits, by their place in the split."""
    assert window.run_controller.splits
    rows = window.run_controller.splits.train.rows.tolist()
    tags = load_tags(file_for(dataset(), paths.tags_folder()), dataset())
    return {rows.index(place.row): remark for place, remark in tags.remarks.items()}


def choose(window: MainWindow, digit: int) -> None:
    assert window.run_controller.splits
    window.digit_selection.choose(window.run_controller.splits.train, digit)


def test_tags_and_notes_of_the_last_moment_are_on_the_disk_when_the_window_has_closed(
    qtbot: QtBot, window: MainWindow
) -> None:
    train(qtbot, window)
    for digit in (3, 5, 7):
        choose(window, digit)
        click(qtbot, window, "tag_interesting")
    choose(window, 9)
    retype(qtbot, window, "tag_note", "a seven?")
    assert window.close()
    interesting = Remark(frozenset({"interesting"}))
    assert tagged_places(window) == {3: interesting, 5: interesting, 7: interesting, 9: Remark(note="a seven?")}


def test_the_window_can_stay_if_tags_cannot_be_written_and_closing_again_tries_again(
    qtbot: QtBot, window: MainWindow, dialogs: ListeningDialogs
) -> None:
    train(qtbot, window)
    paths.tags_folder().parent.mkdir(parents=True, exist_ok=True)
    paths.tags_folder().write_text("in the way")
    choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    dialogs.may_lose = False
    assert not window.close()
    assert dialogs.test_evaluation == ["lost"]
    assert "could not be kept" in dialogs.errors[0]
    paths.tags_folder().unlink()
    assert window.close()
    assert tagged_places(window) == {3: Remark(frozenset({"bad label"}))}


def test_drawings_kept_in_the_last_moment_are_on_the_disk_when_the_window_has_closed(
    qtbot: QtBot, window: MainWindow
) -> None:
    train(qtbot, window)
    digits = window.user_digits
    pictures = dataset().test_images[:3]
    qtbot.waitUntil(lambda: digits.digits is not None)
    for label, picture in enumerate(pictures):
        digits.keep(picture, label)
    assert window.close()
    (file,) = paths.drawings_folder().iterdir()
    kept = load_user_test_set(file, Kind((28, 28), dataset().class_names))
    np.testing.assert_array_equal(kept.images, pictures)
    assert kept.labels.tolist() == [0, 1, 2]


def test_a_note_typed_while_the_network_is_saved_for_closing_is_kept_too(
    qtbot: QtBot, window: MainWindow, dialogs: ListeningDialogs, tmp_path: Path
) -> None:
    train(qtbot, window)
    dialogs.unsaved, dialogs.path = "save", tmp_path / "model.npz"
    choose(window, 4)
    assert not window.close()  # it is being saved
    retype(qtbot, window, "tag_note", "a four?")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert tagged_places(window) == {4: Remark(note="a four?")}
    assert dialogs.path.exists()
