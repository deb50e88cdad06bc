"""The form of a sweep: which settings to try, how, and how thoroughly."""

import os

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.sweep_file import MOST_POINTS
from mnist_gui.experiments.sweep_plan import EPOCHS, OFFERED, Plan
from mnist_gui.experiments.sweep_values import proposed
from mnist_gui.ui.panels.sweep.axis_row import SweepAxisRow
from mnist_gui.ui.widgets.buttons import push_button
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSpinBox, choice_box

KINDS = {
    "every combination": "A grid: a run for each combination of the values, so that settings multiply",
    "at random": "So many runs, each with values drawn anew: with several settings, most is learned per run this way",
}
FIRST = ("training.learning_rate", "network.hidden")
MOST_AXES = 8


class SweepPlanView(QWidget):
    """edited(): the plan is another one. open_asked(), save_asked(): a sweep file."""

    edited = Signal()
    open_asked = Signal()
    save_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._config = RunConfig()
        self._rows: list[SweepAxisRow] = []
        self._make_fields()
        self._add = push_button("sweep_add", "Add a setting", "One more setting to try, in combination with the others")
        self._open = push_button(
            "sweep_open", "Open...", "A sweep file GRID.toml, or results, to look at or go on with"
        )
        self._save = push_button(
            "sweep_save", "Save as...", "A file of this sweep, which mnist-gui sweep FILE.toml runs without a window"
        )
        self._lay_out()
        self.show_plan(Plan(tuple((key, proposed(key, None, is_random=False)) for key in FIRST)))
        self._kind.currentIndexChanged.connect(self._on_kind_changed)
        for spin in (self._count, self._epochs, self._seeds):
            spin.valueChanged.connect(self._on_edited)
        self._processes.valueChanged.connect(self._refresh)
        self._processes.setValue(max(1, (os.cpu_count() or 1) - 1))
        self._add.clicked.connect(self._on_add_clicked)
        self._open.clicked.connect(self.open_asked)
        self._save.clicked.connect(self.save_asked)

    def _make_fields(self) -> None:
        self._kind = choice_box("sweep_kind", "How values are put together", KINDS)
        self._count = _spin("sweep_count", "Runs", (1, MOST_POINTS), " run", "How many runs are drawn at random")
        self._epochs = _spin(
            "sweep_epochs", "Epochs of every run", (1, 100_000), " epoch", "Epochs of every run, whatever the form says"
        )
        self._seeds = _spin(
            "sweep_seeds",
            "Seeds",
            (1, MOST_POINTS),
            " seed",
            "With how many seeds each point is run, from the form's on: how much is luck. Charts show the means",
        )
        self._processes = _spin(
            "sweep_processes",
            "Processes",
            (1, max(2, os.cpu_count() or 1)),
            " process",
            "How many runs are made at the same time. As many as there are cores: fastest, and training in the window "
            "and the window itself get slower meanwhile",
        )

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setSpacing(4)
        for place, widget in enumerate((self._kind, self._count, self._epochs, self._seeds, self._processes)):
            top.addWidget(widget, place > 1, (place - 2) * 2 if place > 1 else place * 3, 1, 2 if place > 1 else 3)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(2)
        self._list.addStretch(1)
        content = QWidget()
        content.setLayout(self._list)
        area = QScrollArea()
        area.setObjectName("sweep_settings")
        area.setAccessibleName("Settings to try")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setMinimumHeight(40)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        below = QHBoxLayout()
        below.setSpacing(4)
        for button in (self._add, self._open, self._save):
            below.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 6, 2, 2)
        layout.setSpacing(5)
        layout.addLayout(top)
        layout.addWidget(area, 1)
        layout.addLayout(below)

    @property
    def plan(self) -> Plan:
        """What the form says."""
        axes = tuple((row.key, row.text) for row in self._rows)
        return Plan(axes, self._is_random, self._count.value(), self._epochs.value(), self._seeds.value())

    @property
    def processes(self) -> int:
        """How many runs to make at the same time."""
        return self._processes.value()

    @property
    def rows(self) -> list[SweepAxisRow]:
        """The settings."""
        return list(self._rows)

    @property
    def _is_random(self) -> bool:
        return self._kind.currentIndex() == 1

    def show_config(self, config: RunConfig) -> None:
        """What settings are now, from which values are proposed."""
        self._config = config

    def show_plan(self, plan: Plan) -> None:
        """Fill the form, without telling."""
        spins = (self._count, self._epochs, self._seeds)
        for spin, value in zip(spins, (plan.count, plan.epochs, plan.seeds), strict=True):
            with QSignalBlocker(spin):
                spin.setValue(value)
        with QSignalBlocker(self._kind):
            self._kind.setCurrentIndex(int(plan.is_random))
        for row in self._rows.copy():
            self._drop(row)
        for key, text in plan.axes:
            self._make_row(key, text)
        self._refresh()

    def _make_row(self, key: str, text: str) -> None:
        row = SweepAxisRow()
        row.show_random(self._is_random)
        row.show_axis(key, text)
        row.edited.connect(self._on_edited)
        row.key_chosen.connect(lambda: self._on_row_key_chosen(row))
        row.removed.connect(lambda: self._on_row_removed(row))
        self._list.insertWidget(len(self._rows), row)
        self._rows.append(row)

    def _drop(self, row: SweepAxisRow) -> None:
        self._rows.remove(row)
        self._list.removeWidget(row)
        row.setParent(None)
        row.deleteLater()

    def _propose(self, key: str) -> str:
        return proposed(key, self._config[key], is_random=self._is_random)

    @Slot()
    def _refresh(self) -> None:
        """What can be set, and how it is called, follow from what was."""
        for number, row in enumerate(self._rows, 1):
            row.number(number)
        keys = [row.key for row in self._rows]
        self._count.setEnabled(self._is_random)
        self._epochs.setEnabled(EPOCHS not in keys)
        self._add.setEnabled(len(keys) < MOST_AXES)
        units = {self._count: "run", self._epochs: "epoch", self._seeds: "seed", self._processes: "process"}
        for spin, unit in units.items():
            many = "processes" if unit == "process" else f"{unit}s"
            spin.setSuffix(f" {unit if spin.value() == 1 else many}")

    @Slot()
    def _on_edited(self) -> None:
        self._refresh()
        self.edited.emit()

    @Slot()
    def _on_kind_changed(self) -> None:
        """Values become what to draw from, or the other way round, where they cannot stay."""
        before, other = not self._is_random, self._is_random
        for row in self._rows:
            is_untouched = row.text == proposed(row.key, self._config[row.key], is_random=not before)
            row.show_random(other)
            if is_untouched:
                row.show_axis(row.key, self._propose(row.key))
        self._on_edited()

    def _on_row_key_chosen(self, row: SweepAxisRow) -> None:
        row.show_axis(row.key, self._propose(row.key))
        self._on_edited()

    def _on_row_removed(self, row: SweepAxisRow) -> None:
        self._drop(row)
        self._on_edited()

    @Slot()
    def _on_add_clicked(self) -> None:
        taken = {row.key for row in self._rows}
        favourites = (*FIRST, "training.batch_size", "training.momentum", "network.activation", "training.l2", *OFFERED)
        key = next(key for key in favourites if key not in taken)
        self._make_row(key, self._propose(key))
        self._on_edited()


def _spin(name: str, accessible_name: str, limits: tuple[int, int], unit: str, tip: str) -> NoWheelSpinBox:
    spin = NoWheelSpinBox()
    spin.setObjectName(name)
    spin.setAccessibleName(accessible_name)
    spin.setRange(*limits)
    spin.setMinimumWidth(80)
    spin.setSuffix(unit)
    spin.setToolTip(f"<p>{tip}.</p>")
    return spin
