"""A trained network as a file: .npz without pickle, checked member by member before a weight is read.

header       uint8 (n,): JSON text in UTF-8: format_version, config, image_shape, class_names, step, epoch, ...
parameters   float32 (P,): all weights and biases, laid out as in engine.network
"""

import math
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.dataset_files import MOST_PIXELS
from mnist_gui.engine.components import check_size
from mnist_gui.engine.network import parameter_count
from mnist_gui.faults.run_factory import parts_of
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.storage.safe_npz import UNREADABLE, NpzError, as_header, plain_npz
from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import reason
from mnist_gui.system.user_errors import RefusedError
from mnist_gui.training.snapshot import Snapshot

# 2: configs have the settings of L2, dropout, distortions and others; in files of version 1 they have their defaults.
# 3: configs have data.left_out; in older files nothing was left out.
FORMAT_VERSION = 3

# The fields of a header besides its version.
FACTS = ("config", "image_shape", "class_names", "step", "epoch", "validation_loss", "validation_accuracy")

# More than ten days at a thousand steps a second; the window's numbers, which end at 2**31, still allow more training.
MOST_STEPS = MOST_EPOCHS = 10**9

LONGEST_NAME = 100  # of a class, in letters


class ModelError(RefusedError):
    """A file that is not a usable model: its text has the file, what was found and what was expected."""


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
    """Read a model file. ModelError if it is damaged, too new or not a model file; nothing in it is executed."""
    try:
        with plain_npz(path, ("header", "parameters")) as archive:
            facts = _facts(archive.header(FORMAT_VERSION))
            config, inputs, classes = facts["config"], math.prod(facts["image_shape"]), len(facts["class_names"])
            count = parameter_count((inputs, *config.network.hidden, classes))
            archive.check("parameters", np.float32, count)
            check_size(config, inputs, classes)
            if inputs > MOST_PIXELS:
                raise ModelError(f"its pictures have {inputs:,} pixels, expected at most {MOST_PIXELS:,}")
            parameters = archive.array("parameters", np.float32, count)
    except (ModelError, NpzError, ConfigError) as error:
        raise ModelError(f"{named(path)}: {error}") from error
    except UNREADABLE as error:
        raise ModelError(f"{named(path)}: not a readable model file ({reason(error)})") from error
    if not np.isfinite(parameters).all():
        raise ModelError(f"{named(path)}: some weights are not finite numbers; the network is of no use")
    return Snapshot.of(parameters, own_parts=parts_of(facts["config"]), **facts)


def _facts(header: dict[str, Any]) -> dict[str, Any]:
    """The fields of a snapshot besides its parameters, from a header, each checked."""
    missing = [name for name in FACTS if name not in header]
    if missing:
        raise ModelError(f"its header has no {' and no '.join(missing)}")
    settings, shape, names = header["config"], header["image_shape"], header["class_names"]
    if not isinstance(settings, dict):
        raise _unusable("config", settings, "an object of settings")
    if not isinstance(shape, list) or len(shape) != 2:
        raise _unusable("image_shape", shape, "a list of two whole numbers, rows and columns")
    if isinstance(names, list) and not 2 <= len(names) <= 256:
        raise ModelError(f"{len(names)} classes, expected 2 to 256")
    if not _are_names(names):
        raise _unusable("class_names", names, f"a list of different names of at most {LONGEST_NAME} printable letters")
    try:
        config = RunConfig().with_settings(settings)
    except ConfigError as error:
        raise ModelError(f"its header cannot be used ({error})") from error
    return {
        "config": config,
        "image_shape": tuple(_count("image_shape", side, 1) for side in shape),
        "class_names": tuple(names),
        "step": _count("step", header["step"], 0, MOST_STEPS),
        "epoch": _count("epoch", header["epoch"], 0, MOST_EPOCHS),
        "validation_loss": _number("validation_loss", header["validation_loss"], sys.float_info.max),
        "validation_accuracy": _number("validation_accuracy", header["validation_accuracy"], 1.0),
    }


def _unusable(name: str, value: object, expected: str) -> ModelError:
    return ModelError(f"its header cannot be used ({ConfigError(name, value, expected)})")


def _count(name: str, value: object, low: int, high: int = MOST_STEPS) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _unusable(name, value, f"whole numbers from {low:,} to {high:,}")
    return value


def _are_names(value: object) -> bool:
    if not isinstance(value, list):
        return False
    are_texts = all(isinstance(name, str) and len(name) <= LONGEST_NAME and name.isprintable() for name in value)
    return are_texts and len(set(value)) == len(value)


def _number_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(name: str, value: object, high: float) -> float:
    """nan for None."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= high:
        raise _unusable(name, value, f"null, or a number from 0 to {high:g}")
    return float(value)
