"""The results of a sweep on disk, a line for each run, so that an interrupted sweep can be continued."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import Any, get_args

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.trial import Trial
from mnist_gui.storage.atomic_file import check_replaceable
from mnist_gui.system.file_locks import try_lock
from mnist_gui.system.regular_files import read_regular, reason
from mnist_gui.training.records import State

Line = dict[str, Any]

# The beginning of every line; it also identifies an incomplete one.
BEGINNING = b'{"settings":'

# The fields of a result.
RESULT = ("state", "accuracy", "loss", "epochs", "seconds", "error")

# The file may have many more runs than a sweep; the line has room for the longest list of digits to leave out.
MOST_BYTES = 24_000_000
LONGEST_LINE = 1_000_000


class Results:
    """A file of JSON lines, {"settings": ..., "result": ...}. Each is written at once; an incomplete line of a killed
    process is ignored, so that its run is repeated."""

    def __init__(self, path: Path) -> None:
        """ConfigError if the file exists and is something else, or cannot be read. Nothing is written yet."""
        self.path = path
        self._known: dict[str, Line] = {}
        self._file: RawIOBase | None = None  # while no other sweep may write to it
        try:
            self._read()
        except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a null byte in the name
            raise ConfigError("--out", path, f"a file of results that can be read ({reason(error)})") from error

    @property
    def lines(self) -> list[Line]:
        """All results, in the file's order."""
        return list(self._known.values())

    def find(self, config: RunConfig) -> Line | None:
        """The result of a run with these settings; None if there is none."""
        return self._known.get(_key(config))

    def is_to_do(self, config: RunConfig) -> bool:
        """Whether a run with these settings is still to be made, or failed, for example for lack of memory."""
        line = self.find(config)
        return line is None or line["result"]["state"] == "failed"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Context in which no other sweep writes to the file. ConfigError if one does, or it cannot be written."""
        try:
            file = self._open()
        except OSError as error:
            raise ConfigError("--out", self.path, f"a file that can be written ({reason(error)})") from error
        with file:
            if not try_lock(file.fileno()):
                raise ConfigError("--out", self.path, "a file that no other sweep is writing its results to")
            self._file = file
            try:
                yield
            finally:
                self._file = None

    def add(self, config: RunConfig, trial: Trial) -> Line:
        """Write the result of a run; it is on the disk when this returns. OSError if it cannot be written; then nothing
        is."""
        line = {"settings": config.settings(), "result": trial.as_json()}
        text = (json.dumps(line, allow_nan=False) + "\n").encode()
        if self._file:
            self._append(self._file, text)
        else:
            with self._open() as file:
                self._append(file, text)
        self._known[_key(config)] = line
        return line

    def _open(self) -> RawIOBase:
        """The file, opened to append; created if it does not exist."""
        return check_replaceable(self.path).open("a+b", buffering=0)

    def _append(self, file: RawIOBase, text: bytes) -> None:
        whole = file.seek(0, os.SEEK_END)
        if whole:  # the last line may be incomplete: begin a new one
            file.seek(whole - 1)
            text = text if file.read(1) == b"\n" else b"\n" + text
        try:
            if (file.write(text) or 0) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(whole)
            raise

    def _read(self) -> None:
        if not self.path.exists():
            if not self.path.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, "its folder does not exist")
            return
        content = read_regular(self.path, MOST_BYTES)
        for line in _whole_lines(content):
            with suppress(RecursionError):  # nested deeper than any setting
                self._known[_key_of(line["settings"])] = line
        if content.strip() and not self._known and not content.startswith(BEGINNING):
            raise OSError(errno.EINVAL, "it holds no results of a sweep")


def _whole_lines(content: bytes) -> Iterator[Line]:
    for text in content.split(b"\n"):
        if len(text) > LONGEST_LINE or not text.startswith(b"{"):
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and _are_settings(found.get("settings")) and _is_result(found.get("result")):
            yield {"settings": found["settings"], "result": {name: found["result"].get(name) for name in RESULT}}


def _are_settings(found: Any) -> bool:
    """Whether these may be settings: texts, numbers and lists of them. Deeper nesting would take much more memory."""
    if not isinstance(found, dict):
        return False
    values = [part for value in found.values() for part in (value if isinstance(value, list) else [value])]
    return not any(isinstance(value, (dict, list)) for value in values)


def _is_result(found: Any) -> bool:
    """Whether it has the fields of a trial, with legal values."""
    if not isinstance(found, dict):
        return False
    accuracy, loss, seconds = (found.get(name) for name in ("accuracy", "loss", "seconds"))
    are_numbers = _is_number(seconds) and _is_number_or_none(accuracy, 1.0) and _is_number_or_none(loss)
    epochs, state, error = found.get("epochs", 0), found.get("state"), found.get("error")
    are_counted = isinstance(epochs, int) and not isinstance(epochs, bool) and epochs >= 0
    has_ended = state in get_args(State) and (accuracy is not None or state in ("diverged", "failed"))
    return are_numbers and are_counted and has_ended and (error is None or isinstance(error, str))


def _is_number(value: Any, high: float = sys.float_info.max) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= high


def _is_number_or_none(value: Any, high: float = sys.float_info.max) -> bool:
    return value is None or _is_number(value, high)


def _key(config: RunConfig) -> str:
    return _key_of(config.settings())


def _key_of(settings: dict[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
