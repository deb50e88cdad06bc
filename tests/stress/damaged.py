"""Inputs that are mutated, and what reads them: the functions that the command line and the window call."""

import contextlib
import gzip
import io
import json
import math
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.datasets import load_dataset
from mnist_gui.experiments.results_file import Results
from mnist_gui.experiments.sweep_runs import open_sweep
from mnist_gui.experiments.trial import Trial
from mnist_gui.storage.model_file import ModelError, load_model
from mnist_gui.storage.tags import Place, Remark, TagsError, change_tags
from mnist_gui.storage.tags_csv import tags_table
from mnist_gui.storage.user_test_set import Kind, UserTestSet, UserTestSetError, change_user_test_set
from mnist_gui.system.paths import presets_folder
from mnist_gui.ui.panels.sweep.results_view import axes_of
from mnist_gui.ui.shell.preferences import Preferences, keep_readable
from tests.stress.mutants import TEXTS, Random, as_json, mutated_bytes, mutated_text, mutated_value
from tests.stress.samples import IDX, Samples
from tests.support import small_config

# Models


def model(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """A model file with a changed header, changed arrays or changed bytes, told about and measured."""
    path = folder / "model.npz"
    path.write_bytes(_model(samples, rng))
    yield
    samples.run("predict", str(path), str(samples.folder / "images" / "drawing.png"))
    samples.run("evaluate", str(path), "--json", "--worst", "1")
    with contextlib.suppress(ModelError):
        load_model(path)


def _model(samples: Samples, rng: Random) -> bytes:
    content = samples.model.read_bytes()
    if rng.random() < 0.3:
        return mutated_bytes(rng, content, content[::-1])
    with zipfile.ZipFile(samples.model) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if rng.random() < 0.7:
        header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
        members["header.npy"] = _npy(np.frombuffer(as_json(rng, mutated_value(rng, header)), np.uint8))
    else:
        name = rng.choice(list(members))
        members[name] = _with_other_description(rng, members[name])
    if rng.random() < 0.05:
        members[rng.choice(TEXTS).replace("\0", "")[:200]] = b""
    return _zipped(rng, members)


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _with_other_description(rng: Random, member: bytes) -> bytes:
    """A .npy file with a changed text of its dtype, order and shape."""
    length = int.from_bytes(member[8:10], "little")
    described, values = member[10 : 10 + length], member[10 + length :]
    shapes = (
        b"(" + b"-" * 9000 + b"1,)",
        b"(" * 3000,
        b"(2**63,)",
        b"(-1,)",
        b"(1,) * 10**9",
        b"(99999999999,)",
        b"()",
        b"None",
    )
    others = (mutated_bytes(rng, described), described.replace(b"(", rng.choice(shapes) + b" or ("), b"{" * 5000, b"")
    text = rng.choice((*others, described.replace(b"<f4", rng.choice((b"|O", b">f8", b"<U9", b"f4,f4", b"|V4")))))[
        :60_000
    ]
    return member[:6] + bytes((rng.choice((1, 1, 1, 2, 3, 9)), 0)) + len(text).to_bytes(2, "little") + text + values


def _zipped(rng: Random, members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if rng.random() < 0.05 else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            with contextlib.suppress(UnicodeEncodeError):
                archive.writestr(name or "x", content)
    return file.getvalue()


# Digits


def idx(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """Files of digits, plain or gzipped, with changed headers, changed bytes or false counts."""
    digits = folder / "digits"
    digits.mkdir()
    damaged = rng.sample(IDX, rng.choice((1, 1, 2, 4)))
    for name in IDX:
        content, is_packed = (samples.digits / name).read_bytes(), rng.random() < 0.5
        if name in damaged:
            content = _idx(rng, name, content)
        if is_packed:
            content = gzip.compress(content, 1)
            content = mutated_bytes(rng, content) if name in damaged and rng.random() < 0.4 else content
        (digits / (name + (".gz" if is_packed else ""))).write_bytes(content)
    yield
    samples.run("train", "--data", str(digits), "--set", "network.hidden=[4]")


def _idx(rng: Random, name: str, content: bytes) -> bytes:
    match rng.randrange(4):
        case 0:
            return mutated_bytes(rng, content, content[::-1])
        case 1:  # any sizes that are claimed, whether they are there or not
            sizes = [rng.choice((0, 1, 10, 28, 60, 2000, 65_536, 1_200_000, 2**31, 2**32 - 1)) for _ in range(3)]
            magic = 0x801 if "labels" in name else 0x803
            return struct.pack(">I", magic) + b"".join(struct.pack(">I", size) for size in sizes) + content[16:]
        case 2:  # an honest claim of more than fits the other file
            count = rng.choice((1, 59, 1000, 1_200_000))
            if "labels" in name:
                return struct.pack(">II", 0x801, count) + bytes(count)
            return struct.pack(">IIII", 0x803, count, 4, 4) + bytes(16 * count)
    side = rng.choice((1, 2, 255, 257, 2000))
    return struct.pack(">IIII", 0x803, 1, side, side) + bytes(side * side)


# Images


def image(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """An image file of any format with changed bytes, read by the model."""
    ending = rng.choice(list(samples.images))
    path = folder / f"drawing.{ending}"
    path.write_bytes(mutated_bytes(rng, samples.images[ending], rng.choice(list(samples.images.values()))))
    yield
    samples.run("predict", str(samples.model), str(path), *(["--as-is"] if rng.random() < 0.2 else []))


# Settings and arguments


def settings(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """A file of settings with changed text, or changed arguments of any command."""
    path = folder / "run.toml"
    if rng.random() < 0.6:
        known = [preset.read_text(encoding="utf-8") for preset in sorted(presets_folder().glob("*.toml"))]
        text = mutated_text(rng, rng.choice((RunConfig().to_toml(), small_config().to_toml(), *known)))
        path.write_bytes(
            mutated_bytes(rng, text.encode(errors="replace")) if rng.random() < 0.1 else text.encode(errors="replace")
        )
        yield
        samples.run("train", "--config", str(path))
        return
    path.write_text(small_config().to_toml())
    words = _arguments(samples, rng, path)
    yield
    samples.run(*words)


def _arguments(samples: Samples, rng: Random, path: Path) -> list[str]:
    lines: tuple[list[str], ...] = (
        ["train", "--config", str(path), "--set", "training.seed=3", "--save", str(path.with_name("m.npz")), "--json"],
        ["diagnose", "--preset", "case-a", "--steps", "5", "--why", "--set", "network.hidden=[64, 10]"],
        ["--set", "training.momentum=0.5", "gradient-check", "--data", str(samples.digits), "--json"],
        ["evaluate", str(samples.model), "--split", "validation", "--worst", "3", "--label-errors", "2"],
        ["predict", str(samples.model), str(samples.folder / "images" / "drawing.png"), "--as-is"],
        ["presets", "case-a", "--json"],
        ["faults", "zero_init"],
        ["--size", "800x600", "--theme", "dark", "--open", str(samples.model)],
    )
    words = list(rng.choice(lines))
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(words)) if words else 0
        match rng.randrange(6):
            case 0 if words:
                del words[at]
            case 1:
                words.insert(at, rng.choice((*TEXTS, *(word for line in lines for word in line))))
            case 2 if words:
                key, equals, _ = words[at].partition("=")
                words[at] = (
                    f"{key}={as_json(rng, mutated_value(rng, [1])).decode('utf-8', 'replace')[1:-1]}"
                    if equals
                    else words[at]
                )
            case _ if words:
                words[at] = rng.choice((rng.choice(TEXTS), mutated_text(rng, words[at])))
    # What no shell can pass on: null bytes, and surrogates that stand for no byte.
    return [word.replace("\0", "").encode("utf-8", "replace").decode()[:120_000] for word in words]


# Sweeps

GRID = """\
[grid]
training.learning_rate = [0.03, 0.1]
network.hidden = [[32], [16, 8]]
[random]
count = 2
seed = 1
training.momentum = { low = 0.5, high = 0.99 }
training.l2 = { low = 0.1, high = 100.0, log = true }
training.optimizer = { choices = ["adam", "momentum"] }
[repeat]
training.seed = [0, 1]
[base]
training.epochs = 3
"""


def sweep(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """A grid and its results, one of them changed: run, gone on with, and opened as the window opens them."""
    grid, results = folder / "grid.toml", folder / "grid.results.jsonl"
    grid.write_text(GRID)
    for config in rng.sample(open_sweep(grid, RunConfig()).configs, 2):
        Results(results).add(config, Trial("finished", 0.9, 0.3, (), (), (), 1.5))
    if rng.random() < 0.5:
        grid.write_bytes(mutated_text(rng, GRID).encode(errors="replace"))
    else:
        results.write_bytes(_results(rng, results.read_bytes()))
    only = folder / "old.jsonl"
    shutil.copy(results, only)
    yield
    samples.run("sweep", str(grid), *(["--json"] if rng.random() < 0.3 else []))
    for path in (grid, results, only):
        with contextlib.suppress(ConfigError):
            runs = open_sweep(path, RunConfig())
            runs.plan()
            axes_of(runs)


def _results(rng: Random, content: bytes) -> bytes:
    if rng.random() < 0.3:
        return mutated_bytes(rng, content)
    lines = content.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = as_json(rng, mutated_value(rng, json.loads(lines[at])))
    return b"\n".join(lines) + rng.choice((b"\n", b"", b"\n\n{"))


# What is kept in the home folder

PREFERENCES = """\
[General]
theme=dark
sound=true
timeline_mb=256
[layout]
version=5
geometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3)
state=@ByteArray(\\0\\0\\0\\xff)
[mysteries]
named=3
wrong=1
[described]
hidden="128, 64"
[folder]
model=/tmp
"""


def store(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    """Tags, drawings or preferences, changed and then read and written as the window does."""
    yield from rng.choice((_tags, _drawings, _preferences))(samples, rng, folder)


def _tags(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    path, dataset = folder / "tags.json", load_dataset(samples.digits)
    remarks = [(Place("train", 3), Remark(frozenset({"bad label"}), "=1+1")), (Place("test", 1), Remark(note="odd"))]
    change_tags(path, dataset, remarks)
    content = path.read_bytes()
    is_json = rng.random() < 0.7
    path.write_bytes(as_json(rng, mutated_value(rng, json.loads(content))) if is_json else mutated_bytes(rng, content))
    yield
    with _refused(TagsError):
        tags = change_tags(path, dataset, [(Place("train", 5), Remark(note=rng.choice(TEXTS)))])
        tags_table(tags, dataset, {})


def _drawings(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    kind, path = Kind((4, 4), ("0", "1")), folder / "drawings.npz"
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4)

    def add(digits: UserTestSet) -> UserTestSet:
        return digits.with_digit(picture, 1)

    change_user_test_set(path, kind, add)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
    match rng.randrange(3):
        case 0:
            content = mutated_bytes(rng, content)
        case 1:
            members["header.npy"] = _npy(np.frombuffer(as_json(rng, mutated_value(rng, header)), np.uint8))
            content = _zipped(rng, members)
        case _:
            name = rng.choice(list(members))
            content = _zipped(rng, members | {name: _with_other_description(rng, members[name])})
    path.write_bytes(content)
    yield
    with _refused(UserTestSetError):
        change_user_test_set(path, kind, add).as_split()


def _preferences(samples: Samples, rng: Random, folder: Path) -> Iterator[None]:
    path = folder / "settings.ini"
    text = mutated_text(rng, PREFERENCES).encode(errors="replace")
    path.write_bytes(mutated_bytes(rng, text) if rng.random() < 0.3 else text)
    yield
    keep_readable(path)
    preferences = Preferences(QSettings(str(path), QSettings.Format.IniFormat))
    theme, score = preferences.theme, preferences.hidden_faults
    assert preferences.timeline_mb > 0
    assert math.isfinite(score.named)
    _ = preferences.layout, preferences.sound, preferences.description, preferences.folder("model")
    preferences.theme = theme
    preferences.count_hidden_fault(lambda before: before.begun())


@contextlib.contextmanager
def _refused(kind: type[Exception]) -> Iterator[None]:
    """What the window tells in a sentence: damage, and what the system or a newer version says."""
    try:
        yield
    except (kind, OSError) as error:
        str(error).encode(errors="backslashreplace")


# Makes its files, then gives way once, and reads them: only that is measured.
Attempt = Callable[[Samples, Random, Path], Iterator[None]]
KINDS: dict[str, Attempt] = {
    "model": model,
    "idx": idx,
    "image": image,
    "settings": settings,
    "sweep": sweep,
    "store": store,
}


def seed_of(kind: str, number: int) -> Random:
    """The same mutation every time."""
    return Random(f"{kind} {number}")
