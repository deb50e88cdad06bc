"""Saves unsaved weights without asking the user: when a signal ends the program, or its display has gone."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from mnist_gui.runs.run import Run
from mnist_gui.storage.model_file import save_model
from mnist_gui.training.snapshot import Snapshot


def rescue(runs: Iterable[Run], folder: Path) -> Iterator[str]:
    """Save the unsaved best weights of each run; yields a sentence for each.

    The files are named by the time, the run and the epoch. Where the folder cannot be written they go into a new one
    among the temporary files.
    """
    for run in runs:
        if run.best is None or not run.has_unsaved:
            continue
        what = f"the weights of run {run.number}, epoch {run.best.epoch}, which were in no file,"
        try:
            path = save_somewhere(run.best, folder, f"run-{run.number}")
        except OSError as error:
            sentence = f"{what} could not be saved: {error.strerror or error}"
        else:
            run.saved = run.best
            sentence = f"{what} are now in {path}"
        logging.getLogger(__name__).warning("%s", sentence)
        yield sentence


def rescued_since(folder: Path, last: str) -> list[Path]:
    """The files that were saved here after the one named `last`, the newest last; all for ""."""
    try:
        return sorted((path for path in folder.glob("*.npz") if path.name > last), key=lambda path: path.name)
    except OSError:
        return []


def save_somewhere(best: Snapshot, folder: Path, what: str) -> Path:
    """Save weights under a name made of the time, `what` and the epoch, in a folder, or else among the temporary files.
    Returns the path; OSError if neither can be written."""
    name = f"{datetime.now():%Y-%m-%d-%H%M%S}-{what}-epoch-{best.epoch}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _free(folder, name)
        save_model(path, best)
    except OSError:
        path = Path(mkdtemp(prefix="mnist-gui-rescued-")) / f"{name}.npz"
        try:
            save_model(path, best)
        except OSError:
            path.parent.rmdir()
            raise
    return path


def _free(folder: Path, name: str) -> Path:
    """A path of this name that does not exist yet."""
    names = (f"{name}{f'-{number}' if number > 1 else ''}.npz" for number in count(1))
    return next(path for each in names if not (path := folder / each).exists())
