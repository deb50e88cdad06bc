"""Good inputs to mutate, and a command line in this process that says how a command ended."""

import contextlib
import io
import struct
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image, features

from mnist_gui.cli import main as cli
from mnist_gui.cli.train import prepare
from mnist_gui.config.run_config import RunConfig
from mnist_gui.storage.model_file import save_model
from mnist_gui.system import exit_status
from tests.support import make_trainer

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
LEGAL = (exit_status.FINISHED, exit_status.FAILED, exit_status.USAGE, exit_status.FOUND)
SIDE = 28


class NotRefusedError(AssertionError):
    """A command that ended otherwise than by its work or by a sentence."""


class Samples:
    """Good inputs in a folder, made once: models, digits, images."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digits = folder / "digits"
        self.digits.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(0)
        for name, count in zip(IDX, (60, 60, 20, 20), strict=True):
            is_labels = "labels" in name
            array = np.arange(count) % 10 if is_labels else rng.integers(0, 256, (count, SIDE, SIDE))
            header = struct.pack(f">{2 if is_labels else 4}I", 0x801 if is_labels else 0x803, *array.shape)
            (self.digits / name).write_bytes(header + array.astype(np.uint8).tobytes())
        trainer = make_trainer()
        trainer.train_minibatch()
        snapshot = trainer.snapshot()
        own = snapshot.config.with_settings({"data.folder": str(self.digits), "data.train": 40, "data.validation": 20})
        self.model = folder / "model.npz"
        save_model(self.model, type(snapshot).of(snapshot.parameters, **_facts(snapshot, own)))
        self.images = _images(folder / "images")
        # What is called in the place of commands that would train or open a window.
        self.long_work = {**dict.fromkeys(("train", "diagnose", "gradient-check"), _prepare), "": _read_settings}

    def run(self, *arguments: str) -> None:
        """One command in this process. NotRefusedError if it ends in no usual way."""
        output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors), self._without_long_work():
            try:
                status = cli.main(arguments)
            except SystemExit as ended:  # argparse's way
                status = ended.code if isinstance(ended.code, int) else exit_status.FAILED
        told = b"".join(stream.detach().getvalue() for stream in (output, errors))  # type: ignore[attr-defined]
        if status not in LEGAL:
            raise NotRefusedError(f"status {status}")
        if b"Traceback" in told or b"not enough memory" in told:
            raise NotRefusedError(told[-600:].decode(errors="replace"))
        if b"\x1b" in told:
            raise NotRefusedError("an escape code reaches the terminal")
        if status == exit_status.USAGE and not told.strip():
            raise NotRefusedError("it is refused without a word")

    def _without_long_work(self) -> ExitStack:
        """Commands stop where training would begin; the bundled digits are small ones."""
        stack = ExitStack()
        stack.enter_context(patch.dict(cli.RUNS, self.long_work))  # type: ignore[arg-type]
        stack.enter_context(patch("mnist_gui.data.loading.bundled_mnist", lambda: self.digits))
        stack.enter_context(patch("mnist_gui.cli.sweep.run_all", lambda *arguments: iter(())))
        stack.enter_context(patch("mnist_gui.cli.sweep.workers", lambda *arguments: contextlib.nullcontext()))
        return stack


def _prepare(options: Namespace) -> int:
    prepare(cli._config(options))
    return exit_status.FINISHED


def _read_settings(options: Namespace) -> int:
    cli._config(options)
    return exit_status.FINISHED


def _facts(snapshot: object, config: RunConfig) -> dict[str, object]:
    names = ("image_shape", "class_names", "step", "epoch", "validation_loss", "validation_accuracy")
    return {"config": config} | {name: getattr(snapshot, name) for name in names}


def _images(folder: Path) -> dict[str, bytes]:
    """The same drawing in many formats, by the ending of its name."""
    folder.mkdir(exist_ok=True)
    paper = np.full((48, 40), 240, np.uint8)
    paper[10:38, 18:23] = 20
    grey = Image.fromarray(paper)
    kinds: dict[str, Image.Image] = dict.fromkeys(("png", "bmp", "gif", "pgm", "tga", "tif", "pcx", "ico", "sgi"), grey)
    kinds |= {"jpg": grey, "webp": grey.convert("RGB"), "qoi": grey.convert("RGB"), "xbm": grey.convert("1")}
    kinds |= {"16.png": Image.fromarray(paper.astype(np.uint16) * 200), "p.png": grey.convert("P")}
    kinds |= {"rgba.png": grey.convert("RGBA"), "f.tif": grey.convert("F"), "1.tif": grey.convert("1")}
    kinds |= {"jp2": grey} if features.check_codec("jpg_2000") else {}
    kinds |= {"avif": grey.convert("RGB")} if features.check("avif") else {}
    found = {}
    for ending, image in kinds.items():
        path = folder / f"drawing.{ending}"
        image.save(path)
        found[ending] = path.read_bytes()
    found["plain.pgm"] = b"P2\n40 48\n255\n" + b" ".join(str(value).encode() for value in paper.ravel())
    return found
