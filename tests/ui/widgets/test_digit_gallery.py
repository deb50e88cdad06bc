"""The gallery of digits: any number of them, reached with mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.support import make_trainer


@pytest.fixture(scope="module")
def split() -> Split:
    return make_trainer().splits.validation


@pytest.fixture
def gallery(qtbot: QtBot) -> DigitGallery:
    view = DigitGallery("gallery", "Digits")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    return view


def show(view: DigitGallery, split: Split, digits: list[int]) -> None:
    view.show_digits(split, np.array(digits, np.intp), lambda digit: f"no. {digit}", lambda digit: f"digit {digit}")


def press(qtbot: QtBot, view: DigitGallery, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(view, key)


def test_digits_are_laid_out_row_by_row_in_their_order(gallery: DigitGallery, split: Split) -> None:
    show(gallery, split, [5, 3, 8, 1, 9, 2, 7])
    model = gallery.model()
    columns = model.columnCount()
    assert columns > 1
    found = [model.index(place // columns, place % columns).data() for place in range(7)]
    assert found == ["no. 5", "no. 3", "no. 8", "no. 1", "no. 9", "no. 2", "no. 7"]


def test_there_are_as_many_columns_as_there_is_room_for(gallery: DigitGallery, split: Split) -> None:
    show(gallery, split, list(range(50)))
    wide = gallery.model().columnCount()
    gallery.resize(120, 300)
    assert gallery.model().columnCount() == 1
    gallery.resize(400, 300)
    assert gallery.model().columnCount() == wide
    assert gallery.columnWidth(0) * wide <= gallery.viewport().width()


def test_a_clicked_digit_is_told_by_its_index_in_the_split(qtbot: QtBot, gallery: DigitGallery, split: Split) -> None:
    show(gallery, split, [150, 42, 7])
    with qtbot.waitSignal(gallery.digit_chosen) as told:
        second = gallery.visualRect(gallery.model().index(0, 1)).center()
        qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=second)
    assert told.args == [42]
    assert gallery.chosen == 42


def test_arrow_keys_go_on_in_the_next_row_and_stop_at_both_ends(
    qtbot: QtBot, gallery: DigitGallery, split: Split
) -> None:
    show(gallery, split, list(range(100, 120)))
    columns = gallery.model().columnCount()
    told: list[int] = []
    gallery.digit_chosen.connect(told.append)
    press(qtbot, gallery, Qt.Key.Key_Right, *[Qt.Key.Key_Right] * columns, Qt.Key.Key_Down)
    assert told == [*range(100, 101 + columns), 100 + 2 * columns]
    press(qtbot, gallery, *[Qt.Key.Key_Left] * 40)
    assert gallery.chosen == 100
    press(qtbot, gallery, *[Qt.Key.Key_Right] * 40)
    assert gallery.chosen == 119


def test_what_is_chosen_stays_chosen_and_in_its_place_when_the_digits_are_shown_anew(
    gallery: DigitGallery, split: Split
) -> None:
    show(gallery, split, list(range(200)))
    gallery.grab()
    gallery.choose(120, is_to_be_seen=True)
    scrolled = gallery.verticalScrollBar().value()
    assert scrolled > 0
    told: list[int] = []
    gallery.digit_chosen.connect(told.append)
    show(gallery, split, list(range(200))[::-1])
    assert gallery.chosen == 120
    assert gallery.currentIndex().data() == "no. 120"
    assert gallery.verticalScrollBar().value() == scrolled
    assert told == []


def test_a_chosen_digit_that_went_is_chosen_again_when_it_comes_back(gallery: DigitGallery, split: Split) -> None:
    show(gallery, split, [1, 2, 3])
    gallery.choose(2)
    show(gallery, split, [1, 3])
    assert not gallery.currentIndex().isValid()
    assert gallery.chosen == 2
    show(gallery, split, [3, 2])
    assert gallery.currentIndex().data() == "no. 2"


def test_places_behind_the_last_digit_are_no_digits(qtbot: QtBot, gallery: DigitGallery, split: Split) -> None:
    show(gallery, split, [4])
    told: list[int] = []
    gallery.digit_chosen.connect(told.append)
    qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(gallery.viewport().width() - 5, 20))
    press(qtbot, gallery, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert told == [4]
    gallery.show_nothing()
    press(qtbot, gallery, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert gallery.digits == []
    gallery.grab()
