"""Which losses the panel of one digit shows: those at every moment of the run whose weights are kept."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Slot

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.inspection.digit_losses import Reading, digit_losses, reading
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.digit.losses_tab import LossesTab
from mnist_gui.ui.panels.digit.tab_presenter import TabPresenter
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController

Readings = dict[Snapshot, Reading]


class LossesPresenter(TabPresenter):
    """Only keyframes that have not read the digit yet are asked. They fit into the timeline's memory, which bounds how
    long that takes: it is read once."""

    def __init__(
        self, run_controller: RunController, playhead: Playhead, choice: DigitSelection, view: LossesTab
    ) -> None:
        super().__init__(
            run_controller, playhead, choice, view, "digit losses", "The losses of the digit could not be found"
        )
        self._view = view
        self._readings: Readings = {}
        self._of: tuple[Split, int] | None = None
        view.plot.step_chosen.connect(playhead.show_step)

    def ask(self, snapshot: Snapshot, split: Split, index: int) -> None:
        self._view.plot.show_step(snapshot.step)
        if self._of != (split, index):
            self._of, self._readings = (split, index), {}
        keyframes = self._run_controller.run.timeline.keyframes if self._run_controller.run else ()
        known = {keyframe: self._readings[keyframe] for keyframe in keyframes if keyframe in self._readings}
        new = [keyframe for keyframe in keyframes if keyframe not in known]
        names = snapshot.class_names

        def show(found: Readings) -> None:
            self._readings = {**known, **found}
            read = [keyframe for keyframe in keyframes if keyframe in self._readings]
            readings = [self._readings[keyframe] for keyframe in read]
            steps = [keyframe.step for keyframe in read]
            self._view.show_losses(digit_losses(steps, readings, int(split.labels[index])), names)

        if new:
            self.request(lambda: _read(new, split, index, self._run_controller.task_runner.should_cancel), show)
        elif self._view.plot.losses is None or keyframes != tuple(self._readings):
            show({})

    @Slot()
    def forget(self) -> None:
        """Nor is what was found true of another run."""
        super().forget()
        self._readings, self._of = {}, None


def _read(keyframes: Sequence[Snapshot], split: Split, index: int, should_cancel: Callable[[], bool]) -> Readings:
    """What each makes of a digit; of those after which `should_cancel` answers True, nothing."""
    config = keyframes[0].config
    network, loss = keyframes[0].network(), keyframes[0].parts.loss
    inputs, label = inputs_of(split.image(index)[None], config.data.scaling)[0], int(split.labels[index])
    found: Readings = {}
    for keyframe in keyframes:
        if should_cancel():
            break
        network.parameters[...] = keyframe.parameters
        found[keyframe] = reading(network, loss, inputs, label)
    return found
