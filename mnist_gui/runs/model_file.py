"""A trained network as a file: .npz without pickle, checked member by member before a weight is read.

header       uint8 (n,): JSON text in UTF-8: format_version, config, image_shape, class_names, step, epoch, ...
parameters   float32 (P,): all weights and biases, laid out as engine.network says
"""

import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.engine.network import parameter_count
from mnist_gui.lab.build import parts_of
from mnist_gui.runs.atomic import write_atomically
from mnist_gui.runs.plain_npz import UNREADABLE, NpzError, as_header, plain_npz
from mnist_gui.training.snapshot import Snapshot

# 2: configs have the settings of L2, dropout, distortions and others; in files of version 1 they have their defaults.
FORMAT_VERSION = 2


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

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, header=as_header(header), parameters=snapshot.parameters)

    write_atomically(path, write)


def load_model(path: Path) -> Snapshot:
    """Read a model file. ModelError if it is damaged, too new or not ours; nothing is executed from it."""
    try:
        with plain_npz(path, ("header", "parameters")) as archive:
            facts = _facts(archive.header(FORMAT_VERSION))
            sizes = (
                math.prod(facts["image_shape"]),
                *facts["config"].network.hidden,
                len(facts["class_names"]),
            )
            parameters = archive.array("parameters", np.float32, parameter_count(sizes))
    except (ModelError, NpzError) as error:
        raise ModelError(f"{path}: {error}") from error
    except UNREADABLE as error:
        raise ModelError(f"{path}: not a readable model file ({error})") from error
    if not np.isfinite(parameters).all():
        raise ModelError(f"{path}: some weights are not finite numbers; the network is of no use")
    return Snapshot.of(parameters, own_parts=parts_of(facts["config"]), **facts)


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
