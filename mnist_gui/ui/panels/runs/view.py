"""The runs of a session as a table: only what tells them apart, how well they did, and what can be done with them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.config.schema import SETTINGS
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_differences import describe_value, differing_keys
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.buttons import tool_button

Index = QModelIndex | QPersistentModelIndex

EMPTY = "No runs yet: every network you train appears here, and stays until the window closes."
SHOWN = "The run that is shown"
OVERLAY = "Tick to draw its curves behind the present ones"
HINT = "Tick a run to draw its curves behind the present ones. Double-click to come back to it."


class RunsView(QWidget):
    """chosen(run): come back to it. again_asked, duplicate_asked, delete_asked(run), undo_asked(): the buttons.
    overlaid(run, is_wanted): draw it behind the one that is shown."""

    chosen = Signal(object)
    again_asked = Signal(object)
    duplicate_asked = Signal(object)
    delete_asked = Signal(object)
    undo_asked = Signal()
    overlaid = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running, self._live = False, list[Run]()
        self._model = _RunsModel()
        self._model.overlaid.connect(self.overlaid)
        self._caption = QLabel(EMPTY)
        self._caption.setWordWrap(True)
        set_text_role(self._caption, "muted")
        self._table = _Table(self._model)
        self._table.activated.connect(self._on_table_activated)
        self._table.delete_pressed.connect(self._on_delete_clicked)
        self._table.selectionModel().selectionChanged.connect(self._refresh_buttons)
        self._open = _button("open_run", "Open", "Come back to this run: its curves, weights and settings")
        self._again = _button(
            "run_again", "Run again", "Train it once more: same seed, same digits, same changes at the same steps"
        )
        self._duplicate = _button(
            "duplicate_run", "Duplicate", "Put its settings into the form: change some and train, beside its curves"
        )
        self._delete = _button("delete_run", "Delete", "Take this run away (Del). Undo brings it back")
        self._undo = _button("undo_delete", "Undo", "Bring back the run that was deleted last")
        self._open.clicked.connect(lambda: self._emit_selected(self.chosen))
        self._again.clicked.connect(lambda: self._emit_selected(self.again_asked))
        self._duplicate.clicked.connect(lambda: self._emit_selected(self.duplicate_asked))
        self._delete.clicked.connect(self._on_delete_clicked)
        self._undo.clicked.connect(self.undo_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._open, self._again, self._duplicate, self._delete, self._undo):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addWidget(self._table, 1)
        layout.addLayout(buttons)
        self._refresh_buttons()

    @property
    def table(self) -> list[list[str]]:
        """What is written in it: the headings, then a row for each run."""
        return [self._model.headings, *self._model.rows]

    @property
    def selected(self) -> Run | None:
        """The run that the buttons are about."""
        rows = self._table.selectionModel().selectedRows()
        return self._model.runs[rows[0].row()] if rows else None

    def select(self, run: Run) -> None:
        """Make this run the one that the buttons are about."""
        self._table.setCurrentIndex(self._model.index(self._model.runs.index(run), 0))

    def show_runs(
        self,
        runs: Sequence[Run],
        *,
        shown: Run | None,
        live: Sequence[Run],
        ghosts: Sequence[Run],
        is_running: bool,
        can_undo: bool,
    ) -> None:
        """Fill the table, newest first. shown: the run in the window; live: those that train or are just ending;
        ghosts: those that are overlaid."""
        self._is_running, self._live = is_running, list(live)
        selected = self.selected
        is_new = self._model.show_runs(list(reversed(runs)), shown, live, ghosts)
        if is_new and selected is not None and selected in runs:
            self.select(selected)
        self._caption.setText(HINT if runs else EMPTY)
        self._undo.setEnabled(can_undo)
        self._refresh_buttons()

    @Slot()
    def _refresh_buttons(self) -> None:
        run = self.selected
        is_free = run is not None and not self._is_running
        self._open.setEnabled(is_free and run is not self._model.shown)
        self._again.setEnabled(is_free and run is not None and bool(run.history.starts))
        self._duplicate.setEnabled(is_free)
        self._delete.setEnabled(run is not None and run not in self._live)

    def _emit_selected(self, signal: Any) -> None:
        run = self.selected
        if run is not None:
            signal.emit(run)

    @Slot()
    def _on_delete_clicked(self) -> None:
        if self._delete.isEnabled():
            self._emit_selected(self.delete_asked)

    @Slot(QModelIndex)
    def _on_table_activated(self, index: QModelIndex) -> None:
        if self._open.isEnabled():
            self._emit_selected(self.chosen)


class _RunsModel(QAbstractTableModel):
    """Texts made once for each change; a tick in the first column overlays a run."""

    overlaid = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []
        self.shown: Run | None = None
        self.headings: list[str] = []
        self.rows: list[list[str]] = []
        self._tips: list[str] = []
        self._ghosts: list[Run] = []

    def show_runs(self, runs: list[Run], shown: Run | None, live: Sequence[Run], ghosts: Sequence[Run]) -> bool:
        """Whether the table was made anew, which loses the selection."""
        columns: dict[str, tuple[str, Callable[[Run], str]]] = {
            "run": ("", lambda run: str(run.number)),
            "validation": ("Validation accuracy of the best epoch: the one of the smallest loss", _accuracy),
        }
        for key in differing_keys(runs):
            columns[key] = (SETTINGS[key].help, partial(describe_value, key=key))
        columns["trained"] = ("Epochs trained in all", lambda run: f"{run.epoch}")
        columns["time"] = ("Seconds of training", lambda run: f"{run.seconds:.1f} s")
        columns["state"] = ("How it ended", lambda run: "training" if run in live else _state(run))
        headings = [SETTINGS[name].label if name in SETTINGS else name for name in columns]
        rows = [[text(run) for _, text in columns.values()] for run in runs]
        is_new = headings != self.headings or runs != self.runs
        if is_new:
            self.beginResetModel()
        self.runs, self.shown, self.headings, self.rows = runs, shown, headings, rows
        self._tips, self._ghosts = [tip for tip, _ in columns.values()], list(ghosts)
        if is_new:
            self.endResetModel()
        elif runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(headings) - 1))
        return is_new

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.headings)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        can_be_ghost = index.column() == 0 and self.runs[index.row()] is not self.shown
        return flags | Qt.ItemFlag.ItemIsUserCheckable if can_be_ghost else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.rows[index.row()][index.column()]
            case Qt.ItemDataRole.CheckStateRole if index.column() == 0 and run is not self.shown:
                return Qt.CheckState.Checked if run in self._ghosts else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.FontRole if run is self.shown:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.ToolTipRole if index.column() == 0:
                return SHOWN if run is self.shown else OVERLAY
            case Qt.ItemDataRole.TextAlignmentRole if index.column() > 0:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.overlaid.emit(self.runs[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.headings[section]
            case Qt.ItemDataRole.ToolTipRole:
                return f"<p>{self._tips[section]}</p>" if self._tips[section] else None
        return None


class _Table(QTreeView):
    """A row is chosen as a whole; delete_pressed(): the Del key."""

    delete_pressed = Signal()

    def __init__(self, model: _RunsModel) -> None:
        super().__init__()
        self.setObjectName("runs")
        set_sheet(self, "indicator")
        self.setAccessibleName("All runs, newest first")
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setStretchLastSection(False)
        self.header().setObjectName("runs_columns")
        self.header().setAccessibleName("Columns of the runs")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


def _accuracy(run: Run) -> str:
    best = run.history.best_epoch
    if best is not None:
        return f"{best.validation_accuracy:.2%}"
    return f"{run.best.validation_accuracy:.2%}" if run.best and run.best.is_measured else ""


def _state(run: Run) -> str:
    if run.ended is None:
        return "opened" if run.start else "new"
    return run.ended.state.replace("_", " ")


def _button(name: str, text: str, tip: str) -> QToolButton:
    button = tool_button(name, text, tip)
    button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
    return button
