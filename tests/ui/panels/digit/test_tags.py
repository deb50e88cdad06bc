"""Tags in the window: said of a digit with a click, kept on the disk, listed, exported, left out of a training."""

import csv
import gc
import json
import weakref
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from mnist_gui.data.datasets import Dataset, load_dataset
from mnist_gui.data.loading import split_dataset
from mnist_gui.data.splits import SplitName
from mnist_gui.storage.model_file import load_model
from mnist_gui.storage.tags import Place, Remark, Tags, load_tags, place_of
from mnist_gui.system import paths
from mnist_gui.ui.main_window import MainWindow
from tests.support import dataset, small_config
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, tags_file, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import click, retype

BAD = Remark(frozenset({"bad label"}))


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("digit", "mistakes")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def choose(window: MainWindow, digit: int, split: SplitName = "validation") -> Place:
    """Choose a digit of the run, as a panel does; where it is in the files."""
    assert window.run_controller.splits
    chosen = window.run_controller.splits.named(split)
    window.digit_selection.choose(chosen, digit)
    place = place_of(chosen, digit, dataset())
    assert place
    return place


def disk() -> Path:
    return tags_file(dataset(), paths.tags_folder())


def kept(qtbot: QtBot, window: MainWindow) -> Tags:
    """What is on the disk when all is done."""
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    return load_tags(disk(), dataset())


def is_on(window: MainWindow, name: str) -> bool:
    found = window.findChild(QToolButton, name)
    assert found
    return found.isChecked()


def note(window: MainWindow) -> str:
    found = window.findChild(QLineEdit, "tag_note")
    assert found
    return found.text()


def tag_bad(qtbot: QtBot, window: MainWindow, *digits: int) -> list[Place]:
    """Tag training digits as wrongly labelled."""
    places = []
    for digit in digits:
        places.append(choose(window, digit, "train"))
        click(qtbot, window, "tag_bad_label")
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    return places


def left_out(window: MainWindow) -> QComboBox:
    found = window.findChild(QComboBox, "left_out")
    assert found
    return found


def test_without_a_digit_there_is_nothing_to_tag(qtbot: QtBot, window: MainWindow) -> None:
    assert not window.view("digit").tags.isEnabled()
    train(qtbot, window)
    assert not window.view("digit").tags.isEnabled()
    choose(window, 3)
    assert window.view("digit").tags.isEnabled()
    click(qtbot, window, "new_network")
    assert not window.view("digit").tags.isEnabled()


