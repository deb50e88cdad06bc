"""The canvas on its own: strokes of mouse and pen, undo, and what is dropped on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_gui.ui.panels.draw.brush import SIDE
from mnist_gui.ui.panels.draw.canvas import MOST_UNDO, DrawCanvas

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> DrawCanvas:
    """As large on the screen as its picture, so that a pixel is a pixel."""
    made = DrawCanvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    made.show()
    return made


def mouse(canvas: DrawCanvas, kind: QEvent.Type, at: tuple[float, float], button: Qt.MouseButton) -> None:
    place = QPointF(*at)
    is_held = kind is not QEvent.Type.MouseButtonRelease
    held = button if is_held else NO_BUTTON
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, held, NO_KEY)
    QApplication.sendEvent(canvas, event)


def stroke(canvas: DrawCanvas, *places: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    """From place to place (x, y) with a button held."""
    mouse(canvas, QEvent.Type.MouseButtonPress, places[0], button)
    for place in places[1:]:
        mouse(canvas, QEvent.Type.MouseMove, place, button)
    mouse(canvas, QEvent.Type.MouseButtonRelease, places[-1], button)


def distance_to_segment(a: tuple[float, float], b: tuple[float, float]) -> np.ndarray:
    """Of the middle of every pixel, (SIDE, SIDE)."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    ax, ay = a
    dx, dy = b[0] - ax, b[1] - ay
    along = np.clip(((columns - ax) * dx + (rows - ay) * dy) / (dx * dx + dy * dy or 1), 0, 1)
    return np.hypot(columns - ax - along * dx, rows - ay - along * dy)


def test_a_stroke_covers_what_is_within_half_its_thickness_and_has_soft_sides(canvas: DrawCanvas) -> None:
    stroke(canvas, (60.5, 80), (120, 140), (200, 220))
    distance = distance_to_segment((60.5, 80), (200, 220))
    pixels = canvas.pixels
    assert (pixels[distance < 9] == 255).all()
    assert (pixels[distance > 11.5] == 0).all()
    assert ((pixels > 0) & (pixels < 255)).sum() > 100


def test_pieces_that_overlap_leave_the_sides_as_soft_as_one(canvas: DrawCanvas) -> None:
    stroke(canvas, (50, 100), (150, 130))
    once = canvas.pixels
    for _ in range(5):
        stroke(canvas, (50, 100), (150, 130))
    np.testing.assert_array_equal(canvas.pixels, once)


def test_a_stroke_is_round_where_the_hand_turned(canvas: DrawCanvas) -> None:
    """Between the places where the mouse was seen runs a curve, not a polygon, and it goes on without a gap."""
    angles = np.linspace(0, 2 * np.pi, 13)
    stroke(canvas, *[(140 + 80 * np.cos(angle), 140 + 80 * np.sin(angle)) for angle in angles])
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    radius = np.hypot(rows - 140, columns - 140)
    pixels = canvas.pixels
    assert (pixels[(radius < 62) | (radius > 91.5)] == 0).all()
    assert (pixels[np.abs(radius - 78) < 4] == 255).all()


def test_a_click_leaves_a_dot(canvas: DrawCanvas) -> None:
    stroke(canvas, (70, 90))
    distance = distance_to_segment((70, 90), (70, 90))
    np.testing.assert_array_equal(canvas.pixels[distance < 9], 255)
    np.testing.assert_array_equal(canvas.pixels[distance > 11.5], 0)


def test_the_drawing_follows_the_mouse_whatever_the_size_on_the_screen(qtbot: QtBot) -> None:
    canvas = DrawCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(140, 300)
    canvas.show()
    stroke(canvas, (35, 70))
    rows, columns = np.nonzero(canvas.pixels)
    assert (rows.mean(), columns.mean()) == pytest.approx((139.5, 69.5), abs=0.6)


def test_thickness_is_that_of_the_picture(canvas: DrawCanvas) -> None:
    canvas.thickness = 40.0
    stroke(canvas, (50, 140), (230, 140))
    assert canvas.pixels[:, 140].sum() / 255 == pytest.approx(40, abs=0.5)


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_the_eraser_and_the_right_button_take_ink_away(canvas: DrawCanvas, button: Qt.MouseButton) -> None:
    stroke(canvas, (20, 140), (260, 140))
    canvas.tool = "eraser" if button == LEFT else "pen"
    stroke(canvas, (140, 100), (140, 180), button=button)
    assert not canvas.pixels[:, 132:148].any()
    assert canvas.pixels[140, 50] == 255


