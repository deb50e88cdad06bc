"""The weight pictures on their own, for networks of every size."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.units.mosaic import SMALLEST_CELL
from mnist_gui.ui.panels.units.view import MOST_PIXELS, UnitsView
from mnist_gui.ui.widgets.theme import DARK
from tests.support import small_config
from tests.ui.person import button, click, show_window

ARROW = "\N{RIGHTWARDS ARROW}"


def snapshot_of(hidden: list[int], image_shape: tuple[int, int] = (28, 28), classes: int = 10) -> Snapshot:
    """A network of random weights for pictures of any size."""
    config = small_config({"network.hidden": hidden})
    sizes = (image_shape[0] * image_shape[1], *hidden, classes)
    count = sum((before + 1) * after for before, after in pairwise(sizes))
    weights = np.random.default_rng(0).normal(0, 0.05, count).astype(np.float32)
    names = tuple(chr(ord("a") + number) for number in range(classes))
    return Snapshot.of(weights, config=config, image_shape=image_shape, class_names=names, step=7, epoch=3)


@pytest.fixture
def weights(qtbot: QtBot) -> UnitsView:
    view = UnitsView()
    qtbot.addWidget(view)
    view.resize(380, 400)
    show_window(qtbot, view)
    return view


def canvas(view: QWidget) -> QWidget:
    found = view.findChild(QWidget, "weights")
    assert found
    return found


def texts(view: QWidget) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("hidden", [[1], [2], [10], [64], [300], [20, 5]])
@pytest.mark.parametrize("image_shape", [(28, 28), (8, 8), (5, 9), (1, 1)])
def test_every_unit_has_one_picture_of_the_size_of_the_digits(
    weights: UnitsView, hidden: list[int], image_shape: tuple[int, int]
) -> None:
    weights.show_snapshot(snapshot_of(hidden, image_shape))
    assert weights.refresh()
    picture = weights.mosaic
    assert picture
    assert (picture.units, picture.cell) == (hidden[0], image_shape)
    assert len(colours(canvas(weights).grab().toImage())) > 1
    assert not weights.refresh()


def test_a_network_without_a_hidden_layer_shows_its_classes(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([]))
    weights.refresh()
    assert weights.mosaic
    assert weights.mosaic.units == 10
    assert "10 classes (no hidden layer)" in texts(weights)


def test_more_units_than_can_be_told_apart_are_cut_off_and_said_to_be(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([8192]))
    weights.refresh()
    assert weights.mosaic
    assert weights.mosaic.indices.size < 1.2 * MOST_PIXELS
    assert f"First {weights.mosaic.units:,} of 8,192 units" in texts(weights)


def test_many_units_are_scrolled_and_not_shrunk_beyond_recognition(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([512]))
    weights.refresh()
    assert weights.mosaic
    assert canvas(weights).width() / weights.mosaic.columns >= SMALLEST_CELL - 1
    assert canvas(weights).height() > weights.height()


def test_the_caption_says_which_weights_are_shown(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([16]), ", the best")
    weights.refresh()
    assert "16 units of the first hidden layer. Weights of epoch 3, step 7, the best." in texts(weights)
    weights.show_nothing()
    assert "No network yet" in texts(weights)
    assert weights.mosaic is None


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, -1e38])
def test_constant_and_ruined_weights_are_drawn_without_a_warning(weights: UnitsView, value: float) -> None:
    snapshot = snapshot_of([4])
    weights.show_snapshot(dataclasses.replace(snapshot, parameters=np.full_like(snapshot.parameters, value)))
    assert weights.refresh()
    weights.grab()


def test_pictures_fit_the_room_after_every_change_of_size_and_theme(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([16]))
    weights.refresh()
    for width, height in ((150, 900), (1600, 150), (20, 20), (380, 400)):
        weights.resize(width, height)
        assert weights.refresh()
        assert canvas(weights).width() <= weights.width()
        weights.grab()
    weights.show_theme(DARK)
    assert weights.refresh()


def test_pictures_that_nobody_sees_are_not_made(weights: UnitsView) -> None:
    weights.hide()
    weights.show_snapshot(snapshot_of([16]))
    assert not weights.refresh()
    weights.show()
    assert weights.refresh()


# Layers, changes, scales and orders


def pick(view: QWidget, name: str, text: str) -> None:
    """Choose an entry of a box."""
    box = view.findChild(QComboBox, name)
    assert box
    assert box.isEnabled()
    index = box.findText(text)
    assert index >= 0, [box.itemText(each) for each in range(box.count())]
    assert box.model().item(index).isEnabled(), text
    box.setCurrentIndex(index)


def offered(view: QWidget, name: str) -> list[str]:
    """What can be chosen in a box."""
    box = view.findChild(QComboBox, name)
    assert box
    return [box.itemText(index) for index in range(box.count()) if box.model().item(index).isEnabled()]


def settle(view: UnitsView) -> None:
    """Until everything is made and drawn."""
    while view.refresh():
        pass


def shown(view: UnitsView) -> list[int]:
    assert view.mosaic
    return view.mosaic.numbers.tolist()


def scale(view: UnitsView) -> float | None:
    assert view.mosaic
    return view.mosaic.scale


def pixels(view: UnitsView, unit: int) -> np.ndarray:
    """The colours of a unit's picture as indexes, (D,)."""
    picture = view.mosaic
    assert picture
    position = picture.position_of(unit)
    assert position is not None
    row, column = picture.corner(position)
    return picture.indices[row : row + picture.cell[0], column : column + picture.cell[1]].astype(int).reshape(-1)


