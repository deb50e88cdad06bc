"""The mosaic on its own: colours that everybody tells apart, choosing by mouse and key, zoom and scrolling."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.inspection.weight_images import GAP_INDEX, ZERO_INDEX, mosaic
from mnist_gui.ui.panels.units.mosaic import SMALLEST_ZOOMED_CELL, UnitMosaic
from mnist_gui.ui.widgets.theme import DARK
from mnist_gui.ui.widgets.weight_colormap import rgb_picture, rgb_table
from tests.ui.person import show_window

# What people without red, green or blue cones see of linear RGB (Machado, Oliveira & Fernandes 2009, severity 1).
COLOUR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def as_lab(rgb: np.ndarray, seen_by: str) -> np.ndarray:
    """CIE L*a*b* (D65) of sRGB colours 0..255, (N, 3), as people with this colour blindness see them."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.array(COLOUR_BLINDNESS[seen_by]).T, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = linear @ to_xyz.T / [0.9505, 1.0, 1.089]
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1)


@pytest.mark.parametrize("seen_by", COLOUR_BLINDNESS)
def test_everybody_tells_the_signs_of_weights_apart_and_sees_larger_ones_darker(seen_by: str) -> None:
    lab = as_lab(rgb_table("#000000").astype(float), seen_by)
    sizes = np.arange(1, 128)
    negative, positive = lab[ZERO_INDEX - sizes], lab[ZERO_INDEX + sizes]
    differences = np.linalg.norm(negative - positive, axis=1)
    assert (differences[32:] > 20).all()  # from a quarter of the scale; 2.3 is just noticeable
    for side in (negative, positive):
        lightness = side[::16, 0]
        assert (np.diff(lightness) < 0).all()


