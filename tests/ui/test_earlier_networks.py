"""The menu of networks left behind: newest first, within its memory, each described well enough to be chosen."""

import numpy as np
import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui import earlier_networks
from mnist_gui.ui.earlier_networks import EarlierNetworks
from tests.support import small_config


def network(hidden: int, *, accuracy: float = 0.95) -> Snapshot:
    return Snapshot.of(
        np.zeros(785 * hidden + (hidden + 1) * 10, np.float32),
        config=small_config({"network.hidden": [hidden]}),
        image_shape=(28, 28),
        class_names=tuple("0123456789"),
        step=120,
        epoch=10,
        validation_loss=0.2 if accuracy == accuracy else accuracy,
        validation_accuracy=accuracy,
    )


@pytest.fixture
def menu(qtbot: QtBot) -> QMenu:
    menu = QMenu()
    qtbot.addWidget(menu)
    return menu


@pytest.fixture
def earlier(menu: QMenu) -> EarlierNetworks:
    return EarlierNetworks(menu)


def test_networks_are_offered_newest_first_with_what_they_are(menu: QMenu, earlier: EarlierNetworks) -> None:
    earlier.add(network(3))
    earlier.add(network(4, accuracy=float("nan")))
    assert menu.isEnabled()
    assert [action.text() for action in menu.actions()] == [
        "784-4-10 relu, 10 epochs",
        "784-3-10 relu, 10 epochs, validation 95.00%",
    ]


def test_a_click_on_a_network_chooses_it(qtbot: QtBot, menu: QMenu, earlier: EarlierNetworks) -> None:
    networks = [network(size) for size in (3, 4, 5)]
    for left in networks:
        earlier.add(left)
    with qtbot.waitSignal(earlier.chosen) as chosen:
        menu.actions()[2].trigger()
    assert chosen.args[0] is networks[0]


def test_a_network_that_is_saved_or_shown_is_not_offered_any_more(menu: QMenu, earlier: EarlierNetworks) -> None:
    first, second = network(3), network(3)
    earlier.add(first)
    earlier.add(second)
    earlier.forget(first)
    earlier.forget(None)
    assert len(earlier) == 1
    earlier.forget(second)
    assert (len(earlier), menu.isEnabled(), menu.actions()) == (0, False, [])


def test_the_oldest_give_way_when_the_memory_is_used_up_but_the_newest_never(
    earlier: EarlierNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = network(3).parameters.nbytes
    monkeypatch.setattr(earlier_networks, "BUDGET_BYTES", 2 * size)
    networks = [network(3) for _ in range(4)]
    for left in networks:
        earlier.add(left)
    assert len(earlier) == 2
    earlier.add(network(100))
    assert len(earlier) == 1
