"""Minibatches: digits of a split as float32 inputs, for one step. The trainer chooses which."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split

Piece = TypeVar("Piece")

# Mean and standard deviation of all pixels of MNIST's 60,000 training digits, in grey levels: constants, so that a
# saved network scales every dataset alike.
MNIST_MEAN, MNIST_SD = 33.3184, 78.5675


def unit(inputs: NDArray[np.float32]) -> None:
    """inputs / 255: 0..1."""
    inputs *= np.float32(1 / 255)


def signed(inputs: NDArray[np.float32]) -> None:
    """inputs / 127.5 - 1: -1..1."""
    inputs *= np.float32(2 / 255)
    inputs -= np.float32(1)


def binary(inputs: NDArray[np.float32]) -> None:
    """1 for every pixel that is not blank, else 0. Distorted digits have levels in between: 1 from level 0.5 on."""
    np.greater_equal(inputs, np.float32(0.5), out=inputs, casting="unsafe")


def standard(inputs: NDArray[np.float32]) -> None:
    """(inputs - mean) / standard deviation, both of MNIST: about -0.42..2.82."""
    inputs -= np.float32(MNIST_MEAN)
    inputs *= np.float32(1 / MNIST_SD)


def raw(inputs: NDArray[np.float32]) -> None:
    """The grey levels themselves: 0..255."""


# A scaling overwrites grey levels 0..255 (B, D) float32 by the network's inputs. Add one as an entry.
SCALINGS: Mapping[str, Callable[[NDArray[np.float32]], None]] = {
    "unit": unit,
    "signed": signed,
    "binary": binary,
    "standard": standard,
    "raw": raw,
}


class Distorts(Protocol):
    """The interface of an augmentation."""

    def distort(self, pixels: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
        """Fill out (B, D) with the grey levels of distorted pixels (B, D)."""


class Batches:
    """The minibatches of a split, gathered into one buffer that every call of `gather` overwrites.

    batch_size: digits per minibatch; 0, or more than the split holds, is the full batch. With a distorter every digit
    is distorted again each time it is gathered. For one thread at a time.
    """

    def __init__(self, split: Split, scaling: str, batch_size: int, distorter: Distorts | None = None) -> None:
        self.batch_size = min(batch_size, len(split)) or len(split)
        self._scale = SCALINGS[scaling]
        self._distorter = distorter
        self._pictures = split.source.reshape(len(split.source), -1)  # (M, D)
        self._rows = split.rows
        self._labels = split.labels
        self.release_buffers()

    def release_buffers(self) -> None:
        """Free the memory of the buffers, until the next minibatch."""
        self._make_buffers(0)

    @property
    def digits(self) -> int:
        """Number of digits of the split."""
        return len(self._rows)

    @property
    def steps_per_epoch(self) -> int:
        """Minibatches in an epoch; the last may be short."""
        return -(-len(self._rows) // self.batch_size) if self.batch_size else 0

    def gather(self, indexes: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Inputs (B, D) float32 and labels (B,) uint8 of the digits at `indexes` (B,), all within the split.

        B need not be the batch size. inputs is a view of the buffer, valid until the next call; labels is a new array.
        """
        count = len(indexes)
        if count > len(self._inputs):
            self._make_buffers(count)
        pixels, inputs = self._pixels[:count], self._inputs[:count]
        # "clip" is what lets take write into out directly; with "raise" it fills a copy first.
        self._pictures.take(self._rows[indexes], axis=0, out=pixels, mode="clip")
        if self._distorter:
            self._distorter.distort(pixels, inputs)
        else:
            inputs[...] = pixels
        self._scale(inputs)
        return inputs, self._labels[indexes]

    def _make_buffers(self, count: int) -> None:
        # As large as the largest call, not as the batch: a full batch may be gathered in parts.
        width = self._pictures.shape[1]
        self._pixels = np.empty((count, width), np.uint8)
        self._inputs = np.empty((count, width), np.float32)


def inputs_of(pictures: NDArray[np.uint8], scaling: str) -> NDArray[np.float32]:
    """The network's inputs for pictures (n, rows, cols): (n, rows * cols) float32, a new array."""
    inputs = pictures.reshape(len(pictures), -1).astype(np.float32)
    SCALINGS[scaling](inputs)
    return inputs


def chunks(split: Split, scaling: str, size: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.uint8]]]:
    """Inputs and labels of all digits of a split in its order, at most `size` at a time.

    inputs (B, D) float32 is valid until the next chunk: all share one buffer. labels (B,) uint8 is a new array.
    """
    batches = Batches(split, scaling, size)
    for start in range(0, len(split), size):
        yield batches.gather(np.arange(start, min(start + size, len(split))))


def until_cancelled(should_cancel: Callable[[], bool], pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Iterate over `pieces` until `should_cancel`, called before each is computed, returns True."""
    to_come = iter(pieces)
    while not should_cancel():
        try:
            piece = next(to_come)
        except StopIteration:
            return
        yield piece
