"""Presenter of Robust: the chosen digit disturbed, as the shown weights read it, and accuracy by strength."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Answer, Predictions
from mnist_gui.inspection.corruptions import corrupt
from mnist_gui.inspection.error_selection import in_order, select_digits
from mnist_gui.inspection.robustness import sampled_digits
from mnist_gui.runs.run_differences import describe_differences
from mnist_gui.training.descriptions import counted
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.robust.curve import Curve
from mnist_gui.ui.panels.robust.description import describe_digit
from mnist_gui.ui.panels.robust.measurement import RobustMeasurement, Task
from mnist_gui.ui.panels.robust.view import RobustView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.load_budget import MOST_AT_ONCE
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.widgets.class_bars import Shares

START = "the start"


class RobustPresenter(QObject):
    """Follows the playhead, the chosen digit, and the split that is chosen in the panel of mistakes."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        choice: DigitSelection,
        answers: PredictionService,
        view: RobustView,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._playhead, self._choice, self._view = run_controller, playhead, choice, view
        self._sweep = RobustMeasurement(run_controller, self)
        self._request_slot = RequestSlot(run_controller.task_runner, "disturbed digit")
        self._snapshot: Snapshot | None = None
        self._start: Snapshot | None = None
        self._answered: tuple[Split, Predictions] | None = None
        self._digit: tuple[Split, int] | None = None  # until one is chosen
        self._seed = 0
        self._task: Task | None = None  # the curve that is measured, or was
        self._is_task_live = False  # whether its weights were those of the present
        self._shown: Task | None = None  # the one that is drawn until then
        self._offered: list[tuple[str, Snapshot]] = []
        self._comparison: Snapshot | None = None
        self._pointed: float | None = None  # the strength at which the user reads the curve
        self._is_stale = False
        playhead.step_chosen.connect(self.refresh)
        choice.chosen.connect(self._on_choice_chosen)
        run_controller.state_changed.connect(self._make_stale)
        run_controller.runs_changed.connect(self._offer_comparisons)
        view.sliders.changed.connect(self._on_sliders_changed)
        view.sliders.chosen.connect(self._follow)
        view.another_draw_asked.connect(self._on_view_another_draw_asked)
        view.comparison_chosen.connect(self._on_view_comparison_chosen)
        view.pointed.connect(self._on_view_pointed)
        self._sweep.measured.connect(self._on_sweep_measured)
        playhead.subscribe(self._on_playhead_weights_shown, self._on_playhead_nothing_shown)
        answers.subscribe(self._on_answers_shown, self._make_stale, self._make_stale)

    # What is looked at

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        is_other_start = start is not self._start
        self._snapshot, self._start, self._is_stale = snapshot, start, True
        if is_other_start:
            self._offer_comparisons()

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        self._snapshot = self._start = self._answered = self._digit = self._task = self._shown = self._comparison = None
        self._is_stale = False
        self._sweep.forget()
        self._request_slot.cancel()
        self._offer_comparisons()
        self._view.show_nothing()

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self._is_stale = True

    @Slot(object, object, object, str)
    def _on_answers_shown(self, snapshot: Snapshot, split: Split, predictions: Predictions, when: str) -> None:
        self._answered = (split, predictions)
        self._is_stale = True

    @Slot()
    def _make_stale(self) -> None:
        self._is_stale = True

    @Slot()
    def refresh(self) -> bool:
        """Show the digit and the curves of the newest weights, if they would be seen; whether anything was drawn."""
        if self._snapshot is None or not self._view.is_in_sight:
            return False
        if self._is_stale:
            self._is_stale = False
            self._view.sliders.show_shape(self._snapshot.image_shape)
            self._show_digit()
            self._follow()
            return True
        self._sweep.go_on()
        return False

    # One digit

    def _looked_at(self, snapshot: Snapshot) -> tuple[Split, int] | None:
        """The digit that was chosen in any panel; until then the first mistake that is known, or the first digit."""
        chosen = self._choice.split
        if chosen is not None and chosen.source.shape[1:] == snapshot.image_shape:
            return chosen, self._choice.index
        if self._digit is None:
            self._digit = self._first_mistake() or self._first_digit()
        return self._digit

    def _first_mistake(self) -> tuple[Split, int] | None:
        if self._answered is None:
            return None
        split, predictions = self._answered
        mistakes = in_order(predictions, select_digits(predictions, "mistakes"), "loss")
        return (split, int(mistakes[0])) if len(mistakes) else None

    def _first_digit(self) -> tuple[Split, int] | None:
        split = self._split()
        return (split, 0) if split else None

    def _show_digit(self) -> None:
        """Disturb the digit by the strengths that are set, and show what the network says to it."""
        snapshot = self._snapshot
        digit = self._looked_at(snapshot) if snapshot else None
        if snapshot is None or digit is None:
            return
        split, index = digit
        original = split.image(index)
        disturbed = corrupt(original[np.newaxis], self._view.sliders.strengths, np.random.default_rng(self._seed))[0]
        pictures = np.stack([disturbed, original])

        def show(answer: Answer) -> None:
            if digit != self._looked_at(snapshot):
                return  # another digit is looked at by now, whose answer is on its way
            text = describe_digit(split, index, snapshot.class_names, answer)
            shares = [Shares(who, answer.confidences[row]) for row, who in enumerate(("disturbed", "as it is"))]
            self._view.show_answer(text, snapshot.class_names, shares)

        self._view.show_digit(original, disturbed)
        self._ask(snapshot, pictures, show)

    def _ask(self, snapshot: Snapshot, pictures: NDArray[np.uint8], show: Callable[[Answer], None]) -> None:
        """At once, or of a large network, as soon as it has answered."""
        if snapshot.parameters.size <= MOST_AT_ONCE:
            self._request_slot.cancel()
            show(snapshot.answer(pictures))
            return
        self._request_slot.ask(
            lambda: snapshot.answer(pictures),
            show,
            lambda error: self._run_controller.failed.emit("The disturbed digit could not be read", str(error)),
        )

    @Slot()
    def _on_sliders_changed(self) -> None:
        with self._run_controller.drawing():
            self._show_digit()
            self._view.show_reading(self._read(self._pointed))

    @Slot()
    def _on_view_another_draw_asked(self) -> None:
        self._seed += 1
        with self._run_controller.drawing():
            self._show_digit()

    # The curves

    def _split(self) -> Split | None:
        """The digits of the curves: of the split that Mistakes shows, or training digits where it has none."""
        splits = self._run_controller.splits
        if splits is None:
            return None
        split = self._answered[0] if self._answered else splits.validation
        return split if len(split) else splits.train

    @Slot()
    def _follow(self) -> None:
        """Want the curves of what is looked at now, and show what is known of them."""
        snapshot, split = self._snapshot, self._split()
        if snapshot is None or split is None:
            return
        task = Task(snapshot, split, self._view.sliders.choice)
        if self._task is None or not self._must_finish(task):
            self._show_if_complete()  # before another one takes its place
            self._task, self._is_task_live = task, self._playhead.is_live
        self._sweep.want(self._task, *self._comparison_tasks(self._task))
        self._sweep.go_on()
        self._show_curves(self._task)

    def _must_finish(self, task: Task) -> bool:
        """Whether to finish the curve under way although a network that trains has newer weights by now."""
        before, is_training = self._task, self._run_controller.state is RunState.TRAINING
        if before is None or not (is_training and self._is_task_live and self._playhead.is_live):
            return False
        is_alike = (before.split, before.corruption) == (task.split, task.corruption)
        return is_alike and not self._sweep.curve(before).is_complete

    def _comparison_tasks(self, task: Task) -> list[Task]:
        return [Task(self._comparison, task.split, task.corruption)] if self._comparison else []

    @Slot()
    def _on_sweep_measured(self) -> None:
        if not self._view.is_in_sight:
            self._is_stale = True
            return
        self._follow()

    def _show_if_complete(self) -> None:
        if self._task is not None and self._sweep.curve(self._task).is_complete:
            self._shown = self._task

    def _show_curves(self, task: Task) -> None:
        """A curve stays in sight until the one of other weights is complete."""
        self._show_if_complete()
        shown = self._shown
        if shown is None or (shown.split, shown.corruption) != (task.split, task.corruption):
            self._shown = task
        self._view.show_curves(self._curve(), self._comparison_curve(), self._read(self._pointed))

    def _curve(self) -> Curve | None:
        return self._sweep.curve(self._shown) if self._shown else None

    def _comparison_curve(self) -> Curve | None:
        tasks = self._comparison_tasks(self._shown) if self._shown else []
        return self._sweep.curve(tasks[0]) if tasks else None

    @Slot(object)
    def _on_view_pointed(self, strength: float | None) -> None:
        self._pointed = strength
        self._view.show_reading(self._read(strength))

    def _read(self, strength: float | None) -> str:
        """What the curves say at a strength; None: at the one that is set."""
        shown, curve = self._shown, self._curve()
        if shown is None or curve is None:
            return ""
        sliders = self._view.sliders
        at = sliders.strengths[shown.corruption] if strength is None else strength
        here, undisturbed, comparison = curve.at(at), curve.at(0.0), self._comparison_curve()
        digits = counted(len(sampled_digits(shown.split)), f"{shown.split.title} digit")
        when = f"Weights of epoch {shown.snapshot.epoch}, step {shown.snapshot.step:,}."
        if here is None:
            return f"Measuring {digits}... {when}"
        compared = comparison.at(at) if comparison else None
        other = f" ({self._comparison_name()}: {compared:.1%})" if compared is not None else ""
        plain = f", {undisturbed:.1%} as they are" if at and undisturbed is not None else ""
        place = f"{shown.corruption} {sliders.describe(shown.corruption, round(at, 1))}"
        return f"{here:.1%} of {digits} right at {place}{other}{plain}. {when}"

    # Weights to compare with

    @Slot()
    def _offer_comparisons(self) -> None:
        """Offer the start, and the other runs whose weights fit these digits."""
        shown, splits = self._run_controller.run, self._run_controller.splits
        runs = [run for run in self._run_controller.runs if run is not shown and run.best and splits]
        fitting = [run for run in runs if run.best and splits and run.best.misfit(splits) is None]
        among = [*fitting, *([shown] if shown else [])]
        start = [(START, self._start)] if self._start else []
        others = [(f"run {run.number}: {describe_differences(run, among)}", run.best) for run in fitting]
        self._offered = [(text, snapshot) for text, snapshot in (*start, *others) if snapshot]
        snapshots = [snapshot for _, snapshot in self._offered]
        place = snapshots.index(self._comparison) if self._comparison in snapshots else -1
        if place < 0 and self._comparison is not None:
            self._comparison, self._is_stale = None, True
        self._view.show_comparisons([text for text, _ in self._offered], place)

    def _comparison_name(self) -> str:
        return next((text.partition(":")[0] for text, each in self._offered if each is self._comparison), "")

    @Slot(int)
    def _on_view_comparison_chosen(self, place: int) -> None:
        self._comparison = self._offered[place][1] if 0 <= place < len(self._offered) else None
        self._follow()
