"""Presenter of Digit: the digit chosen in any panel, as the weights of the shown step read it."""

from PySide6.QtCore import Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.digit_activations import LayerActivations, layer_activations
from mnist_gui.inspection.top_two import verdict
from mnist_gui.training.layer_statistics import SMALLEST_ANSWER
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.digit.attributions_presenter import AttributionsPresenter
from mnist_gui.ui.panels.digit.losses_presenter import LossesPresenter
from mnist_gui.ui.panels.digit.neighbours_presenter import NeighboursPresenter
from mnist_gui.ui.panels.digit.tab_presenter import TabPresenter
from mnist_gui.ui.panels.digit.view import DigitView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.load_budget import MOST_AT_ONCE
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController


class DigitPresenter(TabPresenter):
    """Shows the digit, and has its parts refreshed. Large networks answer in a helper thread."""

    def __init__(
        self, run_controller: RunController, playhead: Playhead, choice: DigitSelection, view: DigitView
    ) -> None:
        self._view = view
        super().__init__(run_controller, playhead, choice, view, "digit", "The digit could not be read", None)
        self._parts = (
            AttributionsPresenter(run_controller, playhead, choice, view.attributions),
            NeighboursPresenter(run_controller, playhead, choice, view.neighbours),
            LossesPresenter(run_controller, playhead, choice, view.losses),
        )
        view.part_shown.connect(self._on_view_part_shown)

    @Slot()
    def forget(self) -> None:
        """Nor is a digit shown."""
        super().forget()
        self._view.show_nothing()

    @Slot()
    def _on_view_part_shown(self) -> None:
        self._is_stale = True
        super().refresh()
        for part in self._parts:
            part.refresh_now()

    @Slot()
    def refresh(self) -> bool:
        """Show the digit as the newest weights read it, if it would be seen; whether anything was done for it."""
        done = [super().refresh(), *(part.refresh() for part in self._parts)]
        return any(done)

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        note, picture = self._note, split.image(index)[None]

        def show(answer: Answer) -> None:
            text = _describe(split, index, snapshot, answer, note)
            self._view.show_digit(split.image(index), text, snapshot.class_names, answer.confidences[0])
            if self._view.numbers.isVisible():
                self._view.numbers.show_answer(snapshot.class_names, int(split.labels[index]), answer)
            if self._view.activations.isVisible():
                self._view.activations.show_layers(_layers(answer))

        self.do_or_request(snapshot.parameters.size <= MOST_AT_ONCE, lambda: snapshot.answer(picture), show)


def _layers(answer: Answer) -> list[tuple[str, LayerActivations]]:
    """What every layer says to the first picture, with its name."""
    hidden = [(f"hidden {number}", values[0]) for number, values in enumerate(answer.activations, start=1)]
    return [
        (name, layer_activations(values, SMALLEST_ANSWER)) for name, values in (*hidden, ("logits", answer.logits[0]))
    ]


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
            f"{what}, read rightly with {found.confidence:.1%} confidence, "
            f"then {names[found.second]} with {found.second_confidence:.1%}: margin {found.margin:.1%}. {when}"
        )
    true = float(answer.confidences[0][label])
    return (
        f"{what}, taken for a {names[found.first]} with {found.confidence:.1%} confidence, "
        f"with {true:.1%} for a {names[label]}: {found.confidence - true:.1%} apart. {when}"
    )
