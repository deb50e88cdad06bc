"""t-SNE maps, computed in a separate process (tsne_worker), which can be ended at any moment.

It needs scikit-learn, which is optional: see `is_available`.
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

PATIENCE = 0.05  # seconds after which `should_cancel` is called again
FEWEST = 5  # digits for a map
DONE = b"done\n"


class TsneError(Exception):
    """A map could not be computed; the text states why."""


def is_available() -> bool:
    """Whether scikit-learn is installed, without importing it, which takes a second. False in a frozen program, which
    has no interpreter to run the process."""
    return not getattr(sys, "frozen", False) and find_spec("sklearn") is not None


def tsne(
    vectors: Floats, should_cancel: Callable[[], bool], report: Callable[[float], None]
) -> NDArray[np.float64] | None:
    """Places (N, 2) of vectors (N, D); None if `should_cancel` returned True, which is called 20 times a second.

    The orientation of a t-SNE map is arbitrary: it is rotated to be widest along the first axis, as screens are.
    Vectors that are not finite get nan. report(share) is called with the share that is done, 0..1. TsneError if fewer
    than FEWEST vectors are finite, or the process fails.
    """
    known = np.isfinite(vectors).all(axis=1)
    if np.count_nonzero(known) < FEWEST:
        raise TsneError(f"t-SNE needs {FEWEST} digits with finite values, there are {np.count_nonzero(known)}")
    # The scale is arbitrary too, and squares of large numbers would overflow.
    scaled = vectors[known] / np.float32(np.abs(vectors[known]).max() or 1.0)
    found = _run_worker(scaled.astype(np.float32), should_cancel, report)
    if found is None:
        return None
    places = np.full((len(vectors), 2), np.nan)
    places[known] = Plane.of(found).places
    return places


def _run_worker(
    vectors: Floats, should_cancel: Callable[[], bool], report: Callable[[float], None]
) -> NDArray[np.float32] | None:
    command = [sys.executable, "-P", str(Path(tsne_worker.__file__))]
    # One thread in each library: training uses the other processor.
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
                answer = _receive(process.stdout.fileno(), should_cancel, report)
            finally:
                process.kill()
        if answer is None:
            return None
        return _places(answer, len(vectors), complaints)


def _send(pipe: int, vectors: Floats, should_cancel: Callable[[], bool]) -> bool:
    """Send all vectors; False if cancelled. The pipe stays open: closing it ends the process."""
    os.set_blocking(pipe, False)
    left = memoryview(f"{len(vectors)} {vectors.shape[1]}\n".encode() + vectors.tobytes())
    while left:
        if should_cancel():
            return False
        _, ready, _ = select.select([], [pipe], [], PATIENCE)
        try:
            left = left[os.write(pipe, left) :] if ready else left
        except BrokenPipeError:
            return True  # it has ended; its output has the reason
    return True


def _receive(pipe: int, should_cancel: Callable[[], bool], report: Callable[[float], None]) -> bytes | None:
    """All output of the process until it ends; None if cancelled."""
    output = b""
    while not should_cancel():
        ready, _, _ = select.select([pipe], [], [], PATIENCE)
        if not ready:
            continue
        piece = os.read(pipe, 1 << 16)
        if not piece:
            return output
        output += piece
        numbers = output.partition(DONE)[0].split(b"\n")[:-1]  # the last line may be incomplete
        if numbers:
            report(int(numbers[-1]) / tsne_worker.STEPS)
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
