"""Bars of classes and the seen digit: what is painted, for few classes and for many, and for values that are none."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from mnist_gui.inspection.top_two import Verdict
from mnist_gui.ui.panels.draw.input_preview import NO_ANSWER, InputPreview
from mnist_gui.ui.widgets.class_bars import LEAST_ROW, ClassBars, Shares
from mnist_gui.ui.widgets.theme import DARK, LIGHT, Theme

NAMES = tuple("0123456789")


@pytest.fixture
def bars(qtbot: QtBot) -> ClassBars:
    made = ClassBars()
    qtbot.addWidget(made)
    made.resize(200, 160)
    made.show()
    return made


def share_of(image: QImage, colour: str, rows: range) -> float:
    """How much of these rows of pixels has a colour."""
    wanted = QColor(colour).rgb()
    found = [image.pixel(x, y) == wanted for y in rows for x in range(image.width())]
    return float(np.mean(found))


def test_a_bar_is_as_long_as_its_share(bars: ClassBars) -> None:
    values = np.zeros(10)
    values[2], values[7] = 0.25, 0.75
    bars.show_shares(NAMES, [Shares("it", values)])
    image = bars.grab().toImage()
    short, long = (share_of(image, LIGHT.train, range(16 * label + 4, 16 * label + 12)) for label in (2, 7))
    assert long / short == pytest.approx(3, rel=0.1)
    assert share_of(image, LIGHT.train, range(30)) == 0


def test_two_networks_have_bars_one_above_the_other_in_their_own_colours(bars: ClassBars) -> None:
    bars.show_theme(DARK)
    bars.show_shares(NAMES, [Shares("it", np.eye(10)[0]), Shares("run 1", np.eye(10)[0])])
    image = bars.grab().toImage()
    assert share_of(image, DARK.train, range(3, 7)) > 0.4
    assert share_of(image, DARK.validation, range(3, 7)) == 0
    assert share_of(image, DARK.validation, range(10, 14)) > 0.4


@pytest.mark.parametrize("count", [2, 47, 256])
def test_any_number_of_classes_has_room(bars: ClassBars, count: int) -> None:
    names = tuple(f"a long name of class {label}" for label in range(count))
    bars.show_shares(names, [Shares("it", np.full(count, 1 / count))])
    assert bars.minimumHeight() == count * LEAST_ROW
    bars.grab()


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1.0])
def test_values_that_are_no_numbers_are_drawn_as_nothing(bars: ClassBars, value: float) -> None:
    bars.show_shares(NAMES, [Shares("it", np.full(10, value, np.float32))])
    bars.grab()


def test_a_class_that_is_pointed_at_tells_both_shares(bars: ClassBars, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, __: told.append(text))
    bars.show_shares(NAMES, [Shares("it", np.eye(10)[3] * 0.5), Shares("run 1", np.eye(10)[3])])
    at = QPoint(50, 3 * 16 + 8)
    QApplication.sendEvent(bars, QHelpEvent(QEvent.Type.ToolTip, at, bars.mapToGlobal(at)))
    assert told == ["3: it 50.00%, run 1 100.00%"]


def test_without_classes_nothing_is_drawn(bars: ClassBars) -> None:
    bars.show_shares((), [])
    bars.grab()


def test_the_seen_digit_tells_both_choices_and_those_of_a_second_network(qtbot: QtBot) -> None:
    seen = InputPreview()
    qtbot.addWidget(seen)
    seen.resize(84, 180)
    seen.show_picture(np.zeros((8, 6), np.uint8))
    seen.show_verdict(Verdict(3, 0.9967, 5, 0.0001), NAMES, Verdict(5, 0.5, 3, 0.4))
    assert seen.lines == ["3", ">99 %", "then 5: <1 %", "5 50 %"]
    assert seen.accessibleDescription() == "3, >99 %, then 5: <1 %, 5 50 %"
    seen.grab()
    seen.show_verdict(Verdict(0, 1.0, 1, 0.0), ("a very long name", "b"))
    assert seen.lines == ["a very long name", "100 %", "then b: 0 %"]
    seen.grab()
    seen.show_verdict(None, NAMES)
    assert seen.lines == [NO_ANSWER]
    seen.show_nothing()
    assert seen.lines == []


@pytest.mark.parametrize(("before", "after"), [(LIGHT, DARK), (DARK, LIGHT)])
def test_a_change_of_theme_repaints_what_is_said_in_colours_that_are_read_on_it(
    qtbot: QtBot, before: Theme, after: Theme
) -> None:
    pictures = []
    for themes in ((before, after), (after,)):
        seen = InputPreview()
        qtbot.addWidget(seen)
        seen.resize(84, 180)
        seen.show_picture(np.zeros((8, 6), np.uint8))
        seen.show_theme(themes[0])
        seen.show_verdict(Verdict(3, 0.9967, 5, 0.0001), NAMES, Verdict(5, 0.5, 3, 0.4))
        for theme in themes[1:]:
            seen.show_theme(theme)
        pictures.append(seen.grab().toImage())
    assert pictures[0] == pictures[1]
