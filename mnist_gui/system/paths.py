"""Where files are. The only module that distinguishes source tree, installed wheel and frozen bundle."""

import os
from pathlib import Path

from mnist_gui.system.printable import named
from mnist_gui.system.user_errors import RefusedError

_PACKAGE = Path(__file__).resolve().parent.parent


def resources() -> Path:
    """The folder of everything shipped beside the code: digits, icons, presets.

    A wheel and a bundle carry it inside the package; in a source tree (and an editable install) it is
    beside the package.
    """
    inside = _PACKAGE / "resources"
    return inside if inside.is_dir() else _PACKAGE.parent / "resources"


def bundled_mnist() -> Path:
    """The folder of the four original MNIST files, gzipped."""
    return resources() / "mnist"


def presets_folder() -> Path:
    """The folder of the runs that come with the program, a TOML file each."""
    return resources() / "presets"


def help_folder() -> Path:
    """The folder of the texts to read, a Markdown file each."""
    return resources() / "help"


class NoFolderError(RefusedError):
    """A folder that the program needs is not known."""


def home_folder() -> Path:
    """The user's own folder. NoFolderError if neither HOME nor the system's list of users names one."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise NoFolderError("this user has no home folder here: set HOME to the path of a folder to use") from error


def state_dir() -> Path:
    """The user's folder for logs: mnist-gui in $XDG_STATE_HOME, by default ~/.local/state. It may not exist yet."""
    return _xdg_folder("XDG_STATE_HOME", Path(".local", "state"))


def data_dir() -> Path:
    """The user's folder for their own data: mnist-gui in $XDG_DATA_HOME, by default ~/.local/share.

    It may not exist yet.
    """
    return _xdg_folder("XDG_DATA_HOME", Path(".local", "share"))


def log_file() -> Path:
    """The log of the window and of the commands; its folder may not exist yet."""
    return state_dir() / "mnist-gui.log"


def drawings_folder() -> Path:
    """The folder of the user's test sets. It may not exist yet."""
    return data_dir() / "drawings"


def tags_folder() -> Path:
    """The folder of the tags, a file for each dataset. It may not exist yet."""
    return data_dir() / "tags"


def sweeps_folder() -> Path:
    """The folder of the sweeps that were started in the window, with their results. It may not exist yet."""
    return data_dir() / "sweeps"


def rescued_folder() -> Path:
    """The folder of the models that were saved without asking the user, at a crash or signal. It may not exist yet."""
    return data_dir() / "rescued"


def whole_path(folder: str) -> str:
    """A folder given by the user as an absolute path, valid for other processes and later on; "" stays "".

    NoFolderError for a relative one where the current folder has been deleted.
    """
    try:
        return str(Path(folder).expanduser().absolute()) if folder else ""
    except RuntimeError:  # "~name" of an unknown user: opening it reports that
        return folder
    except OSError as error:
        raise NoFolderError(
            f"{named(folder)}: the current folder cannot be found ({error.strerror}); "
            "name a whole path, or go elsewhere"
        ) from error


def _xdg_folder(variable: str, default: Path) -> Path:
    """The program's folder in the one that a variable names; the XDG specification has relative paths ignored."""
    configured = Path(os.environ.get(variable, ""))
    base = configured if configured.is_absolute() else home_folder() / default
    return base / "mnist-gui"