def test_a_picture_for_a_film_has_the_colours_of_the_table_each_pixel_a_square() -> None:
    weights = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    small = mosaic(weights, (2, 3), 3, 1.0)
    large = rgb_picture(small, "#102030", 100)
    factor = large.shape[1] // small.indices.shape[1]
    assert (large.dtype, large.shape) == (np.uint8, (7 * factor, 13 * factor, 3))
    assert 100 <= large.shape[1] < 100 + 13
    table = rgb_table("#102030")
    for (row, column), index in np.ndenumerate(small.indices):
        square = large[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
        assert (square == table[index]).all()
    assert table[GAP_INDEX].tolist() == [0x10, 0x20, 0x30]
    assert table[ZERO_INDEX].min() > 200


def test_a_wide_mosaic_is_not_enlarged_for_a_film() -> None:
    small = mosaic(np.zeros((4, 3), np.float32), (2, 2), 3, 1.0)
    assert rgb_picture(small, "#000000", 1).shape == (*small.indices.shape, 3)


UNITS = 30


@pytest.fixture
def view(qtbot: QtBot) -> UnitMosaic:
    view = UnitMosaic()
    qtbot.addWidget(view)
    view.resize(300, 200)
    show_window(qtbot, view)
    view.zoomed.connect(lambda: show(view))
    show(view)
    return view


def show(view: UnitMosaic, units: int = UNITS) -> None:
    """Units in reverse order, in the columns that the view asks for."""
    columns = view.columns_for(units, (4, 4))
    view.show_mosaic(mosaic(np.zeros((16, units), np.float32), (4, 4), columns, 1.0, np.arange(units)[::-1]), str)


def canvas(view: UnitMosaic) -> QWidget:
    found = view.findChild(QWidget, "weights")
    assert found
    return found


def place_of(view: UnitMosaic, position: int) -> QPoint:
    """The middle of a cell, on the canvas: pictures of 4 x 4 pixels, with a gap of one pixel on each side."""
    picture = view.mosaic
    assert picture
    pixel = canvas(view).width() / (5 * picture.columns + 1)
    row, column = divmod(position, picture.columns)
    return QPoint(int((5 * column + 3) * pixel), int((5 * row + 3) * pixel))


def wheel(view: UnitMosaic, turn: int, at: QPoint, keys: Qt.KeyboardModifier) -> bool:
    """Turn the wheel over a place of the canvas; whether it took the turn for itself."""
    place = QPointF(at)
    event = QWheelEvent(
        place,
        canvas(view).mapToGlobal(place),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas(view), event)
    return event.isAccepted()


@pytest.mark.parametrize("position", [0, 4, UNITS - 1])
def test_a_click_chooses_the_unit_that_is_drawn_there(qtbot: QtBot, view: UnitMosaic, position: int) -> None:
    with qtbot.waitSignal(view.unit_chosen) as chosen:
        qtbot.mouseClick(canvas(view), Qt.MouseButton.LeftButton, pos=place_of(view, position))
    assert chosen.args == [UNITS - 1 - position]
    assert view.chosen == UNITS - 1 - position


def test_a_click_beside_the_units_chooses_nothing(qtbot: QtBot, view: UnitMosaic) -> None:
    with qtbot.assertNotEmitted(view.unit_chosen):
        qtbot.mouseClick(canvas(view), Qt.MouseButton.RightButton, pos=place_of(view, 0))
        show(view, UNITS - 1)
        assert view.mosaic
        assert (UNITS - 1) % view.mosaic.columns
        qtbot.mouseClick(canvas(view), Qt.MouseButton.LeftButton, pos=place_of(view, UNITS - 1))
    assert view.chosen is None


def test_the_chosen_unit_is_outlined_and_no_other(view: UnitMosaic) -> None:
    canvas(view).clearFocus()
    plain = canvas(view).grab().toImage()
    view.choose(UNITS - 1 - 7)
    outlined = canvas(view).grab().toImage()
    side = canvas(view).width() / (view.mosaic.columns if view.mosaic else 1)
    middle = place_of(view, 7)
    changed = [
        (x, y) for x in range(plain.width()) for y in range(plain.height()) if plain.pixel(x, y) != outlined.pixel(x, y)
    ]
    assert changed
    assert all(max(abs(x - middle.x()), abs(y - middle.y())) <= side / 2 + 4 for x, y in changed)
    assert all(max(abs(x - middle.x()), abs(y - middle.y())) >= side / 4 for x, y in changed)


def test_marked_units_are_outlined_in_the_colour_of_their_legend_and_no_other(view: UnitMosaic) -> None:
    view.show_theme(DARK)
    show(view)
    canvas(view).clearFocus()
    plain = canvas(view).grab().toImage()
    view.mark([UNITS - 1 - 7, UNITS - 1 - 12, 9999])  # the last is no unit of this mosaic
    marked = canvas(view).grab().toImage()
    half = canvas(view).width() / (view.mosaic.columns if view.mosaic else 1) / 2
    middles = [place_of(view, position) for position in (7, 12)]
    colours = set()
    for x in range(plain.width()):
        for y in range(plain.height()):
            if plain.pixel(x, y) != marked.pixel(x, y):
                colours.add(marked.pixelColor(x, y).name())
                away = min(max(abs(x - middle.x()), abs(y - middle.y())) for middle in middles)
                assert half / 2 <= away <= half + 4
    assert DARK.validation in colours
    view.mark([])
    assert canvas(view).grab().toImage() == plain


def test_arrow_keys_go_from_unit_to_unit_and_stop_at_the_edges(qtbot: QtBot, view: UnitMosaic) -> None:
    canvas(view).setFocus()
    columns = view.mosaic.columns if view.mosaic else 0
    assert 2 < columns < UNITS
    key = Qt.Key
    for pressed, position in (
        (key.Key_Right, 0),  # the first key goes to the first unit
        (key.Key_Right, 1),
        (key.Key_Down, 1 + columns),
        (key.Key_Left, columns),
        (key.Key_Up, 0),
        (key.Key_Up, 0),
        (key.Key_Left, 0),
        (key.Key_End, UNITS - 1),
        (key.Key_Right, UNITS - 1),
        (key.Key_Down, UNITS - 1),
        (key.Key_Home, 0),
    ):
        qtbot.keyClick(canvas(view), pressed)
        assert view.chosen == UNITS - 1 - position


def test_keys_without_a_mosaic_do_nothing(qtbot: QtBot, view: UnitMosaic) -> None:
    view.show_mosaic(None, str)
    with qtbot.assertNotEmitted(view.unit_chosen):
        qtbot.keyClick(canvas(view), Qt.Key.Key_Right)
    canvas(view).grab()


def test_going_to_a_unit_scrolls_it_into_sight(qtbot: QtBot, view: UnitMosaic) -> None:
    show(view, 1024)
    canvas(view).setFocus()
    qtbot.keyClick(canvas(view), Qt.Key.Key_End)
    bar = view.verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() > bar.maximum() - 10
    qtbot.keyClick(canvas(view), Qt.Key.Key_Home)
    assert bar.value() == bar.minimum()


def test_zooming_makes_cells_larger_or_smaller_until_the_ends_and_fit_returns(view: UnitMosaic) -> None:
    fitted = canvas(view).width() / (view.mosaic.columns if view.mosaic else 1)
    assert view.is_fitted
    sizes = [fitted]
    for _ in range(12):
        view.zoom_in()
        assert view.mosaic
        sizes.append(canvas(view).width() / view.mosaic.columns)
    assert (np.diff(sizes) >= 0).all()
    assert sizes[1] > sizes[0]
    assert view.mosaic.columns == 1
    for _ in range(60):
        view.zoom_out()
    assert canvas(view).width() / view.mosaic.columns >= SMALLEST_ZOOMED_CELL - 1
    assert canvas(view).height() < view.height()
    view.zoom_to_fit()
    assert canvas(view).width() / view.mosaic.columns == pytest.approx(fitted, abs=1)


def test_a_single_unit_can_be_zoomed_to_the_width_of_the_panel(view: UnitMosaic) -> None:
    view.zoomed.disconnect()
    view.zoomed.connect(lambda: show(view, 1))
    show(view, 1)
    assert canvas(view).width() <= 200
    view.zoom_in()
    assert canvas(view).width() > 250


def test_zoom_is_kept_by_the_next_mosaics(view: UnitMosaic) -> None:
    view.zoom_in()
    size = canvas(view).size()
    show(view)
    assert canvas(view).size() == size


def test_ctrl_and_the_wheel_zoom_and_the_unit_under_the_mouse_stays_there(view: UnitMosaic) -> None:
    view.zoomed.disconnect()
    view.zoomed.connect(lambda: show(view, 1024))
    show(view, 1024)
    bar = view.verticalScrollBar()
    bar.setValue(400)
    assert view.mosaic
    position = 18 * view.mosaic.columns + 1
    at = place_of(view, position)
    cell, height = canvas(view).width() / view.mosaic.columns, at.y() - bar.value()
    wheel(view, 120, at, Qt.KeyboardModifier.ControlModifier)
    assert canvas(view).width() / view.mosaic.columns > cell
    assert abs(place_of(view, position).y() - bar.value() - height) <= 2


def test_a_smooth_wheel_zooms_once_it_has_turned_a_notch(view: UnitMosaic) -> None:
    size = canvas(view).size()
    for _ in range(3):
        wheel(view, 30, QPoint(5, 5), Qt.KeyboardModifier.ControlModifier)
    assert canvas(view).size() == size
    wheel(view, 30, QPoint(5, 5), Qt.KeyboardModifier.ControlModifier)
    assert canvas(view).size() != size


def test_the_wheel_alone_is_left_to_scrolling(view: UnitMosaic) -> None:
    size = canvas(view).size()
    assert wheel(view, 120, QPoint(5, 5), Qt.KeyboardModifier.ControlModifier)
    view.zoom_to_fit()
    assert not wheel(view, -120, QPoint(5, 5), Qt.KeyboardModifier.NoModifier)
    assert canvas(view).size() == size


def test_the_focus_is_seen_before_anything_is_chosen(qtbot: QtBot, view: UnitMosaic) -> None:
    view.show_theme(DARK)
    show(view)
    canvas(view).clearFocus()
    without = canvas(view).grab().toImage()
    view.activateWindow()
    canvas(view).setFocus()
    qtbot.waitUntil(canvas(view).hasFocus)
    assert canvas(view).grab().toImage() != without
