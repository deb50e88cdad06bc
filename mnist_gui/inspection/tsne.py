"""t-SNE maps, worked out by a process of its own, which can be ended at any moment. What it computes is tsne_worker's.

scikit-learn is wanted for it, and is not among what the program needs: `is_available` tells.
"""

import os
import select
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.types import Floats
from mnist_gui.inspection import tsne_worker
from mnist_gui.inspection.pca import Plane

PATIENCE = 0.05  # seconds after which `abandon` is asked again
FEWEST = 5  # digits of which a map can be made
DONE = b"done\n"


class TsneError(Exception):
    """A map could not be made, and why."""


def is_available() -> bool:
    """Whether scikit-learn is there, without importing it, which takes a second. A frozen program has no interpreter to
    run the process with."""
    return not getattr(sys, "frozen", False) and find_spec("sklearn") is not None


def tsne(
    vectors: Floats, should_cancel: Callable[[], bool], tell: Callable[[float], None]
) -> NDArray[np.float64] | None:
    """Places (N, 2) of vectors (N, D); None if `abandon` answered True, which is asked 20 times a second.

    t-SNE knows no directions: the map is turned so that it is widest along the first axis, as screens are. Vectors that
    are not finite have no place: nan. tell(share): how much is done, 0..1. Raises TsneError if fewer than
    FEWEST vectors are finite, or the process fails.
    """
    known = np.isfinite(vectors).all(axis=1)
    if np.count_nonzero(known) < FEWEST:
        raise TsneError(f"t-SNE needs {FEWEST} digits with finite values, there are {np.count_nonzero(known)}")
    # Nor does it know a unit of length, and squares of large numbers would be out of range.
    scaled = vectors[known] / np.float32(np.abs(vectors[known]).max() or 1.0)
    found = _ask(scaled.astype(np.float32), should_cancel, tell)
    if found is None:
        return None
    places = np.full((len(vectors), 2), np.nan)
    places[known] = Plane.of(found).places
    return places


def _ask(
    vectors: Floats, should_cancel: Callable[[], bool], tell: Callable[[float], None]
) -> NDArray[np.float32] | None:
    command = [sys.executable, "-P", str(Path(tsne_worker.__file__))]
    # One thread of each kind: training has the other processor.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=environment
        )
        with process:
            try:
                assert process.stdin
                assert process.stdout
                if not _send(process.stdin.fileno(), vectors, should_cancel):
                    return None
                answer = _receive(process.stdout.fileno(), should_cancel, tell)
            finally:
                process.kill()
        if answer is None:
            return None
        return _places(answer, len(vectors), complaints)


def _send(pipe: int, vectors: Floats, should_cancel: Callable[[], bool]) -> bool:
    """Hand over all vectors; False if they are not wanted any more. The pipe stays open: its end ends the process."""
    os.set_blocking(pipe, False)
    left = memoryview(f"{len(vectors)} {vectors.shape[1]}\n".encode() + vectors.tobytes())
    while left:
        if should_cancel():
            return False
        _, ready, _ = select.select([], [pipe], [], PATIENCE)
        try:
            left = left[os.write(pipe, left) :] if ready else left
        except BrokenPipeError:
            return True  # it has ended, and what it said tells why
    return True


def _receive(pipe: int, should_cancel: Callable[[], bool], tell: Callable[[float], None]) -> bytes | None:
    """All that the process says until it ends; None if it is not wanted any more."""
    said = b""
    while not should_cancel():
        ready, _, _ = select.select([pipe], [], [], PATIENCE)
        if not ready:
            continue
        piece = os.read(pipe, 1 << 16)
        if not piece:
            return said
        said += piece
        numbers = said.partition(DONE)[0].split(b"\n")[:-1]  # of which the last may be half a line
        if numbers:
            tell(int(numbers[-1]) / tsne_worker.STEPS)
    return None


def _places(answer: bytes, count: int, complaints: BinaryIO) -> NDArray[np.float32]:
    _, done, array = answer.partition(DONE)
    if not done:
        complaints.seek(0)
        lines = complaints.read().decode(errors="replace").strip().split("\n")
        raise TsneError(lines[-1] or "its process was ended")
    if len(array) != 8 * count:
        raise TsneError(f"its process answered with {len(array)} bytes, expected {8 * count}")
    return np.frombuffer(array, np.float32).reshape(count, 2)
