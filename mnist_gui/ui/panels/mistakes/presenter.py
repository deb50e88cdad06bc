"""Presenter of Mistakes: shows the answers of the shown weights, and which digits of them are chosen."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.prediction_service import PredictionService

GATHERED = "gathered"


class MistakesPresenter(QObject):
    """Between the panel, the answers that it shows, and the digits that the user chooses in any panel."""

    def __init__(self, view: MistakesView, answers: PredictionService, choice: DigitSelection) -> None:
        super().__init__(view)
        self._view, self._answers = view, answers
        self._gathered: tuple[Split, NDArray[np.intp]] | None = None
        view.split_wanted.connect(self._on_view_split_wanted)
        view.list_wanted.connect(self._on_view_list_wanted)
        view.reveal_asked.connect(answers.reveal_test)
        view.digit_chosen.connect(choice.choose)
        choice.chosen.connect(view.choose_digit)
        choice.gathered.connect(self._on_choice_gathered)
        answers.subscribe(self._on_answers_shown, self._on_answers_nothing_shown, view.show_hidden)
        if choice.split is not None:
            view.choose_digit(choice.split, choice.index)

    @Slot(object, object, object, str)
    def _on_answers_shown(self, snapshot: Snapshot, split: Split, predictions: Predictions, when: str) -> None:
        self._view.show_answers(split, predictions, snapshot.class_names, when)

    @Slot()
    def _on_answers_nothing_shown(self) -> None:
        self._gathered = None
        if self._view.choices.kind == GATHERED:
            self._view.choices.choose(self._view.choices.split, "mistakes")
        self._view.show_nothing()

    @Slot()
    def _on_view_split_wanted(self) -> None:
        self._answers.show_split(self._view.choices.split)

    @Slot(object, object, str)
    def _on_choice_gathered(self, split: Split, digits: NDArray[np.intp], title: str) -> None:
        """Show what was gathered in another panel, with the answers to its split."""
        self._gathered = (split, digits)
        self._view.show_all_cells()
        self._view.choices.offer_list(GATHERED, title, "Digits that were gathered in another panel")
        self._view.choices.choose(split.name, GATHERED)

    @Slot(str)
    def _on_view_list_wanted(self, key: str) -> None:
        if key == GATHERED and self._gathered:
            split, digits = self._gathered
            is_shown = split is self._view.split
            self._view.show_list(digits if is_shown else digits[:0], str)