def as_indexes(values: np.ndarray, scale: float) -> np.ndarray:
    return np.clip(128 + 127 * values / scale, 1, 255)


def changed(snapshot: Snapshot, step: int, seed: int = 9) -> Snapshot:
    """The same network later."""
    moved = snapshot.parameters + np.random.default_rng(seed).normal(0, 0.02, len(snapshot.parameters))
    return dataclasses.replace(snapshot, parameters=moved.astype(np.float32), step=step)


def test_every_layer_can_be_seen_and_deeper_ones_are_said_to_be_projected(weights: UnitsView) -> None:
    snapshot = snapshot_of([20, 7])
    weights.show_snapshot(snapshot)
    assert offered(weights, "weights_layer") == ["hidden layer 1", "hidden layer 2 (projected)", "output (projected)"]
    first, second, last = (each.astype(np.float64) for each in snapshot.weights)
    for text, expected, caption in (
        ("hidden layer 1", first, "20 units of the first hidden layer."),
        ("hidden layer 2 (projected)", first @ second, "7 units of hidden layer 2, projected through the layers below"),
        ("output (projected)", first @ second @ last, "10 classes, projected through the layers below"),
    ):
        pick(weights, "weights_layer", text)
        settle(weights)
        assert caption in texts(weights)
        for unit in (0, expected.shape[1] - 1):
            wanted = as_indexes(expected[:, unit], scale(weights) or np.nan)
            np.testing.assert_allclose(pixels(weights, unit), wanted, atol=1)


def test_a_network_without_hidden_layers_has_no_layer_to_choose(weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([]))
    box = weights.findChild(QComboBox, "weights_layer")
    assert box
    assert not box.isEnabled()
    assert "by class" not in offered(weights, "weights_sorting")


def test_pictures_of_a_large_deep_layer_appear_after_some_frames_all_of_one_moment(weights: UnitsView) -> None:
    first, second = snapshot_of([1024, 1024]), changed(snapshot_of([1024, 1024]), 20)
    weights.show_snapshot(first)
    settle(weights)
    pick(weights, "weights_layer", "hidden layer 2 (projected)")
    assert weights.refresh()
    assert "first hidden layer" in texts(weights)  # still those that are there
    weights.show_snapshot(second)
    while weights.layer == 0:
        assert weights.refresh()
    weights.refresh()
    assert "Weights of epoch 3, step 7." in texts(weights)
    expected = first.weights[0] @ first.weights[1][:, 1000]
    np.testing.assert_allclose(pixels(weights, 1000), as_indexes(expected, scale(weights) or np.nan), atol=1)
    settle(weights)
    assert "step 20." in texts(weights)


