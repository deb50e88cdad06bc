"""A short run for a diagnosis only; its weights are not kept."""

from collections.abc import Callable

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.training.blas_threads import BLAS
from mnist_gui.training.commands import At, Stop
from mnist_gui.training.history import History
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.records import Record
from mnist_gui.training.snapshot import Snapshot, never
from mnist_gui.training.trainer import Trainer

# Two epochs of MNIST, or more of a small dataset.
EPOCHS, DIGITS, FEWEST_STEPS = 2, 120_000, 5


def enough_steps(trainer: Trainer) -> int:
    """The number of steps that a diagnosis needs: two epochs, more for a small dataset, at least FEWEST_STEPS, at most
    those planned."""
    per_epoch = trainer.steps_per_epoch
    digits_a_step = len(trainer.splits.train) / per_epoch
    wanted = max(EPOCHS * per_epoch, round(DIGITS / digits_a_step), FEWEST_STEPS)
    return min(wanted, trainer.last_step - trainer.step)


def examine(
    trainer: Trainer,
    steps: int | None = None,
    on_record: Callable[[Record], None] = lambda record: None,
    should_cancel: Callable[[], bool] = never,
) -> Evidence:
    """Measure a new trainer, train it for `steps` steps, by default `enough_steps`, and return the evidence.

    on_record: called with every record of the run. should_cancel: called after every record; the run ends when it
    returns True. Without a complete epoch nothing is validated.
    """
    with BLAS.managed():
        start = preflight(trainer)
    inbox = Inbox()

    def handle(record: Record) -> None:
        on_record(record)
        if should_cancel():
            inbox.put(Stop(keep=False))

    output = _HistoryOutput(handle)
    planned = trainer.last_step - trainer.step
    count = min(enough_steps(trainer) if steps is None else steps, planned)
    if count < planned:
        inbox.put(At(trainer.step + count, Stop(keep=False)))
    train(trainer, inbox, output)
    return Evidence.of(output.history, start)


class _HistoryOutput:
    """An output that collects the history and ignores weights."""

    def __init__(self, on_record: Callable[[Record], None]) -> None:
        self.history = History()
        self._on_record = on_record

    def post(self, record: Record) -> None:
        self.history.add(record)
        self._on_record(record)

    def wants_snapshot(self) -> bool:
        return False

    def offer(self, snapshot: Snapshot) -> None:
        """Ignored: snapshots are not used."""

    def keep(self, best: Snapshot) -> None:
        """Ignored: the best weights are not used."""

    def wants_keyframe(self) -> bool:
        return False

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Ignored: keyframes are not used."""

    def yield_to_gui(self) -> None:
        """Does nothing: there is no GUI."""
