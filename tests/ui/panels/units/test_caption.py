"""The line about a chosen unit: told anew as often as its cost allows, and at once when asked."""

import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.ui.panels.units.caption import DESCRIBING_SHARE, HINT, UnitCaption


class Clock:
    """A time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(qtbot: QtBot, clock: Clock) -> UnitCaption:
    line = UnitCaption(clock)
    qtbot.addWidget(line)
    return line


def test_a_line_that_takes_long_to_make_is_made_less_often(line: UnitCaption, clock: Clock) -> None:
    def describe() -> str:
        clock.now += 0.010
        return f"made until {clock.now:.3f}"

    line.show_unit(describe)
    assert line.refresh()
    assert line.is_dear
    line.show_unit(describe)
    assert not line.refresh()
    clock.now = 100.0 + 0.010 / DESCRIBING_SHARE - 0.001
    assert not line.refresh()
    clock.now += 0.002
    assert line.refresh()
    assert line.text() == "made until 100.211"
    assert line.toolTip() == line.text()


def test_nothing_is_said_twice(line: UnitCaption) -> None:
    line.show_unit(lambda: "unit 3")
    assert line.refresh()
    assert not line.refresh()


def test_without_a_unit_the_line_says_how_to_choose_one(line: UnitCaption) -> None:
    line.show_unit(lambda: "unit 3")
    line.update_text()
    assert line.text() == "unit 3"
    line.show_unit(None)
    assert (line.text(), line.toolTip()) == (HINT, "")
    line.show_nothing()
    assert line.text() == ""
    assert not line.refresh()


def test_a_longer_line_takes_no_more_room(line: UnitCaption) -> None:
    line.resize(300, line.height())
    line.show_unit(lambda: "unit 3 " * 100)
    line.update_text()
    assert line.minimumHeight() == line.maximumHeight() == 3 * line.fontMetrics().lineSpacing()
