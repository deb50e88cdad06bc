"""Classic bugs in the lab: put some into a run, look at their lines of code, or guess a hidden one."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS
from mnist_gui.ui.panels.lab.code_diff_view import CodeDiffView
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.buttons import push_button
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import LIGHT, Theme

HINT = "Tick some bugs and train with them, or let one be hidden and find it."
QUESTION = "Which bug is it?"
# The lines stand below the list; beside it in a wide panel, and in one too low for both, in pixels.
WIDE, LOW = 560, 220
LOWEST = 30


class FaultsPage(QWidget):
    """run_asked(names): train with these faults. remedy_asked(name): make the setting that this one needs.
    mystery_asked(): train with one that is not shown. guessed(name): which it was. given_up(): show it. reset_asked():
    forget the score."""

    run_asked = Signal(object)
    remedy_asked = Signal(str)
    hidden_fault_asked = Signal()
    guessed = Signal(str)
    given_up = Signal()
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._remedies: Mapping[str, str] = {}
        self._idle: set[str] = set()
        self._theme = LIGHT
        self._text = FixedHeightLabel("lab_bug_text", 3)
        self._list = _list_of_bugs()
        self._list.currentRowChanged.connect(self._on_list_current_row_changed)
        self._list.itemClicked.connect(self._list.setCurrentItem)  # a click on its box chooses it, too
        self._lines = CodeDiffView()
        self._lines.setMinimumHeight(LOWEST)
        self._lines.setVisible(False)  # the list has all the room until a bug is chosen
        self._remedy = push_button("lab_remedy", "", "Make in the form the one setting that this bug needs")
        self._remedy.clicked.connect(lambda: self.remedy_asked.emit(self._chosen.name))
        self._remedy.setVisible(False)
        self._make_buttons()
        self._lay_out()
        self.show_hidden_fault(())
        self.show_caption(HINT)

    def _make_buttons(self) -> None:
        self._train = push_button("lab_train", "Train with these", "Train what the form says with the ticked bugs")
        self._train.clicked.connect(lambda: self.run_asked.emit(self.ticked))
        self._hidden_fault = push_button(
            "lab_mystery",
            "Mystery bug",
            "Train what the form says with a bug that is not named, and then say which it is. Meanwhile the curves do "
            "not show what the diagnosis finds; its panel does, to whom opens it. Tick bugs before to have one of them "
            "hidden: the ticks go away when it begins, for somebody else to find it.",
        )
        self._hidden_fault.clicked.connect(self.hidden_fault_asked)
        self._guess = NoWheelComboBox()
        self._guess.setObjectName("lab_guess")
        self._guess.setAccessibleName("Your answer")
        self._guess.setToolTip(
            "<p>Your answer. Every bug in this list may be the hidden one. Others are never hidden: those that are a "
            "setting of the form, and those that change nothing with its other settings.</p>"
        )
        self._answer = push_button("lab_answer", "That is it", "Say so, and read whether it is")
        self._answer.clicked.connect(self._on_answer_clicked)
        self._give_up = push_button("lab_give_up", "Give up", "Read which bug it is; counts as given up")
        self._give_up.clicked.connect(self.given_up)
        self._score = QLabel()
        self._score.setObjectName("lab_score")
        set_text_role(self._score, "muted")
        self._score.setToolTip("<p>How hidden bugs ended. It is kept when the window is closed.</p>")
        self._score.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._reset = push_button("lab_reset", "Reset score", "Begin again at nothing")
        self._reset.clicked.connect(self.reset_asked)
        self._question: tuple[QWidget, ...] = (self._guess, self._answer, self._give_up)
        self._result: tuple[QWidget, ...] = (self._score, self._reset)

    def _lay_out(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.addWidget(self._list)
        self._splitter.addWidget(self._lines)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([90, 90])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(self._remedy)
        # Of the last two, one is seen at a time: there is little height.
        for row in ((self._train, self._hidden_fault), self._question, self._result):
            buttons = QHBoxLayout()
            buttons.setSpacing(4)
            for place, widget in enumerate(row):
                buttons.addWidget(widget, 1 if place == 0 else 0)
            layout.addLayout(buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_beside = self.width() >= WIDE or self.height() < LOW
        self._splitter.setOrientation(Qt.Orientation.Horizontal if is_beside else Qt.Orientation.Vertical)

    @property
    def ticked(self) -> list[str]:
        """The faults that are ticked."""
        states = (self._list.item(row).checkState() for row in range(self._list.count()))
        return [name for name, state in zip(FAULTS, states, strict=True) if state is Qt.CheckState.Checked]

    @property
    def text(self) -> str:
        """What is said above the list."""
        return self._text.text()

    @property
    def _chosen(self) -> Fault:
        return list(FAULTS.values())[self._list.currentRow()]

    def tick(self, names: Sequence[str]) -> None:
        """Tick these and no others; none: show no longer which was chosen, either."""
        if not names:
            self._list.setCurrentRow(-1)
        for row, name in enumerate(FAULTS):
            self._list.item(row).setCheckState(Qt.CheckState.Checked if name in names else Qt.CheckState.Unchecked)

    def show_caption(self, text: str) -> None:
        """Say something above the list."""
        self._text.setText(text)
        self._text.setToolTip(f"<p>{text}</p>")

    def show_fault(self, fault: Fault) -> None:
        """Choose a fault, and show its lines."""
        self._list.setCurrentRow(list(FAULTS).index(fault.name))

    def show_needs(self, needs: Mapping[str, str], remedies: Mapping[str, str]) -> None:
        """What each fault needs that would change nothing now, by its name; and what would give it that, in a few
        words, where it is one setting."""
        self._remedies, self._idle = remedies, set(needs)
        for row, fault in enumerate(FAULTS.values()):
            item, need = self._list.item(row), needs.get(fault.name)
            item.setText(f"{fault.title}\n(needs {need})" if need else fault.title)
            now = f" With the form as it is, it changes nothing: it needs {need}." if need else ""
            item.setToolTip(f"<p>{fault.text}{now}</p>")
        self._colour()
        self._offer_remedy()

    def show_hidden_fault(self, suspects: Sequence[Fault]) -> None:
        """Ask which of these bugs it is; none: there is no mystery, and the score is shown instead."""
        self._guess.clear()
        self._guess.addItem(QUESTION)
        for fault in suspects:
            self._guess.addItem(fault.title, fault.name)
            self._guess.setItemData(self._guess.count() - 1, f"<p>{fault.text}</p>", Qt.ItemDataRole.ToolTipRole)
        for widget in self._question:
            widget.setVisible(bool(suspects))
        for widget in self._result:
            widget.setVisible(not suspects)

    def show_score(self, text: str) -> None:
        """How the mysteries ended."""
        self._score.setText(text)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._theme = theme
        self._lines.show_theme(theme)
        self._colour()

    def _colour(self) -> None:
        for row, name in enumerate(FAULTS):
            colour = self._theme.muted if name in self._idle else self._theme.text
            self._list.item(row).setForeground(QColor(colour))

    def _offer_remedy(self) -> None:
        remedy = self._remedies.get(self._chosen.name, "") if self._list.currentRow() >= 0 else ""
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))

    @Slot(int)
    def _on_list_current_row_changed(self, row: int) -> None:
        self._lines.setVisible(row >= 0)
        if row < 0:
            self._offer_remedy()
            return
        fault = self._chosen
        self._lines.show_fault(fault)
        self.show_caption(fault.text)
        self._offer_remedy()

    @Slot()
    def _on_answer_clicked(self) -> None:
        if self._guess.currentIndex() > 0:
            self.guessed.emit(self._guess.currentData())


def _list_of_bugs() -> QListWidget:
    found = QListWidget()
    found.setObjectName("lab_bugs")
    set_sheet(found, "indicator")
    found.setAccessibleName("Classic bugs")
    found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    found.setTextElideMode(Qt.TextElideMode.ElideRight)
    found.setMinimumHeight(LOWEST)
    for fault in FAULTS.values():
        item = QListWidgetItem(fault.title)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
        item.setToolTip(f"<p>{fault.text}</p>")
        found.addItem(item)
    return found
