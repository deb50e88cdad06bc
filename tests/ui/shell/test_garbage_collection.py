"""What Python can delete is deleted between Qt's calls, and never within them."""

import gc
import weakref

from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.ui.shell.garbage_collection import collect_between_events, stop


class Forgotten(QWidget):
    """Refers to itself: only a search finds that nothing else does."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_widgets_that_nothing_refers_to_are_deleted_in_the_event_loop_and_not_before(
    qtbot: QtBot, qapp: QApplication
) -> None:
    gc.enable()
    collector = collect_between_events()
    try:
        assert not gc.isenabled()
        gone = weakref.ref(Forgotten())
        several = [[number] for number in range(10_000)]  # enough for a search to be due
        QLabel("a call of Qt's")
        assert len(several) == 10_000
        assert gone() is not None
        qtbot.waitUntil(lambda: gone() is None)
    finally:
        stop(collector)
        assert gc.isenabled()
        gc.unfreeze()
        gc.disable()
