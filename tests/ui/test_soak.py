"""`make stress` uses the window at random for half an hour; here, for a moment."""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.stress.soak import Soak
from tests.stress.sockets import family, listening


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_window_that_is_used_at_random_comes_to_rest_and_raises_nothing(
    qtbot: QtBot, tmp_path: Path, seed: int
) -> None:
    soak = Soak(tmp_path, seed, in_process=True)
    soak.wait(lambda: soak.window.run_controller.dataset is not None)
    for _ in range(60):
        soak.act()
    assert [each for each in listening(family(os.getpid())) if not each.is_loopback] == []
    soak.come_to_rest()
    assert len(soak.window.run_controller.runs) == 0
    assert soak.window.run_controller.runs.nbytes == 0
    soak.close()
    assert not soak.window.isVisible()
    QApplication.processEvents()
