"""Datasets and models from and to the disk, in the background: what is in use stays until the new one is good."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from mnist_gui.config.run_config import DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.idx import DatasetError
from mnist_gui.data.loading import open_dataset
from mnist_gui.data.splits import Splits
from mnist_gui.faults.run_factory import split_dataset
from mnist_gui.storage.model_file import ModelError, load_model, save_model
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import reason
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.services.request import RequestSlot
from mnist_gui.ui.services.task_runner import TaskRunner


@dataclass(frozen=True, slots=True, eq=False)
class OpenedNetwork:
    """A network from a file, together with the digits it was trained on."""

    snapshot: Snapshot
    dataset: Dataset
    splits: Splits


class FileService(QObject):
    """Reads and writes in helper threads; every request ends in one of the signals, or in failed(title, text).

    What changes the digits in use is done in the order of asking: a model opened at the start waits for the first
    dataset, lest that came later and took the place of the model's. A model waits for its own file to be saved.

    dataset_opened(dataset, folder), dataset_failed(folder), network_opened(opened), model_saved(path, snapshot).
    """

    dataset_loading = Signal(str)
    dataset_opened = Signal(object, str)
    dataset_failed = Signal(str)
    network_opened = Signal(object)
    model_saved = Signal(object, object)
    failed = Signal(str, str)

    def __init__(self, background: TaskRunner, in_use: Callable[[], Dataset | None], parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._opening = RequestSlot(background, "network")
        self._in_use = in_use  # asked for the dataset in use, which may do for a model whose own is not found

    def load_dataset(self, folder: str) -> None:
        """Read a dataset, "" for the bundled one."""
        name = folder or "The bundled MNIST"

        def failure(error: BaseException) -> None:
            self.failed.emit(f"{named(name)} cannot be used", str(error))
            self.dataset_failed.emit(folder)

        self.dataset_loading.emit(name)
        self._background.request(
            "dataset",
            lambda: open_dataset(DataConfig(folder=folder)),
            lambda dataset: self.dataset_opened.emit(dataset, folder),
            failure,
            after={"network"},
        )

    def open_model(self, path: Path) -> None:
        """Read a model file and its digits; where those are not found, the dataset in use may do."""
        self._opening.ask(
            lambda: _with_digits(load_model(path), self._in_use()),
            self.network_opened.emit,
            lambda error: self.failed.emit(f"{named(path.name)} cannot be opened", str(error)),
            after={"dataset", _saving(path)},
        )

    def drop_opening(self) -> None:
        """Another network is looked at: the model that is being read is not wanted any more."""
        self._opening.cancel()

    def save_model(self, path: Path, snapshot: Snapshot) -> None:
        """Write a model file."""
        self._background.request(
            _saving(path),
            lambda: save_model(path, snapshot),
            lambda _: self.model_saved.emit(path, snapshot),
            lambda error: self.failed.emit(
                f"{named(path.name)} was not saved",
                f"It could not be written: {reason(error)}.\nThe network is still here: save it elsewhere.",
            ),
            is_writing=True,
        )


def _saving(path: Path) -> str:
    """A topic for every file: saves to different ones must not replace each other, as questions do."""
    return f"save {os.path.realpath(path)}"


def _with_digits(snapshot: Snapshot, in_use: Dataset | None) -> OpenedNetwork:
    """A network with the dataset that it names, or else with the one in use; ModelError if neither fits."""
    problem = "Its dataset has changed"
    try:
        dataset = open_dataset(snapshot.config.data)
    except DatasetError as error:
        if in_use is None:
            raise
        problem, dataset = str(error), in_use
        folder = "" if in_use.folder == bundled_mnist() else str(in_use.folder)
        snapshot = replace(snapshot, config=snapshot.config.with_settings({"data.folder": folder}))
    splits = split_dataset(dataset, snapshot.config)
    misfit = snapshot.misfit(splits)
    if misfit:
        raise ModelError(f"{problem}; {misfit}. Open its dataset first, then the model.")
    return OpenedNetwork(snapshot, dataset, splits)
