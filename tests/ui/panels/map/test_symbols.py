"""The marks of classes: told apart by people with each kind of colour blindness, and by more than colour beyond ten."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from mnist_gui.ui.panels.map.symbols import COLOURS, SYMBOLS, colour_of, mark, symbol_of
from mnist_gui.ui.widgets.theme import DARK, LIGHT, Theme

# How linear RGB is seen without one kind of cone: Machado, Oliveira & Fernandes 2009, table 1, severity 1.
SIGHTS = {
    "full colour": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(name: str) -> np.ndarray:
    """sRGB without its gamma (IEC 61966-2-1)."""
    levels = np.array(QColor(name).getRgbF()[:3])
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear RGB."""
    ratios = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_differ_by_many_just_noticeable_steps(sight: str) -> None:
    seen = [lab(SIGHTS[sight] @ linear(name)) for name in COLOURS]
    assert len(seen) == 10
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 15  # one step is about 2.3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_background(theme: Theme) -> None:
    background = (TO_XYZ @ linear(theme.base))[1] + 0.05
    for name in COLOURS:
        luminance = (TO_XYZ @ linear(name))[1] + 0.05
        assert max(luminance, background) / min(luminance, background) > 1.5


def test_fifty_classes_have_fifty_marks(qtbot: QtBot) -> None:
    assert len({(colour_of(label).name(), symbol_of(label)) for label in range(50)}) == 50
    pictures = [mark(label, 2.0).toImage() for label in range(0, 50, 10)]
    assert len(pictures) == len(SYMBOLS)
    for one, other in combinations(pictures, 2):
        assert one != other  # of one colour, and of different shapes


def test_the_first_ten_classes_are_discs() -> None:
    assert {symbol_of(label) for label in range(10)} == {"disc"}
    assert symbol_of(46) != symbol_of(6)
