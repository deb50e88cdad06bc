"""The list of the digits that the user tagged, among those of the gallery."""

import numpy as np
from PySide6.QtCore import QObject, Slot

from mnist_gui.storage.tags import Place, file_of
from mnist_gui.ui.panels.mistakes.view import MistakesView
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.tag_store import TagStore

TAGGED = "tagged"


class TaggedList(QObject):
    """Fills the list when the user chooses it, and anew when other digits are tagged."""

    def __init__(self, run_controller: RunController, tags: TagStore, view: MistakesView) -> None:
        super().__init__(view)
        self._run_controller, self._tags, self._view = run_controller, tags, view
        view.offer_list(TAGGED, "tagged", "Digits that you tagged or wrote a note on, below the Digit")
        view.list_wanted.connect(self._on_view_list_wanted)
        tags.changed.connect(self._on_tags_changed)

    @Slot()
    def _on_tags_changed(self) -> None:
        if self._view.list_key == TAGGED and self._view.split is not None:
            self._on_view_list_wanted(TAGGED)

    @Slot(str)
    def _on_view_list_wanted(self, key: str) -> None:
        split, run = self._view.split, self._run_controller.run
        if key != TAGGED or split is None or run is None:
            return
        tags, file = self._tags.tags_of(run.dataset), file_of(split, run.dataset)
        if tags is None or file is None:
            return
        digits = np.flatnonzero(np.isin(split.rows, tags.rows(file)))
        self._view.show_list(digits, lambda digit: str(tags.of(Place(file, int(split.rows[digit])))))
