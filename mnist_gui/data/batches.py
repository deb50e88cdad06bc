"""Minibatches: digits of a split as float32 inputs, for one step. Which and when, the trainer decides."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.splits import Split

_UNIT = np.float32(1 / 255)


def unit(pixels: NDArray[np.uint8], inputs: NDArray[np.float32]) -> None:
    """inputs <- pixels / 255: 0..1."""
    # Converting first and multiplying in place was faster than one multiplication of mixed types.
    inputs[...] = pixels
    inputs *= _UNIT


# A scaling overwrites inputs (B, D) float32 by what it makes of pixels (B, D) uint8. Add one as an entry.
SCALINGS: Mapping[str, Callable[[NDArray[np.uint8], NDArray[np.float32]], None]] = {"unit": unit}


class Batches:
    """The minibatches of a split, gathered into one buffer that every call of `gather` overwrites.

    batch_size is as asked for; 0, or more than the split holds, is the full batch. For one thread at a time.
    """

    def __init__(self, split: Split, scaling: str, batch_size: int) -> None:
        self.batch_size = min(batch_size, len(split)) or len(split)
        self._scale = SCALINGS[scaling]
        self._pictures = split.source.reshape(len(split.source), -1)  # (M, D)
        self._rows = split.rows
        self._labels = split.labels
        self._make_buffers(0)

    @property
    def steps_per_epoch(self) -> int:
        """Minibatches in an epoch; the last may be short."""
        return -(-len(self._rows) // self.batch_size) if self.batch_size else 0

    def shuffled(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """All indexes of the split in a random order, (N,): an epoch, to be gathered batch_size at a time."""
        return rng.permutation(len(self._rows)).astype(np.intp, copy=False)

    def gather(self, indexes: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Inputs (B, D) float32 and labels (B,) uint8 of the digits at `indexes` (B,), all within the split.

        B need not be the batch size. inputs is a view of the buffer: good until the next call. labels is new.
        """
        count = len(indexes)
        if count > len(self._inputs):
            self._make_buffers(count)
        pixels, inputs = self._pixels[:count], self._inputs[:count]
        # "clip" is what lets take write into out directly; with "raise" it fills a copy first.
        self._pictures.take(self._rows[indexes], axis=0, out=pixels, mode="clip")
        self._scale(pixels, inputs)
        return inputs, self._labels[indexes]

    def _make_buffers(self, count: int) -> None:
        # As large as the largest call, not as the batch: a full batch may be gathered in parts.
        width = self._pictures.shape[1]
        self._pixels = np.empty((count, width), np.uint8)
        self._inputs = np.empty((count, width), np.float32)


def chunks(split: Split, scaling: str, size: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.uint8]]]:
    """Inputs and labels of all digits of a split in its order, at most `size` at a time.

    inputs (B, D) float32 is good until the next chunk: one buffer serves all. labels (B,) uint8 is new.
    """
    batches = Batches(split, scaling, size)
    for start in range(0, len(split), size):
        yield batches.gather(np.arange(start, min(start + size, len(split))))
