"""The panel Draw in the window: live answers of the weights that are shown, a second network, images, own digits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.ink import load_picture
from mnist_gui.runs.run import Run
from mnist_gui.system.paths import drawings_folder
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.draw import presenter as draw_presenter
from mnist_gui.ui.panels.draw.brush import SIDE
from mnist_gui.ui.panels.draw.view import DrawView
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.support import dataset
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf, wait_for, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.panels.draw.test_canvas import stroke
from tests.ui.person import button, click

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("draw")


def show_panel(qtbot: QtBot, window: MainWindow) -> DrawView:
    """Bring the panel to the front."""
    next(dock for dock in window._docks.docks if dock.windowTitle() == "Draw").raise_()
    view = window.view("draw")
    qtbot.waitUntil(lambda: not view.visibleRegion().isEmpty())
    return view


def train(qtbot: QtBot, window: MainWindow, settings: dict[str, object] | None = None) -> Run:
    """A new network with the form's settings and these."""
    window.controls_actions.new_network.trigger()
    window.controls.show_config(window.controls.config.with_settings(settings or {}))
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.run_controller.run
    return window.run_controller.run


def draw(qtbot: QtBot, window: MainWindow, digit: int = 0) -> np.ndarray:
    """Draw a test digit, wait for its answer; what the network sees."""
    view = window.view("draw")
    large = dataset().test_images[digit].repeat(10, 0).repeat(10, 1)
    view.canvas.show_picture(large)
    expected = centred(large, (28, 28))
    qtbot.waitUntil(lambda: view.seen.pixels is not None and np.array_equal(view.seen.pixels, expected))
    return expected


def assert_bars_are_of(view: DrawView, picture: np.ndarray, *snapshots: Snapshot) -> None:
    assert len(view.bars.shares) == len(snapshots)
    for shares, snapshot in zip(view.bars.shares, snapshots, strict=True):
        np.testing.assert_array_equal(shares.values, snapshot.answer(picture[np.newaxis]).confidences[0])


def comparisons(window: MainWindow) -> QComboBox:
    found = window.findChild(QComboBox, "rival")
    assert found
    return found


def best(run: Run | None) -> Snapshot:
    assert run
    assert run.best
    return run.best


# Answers