def test_the_change_since_the_start_can_be_seen_where_the_start_is_known(weights: UnitsView) -> None:
    start = snapshot_of([12])
    now = changed(start, 30)
    weights.show_snapshot(now)
    assert offered(weights, "weights_picture") == ["weights"]
    assert "by change" not in offered(weights, "weights_sorting")
    weights.show_snapshot(now, start=start)
    pick(weights, "weights_picture", "change since start")
    settle(weights)
    change = now.weights[0] - start.weights[0]
    np.testing.assert_allclose(pixels(weights, 3), as_indexes(change[:, 3], scale(weights) or np.nan), atol=1)
    assert "Change from step 7 to epoch 3, step 30." in texts(weights)


def test_the_change_of_a_deeper_layer_is_that_of_its_projection(weights: UnitsView) -> None:
    start = snapshot_of([12, 5])
    for step in (30, 40):
        now = changed(start, step, seed=step)
        weights.show_snapshot(now, start=start)
        pick(weights, "weights_picture", "change since start")
        pick(weights, "weights_layer", "hidden layer 2 (projected)")
        settle(weights)
        change = now.weights[0] @ now.weights[1] - start.weights[0] @ start.weights[1]
        np.testing.assert_allclose(pixels(weights, 4), as_indexes(change[:, 4], scale(weights) or np.nan), atol=1)


def test_without_a_start_any_more_the_weights_are_shown_again(weights: UnitsView) -> None:
    start = snapshot_of([12])
    weights.show_snapshot(changed(start, 30), start=start)
    pick(weights, "weights_picture", "change since start")
    pick(weights, "weights_sorting", "by change")
    settle(weights)
    weights.show_nothing()
    weights.show_snapshot(snapshot_of([8]))
    settle(weights)
    assert "Weights of epoch 3, step 7." in texts(weights)
    assert shown(weights) == list(range(8))


def test_the_legend_says_whether_units_share_a_scale(weights: UnitsView) -> None:
    snapshot = snapshot_of([6])
    weights.show_snapshot(snapshot)
    settle(weights)
    legend = weights.findChild(QWidget, "weights_legend")
    assert legend
    assert legend.accessibleName() == f"Colours: -{scale(weights):.2g} to +{scale(weights):.2g}"
    pick(weights, "weights_scale", "each unit its own")
    settle(weights)
    assert scale(weights) is None
    assert legend.accessibleName() == "Colours: each unit's own range"
    for unit in range(6):
        assert np.abs(pixels(weights, unit) - 128).max() == 127
    weights.grab()


def silenced(snapshot: Snapshot, units: list[int]) -> Snapshot:
    parameters = snapshot.parameters.copy()
    changed = dataclasses.replace(snapshot, parameters=parameters)
    changed.biases[0][units] = -1e3
    return changed


PROBE = np.random.default_rng(5).random((64, 784)).astype(np.float32)


def test_dead_units_come_first_when_sorted_by_activity(weights: UnitsView) -> None:
    snapshot = silenced(snapshot_of([10]), [4, 8])
    weights.show_snapshot(snapshot)
    assert "by activity" not in offered(weights, "weights_sorting")
    weights.show_probe(PROBE)
    pick(weights, "weights_sorting", "by activity")
    settle(weights)
    answers = np.maximum(PROBE @ snapshot.weights[0] + snapshot.biases[0], 0)
    shares = (answers > 1e-5).mean(axis=0)[shown(weights)]
    assert (np.diff(shares) >= 0).all()
    assert shares[[shown(weights).index(4), shown(weights).index(8)]].tolist() == [0.0, 0.0]
    weights.show_probe(None)
    settle(weights)
    assert shown(weights) == list(range(10))


