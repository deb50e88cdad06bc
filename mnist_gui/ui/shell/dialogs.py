"""The questions that the window asks. One object, so that tests can answer in its place."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from mnist_gui import __version__
from mnist_gui.system.printable import on_one_line
from mnist_gui.ui.shell.log_dialog import LogDialog

MODEL_FILES = "Models (*.npz)"
PICTURE_FILES = "Images (*.png *.jpg *.jpeg *.gif *.bmp *.tif *.tiff *.webp);;All files (*)"
TABLE_FILES = "Tables (*.csv)"
SWEEP_FILES = "Sweeps and their results (*.toml *.jsonl)"
GRID_FILES = "Sweeps (*.toml)"
MOVIE_FILES = {"Animated GIF (*.gif)": "gif", "MP4 film (*.mp4)": "mp4"}

Unsaved = Literal["save", "discard", "cancel"]


class Dialogs:
    """Real dialogs over a window."""

    def __init__(self) -> None:
        self._window: QWidget | None = None

    def belong_to(self, window: QWidget) -> None:
        """Open over this window from now on."""
        self._window = window

    def ask_folder(self, start: Path) -> Path | None:
        """A dataset folder; None if the user thought better of it."""
        chosen = QFileDialog.getExistingDirectory(self._window, "Open a folder of IDX files", str(start))
        return Path(chosen) if chosen else None

    def ask_model_to_open(self, start: Path) -> Path | None:
        """A model file that exists, or None."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open model", str(start), MODEL_FILES)
        return Path(chosen) if chosen else None

    def ask_model_to_save(self, start: Path, what: str) -> Path | None:
        """Where to write a model, or None. Overwriting was confirmed. what: which weights it will hold, in words."""
        dialog = QFileDialog(self._window, f"Save model: {what}", str(start), MODEL_FILES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("npz")
        return Path(dialog.selectedFiles()[0]) if dialog.exec() else None

    def ask_picture_to_open(self, start: Path) -> Path | None:
        """An image file that exists, or None."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open image", str(start), PICTURE_FILES)
        return Path(chosen) if chosen else None

    def ask_movie_to_save(self, start: Path) -> Path | None:
        """Where to write a movie, .gif or .mp4, or None. Overwriting was confirmed."""
        dialog = QFileDialog(self._window, "Save movie", str(start), ";;".join(MOVIE_FILES))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("gif")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(MOVIE_FILES[chosen]))
        return Path(dialog.selectedFiles()[0]) if dialog.exec() else None

    def ask_table_to_save(self, start: Path) -> Path | None:
        """Where to write a table, .csv, or None. Overwriting was confirmed."""
        dialog = QFileDialog(self._window, "Export tags", str(start), TABLE_FILES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        return Path(dialog.selectedFiles()[0]) if dialog.exec() else None

    def ask_sweep_to_open(self, start: Path) -> Path | None:
        """A sweep file or a file of results that exists, or None."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open sweep", str(start), SWEEP_FILES)
        return Path(chosen) if chosen else None

    def ask_sweep_to_save(self, start: Path) -> Path | None:
        """Where to write a sweep file, .toml, or None. Overwriting was confirmed."""
        dialog = QFileDialog(self._window, "Save sweep", str(start), GRID_FILES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        return Path(dialog.selectedFiles()[0]) if dialog.exec() else None

    def ask_unsaved(self, what: str, *, can_save: bool) -> Unsaved:
        """What to do with networks that would be lost; saving is offered for the present one."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Save the network?",
            what,
            (buttons.Save if can_save else buttons.NoButton) | buttons.Discard | buttons.Cancel,
            buttons.Save if can_save else buttons.Cancel,
        )
        return {buttons.Save: "save", buttons.Discard: "discard"}.get(answer, "cancel")  # type: ignore[return-value]

    def ask_lost(self) -> bool:
        """Whether to close although tags or drawings could not be put on the disk."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Close the window?",
            "Some of your tags, notes, drawings or files could not be written to the disk. If the window closes they "
            "are lost; if it stays open, they hold, and it will be tried again.",
            buttons.Close | buttons.Cancel,
            buttons.Cancel,
        )
        return answer == buttons.Close

    def ask_epoch(self, done: int, planned: int) -> int | None:
        """Until how many epochs in all to train; None if the user thought better of it."""
        epoch, is_chosen = QInputDialog.getInt(
            self._window,
            "Run to epoch",
            "Train until so many epochs are done in all, then hold.\n"
            f"Done: {done:,}. The schedule ends with {planned:,}.",
            min(done + 1, planned),
            min(done + 1, planned),
            planned,
        )
        return epoch if is_chosen else None

    def show_error(self, title: str, text: str) -> None:
        """Tell what went wrong; does not wait."""
        box = QMessageBox(QMessageBox.Icon.Warning, title, f"<b>{escape(title)}</b>", parent=self._window)
        box.setInformativeText(f"<p>{escape(text)}</p>".replace("\n", "<br>"))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def offer_rescued(self, path: Path, count: int, open_it: Callable[[], None]) -> None:
        """Tell that networks were saved as the program was ended, and offer the newest; does not wait."""
        many = f"{count:,} networks" if count > 1 else "A network"
        box = QMessageBox(QMessageBox.Icon.Information, "Rescued", f"<b>{many} rescued</b>", parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setInformativeText(
            "<p>When the program was ended, or could not write a file, there were weights that were in no other file. "
            "The newest are in</p>"
            f"<p>{escape(on_one_line(str(path)))}</p>"
        )
        button = box.addButton("Open", QMessageBox.ButtonRole.AcceptRole)
        button.clicked.connect(open_it)
        box.addButton(QMessageBox.StandardButton.Close)
        box.open()

    def show_log(self, path: Path) -> None:
        """Show the end of the log; does not wait."""
        LogDialog(path, self._window).open()

    def show_about(self) -> None:
        """Tell what this program is; does not wait."""
        title = f"<b>mnist_gui {__version__}</b>"
        box = QMessageBox(QMessageBox.Icon.Information, "About mnist_gui", title, parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setInformativeText(
            "Train a multilayer perceptron, written in NumPy, on handwritten digits and watch it learn.\n\n"
            "Digits: the MNIST database by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0."
        )
        box.open()
