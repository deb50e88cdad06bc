"""The results of a sweep on disk, a line for each run: a sweep that was cut off goes on where it was."""

import errno
import json
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.lab.trial import Trial

Line = dict[str, Any]

# Of every line: what is left of one that was half written is known by it.
BEGINNING = '{"settings":'


class Results:
    """A file of JSON lines, {"settings": ..., "result": ...}. Each is written in one go, and what a run that was killed
    left half written is passed over, so that run is made again."""

    def __init__(self, path: Path) -> None:
        """ConfigError if the file is there and something else, or cannot be read or written."""
        self.path = path
        self._known: dict[str, Line] = {}
        try:
            self._read()
            with path.open("a", encoding="utf-8"):
                pass
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("--out", str(path), f"a file that can be read and written ({error})") from error

    @property
    def lines(self) -> list[Line]:
        """All that is known, in the file's order."""
        return list(self._known.values())

    def find(self, config: RunConfig) -> Line | None:
        """What a run of these settings gave, if it was tried."""
        return self._known.get(_key(config))

    def is_to_do(self, config: RunConfig) -> bool:
        """Whether a run of these settings is still to be made: also one that failed, as for want of memory."""
        line = self.find(config)
        return line is None or line["result"]["state"] == "failed"

    def add(self, config: RunConfig, trial: Trial) -> Line:
        """Keep what a run gave; it is on the disk when this returns. OSError if it cannot be; then nothing of it is."""
        line = {"settings": config.settings(), "result": trial.as_json()}
        text = (json.dumps(line, allow_nan=False) + "\n").encode()
        with self.path.open("ab", buffering=0) as file:
            whole = file.seek(0, os.SEEK_END)
            try:
                if file.write(text) < len(text):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    file.truncate(whole)
                raise
        self._known[_key(config)] = line
        return line

    def _read(self) -> None:
        if not self.path.exists():
            return
        text = self.path.read_text(encoding="utf-8")
        for line in _whole_lines(text):
            self._known[_key_of(line["settings"])] = line
        if text.strip() and not self._known and not text.startswith(BEGINNING):
            raise OSError("it holds no results of a sweep")
        if text and not text.endswith("\n"):  # a half line: the next one must not be written behind it
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n")


def _whole_lines(text: str) -> Iterator[Line]:
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("settings"), dict) and _is_result(found.get("result")):
            yield found


def _is_result(found: Any) -> bool:
    """Whether it has what a trial tells."""
    if not isinstance(found, dict):
        return False
    numbers = [found.get("accuracy") or 0.0, found.get("seconds"), found.get("loss") or 0.0]
    texts = [found.get("state"), found.get("error") or ""]
    return all(_is_number(value) for value in numbers) and all(isinstance(text, str) for text in texts)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _key(config: RunConfig) -> str:
    return _key_of(config.settings())


def _key_of(settings: dict[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
