"""Which neighbours the panel of one digit shows: of which weights, and among which training digits."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Slot

from mnist_gui.data.batches import chunks, inputs_of, until_cancelled
from mnist_gui.data.splits import Split
from mnist_gui.engine.types import Floats
from mnist_gui.inspection.neighbours import Measure, Neighbours, hidden_values, most_digits, nearest
from mnist_gui.training.snapshot import Snapshot, chunk_size
from mnist_gui.ui.panels.digit.neighbours_tab import NeighboursTab
from mnist_gui.ui.panels.digit.tab_presenter import TabPresenter
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController

HOW_MANY = 24


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What the last hidden layer of a snapshot says to the first digits of the training split, (N, H)."""

    snapshot: Snapshot
    train: Split
    values: Floats


class NeighboursPresenter(TabPresenter):
    """The training digits go through the network in a helper thread, and what came out is kept for the next digit.

    The first digits of the training split are a random sample of it: of a large network only those are compared.
    """

    def __init__(
        self, run_controller: RunController, playhead: Playhead, choice: DigitSelection, view: NeighboursTab
    ) -> None:
        super().__init__(run_controller, playhead, choice, view, "neighbours", "The neighbours could not be found")
        self._view = view
        self._known: _Known | None = None
        view.measure_changed.connect(self.renew)
        view.digit_chosen.connect(self._on_view_digit_chosen)

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        splits = self._run_controller.splits
        if splits is None:
            return
        train, measure, known = splits.train, self._view.measure, self._known
        has_stopped = self._run_controller.task_runner.should_cancel

        def find() -> tuple[_Known, Neighbours | None]:
            is_known = known is not None and known.snapshot is snapshot and known.train is train
            values = known if is_known else _values(snapshot, train, has_stopped)
            assert values
            return values, _nearest(values, split, index, measure)

        def show(found: tuple[_Known, Neighbours | None]) -> None:
            self._known = found[0]
            self._view.show_neighbours(found[1], train, snapshot.class_names, _where(snapshot))

        self.request(find, show)

    @Slot(int)
    def _on_view_digit_chosen(self, index: int) -> None:
        splits = self._run_controller.splits
        if splits is not None:
            self._choice.choose(splits.train, index)

    @Slot()
    def forget(self) -> None:
        """Nor is what was found true of another run."""
        super().forget()
        self._known = None


def _values(snapshot: Snapshot, train: Split, has_stopped: Callable[[], bool]) -> _Known:
    network = snapshot.network()
    some = replace(train, rows=train.rows[: most_digits(network)], labels=train.labels[: most_digits(network)])
    pieces = chunks(some, snapshot.config.data.scaling, min(chunk_size(network), 1024))
    return _Known(snapshot, train, hidden_values(network, until_cancelled(has_stopped, pieces)))


def _nearest(known: _Known, split: Split, index: int, measure: Measure) -> Neighbours | None:
    snapshot = known.snapshot
    inputs = inputs_of(split.image(index)[None], snapshot.config.data.scaling)
    (one,) = hidden_values(snapshot.network(), [(inputs, np.zeros(1, np.uint8))])
    return nearest(known.values, one, measure, HOW_MANY, index if split is known.train else None)


def _where(snapshot: Snapshot) -> str:
    layers = len(snapshot.config.network.hidden)
    return f"hidden layer {layers}" if layers else "their pixels, as there is no hidden layer"
