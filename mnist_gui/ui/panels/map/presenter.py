"""Presenter of Map: the chosen digits as the shown weights place them, or the last t-SNE map of them."""

import shlex
import sys
from html import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot

from mnist_gui.data.splits import Split
from mnist_gui.inspection import tsne
from mnist_gui.inspection.digit_map import DigitMap
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.map.map_data import MapData, Subject
from mnist_gui.ui.panels.map.tsne_task import Attempt, MapTask
from mnist_gui.ui.panels.map.view import MapView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.panel_presenter import PanelPresenter
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController

# While a network trains, its digits are put to it anew at most so often, in seconds, and for at most this share of the
# time.
SECONDS_BETWEEN = 1.0

HIDDEN = "The test digits are not revealed in this run: choose them in Mistakes, which then has a button that does."
NO_TSNE = (
    "t-SNE needs scikit-learn, which this Python does not have: <code>{} -m pip install scikit-learn</code>, "
    "then start the program again. This is the plane of PCA."
)
NO_TSNE_FROZEN = (
    "This bundle comes without t-SNE, and nothing can be added to it. Run from its source the program has it: there "
    "<code>pip install '.[map]'</code>. This is the plane of PCA."
)


class MapPresenter(PanelPresenter):
    """Between the panel, the playhead, the digits that the user chooses, and what makes the maps."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        choice: DigitSelection,
        view: MapView,
    ) -> None:
        super().__init__(run_controller, playhead, view, "map", "The map could not be made", SECONDS_BETWEEN)
        self._choice, self._view = choice, view
        self._maker = MapTask(run_controller.task_runner, self)
        self._plane: MapData | None = None  # the last one
        self._made: tuple[Attempt, DigitMap] | None = None  # the last t-SNE map
        run_controller.runs_changed.connect(self._on_run_controller_runs_changed)
        view.subject_chosen.connect(self._on_view_subject_chosen)
        view.make_asked.connect(self._on_view_make_asked)
        view.cancel_asked.connect(self._on_view_cancel_asked)
        view.digit_chosen.connect(choice.choose)
        view.digits_gathered.connect(self._on_view_digits_gathered)
        choice.chosen.connect(view.choose_digit)
        choice.forgotten.connect(view.forget_digit)
        self._maker.made.connect(self._on_maker_made)
        self._maker.failed.connect(self._on_maker_failed)
        self.follow_playhead()

    @Slot()
    def refresh(self) -> bool:
        """Show what is new, and how far a t-SNE map is made; whether anything was done for it."""
        if self._snapshot is not None and self.is_in_sight:
            self._show_making()
        return super().refresh()

    def update_panel(self, snapshot: Snapshot) -> None:
        """The map that is wanted, at once if it is there."""
        subject = self._subject
        if subject is None:
            self._view.show_nothing(self._why_nothing())
        elif self._shows_tsne(subject):
            self._show_tsne(snapshot)
        else:
            self._ask_plane(subject, snapshot)

    @property
    def attempt(self) -> Attempt | None:
        """The t-SNE map that is being made."""
        return self._maker.attempt

    @property
    def _subject(self) -> Subject | None:
        """What the map should be of; None if there are no such digits to be seen."""
        run = self._run_controller.run
        if run is None or (self._view.split_name == "test" and run.test_revealed_at is None):
            return None
        split = run.splits.named(self._view.split_name)
        return Subject(split, self._view.layer) if len(split) else None

    def _why_nothing(self) -> str:
        run = self._run_controller.run
        split = run.splits.named(self._view.split_name) if run else None
        if split is not None and not len(split):
            return f"This run has no {split.title} digits to be put on a map."
        return HIDDEN

    # Principal components

    def _ask_plane(self, subject: Subject, snapshot: Snapshot) -> None:
        before, note = self._plane, self._note

        def answer(plane: MapData) -> None:
            self._plane = plane
            wanted = self._subject
            if wanted is not None and wanted.is_like(subject) and not self._shows_tsne(subject):
                self._view.show_map(subject, plane.digits, snapshot.class_names, self._describe(plane, note))
                self._outline_chosen()

        self.request(lambda: MapData.of(subject, snapshot, before), answer)

    def _describe(self, plane: MapData, note: str) -> str:
        first, second = plane.shares
        if self._view.method == "tsne" and not tsne.is_available():
            is_bundle = getattr(sys, "frozen", False)
            return NO_TSNE_FROZEN if is_bundle else NO_TSNE.format(escape(shlex.quote(sys.executable)))
        instead = "Principal components, until a t-SNE map is made. " if self._view.method == "tsne" else ""
        return (
            f"{instead}{_count(plane.subject, plane.digits)} Axes: {first:.0%} and {second:.0%} of the variance. "
            f"Epoch {plane.snapshot.epoch}, step {plane.snapshot.step:,}{note}."
        )

    # t-SNE

    def _shows_tsne(self, subject: Subject) -> bool:
        """Whether a t-SNE map is wanted, and there."""
        return self._view.method == "tsne" and self._made is not None and self._made[0].subject.is_like(subject)

    def _show_tsne(self, snapshot: Snapshot) -> None:
        assert self._made
        attempt, picture = self._made
        is_old = snapshot.step != attempt.snapshot.step
        text = (
            f"t-SNE of {_count(attempt.subject, picture)} Epoch {attempt.snapshot.epoch}, "
            f"step {attempt.snapshot.step:,}" + (f"; now shown elsewhere: step {snapshot.step:,}." if is_old else ".")
        )
        self._view.show_map(attempt.subject, picture, attempt.snapshot.class_names, text)
        self._outline_chosen()

    def _show_making(self) -> None:
        """What can be done about t-SNE now, and how much is."""
        attempt, subject = self._maker.attempt, self._subject
        is_there = subject is not None and self._shows_tsne(subject)
        is_new = not (is_there and self._made and self._snapshot and self._made[0].snapshot.step == self._snapshot.step)
        self._view.show_making(
            attempt.share if attempt else None,
            is_offered=tsne.is_available(),
            can_make=subject is not None and is_new,
        )

    def _make_tsne(self) -> None:
        subject = self._subject
        if subject is not None and self._snapshot is not None and tsne.is_available():
            self._maker.make(subject, self._snapshot)

    @Slot(object, object)
    def _on_maker_made(self, attempt: Attempt, picture: DigitMap) -> None:
        self._made = (attempt, picture)
        self.renew()

    @Slot(str)
    def _on_maker_failed(self, text: str) -> None:
        self.renew()
        self._run_controller.failed.emit("The t-SNE map could not be made", text)

    # The shown step

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        super()._on_playhead_weights_shown(snapshot, note, start)
        self._view.offer_layers(len(snapshot.config.network.hidden))

    @Slot()
    def forget(self) -> None:
        """Nor is a map made, or shown."""
        super().forget()
        self._maker.cancel()
        self._plane = self._made = None
        self._view.show_nothing()

    @Slot()
    def _on_run_controller_runs_changed(self) -> None:
        """Test digits may have been revealed."""
        if self._view.split_name == "test" and self._view.map is None:
            self._is_stale = True

    # What the user does

    @Slot()
    def _on_view_subject_chosen(self) -> None:
        self._maker.cancel()
        subject = self._subject
        if self._view.method == "tsne" and subject is not None and not self._shows_tsne(subject):
            self._make_tsne()
        self.renew()

    @Slot()
    def _on_view_make_asked(self) -> None:
        self._make_tsne()
        self.renew()

    @Slot()
    def _on_view_cancel_asked(self) -> None:
        self._maker.cancel()
        self.renew()

    @Slot(object, object)
    def _on_view_digits_gathered(self, split: Split, digits: NDArray[np.intp]) -> None:
        count = len(digits)
        self._choice.gather(split, digits, f"{count:,} {'digit' if count == 1 else 'digits'} of the map")

    def _outline_chosen(self) -> None:
        if self._choice.split is not None:
            self._view.choose_digit(self._choice.split, self._choice.index)


def _count(subject: Subject, picture: DigitMap) -> str:
    """The digits of a map, their mistakes, and those that have no place."""
    nowhere = int(np.count_nonzero(~picture.is_placed))
    left_out = f", {nowhere:,} left out, not being finite" if nowhere else ""
    wrong = int(np.count_nonzero(picture.is_wrong))
    return f"{len(picture.labels):,} {subject.split.title} digits, {wrong:,} wrong (ringed){left_out}."
