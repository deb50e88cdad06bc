"""Classic bugs in the lab: put some into a run, look at their lines of code, or guess a hidden one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.lab.fault import Fault
from mnist_gui.lab.faults import FAULTS
from mnist_gui.ui.quiet_inputs import choice_box
from mnist_gui.ui.roomy_label import RoomyLabel

HINT = "Tick some bugs and train with them, or let one be hidden and find it."


class LabBugs(QWidget):
    """run_asked(names): train with these faults. mystery_asked(): with one that is not told. guessed(name): which it
    was. reset_asked(): forget the score."""

    run_asked = Signal(object)
    mystery_asked = Signal()
    guessed = Signal(str)
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = RoomyLabel("lab_bug_text", 3)
        self._list = QListWidget()
        self._list.setObjectName("lab_bugs")
        self._list.setAccessibleName("Classic bugs")
        for fault in FAULTS.values():
            item = QListWidgetItem(fault.title)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setToolTip(f"<p>{fault.text}</p>")
            self._list.addItem(item)
        self._list.currentRowChanged.connect(self._on_list_current_row_changed)
        self._lines = QPlainTextEdit()
        self._lines.setObjectName("lab_lines")
        self._lines.setAccessibleName("Its wrong lines, and the right ones")
        self._lines.setReadOnly(True)
        self._lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._train = _button("lab_train", "Train with these", "Train what the form says with the ticked bugs")
        self._train.clicked.connect(lambda: self.run_asked.emit(self.ticked))
        self._mystery = _button(
            "lab_mystery", "Mystery bug", "Train with a bug that is not told. Watch, then say which it is"
        )
        self._mystery.clicked.connect(self.mystery_asked)
        titles = {"Which bug is it?": "Choose, then press the button", **{f.title: f.text for f in FAULTS.values()}}
        self._guess = choice_box("lab_guess", "Your answer", titles)
        self._guess.setToolTip("Your answer to the mystery")
        self._answer = _button("lab_answer", "That is it", "Say so, and be told")
        self._answer.clicked.connect(self._on_answer_clicked)
        self._reset = _button("lab_reset", "Reset score", "Forget how many were found")
        self._reset.clicked.connect(self.reset_asked)
        self._lay_out()
        self.show_mystery(is_open=False)
        self.say(HINT)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._list)
        splitter.addWidget(self._lines)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([150, 210])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(splitter, 1)
        for row in ((self._train, self._mystery), (self._guess, self._answer, self._reset)):
            buttons = QHBoxLayout()
            buttons.setSpacing(4)
            for place, widget in enumerate(row):
                buttons.addWidget(widget, 1 if place == 0 else 0)
            layout.addLayout(buttons)

    @property
    def ticked(self) -> list[str]:
        """The faults that are ticked."""
        states = (self._list.item(row).checkState() for row in range(self._list.count()))
        return [name for name, state in zip(FAULTS, states, strict=True) if state is Qt.CheckState.Checked]

    @property
    def text(self) -> str:
        """What is said above the list."""
        return self._text.text()

    def tick(self, names: Sequence[str]) -> None:
        """Tick these and no others."""
        for row, name in enumerate(FAULTS):
            self._list.item(row).setCheckState(Qt.CheckState.Checked if name in names else Qt.CheckState.Unchecked)

    def say(self, text: str) -> None:
        """Say something above the list."""
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>")

    def show_fault(self, fault: Fault) -> None:
        """Choose a fault, and show its lines."""
        self._list.setCurrentRow(list(FAULTS).index(fault.name))

    def show_mystery(self, *, is_open: bool) -> None:
        """Whether there is a bug to be found now."""
        self._guess.setEnabled(is_open)
        self._answer.setEnabled(is_open)
        self._guess.setCurrentIndex(0)

    @Slot(int)
    def _on_list_current_row_changed(self, row: int) -> None:
        fault = list(FAULTS.values())[row]
        self._lines.setPlainText(f"# wrong\n{fault.wrong}\n\n# right\n{fault.right}\n")
        need = f" It needs {fault.need.text}." if fault.need else ""
        self.say(f"{fault.text}{need}")

    @Slot()
    def _on_answer_clicked(self) -> None:
        if self._guess.currentIndex() > 0:
            self.guessed.emit(list(FAULTS)[self._guess.currentIndex() - 1])


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(f"<p>{tip}</p>")
    return button
