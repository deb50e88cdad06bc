"""Which contributions the panel of one digit shows: of which weights, and for which two classes."""

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import answer
from mnist_gui.inspection.attributions import (
    POINTS,
    Attributions,
    attributions,
    comparison_of,
)
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.digit.attributions_tab import AttributionsTab, Pair
from mnist_gui.ui.panels.digit.tab_presenter import TabPresenter
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController

# Networks of which more weights and biases are read are asked in a helper thread: the answer to the digit comes in the
# same frame.
MOST_AT_ONCE = 1_000_000

Found = tuple[Attributions | None, Pair]


class AttributionsPresenter(TabPresenter):
    """Small networks are asked at once, others in a helper thread."""

    def __init__(
        self, run_controller: RunController, playhead: Playhead, choice: DigitSelection, view: AttributionsTab
    ) -> None:
        super().__init__(
            run_controller, playhead, choice, view, "contributions", "The contributions could not be worked out"
        )
        self._view = view
        view.pair_changed.connect(self.renew)

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        self._view.offer_classes(snapshot.class_names)
        wanted = self._view.chosen, self._view.against

        def show(found: Found) -> None:
            self._view.show_attributions(found[0], snapshot.image_shape, snapshot.class_names, found[1])

        self.do_or_request(_cost(snapshot) <= MOST_AT_ONCE, lambda: _find(snapshot, split, index, *wanted), show)


def _cost(snapshot: Snapshot) -> int:
    """Weights and biases to be read, in all passes that may be needed."""
    is_linear = snapshot.parts.activation.is_piecewise_linear or not snapshot.config.network.hidden
    return snapshot.parameters.size * (1 if is_linear else sum(POINTS))


def _find(snapshot: Snapshot, split: Split, index: int, chosen: int | str, against: int | str) -> Found:
    network, scaling = snapshot.network(), snapshot.config.data.scaling
    picture = split.image(index)[None]
    inputs = inputs_of(picture, scaling)
    logits = answer(network, snapshot.parts.loss, inputs).logits[0]
    classes = {"first": int(logits.argmax()), "true": int(split.labels[index])}
    first = classes[chosen] if isinstance(chosen, str) else chosen
    classes["rival"] = comparison_of(logits, first, classes["true"])
    second = classes[against] if isinstance(against, str) else against
    found = attributions(network, inputs[0], inputs_of(picture * 0, scaling)[0], first, second)
    return found, (first, second)
