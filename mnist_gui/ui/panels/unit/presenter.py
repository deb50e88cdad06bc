"""Presenter of Unit: the chosen unit at the shown step, and the edited copy of the network."""

import dataclasses
import math
from typing import NamedTuple

from PySide6.QtCore import Slot

from mnist_gui.data.splits import Split
from mnist_gui.inspection.cached_forward import CachedForward, cache_forward
from mnist_gui.inspection.unit_edits import Edit, Score, edited_score, folded
from mnist_gui.inspection.unit_report import AblationReport, WeightImage, ablation_report, mean_of, weight_image
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.unit.view import UnitView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.panel_presenter import PanelPresenter
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.unit_selection import UnitSelection
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences

# While a network trains, a unit is studied anew at most so often, in seconds.
SECONDS_BETWEEN = 1.0


class Unit(NamedTuple):
    """A unit of a layer: 0 for the first hidden one, the last for the classes."""

    layer: int
    number: int


class _Studied(NamedTuple):
    snapshot: Snapshot
    unit: Unit
    kept: CachedForward
    portrait: WeightImage
    study: AblationReport


class UnitPresenter(PanelPresenter):
    """Follows the chosen unit and the playhead; studies units in a helper thread. Edits stay until the next run."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        choice: DigitSelection,
        unit_selection: UnitSelection,
        view: UnitView,
        dialogs: Dialogs,
        preferences: Preferences,
    ) -> None:
        super().__init__(run_controller, playhead, view, "unit", "The unit could not be studied", SECONDS_BETWEEN)
        self._view = view
        self._dialogs, self._preferences = dialogs, preferences
        self._unit: Unit | None = None
        self._asked_score = RequestSlot(run_controller.task_runner, "surgery")
        self._studied: _Studied | None = None
        self._edits: dict[Unit, Edit] = {}
        self._undo: list[dict[Unit, Edit]] = []
        self._gesture: tuple[Unit, str] | None = None  # one way of changing one unit is one thing to undo
        self._connect(choice, unit_selection)

    def _connect(self, choice: DigitSelection, unit_selection: UnitSelection) -> None:
        unit_selection.chosen.connect(self._on_unit_selection_chosen)
        self._view.digit_chosen.connect(choice.choose)
        unit_edits = self._view.unit_edits
        unit_edits.scale_wanted.connect(lambda scale: self._edit("scale", scale=scale))
        unit_edits.shift_wanted.connect(lambda shift: self._edit("shift", shift=shift))
        unit_edits.off_wanted.connect(lambda is_off: self._edit("off", scale=0.0 if is_off else 1.0, shift=0.0))
        unit_edits.held.connect(self._hold)
        unit_edits.undo_asked.connect(self._on_unit_edits_undo_asked)
        unit_edits.restore_asked.connect(self._on_unit_edits_restore_asked)
        unit_edits.save_asked.connect(self._on_unit_edits_save_asked)
        self.follow_playhead()
        if unit_selection.layer is not None and unit_selection.number is not None:
            self._on_unit_selection_chosen(unit_selection.layer, unit_selection.number)

    @property
    def edits(self) -> list[Edit]:
        """What is changed in the copy."""
        return list(self._edits.values())

    # The unit

    @Slot(int, int)
    def _on_unit_selection_chosen(self, layer: int, number: int) -> None:
        self._unit = Unit(layer, number)
        self._gesture = None
        self._show_edit()
        self.drop_answers()
        self.renew()

    @Slot()
    def forget(self) -> None:
        """Nor is a unit chosen, or any edited."""
        super().forget()
        self._asked_score.cancel()
        self._studied = self._unit = None
        self._edits, self._undo = {}, []
        self._view.show_nothing()
        self._view.unit_edits.show_result("")
        self._show_edit()

    @property
    def has_subject(self) -> bool:
        """Whether a unit is chosen."""
        return self._unit is not None

    @property
    def is_in_sight(self) -> bool:
        """Whether any of it would be seen."""
        return self._view.is_in_sight

    def update_panel(self, snapshot: Snapshot) -> None:
        """Study the chosen unit anew."""
        unit, run = self._unit, self._run_controller.run
        if unit is None or run is None:
            return
        if unit.layer >= len(snapshot.sizes) - 1 or unit.number >= snapshot.sizes[unit.layer + 1]:
            self._view.show_nothing()
            return
        self._ask(snapshot, unit, run.splits.validation if len(run.splits.validation) else run.splits.train)

    def _ask(self, snapshot: Snapshot, unit: Unit, split: Split) -> None:
        known = self._studied.kept if self._studied and self._studied.snapshot is snapshot else None
        start, note = self._start, self._note

        def work() -> _Studied | None:
            kept = known or cache_forward(
                snapshot.network(),
                snapshot.parts.loss,
                split,
                snapshot.config.data.scaling,
                self._run_controller.task_runner.should_cancel,
            )
            if kept is None:
                return None
            first = start.weights if start else None
            drawn = weight_image(snapshot.weights, snapshot.biases, first, unit.layer, unit.number)
            return _Studied(snapshot, unit, kept, drawn, ablation_report(kept, unit.layer, unit.number))

        def answer(studied: _Studied | None) -> None:
            if studied is not None:
                self._studied = studied
                self._show(studied, split, note)
                self._score()

        self.request(work, answer)

    def _show(self, studied: _Studied, split: Split, note: str) -> None:
        text = _describe(studied, split, note)
        names, shape = studied.snapshot.class_names, studied.snapshot.image_shape
        self._view.show_unit(text, studied.portrait, studied.study, split, names, shape)

    # Surgery

    def _edit(self, gesture: str, *, scale: float | None = None, shift: float | None = None) -> None:
        unit = self._unit
        if unit is None:
            return
        if self._gesture != (unit, gesture):
            self._undo.append(dict(self._edits))
            self._gesture = (unit, gesture)
        before = self._edits.get(unit, Edit(*unit))
        edit = dataclasses.replace(
            before, scale=before.scale if scale is None else scale, shift=before.shift if shift is None else shift
        )
        self._edits.pop(unit, None)
        if not edit.changes_nothing:
            self._edits[unit] = edit
        self._show_edit()
        self._score()

    @Slot()
    def _hold(self) -> None:
        if self._studied is None or self._unit is None:
            return
        mean = mean_of(self._studied.kept.unit_outputs(*self._unit))  # the unit that was studied may be the one before
        if math.isfinite(mean):
            self._edit("hold", scale=0.0, shift=mean)

    @Slot()
    def _on_unit_edits_undo_asked(self) -> None:
        if self._undo:
            self._edits, self._gesture = self._undo.pop(), None
            self._show_edit()
            self._score()

    @Slot()
    def _on_unit_edits_restore_asked(self) -> None:
        self._undo.append(dict(self._edits))
        self._edits, self._gesture = {}, None
        self._show_edit()
        self._score()

    @Slot()
    def _on_unit_edits_save_asked(self) -> None:
        snapshot = self._studied.snapshot if self._studied else self._snapshot
        if snapshot is None or not self._edits:
            return
        what = f"the edited copy of the weights of epoch {snapshot.epoch}, step {snapshot.step:,}"
        path = self._dialogs.ask_model_to_save(self._preferences.folder("model") / "edited.npz", what)
        if path is None:
            return
        self._preferences.remember_folder("model", path.parent)
        self._run_controller.file_service.save_model(path, edited_copy(snapshot, self.edits))

    def _show_edit(self) -> None:
        self._view.unit_edits.show_unit(None if self._unit is None else self._edits.get(self._unit, Edit(*self._unit)))
        snapshot, newest_first = self._snapshot, reversed(self.edits)
        texts = [_describe_edit(edit, snapshot) for edit in newest_first] if snapshot else []
        self._view.unit_edits.show_edits(texts, can_undo=bool(self._undo))

    def _score(self) -> None:
        """Measure the edited copy, in the helper thread."""
        studied, edits = self._studied, self.edits
        if studied is None or not edits:
            self._asked_score.cancel()
            self._view.unit_edits.show_result("")
            return
        self._asked_score.ask(
            lambda: edited_score(studied.kept, edits),
            lambda score: self._view.unit_edits.show_result(_describe_score(studied, score)),
            lambda error: self._run_controller.failed.emit("The edited copy could not be measured", str(error)),
        )


def edited_copy(snapshot: Snapshot, edits: list[Edit]) -> Snapshot:
    """The network of a snapshot with these edits in its weights; its validation is not known."""
    parameters = folded(snapshot.parameters, snapshot.sizes, edits)
    parameters.flags.writeable = False
    return dataclasses.replace(
        snapshot, parameters=parameters, validation_loss=math.nan, validation_accuracy=math.nan, validation=None
    )


def _name(snapshot: Snapshot, unit: Unit) -> str:
    if unit.layer == len(snapshot.sizes) - 2:
        name = f"Class {snapshot.class_names[unit.number]}"
        return name if unit.layer else f"{name} (there is no hidden layer)"
    return f"Unit {unit.number:,} of hidden layer {unit.layer + 1}"


def _describe(studied: _Studied, split: Split, note: str) -> str:
    snapshot, found = studied.snapshot, studied.study
    when = f"weights of epoch {snapshot.epoch}, step {snapshot.step:,}{note}"
    if not len(found.outputs):
        return f"{_name(snapshot, studied.unit)}, {when}. There are no digits to measure it with."
    points = 100 * (found.off.accuracy - found.whole.accuracy)
    return (
        f"{_name(snapshot, studied.unit)}, {when}. Without it {found.off.accuracy:.2%} of {len(found.outputs):,} "
        f"{split.title} digits are right, with it {found.whole.accuracy:.2%} ({points:+.2f} points), "
        f"at its mean {found.at_mean.accuracy:.2%}."
    )


def _describe_edit(edit: Edit, snapshot: Snapshot) -> str:
    is_output = edit.layer == len(snapshot.sizes) - 2
    where = f"class {snapshot.class_names[edit.unit]}" if is_output else f"layer {edit.layer + 1} unit {edit.unit:,}"
    if edit.scale == 0.0:
        return f"{where} off" if edit.shift == 0.0 else f"{where} held at {edit.shift:g}"
    shift = f" {edit.shift:+g}" if edit.shift else ""
    return f"{where} \N{MULTIPLICATION SIGN} {edit.scale:g}{shift}"


def _describe_score(studied: _Studied, score: Score) -> str:
    whole, count = studied.study.whole, len(studied.study.outputs)
    if not count:
        return "There are no digits to measure the copy with."
    points = 100 * (score.accuracy - whole.accuracy)
    return (
        f"The copy: {score.accuracy:.2%} of {count:,} digits right ({points:+.2f} points), "
        f"loss {score.loss:.4f} ({score.loss - whole.loss:+.4f})."
    )
