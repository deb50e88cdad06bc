"""`mnist-gui predict`: the classes of image files, predicted by a saved network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.files import PictureError, read_image
from mnist_gui.data.images.ink import as_it_is, ink_of
from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.top_two import Verdict, verdict
from mnist_gui.storage.model_file import load_model
from mnist_gui.system import exit_status
from mnist_gui.system.printable import named
from mnist_gui.system.terminal import as_line, is_lost, write, write_message
from mnist_gui.training.descriptions import percent
from mnist_gui.training.predictor import Predictor


def run_predict(model: Path, images: Sequence[Path], *, as_is: bool, as_records: bool) -> int:
    """Write a model's prediction for each image: a line each, as text or as a JSON record. Returns the exit status.

    as_is: images of the network's size are not centred. An image that cannot be used is reported on standard error, and
    the others are still predicted. ModelError for a model that cannot be used.
    """
    reader = Predictor(load_model(model))
    status = exit_status.FINISHED
    with threadpool_limits(1, user_api="blas"):
        for path in images:
            if is_lost():
                break
            try:
                line = _describe(path, reader, as_is=as_is, as_records=as_records)
            except PictureError as error:
                write_message(f"mnist-gui: {error}")
                status = exit_status.FAILED
            else:
                write(line)
    return status


def _describe(path: Path, reader: Predictor, *, as_is: bool, as_records: bool) -> str:
    """The line about one image."""
    pixels, snapshot = read_image(path), reader.snapshot
    is_centred = not as_is or pixels.shape[:2] != snapshot.image_shape
    picture = (
        centred(ink_of(pixels, named(path)), snapshot.image_shape) if is_centred else as_it_is(pixels, named(path))
    )
    answer = reader.answer(picture[np.newaxis])
    found, names = verdict(answer), snapshot.class_names
    if found is None:
        raise PictureError(f"{named(path)}: the network's outputs are not finite, so there is no prediction")
    if as_records:
        record = {"record": "prediction", "image": str(path), "is_centred": is_centred}
        return as_line(record | _verdict_facts(found, names, answer))
    return (
        f"{path}: {names[found.first]} ({percent(found.confidence)}), then {names[found.second]} "
        f"({percent(found.second_confidence)}), margin {percent(found.margin)}"
    )


def _verdict_facts(found: Verdict, names: tuple[str, ...], answer: Answer) -> dict[str, Any]:
    """The verdict and all confidences, each in 0..1; with a softmax, as the default loss has it, probabilities."""
    return {
        "class": names[found.first],
        "confidence": found.confidence,
        "runner_up": names[found.second],
        "margin": found.margin,
        "probabilities": dict(zip(names, answer.confidences[0].tolist(), strict=True)),
    }