@pytest.mark.parametrize("sorting", ["by weight norm", "by change", "by class"])
def test_sorting_shows_the_same_units_in_an_order_that_can_be_checked(weights: UnitsView, sorting: str) -> None:
    start = snapshot_of([30, 8])
    now = changed(start, 50)
    weights.show_snapshot(now, start=start)
    pick(weights, "weights_sorting", sorting)
    settle(weights)
    order = shown(weights)
    assert sorted(order) == list(range(30))
    first, second, last = now.weights
    if sorting == "by class":
        classes = (second @ last).argmax(axis=1)[order]
        assert (np.diff(classes) >= 0).all()
        return
    sizes = np.linalg.norm(first if sorting == "by weight norm" else first - start.weights[0], axis=0)
    assert (np.diff(sizes[order]) <= 1e-6).all()


def test_while_training_goes_on_nothing_jumps_until_sorted_again(qtbot: QtBot, weights: UnitsView) -> None:
    start = snapshot_of([30])
    weights.show_snapshot(changed(start, 10), start=start)
    pick(weights, "weights_sorting", "by weight norm")
    settle(weights)
    order = shown(weights)
    later = changed(start, 20, seed=77)
    weights.show_snapshot(later, start=start)
    settle(weights)
    assert shown(weights) == order
    click(qtbot, weights, "weights_sort_again")
    settle(weights)
    assert shown(weights) != order
    assert shown(weights) == np.argsort(-np.linalg.norm(later.weights[0], axis=0)).tolist()


@pytest.mark.parametrize("is_start_known", [True, False])
def test_another_network_is_sorted_anew(weights: UnitsView, is_start_known: bool) -> None:
    def show(start: Snapshot, step: int) -> list[int]:
        weights.show_snapshot(changed(start, step, seed=step), start=start if is_start_known else None)
        settle(weights)
        return shown(weights)

    first, second = snapshot_of([30]), changed(snapshot_of([30]), 0, seed=1)
    show(first, 100)
    pick(weights, "weights_sorting", "by weight norm")
    settle(weights)
    order = shown(weights)
    assert show(first, 120) == order
    assert show(second, 50) != order
    if is_start_known:
        again = shown(weights)
        assert show(second, 40) == again  # an earlier moment of the same network


def test_the_number_of_shown_units_follows_the_order(weights: UnitsView) -> None:
    snapshot = snapshot_of([3000])
    weights.show_snapshot(snapshot)
    pick(weights, "weights_sorting", "by weight norm")
    settle(weights)
    sizes = np.linalg.norm(snapshot.weights[0], axis=0)
    assert len(shown(weights)) == MOST_PIXELS // 784
    assert sizes[shown(weights)].min() >= np.sort(sizes)[-len(shown(weights))] - 1e-5


# One unit


def canvas_click(qtbot: QtBot, view: UnitsView, unit: int) -> None:
    picture = view.mosaic
    assert picture
    position = picture.position_of(unit)
    assert position is not None
    row, column = picture.corner(position)
    pixel = canvas(view).width() / picture.indices.shape[1]
    place = QPoint(int((column + picture.cell[1] / 2) * pixel), int((row + picture.cell[0] / 2) * pixel))
    qtbot.mouseClick(canvas(view), Qt.MouseButton.LeftButton, pos=place)


