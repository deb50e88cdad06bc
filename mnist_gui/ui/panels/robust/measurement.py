"""Accuracy curves measured point by point in the background: never long at a time, and sparing a run that trains."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Signal

from mnist_gui.data.splits import Split
from mnist_gui.inspection.corruptions import CORRUPTIONS
from mnist_gui.inspection.robustness import accuracy_under
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.robust.curve import Curve
from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController

# Curves that are remembered: of all disturbances, for the weights in view and those to compare with.
MOST_KEPT = 10
# The noise, directions and places of the digits: as without a window.
SEED = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Whose curve, of which digits, against the strength of which disturbance."""

    snapshot: Snapshot
    split: Split
    corruption: str


class RobustMeasurement(QObject):
    """measured(): a point more is known."""

    measured = Signal()

    def __init__(self, run_controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._curves: dict[Task, Curve] = {}  # those used last at the end
        self._wanted: tuple[Task, ...] = ()
        self._under_way: Task | None = None
        self._throttle = Throttle(run_controller.load_budget, 0.0)
        self._request_slot = RequestSlot(run_controller.task_runner, "robustness")

    def curve(self, task: Task) -> Curve:
        """What is known of a curve."""
        strengths = CORRUPTIONS[task.corruption].scale(task.snapshot.image_shape).points
        return self._curves.get(task) or Curve(strengths, (None,) * len(strengths))

    def want(self, *tasks: Task) -> None:
        """Measure these curves, in this order. One under way that is not among them is given up."""
        self._wanted = tasks
        if self._under_way is not None and self._under_way not in tasks:
            self._request_slot.cancel()

    def forget(self) -> None:
        """Want nothing, and keep no weights."""
        self.want()
        self._curves.clear()

    def go_on(self) -> None:
        """Measure the next point, if none is under way and it would not take too much from training."""
        if self._under_way is not None:
            return
        task = next((task for task in self._wanted if not self.curve(task).is_complete), None)
        if task is not None and self._throttle.is_due:
            self._measure(task, self.curve(task).accuracies.index(None))

    def _measure(self, task: Task, place: int) -> None:
        self._under_way = task
        turn = self._throttle.start()
        strength = self.curve(task).strengths[place]

        def should_cancel() -> bool:
            """Asked in the helper thread."""
            return self._under_way is not task or self._run_controller.task_runner.should_cancel()

        def work() -> tuple[float | None, float]:
            began = perf_counter()
            return _accuracy(task, strength, should_cancel), perf_counter() - began

        def answer(found: tuple[float | None, float]) -> None:
            accuracy, seconds = found
            self._under_way = None
            self._throttle.finish(turn, seconds)
            if accuracy is not None:
                self._keep(task, place, accuracy)
                self.measured.emit()

        def failure(error: BaseException) -> None:
            self._wanted = ()
            dropped()
            self._run_controller.failed.emit("The disturbed digits could not be evaluated", str(error))

        def dropped() -> None:
            self._under_way = None
            self._throttle.finish(turn)

        self._request_slot.ask(work, answer, failure, dropped)

    def _keep(self, task: Task, place: int, accuracy: float) -> None:
        curve = self.curve(task)
        accuracies = (*curve.accuracies[:place], accuracy, *curve.accuracies[place + 1 :])
        self._curves.pop(task, None)
        self._curves[task] = replace(curve, accuracies=accuracies)
        for known in [known for known in self._curves if known not in self._wanted][:-MOST_KEPT]:
            del self._curves[known]


def _accuracy(task: Task, strength: float, should_cancel: Callable[[], bool]) -> float | None:
    snapshot = task.snapshot
    return accuracy_under(
        snapshot.network(),
        snapshot.parts.loss,
        task.split,
        snapshot.config.data.scaling,
        task.corruption,
        strength,
        np.random.default_rng(SEED),
        should_cancel,
    )
