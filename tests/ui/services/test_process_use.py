"""The processes of the computer are for one at a time."""

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from mnist_gui.ui.services.process_use import ProcessUse


def test_one_uses_the_processes_until_it_frees_them(qtbot: QtBot) -> None:
    parent = QObject()
    processes = ProcessUse(parent)
    changes: list[str] = []
    processes.changed.connect(lambda: changes.append(processes.busy_for("")))
    assert processes.take("A search")
    assert processes.take("A search")  # which uses them already
    assert not processes.take("A sweep")
    processes.free("A sweep")  # which never had them
    assert (processes.busy_for("A sweep"), processes.busy_for("A search")) == ("A search", "")
    processes.free("A search")
    assert processes.take("A sweep")
    assert changes == ["A search", "", "A sweep"]