def test_a_chosen_unit_is_described_and_stays_chosen_through_updates_and_sorting(
    qtbot: QtBot, weights: UnitsView
) -> None:
    start = snapshot_of([9])
    weights.show_snapshot(changed(start, 10), start=start)
    weights.show_probe(PROBE)
    settle(weights)
    assert "Click a picture" in texts(weights)
    with qtbot.waitSignal(weights.unit_chosen) as chosen:
        canvas_click(qtbot, weights, 5)
    assert chosen.args == [5]
    later = changed(start, 20, seed=3)
    pick(weights, "weights_sorting", "by change")
    weights.show_snapshot(later, start=start)
    settle(weights)
    assert weights.chosen_unit == 5
    norm = np.linalg.norm(later.weights[0][:, 5])
    change = np.linalg.norm(later.weights[0][:, 5] - start.weights[0][:, 5])
    answers = np.maximum(PROBE @ later.weights[0][:, 5] + later.biases[0][5], 0)
    best = int(later.weights[1][5].argmax())
    expected = (
        f"unit 5: weight norm {norm:.2f}, bias {later.biases[0][5]:+.3f}, speaks most for "
        f"{later.class_names[best]} ({later.weights[1][5].max():+.3f}), change since step 7 {change:.2f}, "
        f"mean activity {answers.mean():.2f}, answers {np.mean(answers > 0):.0%} of 64 digits"
    )
    qtbot.waitUntil(lambda: weights.refresh() or expected in texts(weights))
    qtbot.waitUntil(lambda: expected in texts(weights))
    assert canvas(weights).accessibleDescription() == expected


def test_a_class_is_named_and_does_not_speak_for_others(qtbot: QtBot, weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([6]))
    pick(weights, "weights_layer", "output (projected)")
    settle(weights)
    canvas_click(qtbot, weights, 2)
    line = weights.findChild(QLabel, "weights_unit")
    assert line
    assert line.text().startswith("class c: weight norm ")
    assert "speaks" not in line.text()
    assert "activity" not in line.text()


def test_another_layer_or_network_has_no_chosen_unit(qtbot: QtBot, weights: UnitsView) -> None:
    weights.show_snapshot(snapshot_of([6, 4]))
    settle(weights)
    canvas_click(qtbot, weights, 5)
    pick(weights, "weights_layer", "hidden layer 2 (projected)")
    settle(weights)
    assert weights.chosen_unit is None
    canvas_click(qtbot, weights, 1)
    weights.show_snapshot(snapshot_of([3]))
    settle(weights)
    assert weights.chosen_unit is None
    assert "Click a picture" in texts(weights)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, -3e38])
@pytest.mark.parametrize("layer", ["hidden layer 1", "hidden layer 2 (projected)", "output (projected)"])
def test_ruined_weights_are_drawn_sorted_and_described_without_a_warning(
    qtbot: QtBot, weights: UnitsView, value: float, layer: str
) -> None:
    start = snapshot_of([5, 4])
    ruined = dataclasses.replace(start, parameters=np.full_like(start.parameters, value), step=9)
    weights.show_snapshot(ruined, start=start)
    weights.show_probe(PROBE)
    pick(weights, "weights_layer", layer)
    pick(weights, "weights_picture", "change since start")
    for order in offered(weights, "weights_sorting"):
        pick(weights, "weights_sorting", order)
        settle(weights)
        canvas_click(qtbot, weights, 1)
    pick(weights, "weights_scale", "each unit its own")
    settle(weights)
    weights.grab()


def test_zoom_buttons_act_and_are_offered_only_when_there_is_something_to_zoom(
    qtbot: QtBot, weights: UnitsView
) -> None:
    assert not button(weights, "weights_zoom_in").isEnabled()
    weights.show_snapshot(snapshot_of([16]))
    settle(weights)
    assert not button(weights, "weights_zoom_fit").isEnabled()
    assert weights.mosaic
    columns = weights.mosaic.columns
    click(qtbot, weights, "weights_zoom_in")
    settle(weights)
    assert weights.mosaic.columns < columns
    weights.show_snapshot(changed(snapshot_of([16]), 30))
    settle(weights)
    assert weights.mosaic.columns < columns
    click(qtbot, weights, "weights_zoom_fit")
    settle(weights)
    assert weights.mosaic.columns == columns


def test_the_panel_fits_into_a_narrow_dock_and_every_control_is_explained(weights: UnitsView) -> None:
    assert weights.minimumSizeHint().width() <= 300
    controls = [*weights.findChildren(QComboBox), *weights.findChildren(QToolButton)]
    assert len(controls) == 9
    for control in controls:
        assert control.objectName()
        assert control.toolTip()
        assert control.accessibleName()
