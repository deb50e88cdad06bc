"""The process that computes a t-SNE map.

Standard input: a line with N and D, then vectors (N, D) as float32 bytes. Standard output: lines with the number of
steps done, the line "done", and places (N, 2) as float32 bytes. It is run as a file and imports nothing of mnist_gui,
so that it starts fast in every kind of installation. It ends when it is done, or when its standard input is closed.
"""

import contextlib
import io
import os
import re
import sys
import threading
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

STEPS = 1000  # of the descent; scikit-learn's default
LARGEST_PERPLEXITY = 30.0  # effective number of neighbours of a digit; scikit-learn's default
ITERATION = re.compile(r"Iteration (\d+)")


class Progress(io.TextIOBase):
    """A text stream for scikit-learn's messages; passes on the numbers of its iterations, one a line."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = out

    def write(self, text: str) -> int:
        """As in every text stream."""
        for number in ITERATION.findall(text):
            self._out.write(f"{number}\n".encode())
            self._out.flush()
        return len(text)


def perplexity_for(count: int) -> float:
    """The perplexity for `count` digits; it must be less than `count`."""
    return min(LARGEST_PERPLEXITY, max(1.0, (count - 1) / 3))


def embed(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places (N, 2) in which neighbours among vectors (N, D), N >= 2, stay neighbours (van der Maaten & Hinton 2008).

    Barnes-Hut approximation (van der Maaten 2014), started from the principal components, so that it is reproducible.
    """
    from sklearn.manifold import TSNE

    start = "pca" if min(vectors.shape) >= 2 and np.ptp(vectors, axis=0).any() else "random"
    method = TSNE(
        init=start, perplexity=perplexity_for(len(vectors)), max_iter=STEPS, random_state=0, verbose=2, n_jobs=1
    )
    places: NDArray[np.float32] = method.fit_transform(vectors)
    return places


def end_with(parent: BinaryIO) -> None:
    """Wait until the other end of a pipe is closed, then end this process at once."""
    parent.read()
    os._exit(1)


def main() -> None:
    """Compute the map of the vectors from standard input."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # training has priority
    count, width = map(int, sys.stdin.buffer.readline().split())
    vectors = np.frombuffer(sys.stdin.buffer.read(4 * count * width), np.float32).reshape(count, width)
    threading.Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    out = sys.stdout.buffer
    with contextlib.redirect_stdout(Progress(out)), np.errstate(all="ignore"):
        places = embed(vectors)
    out.write(b"done\n" + places.astype(np.float32).tobytes())
    out.flush()
    os._exit(0)  # the thread still reads and would block the interpreter's exit


if __name__ == "__main__":
    main()