def test_every_step_can_be_taken_back(canvas: DrawCanvas) -> None:
    steps: list[Callable[[], None]] = [
        lambda: stroke(canvas, (20, 20), (60, 60)),
        lambda: stroke(canvas, (100, 20), (160, 60)),
        lambda: stroke(canvas, (40, 40), button=RIGHT),
        lambda: canvas.show_picture(np.full((SIDE, SIDE), 99, np.uint8)),
        canvas.clear,
        lambda: stroke(canvas, (200, 20), (200, 260)),
    ]
    states = []
    for step in steps:
        states.append(canvas.pixels)
        step()
        assert (canvas.pixels != states[-1]).any()
    for state in reversed(states):
        assert canvas.can_undo
        canvas.undo()
        np.testing.assert_array_equal(canvas.pixels, state)
    assert not canvas.can_undo
    canvas.undo()
    assert canvas.is_blank


def test_a_long_drawing_keeps_only_so_many_steps(canvas: DrawCanvas) -> None:
    for step in range(MOST_UNDO + 5):
        stroke(canvas, (10 + step, 100))
    for _ in range(MOST_UNDO):
        canvas.undo()
    assert not canvas.can_undo
    assert not canvas.is_blank


def test_nothing_is_undone_while_the_hand_draws(canvas: DrawCanvas) -> None:
    mouse(canvas, QEvent.Type.MouseButtonPress, (50, 50), LEFT)
    canvas.undo()
    mouse(canvas, QEvent.Type.MouseMove, (90, 50), LEFT)
    mouse(canvas, QEvent.Type.MouseButtonRelease, (90, 50), LEFT)
    assert canvas.pixels[50, 60] == 255


def test_clearing_an_empty_canvas_is_no_step(canvas: DrawCanvas, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(canvas.changed):
        canvas.clear()
    assert not canvas.can_undo


def test_moving_without_a_button_draws_nothing(canvas: DrawCanvas) -> None:
    mouse(canvas, QEvent.Type.MouseMove, (50, 50), NO_BUTTON)
    mouse(canvas, QEvent.Type.MouseButtonPress, (50, 50), Qt.MouseButton.MiddleButton)
    assert canvas.is_blank


def test_places_outside_the_canvas_do_no_harm(canvas: DrawCanvas) -> None:
    stroke(canvas, (140, 140), (-1e6, 140), (1e6, 1e6), (140, -50))
    assert not canvas.is_blank
    canvas.grab()


# A tablet


def pen(canvas: DrawCanvas, kind: QEvent.Type, at: tuple[float, float], pressure: float, *, is_turned: bool) -> None:
    types = QPointingDevice.PointerType
    pointer = types.Eraser if is_turned else types.Pen
    kind_of_device, can = QInputDevice.DeviceType.Stylus, QInputDevice.Capability.Pressure
    device = QPointingDevice("pen", 1, kind_of_device, pointer, can, 1, 1)
    place = QPointF(*at)
    event = QTabletEvent(
        kind, device, place, canvas.mapToGlobal(place), pressure, 0, 0, 0.0, 0.0, 0.0, NO_KEY, LEFT, LEFT
    )
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()


def pen_stroke(canvas: DrawCanvas, pressure: float, *places: tuple[float, float], is_turned: bool = False) -> None:
    pen(canvas, QEvent.Type.TabletPress, places[0], pressure, is_turned=is_turned)
    for place in places[1:]:
        pen(canvas, QEvent.Type.TabletMove, place, pressure, is_turned=is_turned)
    pen(canvas, QEvent.Type.TabletRelease, places[-1], pressure, is_turned=is_turned)


def test_pressure_makes_a_stroke_thicker(canvas: DrawCanvas) -> None:
    thickness = []
    for pressure in (0.0, 0.5, 1.0):
        canvas.clear()
        pen_stroke(canvas, pressure, (50, 140), (120, 140), (230, 140))
        thickness.append(canvas.pixels[:, 140].sum() / 255)
    assert thickness == pytest.approx([8, 17, 26], abs=0.5)


def test_the_other_end_of_the_pen_erases(canvas: DrawCanvas) -> None:
    stroke(canvas, (20, 140), (260, 140))
    pen_stroke(canvas, 1.0, (140, 100), (140, 180), is_turned=True)
    assert not canvas.pixels[:, 132:148].any()


# Dropping


def test_a_file_or_a_picture_that_is_dropped_is_told_of(canvas: DrawCanvas, qtbot: QtBot, tmp_path: Path) -> None:
    file, picture = QMimeData(), QMimeData()
    file.setUrls([QUrl.fromLocalFile(str(tmp_path / "7.png"))])
    picture.setImageData(QImage(5, 5, QImage.Format.Format_RGB32))
    for data in (file, picture):
        enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, NO_KEY)
        QApplication.sendEvent(canvas, enter)
        assert enter.isAccepted()
        drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NO_KEY)
        with qtbot.waitSignal(canvas.dropped) as told:
            QApplication.sendEvent(canvas, drop)
        assert told.args == [data]


def test_what_is_no_picture_cannot_be_dropped(canvas: DrawCanvas) -> None:
    data = QMimeData()
    data.setText("seven")
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, NO_KEY)
    QApplication.sendEvent(canvas, enter)
    assert not enter.isAccepted()
