"""A trained network as a file: .npz without pickle, checked member by member before a weight is read.

header       uint8 (n,): JSON text in UTF-8: format_version, config, image_shape, class_names, step, epoch, ...
parameters   float32 (P,): all weights and biases, laid out as engine.network says
"""

import io
import json
import math
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.engine.network import parameter_count
from mnist_gui.runs.atomic import write_atomically
from mnist_gui.training.snapshot import Snapshot

# 2: configs have the settings of L2, dropout, distortions and others; in files of version 1 they have their defaults.
FORMAT_VERSION = 2
LARGEST_HEADER = 1_000_000  # bytes; ours are about one thousand


# What zipfile and NumPy raise for files that are damaged or made to harm; RuntimeError includes too deep a nesting.
UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class ModelError(Exception):
    """A file that is no usable model: says which file, what was found and what was expected."""


def save_model(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot as a model file, whole or not at all. OSError if the file cannot be written."""
    header = {
        "format_version": FORMAT_VERSION,
        "config": snapshot.config.settings(),
        "image_shape": snapshot.image_shape,
        "class_names": snapshot.class_names,
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "validation_loss": _number_or_none(snapshot.validation_loss),
        "validation_accuracy": _number_or_none(snapshot.validation_accuracy),
    }
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, header=text, parameters=snapshot.parameters)

    write_atomically(path, write)


def load_model(path: Path) -> Snapshot:
    """Read a model file. ModelError if it is damaged, too new or not ours; nothing is executed from it."""
    try:
        if path.exists() and not path.is_file():  # a device may have no end
            raise ModelError("not a file")
        with zipfile.ZipFile(path) as archive:
            members = _checked_members(archive)
            header = _header(_array(archive, members["header"], np.dtype(np.uint8)))
            facts = _facts(header)
            sizes = (
                math.prod(facts["image_shape"]),
                *facts["config"].network.hidden,
                len(facts["class_names"]),
            )
            parameters = _array(archive, members["parameters"], np.dtype(np.float32), parameter_count(sizes))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except UNREADABLE as error:
        raise ModelError(f"{path}: not a readable model file ({error})") from error
    if not np.isfinite(parameters).all():
        raise ModelError(f"{path}: some weights are not finite numbers; the network is of no use")
    return Snapshot.of(parameters, **facts)


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The two members by name. They are stored uncompressed, so none can inflate to more than the file's own size."""
    members = archive.infolist()
    names = sorted(member.filename for member in members)
    if names != ["header.npy", "parameters.npy"]:
        raise ModelError(f"holds {', '.join(names) or 'nothing'}; expected header.npy and parameters.npy")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise ModelError(f"{member.filename} is compressed; models are saved uncompressed")
    return {member.filename.removesuffix(".npy"): member for member in members}


def _array(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, dtype: np.dtype[Any], length: int | None = None
) -> NDArray[Any]:
    """A one-dimensional array, its dtype, length and byte count checked before its values are read."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ModelError(f"{member.filename}: array format {version}, expected (1, 0)")
        shape, _, found = np.lib.format.read_array_header_1_0(file)
        expected = (length,) if length is not None else shape[:1]
        if found != dtype or len(shape) != 1 or shape != expected:
            wanted = "(n,)" if length is None else f"({length:,},)"
            raise ModelError(f"{member.filename}: {found} {shape}, expected {dtype} {wanted}")
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - file.tell() or (length is None and size > LARGEST_HEADER):
            raise ModelError(f"{member.filename}: {member.file_size:,} bytes do not hold an array of shape {shape}")
        return np.frombuffer(file.read(size), dtype)


def _header(text: NDArray[np.uint8]) -> dict[str, Any]:
    header = json.load(io.BytesIO(text.tobytes()))
    version = header.get("format_version") if isinstance(header, dict) else None
    if type(version) is not int or version < 1:
        raise ModelError("its header names no format_version")
    if version > FORMAT_VERSION:
        raise ModelError(f"format version {version} is newer than this program reads ({FORMAT_VERSION}): update it")
    return dict(header)


def _facts(header: dict[str, Any]) -> dict[str, Any]:
    """What a header says of a snapshot besides its parameters, each value checked."""
    try:
        config = RunConfig().with_settings(dict(header["config"]))
        rows, columns = header["image_shape"]
        class_names = _names(header["class_names"])
        facts = {
            "config": config,
            "image_shape": (_count(rows, 1), _count(columns, 1)),
            "class_names": class_names,
            "step": _count(header["step"], 0),
            "epoch": _count(header["epoch"], 0),
            "validation_loss": _nan_for_none(header["validation_loss"]),
            "validation_accuracy": _nan_for_none(header["validation_accuracy"]),
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        what = str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}"
        raise ModelError(f"its header cannot be used ({what})") from error
    if not 2 <= len(class_names) <= 256:
        raise ModelError(f"{len(class_names)} classes, expected 2 to 256")
    return facts


def _count(value: object, low: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ValueError(f"{value!r} is not a whole number from {low}")
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value) or len(set(value)) < len(value):
        raise ValueError(f"class_names {value!r} is not a list of different names")
    return tuple(value)


def _number_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _nan_for_none(value: object) -> float:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{value!r} is not a number")
    return math.nan if value is None else float(value)
