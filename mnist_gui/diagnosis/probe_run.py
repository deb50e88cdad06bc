"""A run that is made only to be diagnosed: as much of it as shows what is wrong, and nothing of it is kept."""

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

# Long enough for two passes over MNIST, or for many over a few digits.
EPOCHS, DIGITS, FEWEST_STEPS = 2, 120_000, 5


def enough_steps(trainer: Trainer) -> int:
    """How many steps show what is wrong: two epochs, more of a small set, at least FEWEST_STEPS; not beyond the
    plan."""
    per_epoch = trainer.steps_per_epoch
    digits_a_step = len(trainer.splits.train) / per_epoch
    wanted = max(EPOCHS * per_epoch, round(DIGITS / digits_a_step), FEWEST_STEPS)
    return min(wanted, trainer.last_step - trainer.step)


def examine(
    trainer: Trainer,
    steps: int | None = None,
    tell: Callable[[Record], None] = lambda record: None,
    should_cancel: Callable[[], bool] = never,
) -> Evidence:
    """Measure a new trainer, train it for so many steps, by default `enough_steps`, and say what was measured.

    tell: called with every record of the run. is_unwanted: asked as often; the run ends as soon as it says so. Without
    an end of an epoch on the way, nothing is validated.
    """
    with BLAS.managed():
        start = preflight(trainer)
    inbox = Inbox()

    def hear(record: Record) -> None:
        tell(record)
        if should_cancel():
            inbox.put(Stop(keep=False))

    listener = _Listener(hear)
    planned = trainer.last_step - trainer.step
    count = min(enough_steps(trainer) if steps is None else steps, planned)
    if count < planned:
        inbox.put(At(trainer.step + count, Stop(keep=False)))
    train(trainer, inbox, listener)
    return Evidence.of(listener.history, start)


class _Listener:
    """An outbox that wants the history and no weights."""

    def __init__(self, tell: Callable[[Record], None]) -> None:
        self.history = History()
        self._tell = tell

    def post(self, record: Record) -> None:
        self.history.add(record)
        self._tell(record)

    def wants_snapshot(self) -> bool:
        return False

    def offer(self, snapshot: Snapshot) -> None:
        """Nobody watches weights here."""

    def keep(self, best: Snapshot) -> None:
        """Nobody asks for the best weights."""

    def wants_keyframe(self) -> bool:
        return False

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Nobody travels in time here."""

    def yield_to_gui(self) -> None:
        """Nobody draws here."""