def test_before_there_is_a_network_the_drawing_is_centred_and_the_panel_says_what_to_do(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = show_panel(qtbot, window)
    draw(qtbot, window)
    assert view.bars.shares == ()
    assert "click Train" in view.caption
    for name in ("keep_right", "keep_wrong", "look_at_kept"):
        assert not button(window, name).isEnabled()


def test_every_stroke_is_answered_by_the_weights_that_are_shown(qtbot: QtBot, whole_window: MainWindow) -> None:
    run = train(qtbot, whole_window)
    view = show_panel(qtbot, whole_window)
    whole_window.refresh_scheduler.draw_everything()
    side = view.canvas.width()
    for end in (0.3, 0.6, 0.9):
        stroke(view.canvas, (0.5 * side, 0.2 * side), (0.5 * side, end * side))
        expected = centred(view.canvas.pixels, (28, 28))
        qtbot.waitUntil(lambda picture=expected: np.array_equal(view.seen.pixels, picture))
        assert_bars_are_of(view, expected, best(run))
    assert view.caption == f"Weights of epoch {best(run).epoch}, step {best(run).step:,}, the best."
    click(qtbot, whole_window, "clear_drawing")
    qtbot.waitUntil(lambda: view.seen.pixels is None)
    assert view.bars.shares == ()
    click(qtbot, whole_window, "undo_stroke")
    qtbot.waitUntil(lambda: np.array_equal(view.seen.pixels, expected))


def test_while_a_network_trains_the_bars_follow_its_newest_weights(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    view = show_panel(qtbot, window)
    click(qtbot, window, "primary")
    wait_for(qtbot, window, RunState.TRAINING)
    draw(qtbot, window)
    qtbot.waitUntil(lambda: bool(view.bars.shares))
    first = view.bars.shares[0].values
    qtbot.waitUntil(lambda: not np.array_equal(view.bars.shares[0].values, first))
    window.controls_actions.stop.trigger()
    wait_for_end(qtbot, window)
    assert_bars_are_of(view, draw(qtbot, window), best(window.run_controller.run))


def test_a_moment_of_the_past_answers_at_once_when_it_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    run = train(qtbot, window)
    view = show_panel(qtbot, window)
    picture = draw(qtbot, window)
    window.playhead.show_step(3)
    keyframe = run.timeline.at(3)
    assert keyframe
    assert_bars_are_of(view, picture, keyframe)
    assert "step 3." in view.caption


def test_a_panel_that_is_not_in_sight_costs_nothing(
    qtbot: QtBot, whole_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(draw_presenter, "centred", lambda *arguments: asked.append(arguments))
    train(qtbot, whole_window)
    assert asked == []


def test_a_large_network_answers_from_a_helper_thread(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw_presenter, "MOST_AT_ONCE", 100)
    run = train(qtbot, window)
    view = show_panel(qtbot, window)
    picture = draw(qtbot, window)
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    assert_bars_are_of(view, picture, best(run))


@pytest.mark.parametrize("hidden", [[], [1], [1024]])
def test_networks_of_all_widths_answer(qtbot: QtBot, window: MainWindow, hidden: list[int]) -> None:
    show_panel(qtbot, window)
    run = train(qtbot, window, {"network.hidden": hidden, "training.epochs": 1})
    assert_bars_are_of(window.view("draw"), draw(qtbot, window), best(run))


def test_other_pictures_and_classes_have_bars_of_their_own(
    qtbot: QtBot, whole_window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    train(qtbot, whole_window)
    view = show_panel(qtbot, whole_window)
    draw(qtbot, whole_window)
    write_letters(tmp_path)
    dialogs.path = tmp_path
    with qtbot.waitSignal(whole_window.run_controller.dataset_loaded):
        whole_window.controls_actions.open_dataset.trigger()
    run = train(qtbot, whole_window, {"data.train": 400, "data.validation": 0})
    assert view.seen.pixels is not None
    assert view.seen.pixels.shape == (8, 8)
    assert_bars_are_of(view, view.seen.pixels, best(run))
    assert len(view.bars.shares[0].values) == 26
    assert len(view.keep.menu.actions()) == 26
    assert not comparisons(whole_window).isEnabled()  # the first network sees other pictures


# A second network


def test_the_best_weights_of_another_run_answer_to_the_same_drawing(qtbot: QtBot, window: MainWindow) -> None:
    first = train(qtbot, window)
    view = show_panel(qtbot, window)
    assert not comparisons(window).isEnabled()
    second = train(qtbot, window, {"network.hidden": [4]})
    picture = draw(qtbot, window)
    assert [comparisons(window).itemText(index) for index in range(2)] == ["no other", "run 1: hidden layers 16"]
    comparisons(window).setCurrentIndex(1)
    assert_bars_are_of(view, picture, best(second), best(first))
    assert view.bars.describe(0).startswith("0: this network ")
    assert "run 1" in view.bars.describe(0)
    comparisons(window).setCurrentIndex(0)
    assert_bars_are_of(view, picture, best(second))


def test_an_answer_names_the_second_network_that_was_asked(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(qtbot, window)
    train(qtbot, window, {"network.hidden": [4]})
    show_panel(qtbot, window)
    draw(qtbot, window)
    monkeypatch.setattr(draw_presenter, "MOST_AT_ONCE", 100)
    told: list[list[str]] = []
    monkeypatch.setattr(
        window.view("draw"),
        "show_answer",
        lambda _, names, shares, verdicts: told.append([each.who for each in shares]),
    )
    comparisons(window).setCurrentIndex(1)
    comparisons(window).setCurrentIndex(0)  # before the answer
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    assert ["this network", "run 1"] in told
    assert told[-1] == ["this network"]
    assert all("" not in who for who in told)


def test_a_second_network_that_is_deleted_or_shown_itself_is_no_second_one_any_more(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    first, second = train(qtbot, whole_window), train(qtbot, whole_window, {"network.hidden": [4]})
    view = show_panel(qtbot, whole_window)
    draw(qtbot, whole_window)
    comparisons(whole_window).setCurrentIndex(1)
    whole_window.run_controller.show_run(first)
    whole_window.refresh_scheduler.draw_everything()
    assert_bars_are_of(view, draw(qtbot, whole_window), best(first))
    comparisons(whole_window).setCurrentIndex(1)
    whole_window.presenter("runs").delete(second)
    whole_window.refresh_scheduler.draw_everything()
    assert_bars_are_of(view, draw(qtbot, whole_window), best(first))
    assert not comparisons(whole_window).isEnabled()


# Images from elsewhere


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    """A dark digit on light paper, off the middle."""
    paper = np.full((120, 90), 230, np.uint8)
    paper[60:116, 10:66] -= dataset().test_images[2].repeat(2, 0).repeat(2, 1) // 2
    Image.fromarray(paper).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


def expected_of(path: Path) -> np.ndarray:
    return centred(load_picture(path), (SIDE, SIDE))


def copied(path: Path, *, as_file: bool) -> QMimeData:
    data = QMimeData()
    if as_file:
        data.setUrls([QUrl.fromLocalFile(str(path))])
    else:
        data.setImageData(QImage(str(path)))
    return data


def wait_for_picture(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    expected = expected_of(path)
    qtbot.waitUntil(lambda: np.array_equal(window.view("draw").canvas.pixels, expected))


def test_an_image_that_is_opened_lies_on_the_canvas_and_can_be_taken_back(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, picture_file: Path
) -> None:
    view = show_panel(qtbot, window)
    dialogs.path = picture_file
    click(qtbot, window, "open_picture")
    wait_for_picture(qtbot, window, picture_file)
    seen = centred(load_picture(picture_file), (28, 28))
    qtbot.waitUntil(lambda: view.seen.pixels is not None)
    assert view.seen.pixels is not None
    np.testing.assert_allclose(view.seen.pixels.astype(int), seen, atol=40)  # it was scaled twice
    click(qtbot, window, "undo_stroke")
    assert view.canvas.is_blank


@pytest.mark.parametrize("as_file", [True, False])
def test_a_copied_picture_or_file_is_pasted_by_key_or_button(
    qtbot: QtBot, window: MainWindow, picture_file: Path, as_file: bool
) -> None:
    view = show_panel(qtbot, window)
    QGuiApplication.clipboard().setMimeData(copied(picture_file, as_file=as_file))
    if as_file:
        click(qtbot, window, "paste_picture")
    else:
        qtbot.keyClick(view.canvas, Qt.Key.Key_V, CONTROL)
    wait_for_picture(qtbot, window, picture_file)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Z, CONTROL)
    assert view.canvas.is_blank


def test_a_wide_picture_is_read_alike_pasted_and_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    wide = np.full((280, 9000), 255, np.uint8)
    wide[:, 4000:4280] -= dataset().test_images[0].repeat(10, axis=0).repeat(10, axis=1)
    Image.fromarray(wide).save(tmp_path / "wide.png")
    opened = centred(load_picture(tmp_path / "wide.png"), (28, 28))
    train(qtbot, window)
    show_panel(qtbot, window)
    window.view("draw").picture_given.emit(copied(tmp_path / "wide.png", as_file=False))
    qtbot.waitUntil(lambda: window.view("draw").seen.pixels is not None)
    seen = window.view("draw").seen.pixels
    assert seen is not None
    assert float(np.corrcoef(seen.ravel(), opened.ravel())[0, 1]) > 0.98


def test_a_dropped_picture_of_any_size_is_read(qtbot: QtBot, window: MainWindow, picture_file: Path) -> None:
    view = show_panel(qtbot, window)
    large = QImage(str(picture_file)).scaled(3000, 4000)
    data = QMimeData()
    data.setImageData(large)
    view.canvas.dropped.emit(data)
    qtbot.waitUntil(lambda: not view.canvas.is_blank)
    found, expected = view.canvas.pixels.astype(float), expected_of(picture_file)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97


def test_what_is_no_picture_is_said_in_the_panel_until_something_is_drawn(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    view = show_panel(qtbot, window)
    QGuiApplication.clipboard().setText("no picture")
    click(qtbot, window, "paste_picture")
    assert "no picture to paste" in view.caption
    dialogs.path = tmp_path / "broken.png"
    dialogs.path.write_bytes(b"broken")
    click(qtbot, window, "open_picture")
    qtbot.waitUntil(lambda: "broken.png: holds no image" in view.caption)
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/7.png")])
    view.canvas.dropped.emit(data)
    assert "no picture to paste" in view.caption
    data.setImageData(QImage())
    view.canvas.dropped.emit(data)
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    assert view.canvas.is_blank
    stroke(view.canvas, (50, 50), (80, 80))
    assert "click Train" in view.caption


# The personal test set


def kept_gallery(window: MainWindow) -> DigitGallery:
    found = window.findChild(DigitGallery, "kept_digits")
    assert found
    return found


def keep(qtbot: QtBot, window: MainWindow, digit: int, label: int | None = None) -> None:
    """Draw a test digit and keep it as right, or else as of this class."""
    before = window.user_digits.digits
    draw(qtbot, window, digit)
    window.refresh_scheduler.draw_everything()
    if label is None:
        click(qtbot, window, "keep_right")
    else:
        assert button(window, "keep_wrong").isEnabled()
        window.view("draw").keep.menu.actions()[label].trigger()
    assert not button(window, "keep_right").isEnabled()  # not twice
    assert window.user_digits.digits is not before
    settle(qtbot, window)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until all is on the disk, and the drawings are measured."""
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy)


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window with a network, and the panel in sight."""
    show_panel(qtbot, window)
    train(qtbot, window)
    return window


@pytest.fixture
def trained_whole(qtbot: QtBot, whole_window: MainWindow) -> MainWindow:
    """The whole window with a network, and the panel in sight."""
    show_panel(qtbot, whole_window)
    train(qtbot, whole_window)
    return whole_window


def test_drawings_are_kept_on_the_disk_with_the_class_that_the_person_said(
    qtbot: QtBot, trained: MainWindow, make_window: MakeWindow
) -> None:
    wrong = (int(dataset().test_labels[0]) + 1) % 10
    keep(qtbot, trained, 0, wrong)
    keep(qtbot, trained, 1)
    assert trained.view("draw").bars.shares
    taken_for = int(trained.view("draw").bars.shares[0].values.argmax())
    assert trained.view("draw").keep.kept.startswith("2 kept, ")
    (file,) = drawings_folder().iterdir()
    assert file.name.startswith("28x28-10-classes-")
    other = make_window()
    show_panel(qtbot, other)
    train(qtbot, other)
    qtbot.waitUntil(lambda: other.user_digits.digits is not None)
    digits = other.user_digits.digits
    assert digits
    assert digits.labels.tolist() == [wrong, taken_for]
    np.testing.assert_array_equal(digits.images[1], trained.view("draw").seen.pixels)


def test_the_network_shown_is_measured_on_them_at_every_moment(qtbot: QtBot, trained: MainWindow) -> None:
    for digit in range(4):
        keep(qtbot, trained, digit, int(dataset().test_labels[digit]))
    digits = trained.user_digits.digits
    run = trained.run_controller.run
    assert digits
    assert run
    for step in (0, 24):
        trained.playhead.show_step(step)
        trained.refresh_scheduler.draw_everything()
        qtbot.waitUntil(lambda: not trained.run_controller.is_busy)
        snapshot = run.timeline.at(step)
        assert snapshot
        right = snapshot.answer(digits.images).outputs.argmax(axis=1) == digits.labels
        assert trained.view("draw").keep.kept == f"4 kept, {right.mean():.1%} right"
        assert f"step {step:,}" in trained.view("draw").kept.caption


def test_while_a_network_trains_each_epoch_that_is_seen_is_measured(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    show_panel(qtbot, window)
    click(qtbot, window, "primary")
    wait_for(qtbot, window, RunState.TRAINING)
    qtbot.waitUntil(lambda: window.user_digits.digits is not None)
    draw(qtbot, window)
    qtbot.waitUntil(lambda: button(window, "keep_wrong").isEnabled())
    window.view("draw").keep.menu.actions()[7].trigger()
    qtbot.waitUntil(lambda: "At the ends of epochs: " in button(window, "look_at_kept").toolTip())
    assert window.run_controller.state is RunState.TRAINING


@pytest.mark.parametrize("validation", [300, 0])
def test_every_kept_end_of_an_epoch_is_scored_though_the_panel_is_not_in_sight(
    qtbot: QtBot, trained_whole: MainWindow, validation: int
) -> None:
    for digit in range(4):
        keep(qtbot, trained_whole, digit, int(dataset().test_labels[digit]))
    next(dock for dock in trained_whole._docks.docks if dock.windowTitle() == "Search").raise_()
    run = train(qtbot, trained_whole, {"training.epochs": 5, "data.validation": validation})
    settle(qtbot, trained_whole)
    digits = trained_whole.user_digits.digits
    assert digits
    ends = [end for end in run.timeline.keyframes if end.validation is not None]
    right = [(end.answer(digits.images).outputs.argmax(axis=1) == digits.labels).mean() for end in ends]
    assert [end.epoch for end in ends] == [1, 2, 3, 4, 5]
    assert [(score.step, score.accuracy) for score in trained_whole.user_digits.scores.scores] == [
        (end.step, pytest.approx(share)) for end, share in zip(ends, right, strict=True)
    ]
    assert trained_whole.view("draw").kept.curve.scores == trained_whole.user_digits.scores.scores


def test_a_click_into_the_line_of_epochs_goes_to_that_moment(qtbot: QtBot, trained: MainWindow) -> None:
    keep(qtbot, trained, 0)
    run = train(qtbot, trained, {"training.epochs": 5})
    settle(qtbot, trained)
    show_panel(qtbot, trained)
    click(qtbot, trained, "look_at_kept")
    curve = trained.view("draw").kept.curve
    qtbot.waitUntil(lambda: curve.isVisible() and len(curve.scores) == 5)
    third = curve.scores[2]
    qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=curve.place_of(third).toPoint())
    assert not trained.playhead.is_live
    moment = run.timeline.at(third.step)
    assert moment
    assert moment.epoch == 3


def test_a_new_network_starts_without_the_score_of_the_one_before(qtbot: QtBot, trained: MainWindow) -> None:
    keep(qtbot, trained, 0)
    trained.controls_actions.new_network.trigger()
    trained.refresh_scheduler.draw_everything()
    assert trained.view("draw").keep.kept == "1 kept"
    assert not button(trained, "keep_wrong").isEnabled()


def test_drawings_are_looked_through_deleted_and_brought_back(qtbot: QtBot, trained: MainWindow) -> None:
    view = trained.view("draw")
    for digit, label in enumerate((3, 5, 8)):
        keep(qtbot, trained, digit, label)
    click(qtbot, trained, "look_at_kept")
    gallery = kept_gallery(trained)
    assert view.is_kept_page
    assert gallery.digits == [0, 1, 2]
    assert gallery.model().index(0, 1).data().startswith("5 \N{RIGHTWARDS ARROW} ")
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.model().index(0, 1))
    qtbot.keyClick(gallery, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: gallery.digits == [0, 1])
    digits = trained.user_digits.digits
    assert digits
    assert digits.labels.tolist() == [3, 8]
    click(qtbot, trained, "undo_delete_kept")
    qtbot.waitUntil(lambda: gallery.digits == [0, 1, 2])
    digits = trained.user_digits.digits
    assert digits
    assert digits.labels.tolist() == [3, 8, 5]
    assert not button(trained, "undo_delete_kept").isEnabled()
    qtbot.keyClick(gallery, Qt.Key.Key_Escape)
    assert not view.is_kept_page


def test_a_drawing_deleted_twice_in_haste_comes_back_once(qtbot: QtBot, trained: MainWindow) -> None:
    for digit, label in enumerate((3, 5)):
        keep(qtbot, trained, digit, label)
    desk = trained.user_digits
    desk.delete(1)
    desk.delete(1)  # there is no such drawing any more
    desk.undo_delete()
    desk.undo_delete()
    settle(qtbot, trained)
    assert desk.digits
    assert desk.digits.labels.tolist() == [3, 5]


def test_the_last_drawing_can_be_deleted_and_brought_back(qtbot: QtBot, trained: MainWindow) -> None:
    keep(qtbot, trained, 0, 3)
    click(qtbot, trained, "look_at_kept")
    gallery = kept_gallery(trained)
    gallery.setCurrentIndex(gallery.model().index(0, 0))
    click(qtbot, trained, "delete_kept")
    qtbot.waitUntil(lambda: gallery.digits == [])
    assert "0 drawings" in trained.view("draw").kept.caption
    click(qtbot, trained, "undo_delete_kept")
    qtbot.waitUntil(lambda: gallery.digits == [0])


def test_a_damaged_file_is_told_of_and_set_aside_and_drawings_can_be_kept(
    qtbot: QtBot, trained: MainWindow, dialogs: AnsweringDialogs
) -> None:
    keep(qtbot, trained, 0, 3)
    (file,) = drawings_folder().iterdir()
    file.write_bytes(b"damaged")
    keep(qtbot, trained, 1, 4)
    (told,) = dialogs.errors
    aside = file.with_name(f"{file.stem}.damaged-1.npz")
    assert str(aside) in told
    assert aside.read_bytes() == b"damaged"
    digits = trained.user_digits.digits
    assert digits
    assert digits.labels.tolist() == [4]


def test_what_could_not_be_written_is_told_of_and_kept_with_the_next(
    qtbot: QtBot, trained: MainWindow, dialogs: AnsweringDialogs
) -> None:
    drawings_folder().parent.mkdir(parents=True, exist_ok=True)
    drawings_folder().write_text("in the way")
    draw(qtbot, trained, 0)
    trained.refresh_scheduler.draw_everything()
    trained.view("draw").keep.menu.actions()[3].trigger()
    qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert "could not be kept" in dialogs.errors[0]
    assert "tried again" in dialogs.errors[0]
    drawings_folder().unlink()
    keep(qtbot, trained, 1, 4)
    digits = trained.user_digits.digits
    assert digits
    assert digits.labels.tolist() == [3, 4]


def test_every_kind_of_network_has_a_set_of_its_own(
    qtbot: QtBot, trained_whole: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    keep(qtbot, trained_whole, 0, 3)
    first = trained_whole.run_controller.run
    write_letters(tmp_path)
    dialogs.path = tmp_path
    with qtbot.waitSignal(trained_whole.run_controller.dataset_loaded):
        trained_whole.controls_actions.open_dataset.trigger()
    train(qtbot, trained_whole, {"data.train": 400, "data.validation": 100})
    qtbot.waitUntil(lambda: not trained_whole.run_controller.is_busy)
    assert trained_whole.view("draw").keep.kept == "None kept yet"
    assert first
    trained_whole.run_controller.show_run(first)
    qtbot.waitUntil(lambda: trained_whole.view("draw").keep.kept.startswith("1 kept"))


def test_pasting_from_a_clipboard_with_nothing_on_it_is_said(window: MainWindow) -> None:
    window.view("draw").picture_given.emit(None)
    assert "There is no picture to paste" in window.view("draw").caption