def test_a_click_tags_the_digit_on_the_disk_and_another_takes_it_away(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    place = choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    click(qtbot, window, "tag_interesting")
    assert kept(qtbot, window).remarks == {place: Remark(frozenset({"bad label", "interesting"}))}
    click(qtbot, window, "tag_interesting")
    assert kept(qtbot, window).remarks == {place: BAD}
    click(qtbot, window, "tag_bad_label")
    assert len(kept(qtbot, window)) == 0


def test_each_digit_shows_its_own_tags_and_note(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    first = choose(window, 3)
    click(qtbot, window, "tag_ambiguous")
    retype(qtbot, window, "tag_note", " a 4, or a 9 ")
    choose(window, 4)  # what was typed is about the digit before
    assert (is_on(window, "tag_ambiguous"), note(window)) == (False, "")
    choose(window, 3)
    assert (is_on(window, "tag_ambiguous"), note(window)) == (True, "a 4, or a 9")
    assert kept(qtbot, window).remarks == {first: Remark(frozenset({"ambiguous"}), "a 4, or a 9")}


def test_a_note_is_kept_as_it_is_typed(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    place = choose(window, 3)
    retype(qtbot, window, "tag_note", "odd")
    qtbot.waitUntil(lambda: disk().exists() and load_tags(disk(), dataset()).of(place).note == "odd", timeout=20_000)


def test_shortcuts_tag_the_digit_while_the_focus_is_in_its_panel_and_only_then(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    window = whole_window
    train(qtbot, window)
    place = choose(window, 3)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    keys = {Qt.Key.Key_1: "bad label", Qt.Key.Key_2: "ambiguous", Qt.Key.Key_3: "interesting"}
    elsewhere, panel = window.controls.primary, window.view("digit")
    elsewhere.setFocus()
    for key in keys:
        for modifier in (Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier):
            qtbot.keyClick(elsewhere, key, modifier)
    assert len(kept(qtbot, window)) == 0
    window._docks.bring("Digit")
    panel.setFocus()
    for key, tag in keys.items():
        qtbot.keyClick(panel, key, Qt.KeyboardModifier.AltModifier)
        assert is_on(window, f"tag_{tag.replace(' ', '_')}")
        assert window.status.currentMessage() == f"Validation digit 3: tagged {tag}, kept. Undo is in the panel Digit."
    assert kept(qtbot, window).of(place).tags == set(keys.values())
    qtbot.keyClick(panel, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.status.currentMessage() == "Validation digit 3: tagged interesting, taken back."
    assert not is_on(window, "tag_interesting")
    assert kept(qtbot, window).of(place).tags == {"bad label", "ambiguous"}


def test_what_was_said_of_digits_is_taken_back_one_by_one_whichever_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    undo = window.findChild(QToolButton, "tag_undo")
    assert undo
    first = choose(window, 3)
    assert not undo.isEnabled()
    click(qtbot, window, "tag_bad_label")
    retype(qtbot, window, "tag_note", "odd")
    window.view("digit").tags.commit()
    retype(qtbot, window, "tag_note", "odd, really")  # typed on: one thing to take back
    second = choose(window, 4)
    click(qtbot, window, "tag_ambiguous")
    click(qtbot, window, "tag_ambiguous")
    wanted = [
        {first: Remark(BAD.tags, "odd, really"), second: Remark(frozenset({"ambiguous"}))},
        {first: Remark(BAD.tags, "odd, really")},
        {first: BAD},
        {},
    ]
    for remarks in wanted:
        click(qtbot, window, "tag_undo")
        assert kept(qtbot, window).remarks == remarks
    assert not undo.isEnabled()


def test_a_note_that_is_still_being_typed_is_not_taken_back_with_a_tag(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    place = choose(window, 3)
    retype(qtbot, window, "tag_note", "odd")
    click(qtbot, window, "tag_bad_label")
    click(qtbot, window, "tag_undo")
    assert kept(qtbot, window).remarks == {place: Remark(frozenset(), "odd")}
    click(qtbot, window, "tag_undo")
    assert kept(qtbot, window).remarks == {}


def test_another_window_and_another_split_find_the_tags_again(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    train(qtbot, window)
    place = choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    kept(qtbot, window)
    other = make_window({"data.seed": 5, "data.train": 55_000, "data.validation": 5_000, "training.epochs": 1})
    train(qtbot, other)
    assert other.run_controller.splits
    for split in (other.run_controller.splits.train, other.run_controller.splits.validation):
        for index in np.flatnonzero(split.rows == place.row):
            other.digit_selection.choose(split, int(index))
    assert is_on(other, "tag_bad_label")


def test_the_list_of_tagged_digits_follows_what_is_said(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    mistakes = window.view("mistakes")
    mistakes.choices.choose("validation", "tagged")
    assert mistakes.digits == []
    for digit in (9, 3):
        choose(window, digit)
        click(qtbot, window, "tag_interesting")
    choose(window, 5, "train")
    click(qtbot, window, "tag_interesting")
    assert mistakes.digits == [3, 9]
    choose(window, 9)
    click(qtbot, window, "tag_interesting")
    assert mistakes.digits == [3]
    mistakes.choices.choose("train", "tagged")
    qtbot.waitUntil(lambda: mistakes.digits == [5], timeout=20_000)


def test_a_network_is_trained_without_the_bad_labels_and_its_model_says_so(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    assert not left_out(whole_window).isVisible()
    train(qtbot, whole_window)
    splits = whole_window.run_controller.splits
    assert splits
    places = tag_bad(qtbot, whole_window, 5, 8)
    choose(whole_window, 3)  # a validation digit is never left out
    click(qtbot, whole_window, "tag_bad_label")
    assert left_out(whole_window).isVisible()
    left_out(whole_window).setCurrentIndex(1)
    assert "Leave out" in whole_window.controls.note
    train(qtbot, whole_window)
    less, run = whole_window.run_controller.splits, whole_window.run_controller.run
    assert less
    assert run
    assert set(less.train.rows) == set(splits.train.rows) - {place.row for place in places}
    np.testing.assert_array_equal(less.validation.rows, splits.validation.rows)
    assert set(run.config.data.left_out) > {place.row for place in places}
    dialogs.path = tmp_path / "m.npz"
    whole_window.controls_actions.save_model.trigger()
    qtbot.waitUntil(lambda: not whole_window.run_controller.is_busy, timeout=20_000)
    assert load_model(dialogs.path).config.data.left_out == run.config.data.left_out


def test_a_run_without_some_digits_can_be_run_again_to_the_same_bits(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    tag_bad(qtbot, whole_window, 5, 8)
    left_out(whole_window).setCurrentIndex(1)
    train(qtbot, whole_window)
    first = whole_window.run_controller.run
    assert first
    assert first.best
    tag_bad(qtbot, whole_window, 11)  # after the run: what it was trained without stays what it was
    whole_window.presenter("runs").run_again(first)
    wait_for_end(qtbot, whole_window)
    assert whole_window.run_controller.best
    assert whole_window.run_controller.best is not first.best
    assert len(first.config.data.left_out) == 2
    np.testing.assert_array_equal(whole_window.run_controller.best.parameters, first.best.parameters)


def test_the_next_network_follows_the_tags_until_nothing_is_left_out(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    (first,) = tag_bad(qtbot, window, 5)
    left_out(window).setCurrentIndex(1)
    (second,) = tag_bad(qtbot, window, 8)
    assert window.controls.config.data.left_out == tuple(sorted([first.row, second.row]))
    left_out(window).setCurrentIndex(0)
    assert window.controls.config.data.left_out == ()
    assert "Changed" not in window.controls.note


def test_digits_of_other_files_are_not_left_out(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    tag_bad(qtbot, window, 5)
    left_out(window).setCurrentIndex(1)
    window.controls.use_folder("/another/folder")
    assert window.controls.config.data.left_out == ()


def test_a_damaged_file_is_told_of_and_set_aside_and_digits_can_be_tagged(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    disk().parent.mkdir(parents=True)
    disk().write_text("rubbish")
    window = make_window()
    train(qtbot, window)
    (told,) = dialogs.errors
    assert "damaged" in told
    (aside,) = disk().parent.glob("*.damaged-1.json")
    assert aside.read_text() == "rubbish"
    place = choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    assert kept(qtbot, window).remarks == {place: BAD}


def test_what_cannot_be_written_is_told_and_goes_to_the_disk_with_the_next_tag(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs
) -> None:
    train(qtbot, window)
    disk().parent.parent.mkdir(parents=True, exist_ok=True)
    disk().parent.write_text("a file where the folder should be")
    first = choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    qtbot.waitUntil(lambda: len(dialogs.errors) == 1, timeout=20_000)
    assert "could not be kept" in dialogs.errors[0]
    choose(window, 4)
    choose(window, 3)
    assert is_on(window, "tag_bad_label")
    disk().parent.unlink()
    second = choose(window, 4)
    click(qtbot, window, "tag_ambiguous")
    assert kept(qtbot, window).remarks == {first: BAD, second: Remark(frozenset({"ambiguous"}))}


def test_a_file_of_a_newer_program_is_told_of_and_not_written_over(
    qtbot: QtBot, make_window: MakeWindow, dialogs: AnsweringDialogs
) -> None:
    disk().parent.mkdir(parents=True)
    disk().write_text(json.dumps({"format_version": 99}))
    window = make_window()
    train(qtbot, window)
    choose(window, 3)
    click(qtbot, window, "tag_bad_label")
    qtbot.waitUntil(lambda: len(dialogs.errors) == 2, timeout=20_000)
    assert all("newer" in told for told in dialogs.errors)
    assert json.loads(disk().read_text()) == {"format_version": 99}


def exported(qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, path: Path) -> list[list[str]]:
    dialogs.path = path
    window.controls_actions.export_tags.trigger()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def test_the_exported_table_tells_what_the_network_says_of_all_but_hidden_digits(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    assert not whole_window.controls_actions.export_tags.isEnabled()
    train(qtbot, whole_window)
    best, splits = whole_window.run_controller.best, whole_window.run_controller.splits
    assert best
    assert best.validation
    assert splits
    place = choose(whole_window, 3)
    retype(qtbot, whole_window, "tag_note", "odd, is it?")
    choose(whole_window, 7, "test")
    click(qtbot, whole_window, "tag_bad_label")
    (of_validation, of_test) = exported(qtbot, whole_window, dialogs, tmp_path / "t.csv")
    loss = f"{best.validation.losses[3]:.6g}"
    assert of_validation[:3] == ["train", str(place.row), str(splits.validation.labels[3])]
    assert of_validation[3:6] == ["", "odd, is it?", str(best.validation.predicted[3])]
    assert float(of_validation[6]) == pytest.approx(float(loss), rel=1e-4)
    assert of_test == ["test", "7", str(splits.test.labels[7]), "bad label", "", "", ""]
    whole_window.prediction_service.reveal_test()
    (_, of_test) = exported(qtbot, whole_window, dialogs, tmp_path / "t.csv")
    assert of_test[5] == str(int(best.answer(splits.test.images(np.array([7]))).outputs.argmax()))


def test_a_table_that_cannot_be_written_is_told(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    train(qtbot, whole_window)
    choose(whole_window, 3)
    click(qtbot, whole_window, "tag_bad_label")
    dialogs.path = tmp_path / "missing" / "t.csv"
    whole_window.controls_actions.export_tags.trigger()
    qtbot.waitUntil(lambda: bool(dialogs.errors), timeout=20_000)
    assert "t.csv was not written" in dialogs.errors[0]


def test_every_control_of_the_row_is_named_and_explained(window: MainWindow) -> None:
    row = window.view("digit").tags
    for widget in (*row.findChildren(QToolButton), *row.findChildren(QLineEdit)):
        assert widget.objectName().startswith("tag_")
        assert widget.accessibleName()
        assert widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_dataset_whose_last_run_is_deleted_for_good_is_let_go_and_until_then_keeps_its_tags(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window()
    run_controller, book = window.run_controller, window.tags

    def come_and_go() -> weakref.ref[Dataset]:
        letters = load_dataset(tmp_path)
        run = run_controller.runs.begin(
            small_config(), letters, split_dataset(letters, small_config({"data.train": 100}).data)
        )
        run_controller.use_dataset(letters, str(tmp_path))
        qtbot.waitUntil(lambda: book.tags_of(letters) is not None)
        book.remark(letters, Place("train", 3), BAD)
        run_controller.use_dataset(dataset(), "")
        assert book.knows(letters)
        run_controller.runs.delete(run)
        run_controller.runs_changed.emit()
        assert not book.knows(letters)
        qtbot.waitUntil(lambda: not run_controller.is_busy)
        run_controller.runs.undo_delete()
        run_controller.runs_changed.emit()
        qtbot.waitUntil(lambda: book.tags_of(letters) is not None)
        found = book.tags_of(letters)
        assert found
        assert found.of(Place("train", 3)) == BAD
        run_controller.runs.drop(run)
        run_controller.runs_changed.emit()
        qtbot.waitUntil(lambda: not run_controller.is_busy)
        return weakref.ref(letters)

    write_letters(tmp_path, classes=3)
    gone = come_and_go()
    gc.collect()
    assert gone() is None
