"""A run in its own thread: start it, send commands, read its output, join it."""

import logging
import math
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from mnist_gui.system.user_errors import failure_of
from mnist_gui.training.commands import Command
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.records import RunEnded
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.trainer import Trainer


class TrainingThread:
    """The training thread of one run.

    make_trainer is called in the thread, since drawing the weights of a large network takes a while. Commands sent
    before `start` are carried out before the first minibatch.
    """

    def __init__(self, make_trainer: Callable[[], Trainer]) -> None:
        self.run_output = RunOutput()
        self.trainer: Trainer | None = None  # read it only after the run has ended
        self._make_trainer = make_trainer
        self._inbox: Inbox = SimpleQueue()
        # A daemon thread: the program can end even if it hangs in a library.
        self._thread = Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Begin to train."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Send a command; it is carried out at the next minibatch."""
        self._inbox.put(command)

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the end of the run. Returns whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def is_over(self) -> bool:
        """Whether the thread was started and has ended."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self.trainer = self._make_trainer()
        except Exception as exception:  # noqa: BLE001  as in loop.train: the user must see every failure
            error = failure_of(exception, logging.getLogger(__name__), "the network could not be built")
            self.run_output.post(RunEnded("failed", 0, 0, None, math.nan, math.nan, 0.0, error=error))
            return
        train(self.trainer, self._inbox, self.run_output)
