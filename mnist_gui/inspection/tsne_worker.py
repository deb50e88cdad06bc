"""The process that works out a t-SNE map.

Standard input brings a line with N and D, and vectors (N, D) as float32 bytes. Out come lines with how many steps are
done, the line "done", and places (N, 2) as float32 bytes. Run as a file and importing nothing of ours, so that it
begins soon, and however the program was installed. It ends when it is done, or when whoever started it has closed its
standard input or is gone.
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
LARGEST_PERPLEXITY = 30.0  # about how many neighbours a digit has; scikit-learn's default
ITERATION = re.compile(r"Iteration (\d+)")


class Progress(io.TextIOBase):
    """A text stream for what scikit-learn says; passes on the numbers of its iterations, one a line."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out = out

    def write(self, text: str) -> int:
        """Take a text, as every stream does."""
        for number in ITERATION.findall(text):
            self._out.write(f"{number}\n".encode())
            self._out.flush()
        return len(text)


def perplexity_for(count: int) -> float:
    """How many neighbours count for each of so many digits: it must be less than there are."""
    return min(LARGEST_PERPLEXITY, max(1.0, (count - 1) / 3))


def embed(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places (N, 2) in which neighbours among vectors (N, D), N >= 2, stay neighbours (van der Maaten & Hinton 2008).

    By the Barnes-Hut tree (van der Maaten 2014), from the principal components on, so that it is the same every time.
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
    """Answer the one question that standard input brings."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # training goes first
    count, width = map(int, sys.stdin.buffer.readline().split())
    vectors = np.frombuffer(sys.stdin.buffer.read(4 * count * width), np.float32).reshape(count, width)
    threading.Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    out = sys.stdout.buffer
    with contextlib.redirect_stdout(Progress(out)), np.errstate(all="ignore"):
        places = embed(vectors)
    out.write(b"done\n" + places.astype(np.float32).tobytes())
    out.flush()
    os._exit(0)  # the thread still reads, and would hold up the interpreter's end


if __name__ == "__main__":
    main()
