"""Presenter of Scores: precision, recall and calibration of the answers that all panels show."""

from PySide6.QtCore import QObject, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.scores.view import ScoresView
from mnist_gui.ui.services.prediction_service import PredictionService

HIDDEN = "The test digits are not revealed in this run. Mistakes has a button that does."


class ScoresPresenter(QObject):
    """Between the panel and the answers to the split that is chosen in the panel of mistakes."""

    def __init__(self, view: ScoresView, answers: PredictionService) -> None:
        super().__init__(view)
        self._view = view
        answers.subscribe(self._on_answers_shown, self._on_answers_nothing_shown, self._on_answers_hidden)

    @Slot(object, object, object, str)
    def _on_answers_shown(self, snapshot: Snapshot, split: Split, predictions: Predictions, when: str) -> None:
        self._view.show_predictions(split, predictions, snapshot.class_names, when)

    @Slot()
    def _on_answers_nothing_shown(self) -> None:
        self._view.show_nothing()

    @Slot()
    def _on_answers_hidden(self) -> None:
        self._view.show_nothing(HIDDEN)
