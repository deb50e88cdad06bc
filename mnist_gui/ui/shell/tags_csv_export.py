"""Tags to a table on the disk, with what the network that is looked at takes the tagged digits for."""

from typing import BinaryIO

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QStatusBar

from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.runs.run import Run
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.storage.tags import FILES, Place, file_of
from mnist_gui.storage.tags_csv import tags_table
from mnist_gui.system.printable import named, on_one_line
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.tag_store import TagStore
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences

MESSAGE_MS = 5000


class TagsCsvExport(QObject):
    """Enabled while there are tags. Test digits that were not revealed are written without the network's answer."""

    def __init__(
        self,
        run_controller: RunController,
        playhead: Playhead,
        book: TagStore,
        actions: Actions,
        dialogs: Dialogs,
        preferences: Preferences,
        status: QStatusBar,
    ) -> None:
        super().__init__(book)
        self._run_controller, self._book, self._action = run_controller, book, actions.export_tags
        self._dialogs, self._preferences, self._status = dialogs, preferences, status
        self._snapshot: Snapshot | None = None
        self._action.setEnabled(False)
        self._action.triggered.connect(self._on_action_triggered)
        book.changed.connect(self._on_book_changed)
        run_controller.run_shown.connect(self._on_book_changed)
        playhead.weights_shown.connect(self._on_playhead_weights_shown)
        playhead.nothing_shown.connect(self._on_playhead_nothing_shown)

    @property
    def _dataset(self) -> Dataset | None:
        """The dataset that is looked at."""
        return self._run_controller.run.dataset if self._run_controller.run else self._run_controller.dataset

    @Slot()
    def _on_book_changed(self) -> None:
        self._action.setEnabled(bool(self._book.tags_of(self._dataset)))

    @Slot(object, str, object)
    def _on_playhead_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self._snapshot = snapshot

    @Slot()
    def _on_playhead_nothing_shown(self) -> None:
        self._snapshot = None

    @Slot()
    def _on_action_triggered(self) -> None:
        dataset, tags = self._dataset, self._book.tags_of(self._dataset)
        path = self._dialogs.ask_table_to_save(self._preferences.folder("table") / "tags.csv") if tags else None
        if dataset is None or tags is None or path is None:
            return
        self._preferences.remember_folder("table", path.parent)
        snapshot, run = self._snapshot, self._run_controller.run
        known = [place for place in tags.remarks if run and _may_be_seen(place, run)]

        def write(file: BinaryIO) -> None:
            file.write(tags_table(tags, dataset, _answers(snapshot, dataset, known) if snapshot else {}))

        self._run_controller.task_runner.request(
            f"export {path}",
            lambda: write_atomically(path, write),
            lambda _: self._status.showMessage(f"Saved {on_one_line(str(path))}", MESSAGE_MS),
            lambda error: self._run_controller.failed.emit(f"{named(path.name)} was not written", str(error)),
            is_writing=True,
        )


def _may_be_seen(place: Place, run: Run) -> bool:
    """Whether the user may see what the network of a run makes of a digit: not of test digits that are hidden."""
    if place.file == "train" or run.test_revealed_at is not None:
        return True
    return file_of(run.splits.validation, run.dataset) == "test" and place.row in run.splits.validation.rows


def _answers(snapshot: Snapshot, dataset: Dataset, places: list[Place]) -> dict[Place, tuple[int, float]]:
    """The class that each digit is taken for, and its loss."""
    answers: dict[Place, tuple[int, float]] = {}
    pictures = {"train": dataset.train_images, "test": dataset.test_images}
    labels = {"train": dataset.train_labels, "test": dataset.test_labels}
    for file in FILES:
        here = [place for place in places if place.file == file]
        rows = np.array([place.row for place in here], np.intp)
        found = snapshot.predict(Split(file, pictures[file], rows, labels[file][rows]))
        assert found
        pairs = zip(found.predicted.tolist(), found.losses.tolist(), strict=True)
        answers |= dict(zip(here, pairs, strict=True))
    return answers
