"""What the window remembers between starts. Stored values are checked on reading: a settings file may hold anything."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from mnist_gui.casebook.description import Description
from mnist_gui.casebook.hidden_fault import Score
from mnist_gui.storage.atomic_file import set_aside
from mnist_gui.system import paths
from mnist_gui.system.file_locks import locked_folder
from mnist_gui.ui.widgets.theme import THEMES, Theme

# Raised when docks are renamed or regrouped: a layout saved for others would hide the new ones.
LAYOUT_VERSION = 5

# Of a settings file; ours have some thousand bytes.
MOST_BYTES = 1_000_000

# For another window that counts, in seconds: this is done in the GUI thread.
MOST_WAIT = 0.2

# What the keyframes of all runs together may take: the choices, in MB.
TIMELINE_MB = (64, 256, 1024, 4096)
DEFAULT_TIMELINE_MB = 256
# In letters; whoever writes more into the settings file gets less of it.
LONGEST_ANSWER = 200


def user_settings() -> QSettings:
    """What the user's preferences are kept in, in a file that can be read."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    keep_readable(Path(folder) / "mnist_gui" / "mnist_gui.ini")
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "mnist_gui", "mnist_gui")


def keep_readable(path: Path) -> None:
    """Set a settings file aside if Qt would wait for it, as for a pipe, or read it for many seconds."""
    with suppress(OSError):  # it is not there; or it cannot be moved, and then not be written either
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            set_aside(path)


class Preferences:
    """Layout, theme and folders, kept in a QSettings that the composition root chooses."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def theme(self) -> Theme | None:
        """The theme that was chosen; None to follow the desktop."""
        stored = self._settings.value("theme")
        return THEMES.get(stored) if isinstance(stored, str) else None  # type: ignore[call-overload]

    @theme.setter
    def theme(self, theme: Theme | None) -> None:
        self._settings.setValue("theme", theme.name if theme else "system")

    @property
    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Geometry and dock state as the main window saved them; None if there is no usable one."""
        if self._settings.value("layout/version") not in (LAYOUT_VERSION, str(LAYOUT_VERSION)):
            return None
        geometry, state = (self._settings.value(f"layout/{part}") for part in ("geometry", "state"))
        if not isinstance(geometry, QByteArray) or not isinstance(state, QByteArray):
            return None
        return geometry, state

    @layout.setter
    def layout(self, layout: tuple[QByteArray, QByteArray] | None) -> None:
        self._settings.remove("layout")
        if layout:
            self._settings.setValue("layout/version", LAYOUT_VERSION)
            self._settings.setValue("layout/geometry", layout[0])
            self._settings.setValue("layout/state", layout[1])

    @property
    def sound(self) -> bool:
        """Whether to sound when a run ends."""
        return self._settings.value("sound") in (True, "true")

    @sound.setter
    def sound(self, is_wanted: bool) -> None:
        self._settings.setValue("sound", is_wanted)

    @property
    def hidden_faults(self) -> Score:
        """How the hidden bugs ended so far."""
        stored = [str(self._settings.value(f"mysteries/{each.name}", "0")) for each in fields(Score)]
        return Score(*(int(text) if text.isdecimal() and len(text) < 9 else 0 for text in stored))

    @hidden_faults.setter
    def hidden_faults(self, score: Score) -> None:
        for name, count in asdict(score).items():
            self._settings.setValue(f"mysteries/{name}", count)

    def count_hidden_fault(self, change: Callable[[Score], Score]) -> None:
        """Count in what other windows have counted meanwhile, too."""
        with self._alone():
            self._settings.sync()
            self.hidden_faults = change(self.hidden_faults)
            self._settings.sync()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Within this context no other window counts; without that where the folder cannot be locked."""
        folder = Path(self._settings.fileName()).parent
        with ExitStack() as stack:
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked_folder(folder, MOST_WAIT))
            yield

    @property
    def description(self) -> Description:
        """The network that was described last, as it was typed."""
        stored = {each.name: self._settings.value(f"described/{each.name}") for each in fields(Description)}
        return Description(**{name: text[:LONGEST_ANSWER] for name, text in stored.items() if isinstance(text, str)})

    @description.setter
    def description(self, description: Description) -> None:
        for name, text in asdict(description).items():
            self._settings.setValue(f"described/{name}", text)

    @property
    def timeline_mb(self) -> int:
        """What the keyframes of all runs together may take, in MB."""
        stored = str(self._settings.value("timeline_mb"))
        return next((megabytes for megabytes in TIMELINE_MB if stored == str(megabytes)), DEFAULT_TIMELINE_MB)

    @timeline_mb.setter
    def timeline_mb(self, megabytes: int) -> None:
        self._settings.setValue("timeline_mb", megabytes)

    @property
    def last_rescued(self) -> str:
        """The name of the newest rescued model that the user was shown; "" for none."""
        stored = self._settings.value("last_rescued")
        return stored if isinstance(stored, str) else ""

    @last_rescued.setter
    def last_rescued(self, name: str) -> None:
        self._settings.setValue("last_rescued", name)

    def folder(self, purpose: str) -> Path:
        """The folder last used for `purpose`; the home folder if there is none or it has gone."""
        stored = self._settings.value(f"folder/{purpose}")
        if isinstance(stored, str) and stored and os.path.isdir(stored):  # noqa: PTH112  Path's fails for long names
            return Path(stored)
        return paths.home_folder()

    def remember_folder(self, purpose: str, folder: Path) -> None:
        """Offer this folder the next time."""
        self._settings.setValue(f"folder/{purpose}", str(folder))
