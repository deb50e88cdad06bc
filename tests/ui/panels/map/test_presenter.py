"""The panel Map: digits where a layer puts them, followed, pointed at, drawn around, and mapped by t-SNE."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDockWidget, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.data.batches import inputs_of
from mnist_gui.inspection import tsne
from mnist_gui.inspection.digit_map import DigitMap, vectors_of
from mnist_gui.inspection.pca import Plane
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.map import presenter as map_presenter
from mnist_gui.ui.panels.map import tsne_task as map_maker
from mnist_gui.ui.panels.map.canvas import MapCanvas
from mnist_gui.ui.panels.map.view import NOTHING, MapView
from mnist_gui.ui.panels.map.viewport import Viewport
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import click, turn_wheel


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("map")


def raise_map(window: MainWindow) -> MapView:
    dock = window.findChild(QDockWidget, "dock_map")
    assert dock
    dock.raise_()
    return window.view("map")


def train(qtbot: QtBot, window: MainWindow) -> MapView:
    raise_map(window)
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    return settled(qtbot, window)


def settled(qtbot: QtBot, window: MainWindow) -> MapView:
    """Until everything that was asked for is shown."""
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=50_000)
    window.refresh_scheduler.draw_everything()
    return window.view("map")


def choose(view: QWidget, name: str, text: str) -> None:
    box = view.findChild(QComboBox, name)
    assert box
    box.setCurrentText(text)


def shown(view: MapView) -> DigitMap:
    assert view.map
    return view.map


def vectors(window: MainWindow, snapshot: Snapshot, layer: int, split: str = "validation") -> np.ndarray:
    assert window.run_controller.splits
    digits = window.run_controller.splits.named(split)  # type: ignore[arg-type]
    pictures = digits.images(np.arange(len(digits)))
    return vectors_of(inputs_of(pictures, snapshot.config.data.scaling), snapshot.answer(pictures), layer)


def assert_same_but_for_signs(places: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-6)


def drag_around(canvas: MapCanvas, corners: list[QPoint]) -> None:
    """From corner to corner with the left button held."""
    press, move, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
    kinds = [press, *[move] * (len(corners) - 2), release]
    for kind, corner in zip(kinds, corners, strict=True):
        button = Qt.MouseButton.NoButton if kind == move else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == release else Qt.MouseButton.LeftButton
        place = QPointF(corner)
        event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)


def all_around(canvas: MapCanvas) -> list[QPoint]:
    right, bottom = canvas.width() - 1, canvas.height() - 1
    return [QPoint(0, 0), QPoint(right, 0), QPoint(right, bottom), QPoint(0, bottom)]


@pytest.mark.parametrize(("name", "layer"), [("pixels", 0), ("hidden layer 1", 1), ("logits", 2)])
def test_digits_lie_in_the_principal_plane_of_the_chosen_layer(
    qtbot: QtBot, window: MainWindow, name: str, layer: int
) -> None:
    view = train(qtbot, window)
    choose(view, "map_layer", name)
    settled(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert best.validation
    assert splits
    assert_same_but_for_signs(shown(view).places, Plane.of(vectors(window, best, layer)).places)
    np.testing.assert_array_equal(shown(view).labels, splits.validation.labels)
    np.testing.assert_array_equal(shown(view).predicted, best.validation.predicted)
    wrong = int((best.validation.predicted != splits.validation.labels).sum())
    assert view.caption.startswith(f"200 validation digits, {wrong} wrong (ringed).")
    assert f"Epoch {best.epoch}, step {best.step}, the best." in view.caption


def test_the_last_hidden_layer_is_shown_before_another_is_chosen(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"network.hidden": [12, 6]})
    view = train(qtbot, window)
    assert window.run_controller.best
    assert_same_but_for_signs(shown(view).places, Plane.of(vectors(window, window.run_controller.best, 2)).places)


def test_the_map_follows_the_timeline_and_returns(qtbot: QtBot, window: MainWindow) -> None:
    view = train(qtbot, window)
    now = shown(view).places
    run = window.run_controller.run
    assert run
    assert run.timeline.first
    window.playhead.show_step(0)
    settled(qtbot, window)
    assert_same_but_for_signs(shown(view).places, Plane.of(vectors(window, run.timeline.first, 1)).places)
    assert "step 0." in view.caption
    window.playhead.return_to_present()
    settled(qtbot, window)
    assert_same_but_for_signs(shown(view).places, now)


def test_the_map_follows_training(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    view = raise_map(window)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: view.map is not None, timeout=20_000)
    before = view.caption
    qtbot.waitUntil(lambda: view.caption != before, timeout=20_000)
    assert window.run_controller.state is RunState.TRAINING


def test_a_map_out_of_sight_is_not_made(qtbot: QtBot, whole_window: MainWindow) -> None:
    click(qtbot, whole_window, "primary")
    wait_for_end(qtbot, whole_window)
    settled(qtbot, whole_window)
    assert whole_window.view("map").map is None


def test_a_clicked_digit_is_chosen_and_one_chosen_elsewhere_is_known(qtbot: QtBot, whole_window: MainWindow) -> None:
    view = train(qtbot, whole_window)
    canvas, splits = view.canvas, whole_window.run_controller.splits
    assert splits
    place = canvas.place_of(17).toPoint()
    digit = canvas.digit_at(QPointF(place))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert digit is not None
    assert (whole_window.digit_selection.split, whole_window.digit_selection.index) == (splits.validation, digit)


def test_pointing_at_a_digit_shows_what_it_is_and_what_it_is_taken_for(qtbot: QtBot, window: MainWindow) -> None:
    view = train(qtbot, window)
    canvas, wrong = view.canvas, int(np.flatnonzero(shown(view).is_wrong)[0])
    empty = canvas.grab().toImage()
    qtbot.mouseMove(canvas, canvas.place_of(wrong).toPoint())
    digit = canvas.pointed
    assert digit is not None
    true, taken = shown(view).labels[digit], shown(view).predicted[digit]
    said = f"{digit}: {true}" + ("" if true == taken else f" \N{RIGHTWARDS ARROW} {taken}")
    assert view.describe(digit) == canvas.accessibleDescription() == said
    assert canvas.grab().toImage() != empty


def test_a_line_drawn_around_digits_brings_them_into_the_gallery(qtbot: QtBot, whole_window: MainWindow) -> None:
    view = train(qtbot, whole_window)
    canvas = view.canvas
    xs = [canvas.place_of(digit).x() for digit in range(200)]
    middle = int(np.median(xs))
    left = [QPoint(0, 0), QPoint(middle, 0), QPoint(middle, canvas.height() - 1), QPoint(0, canvas.height() - 1)]
    drag_around(canvas, left)
    expected = [digit for digit, x in enumerate(xs) if x < middle]
    assert canvas.kept == expected
    settled(qtbot, whole_window)
    assert whole_window.view("mistakes").digits == expected
    assert not whole_window.view("mistakes").visibleRegion().isEmpty()
    assert f"{len(expected)} digits of the map" in [
        whole_window.view("mistakes").findChildren(QComboBox, "mistakes_kind")[0].currentText()
    ]


def test_a_line_around_nothing_and_a_click_beside_gather_nothing(qtbot: QtBot, window: MainWindow) -> None:
    view = train(qtbot, window)
    canvas, gathered = view.canvas, []
    window.digit_selection.gathered.connect(lambda *what: gathered.append(what))
    drag_around(canvas, [QPoint(0, 0), QPoint(2, 0), QPoint(2, 30), QPoint(0, 30)])
    assert gathered == []
    drag_around(canvas, all_around(canvas))
    assert len(canvas.kept) == 200
    raise_map(window)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert canvas.kept == []
    assert len(gathered) == 1


def test_the_keyboard_goes_from_digit_to_digit_and_chooses(qtbot: QtBot, window: MainWindow) -> None:
    view = train(qtbot, window)
    canvas = view.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.pointed == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert canvas.pointed == window.digit_selection.index
    assert canvas.place_of(canvas.pointed).x() < canvas.place_of(0).x()


def test_the_wheel_enlarges_around_the_pointer_and_escape_shows_everything(qtbot: QtBot, window: MainWindow) -> None:
    canvas = train(qtbot, window).canvas
    before = [canvas.place_of(digit) for digit in range(200)]
    turn_wheel(canvas, 5)
    middle = QPointF(canvas.rect().center())
    for digit in (3, 50):
        offset = (canvas.place_of(digit) - middle) - (before[digit] - middle) * 1.2**5
        assert offset.manhattanLength() < 1e-6
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert [canvas.place_of(digit) for digit in range(200)] == before


def test_a_class_in_the_legend_fades_the_others(qtbot: QtBot, window: MainWindow) -> None:
    view = train(qtbot, window)
    before = view.canvas.grab().toImage()
    qtbot.mouseClick(view.legend, Qt.MouseButton.LeftButton, pos=view.legend.place_of(3))
    assert view.legend.chosen == 3
    assert view.canvas.grab().toImage() != before
    qtbot.keyClick(view.legend, Qt.Key.Key_Right)
    assert view.legend.chosen == 4
    qtbot.keyClick(view.legend, Qt.Key.Key_Escape)
    assert view.legend.chosen is None
    assert view.canvas.grab().toImage() == before


def test_test_digits_are_mapped_once_they_are_revealed(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.test": 150})
    view = train(qtbot, window)
    choose(view, "map_split", "test digits")
    settled(qtbot, window)
    assert view.map is None
    assert view.caption == map_presenter.HIDDEN
    window.prediction_service.reveal_test()
    settled(qtbot, window)
    assert len(shown(view).labels) == 150
    assert view.caption.startswith("150 test digits")


def test_training_digits_are_mapped_too_and_a_run_without_validation_digits_says_so(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"data.validation": 0, "data.train": 2500})
    view = train(qtbot, window)
    assert view.map is None
    assert view.caption == "This run has no validation digits to be put on a map."
    choose(view, "map_split", "training digits")
    settled(qtbot, window)
    assert len(shown(view).labels) == 2000


def test_another_network_begins_with_no_map(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 1})
    view = train(qtbot, window)
    window.run_controller.leave()
    assert view.map is None
    assert view.caption == NOTHING


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_of_many_classes_without_a_hidden_layer_are_mapped(
    qtbot: QtBot, make_whole_window: MakeWindow, tmp_path: Path, theme: object
) -> None:
    write_letters(tmp_path, classes=47)
    settings = {"data.folder": str(tmp_path), "data.train": 300, "data.validation": 90, "network.hidden": []}
    window = make_whole_window(settings)
    window.panels.show_theme(theme)  # type: ignore[arg-type]
    view = train(qtbot, window)
    assert len(shown(view).labels) == 90
    places = [view.legend.place_of(label) for label in range(47)]
    assert all(view.legend.rect().contains(place) for place in places)
    assert not view.grab().isNull()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_network_of_odd_weights_is_mapped_as_far_as_it_can_be(qtbot: QtBot, window: MainWindow, value: float) -> None:
    view = train(qtbot, window)
    best = window.run_controller.best
    assert best
    odd = Snapshot.of(
        np.full_like(best.parameters, value),
        config=best.config,
        image_shape=best.image_shape,
        class_names=best.class_names,
        step=7,
        epoch=1,
    )
    window.playhead.weights_shown.emit(odd, "", None)
    settled(qtbot, window)
    lost = int((~shown(view).is_placed).sum())
    assert ("left out, not being finite" in view.caption) == (lost > 0)
    assert (lost == 200) == (not np.isfinite(value))
    assert not view.grab().isNull()


# t-SNE


def choose_tsne(view: MapView) -> None:
    choose(view, "map_method", "t-SNE")


def is_offered(view: MapView, name: str) -> bool:
    widget = view.findChild(QAbstractButton, name) or view.findChild(QProgressBar, name)
    assert widget
    return not widget.isHidden() and not widget.parentWidget().isHidden() and widget.isEnabled()


def test_a_t_sne_map_says_of_which_step_it_is_and_is_made_again_when_asked(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window({"data.validation": 40})
    view = train(qtbot, window)
    best = window.run_controller.best
    assert best
    choose_tsne(view)
    assert is_offered(view, "map_progress")
    settled(qtbot, window)
    assert not is_offered(view, "map_progress")
    assert not is_offered(view, "map_make")
    expected = tsne.tsne(vectors(window, best, 1), lambda: False, lambda share: None)
    assert expected is not None
    np.testing.assert_allclose(shown(view).places, expected)
    assert view.caption.startswith("t-SNE of 40 validation digits")
    assert view.caption.endswith(f"Epoch {best.epoch}, step {best.step}.")
    window.playhead.show_step(0)
    settled(qtbot, window)
    assert view.caption.endswith(f"step {best.step}; now shown elsewhere: step 0.")
    assert is_offered(view, "map_make")
    click(qtbot, window, "map_make")
    settled(qtbot, window)
    assert view.caption.endswith("Epoch 0, step 0.")


class Endless:
    """In place of t-SNE: tells that it is half done until it is given up."""

    def __init__(self) -> None:
        self.running = 0

    def __call__(self, vectors: np.ndarray, should_cancel: object, tell: object) -> None:
        self.running += 1
        tell(0.5)  # type: ignore[operator]
        while not should_cancel():  # type: ignore[operator]
            pass
        self.running -= 1


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    work = Endless()
    monkeypatch.setattr(map_maker, "tsne", work)
    return work


def begin_tsne(qtbot: QtBot, window: MainWindow, endless: Endless) -> MapView:
    view = train(qtbot, window)
    choose_tsne(view)
    bar = view.findChild(QProgressBar, "map_progress")
    assert bar
    qtbot.waitUntil(lambda: bar.value() == 50)
    assert endless.running == 1
    return view


def test_a_t_sne_map_is_cancelled_and_offered_again(qtbot: QtBot, window: MainWindow, endless: Endless) -> None:
    view = begin_tsne(qtbot, window, endless)
    click(qtbot, window, "map_cancel")
    assert not is_offered(view, "map_progress")
    assert is_offered(view, "map_make")
    qtbot.waitUntil(lambda: endless.running == 0)
    settled(qtbot, window)
    assert "of the variance" in view.caption  # the plane of PCA is there meanwhile


def test_another_layer_is_mapped_in_place_of_the_one_under_way(
    qtbot: QtBot, window: MainWindow, endless: Endless
) -> None:
    view = begin_tsne(qtbot, window, endless)
    attempt = window.presenter("map").attempt
    assert attempt
    choose(view, "map_layer", "pixels")
    assert not attempt.is_wanted
    assert window.presenter("map").attempt
    assert window.presenter("map").attempt.subject.layer == 0
    choose(view, "map_method", "PCA")
    assert window.presenter("map").attempt is None
    qtbot.waitUntil(lambda: endless.running == 0)


def test_another_run_ends_a_t_sne_map(qtbot: QtBot, window: MainWindow, endless: Endless) -> None:
    begin_tsne(qtbot, window, endless)
    window.run_controller.leave()
    assert window.presenter("map").attempt is None
    qtbot.waitUntil(lambda: endless.running == 0)


def test_closing_the_window_ends_a_t_sne_map(qtbot: QtBot, whole_window: MainWindow, endless: Endless) -> None:
    begin_tsne(qtbot, whole_window, endless)
    whole_window.close_without_asking()
    qtbot.waitUntil(lambda: endless.running == 0)


def test_without_scikit_learn_the_panel_says_how_to_get_it(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tsne, "find_spec", lambda name: None)
    view = train(qtbot, window)
    choose_tsne(view)
    settled(qtbot, window)
    assert f"{sys.executable} -m pip install scikit-learn" in view.caption  # into the Python that looks for it
    assert len(shown(view).labels) == 200
    assert not is_offered(view, "map_make")
    assert not is_offered(view, "map_progress")


def test_a_map_that_cannot_be_made_is_told(
    qtbot: QtBot, window: MainWindow, dialogs: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise tsne.TsneError("its process was ended")

    monkeypatch.setattr(map_maker, "tsne", fail)
    view = train(qtbot, window)
    failures: list[str] = []
    window.run_controller.failed.connect(lambda title, text: failures.append(f"{title}: {text}"))
    choose_tsne(view)
    settled(qtbot, window)
    assert failures == ["The t-SNE map could not be made: its process was ended"]
    assert is_offered(view, "map_make")


# The scale


def test_all_places_are_in_sight_in_their_proportions() -> None:
    scale, places = Viewport(), np.array([[0, 0], [4, 1], [2, 0.5], [np.nan, 9]])
    scale.fit(places)
    on_screen = scale.on_screen(places, (424, 224))
    np.testing.assert_allclose(on_screen[:3], [[12, 162], [412, 62], [212, 112]])  # 100 pixels to one, y upwards


@pytest.mark.parametrize("places", [np.zeros((3, 2)), np.full((2, 2), np.nan), np.empty((0, 2)), np.eye(2) * [1, 0]])
def test_places_without_extent_are_in_the_middle(places: np.ndarray) -> None:
    scale = Viewport()
    scale.fit(places)
    on_screen = scale.on_screen(places, (100, 60))
    known = on_screen[np.isfinite(on_screen).all(axis=1)]
    assert ((known >= 0) & (known <= [100, 60])).all()
