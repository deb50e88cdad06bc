"""What the panel of one digit shows: the digit that was chosen in any panel, as the weights of the moment read it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.digit_activations import LayerAnswer, layer_answer
from mnist_gui.inspection.top_two import verdict
from mnist_gui.training.layer_statistics import SMALLEST_ANSWER
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.digit.attributions_presenter import AttributionsPresenter
from mnist_gui.ui.panels.digit.losses_presenter import LossesPresenter
from mnist_gui.ui.panels.digit.neighbours_presenter import NeighboursPresenter
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.load_budget import MOST_AT_ONCE
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.run_controller import RunController


class DigitPresenter(QObject):
    """Follows the choice and the moment. Large networks answer in a helper thread."""

    def __init__(
        self, run_controller: RunController, playhead: Playhead, choice: DigitSelection, view: DigitView
    ) -> None:
        super().__init__(view)
        self._run_controller, self._choice, self._view = run_controller, choice, view
        self._snapshot: Snapshot | None = None
        self._note = ""
        self._is_stale = False
        self._request_slot = RequestSlot(run_controller.task_runner, "digit")
        self._parts = (
            AttributionsPresenter(run_controller, playhead, choice, view.attributions),
            NeighboursPresenter(run_controller, playhead, choice, view.neighbours),
            LossesPresenter(run_controller, playhead, choice, view.losses),
        )
        view.part_shown.connect(self._on_view_part_shown)
        playhead.moment_chosen.connect(self.refresh)
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self._on_choice_forgotten)
        playhead.subscribe(self._on_playhead_weights_shown, self._on_choice_forgotten)

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._snapshot, self._note, self._is_stale = snapshot, note, True

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self._is_stale = True
        self.refresh()

    @Slot()
    def _on_choice_forgotten(self) -> None:
        self._request_slot.cancel()
        self._snapshot, self._is_stale = None, False
        self._view.show_nothing()

    @Slot()
    def _on_view_part_shown(self) -> None:
        self._is_stale = True
        self._refresh_answer()
        for part in self._parts:
            part.refresh_now()

    @Slot()
    def refresh(self) -> bool:
        """Show the digit as the newest weights read it, if it would be seen; whether anything was done for it."""
        done = [self._refresh_answer(), *(part.refresh() for part in self._parts)]
        return any(done)

    def _refresh_answer(self) -> bool:
        snapshot, split = self._snapshot, self._choice.split
        if not self._is_stale or snapshot is None or split is None or self._view.visibleRegion().isEmpty():
            return False
        self._is_stale = False
        index, note = self._choice.index, self._note
        picture = split.image(index)[None]

        def show(answer: Answer) -> None:
            if (split, index) != (self._choice.split, self._choice.index):
                return  # another digit was chosen meanwhile, whose answer is on its way
            text = _describe(split, index, snapshot, answer, note)
            self._view.show_digit(split.image(index), text, snapshot.class_names, answer.confidences[0])
            if self._view.numbers.isVisible():
                self._view.numbers.show_answer(snapshot.class_names, int(split.labels[index]), answer)
            if self._view.activations.isVisible():
                self._view.activations.show_layers(_layers(answer))

        self._ask(snapshot, lambda: snapshot.answer(picture), show)
        return True

    def _ask(self, snapshot: Snapshot, work: Callable[[], Answer], show: Callable[[Answer], None]) -> None:
        if snapshot.parameters.size <= MOST_AT_ONCE:
            self._request_slot.cancel()
            show(work())
            return
        self._request_slot.ask(
            work, show, lambda error: self._run_controller.failed.emit("The digit could not be read", str(error))
        )


def _layers(answer: Answer) -> list[tuple[str, LayerAnswer]]:
    """What every layer says to the first picture, with its name."""
    hidden = [(f"hidden {number}", values[0]) for number, values in enumerate(answer.activations, start=1)]
    return [(name, layer_answer(values, SMALLEST_ANSWER)) for name, values in (*hidden, ("logits", answer.logits[0]))]


def _describe(split: Split, index: int, snapshot: Snapshot, answer: Answer, note: str) -> str:
    names = snapshot.class_names
    what = f"{split.title.capitalize()} digit {index:,}: a {names[split.labels[index]]}"
    when = f"Weights of epoch {snapshot.epoch}, step {snapshot.step:,}{note}."
    found = verdict(answer)
    if found is None:
        return f"{what}; the network's outputs are no finite numbers. {when}"
    label = int(split.labels[index])
    if found.first == label:
        return (
            f"{what}, rightly told with {found.confidence:.1%} confidence, "
            f"then {names[found.second]} with {found.second_confidence:.1%}: margin {found.margin:.1%}. {when}"
        )
    true = float(answer.confidences[0][label])
    return (
        f"{what}, taken for a {names[found.first]} with {found.confidence:.1%} confidence, "
        f"with {true:.1%} for a {names[label]}: {found.confidence - true:.1%} apart. {when}"
    )
