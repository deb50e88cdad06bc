"""Questions to a network that take longer than a frame: asked in the helper threads, answered by signal."""

from PySide6.QtCore import QObject, Signal

from mnist_gui.engine.inference import Predictions
from mnist_gui.runs.run import Run, Tested
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.task_runner import TaskRunner


class TestEvaluation(QObject):
    """tested(snapshot, predictions): the answers of a run's best weights to the test digits. failed(title, text): none
    came."""

    tested = Signal(object, object)
    failed = Signal(str, str)

    def __init__(self, background: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._test = RequestSlot(background, "test")

    def ask_test(self, run: Run) -> None:
        """Evaluate the test digits with the best weights of a run, which counts how often that was asked."""
        snapshot, splits = run.best, run.splits
        if snapshot is None:
            return
        run.tests_asked += 1
        run.reveal_test()

        def answer(predictions: Predictions | None) -> None:
            if predictions is None:
                return  # the program is closing
            run.tested = Tested(snapshot, predictions)
            self.tested.emit(snapshot, predictions)

        self._test.ask(
            lambda: snapshot.predict(splits.test, self._background.should_cancel),
            answer,
            lambda error: self.failed.emit("The test digits could not be evaluated", str(error)),
        )

    def drop(self) -> None:
        """Another network is looked at: no answer is wanted any more."""
        self._test.cancel()
