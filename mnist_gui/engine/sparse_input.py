"""The products of the first layer, without the inputs that are 0 in the whole minibatch.

A pixel that is blank in every digit of a minibatch adds nothing to any sum, and its weights have no gradient. In 128
digits of MNIST that is a third of the pixels, in 32 digits nearly half. Leaving them out costs some copies and saves
the same share of the two largest products of a step.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnist_gui.engine.types import Floats

# With fewer units or digits the copies cost more than the products they save; so they do if few inputs are blank.
LEAST_UNITS = 64
LEAST_DIGITS = 16
MOST_SHARE = 0.85


class SparseInputLayer:
    """forward: outputs = inputs W; backward: dL/dW = inputs^T delta. The copies of one are reused by the other."""

    def __init__(self, batch_size: int, inputs: int, units: int, dtype: DTypeLike) -> None:
        self._pays = units >= LEAST_UNITS and batch_size >= LEAST_DIGITS
        self._lit: NDArray[np.intp] | None = None  # (K,) the inputs that are not blank; None: all take part
        self._blank: NDArray[np.intp] = np.empty(0, np.intp)
        self._most = int(MOST_SHARE * inputs) if self._pays else 0
        self._inputs: Floats = np.empty(batch_size * self._most, dtype)
        self._weights: Floats = np.empty(self._most * units, dtype)

    def forward(self, inputs: Floats, weights: Floats, outputs: Floats) -> None:
        """outputs (B, H) <- inputs (B, D) times weights (D, H)."""
        self._find_lit(inputs)
        if self._lit is None:
            np.dot(inputs, weights, out=outputs)
            return
        lit_weights = _rows(self._weights, len(self._lit), weights.shape[1])
        # "clip" is what lets take write into out directly.
        weights.take(self._lit, axis=0, out=lit_weights, mode="clip")
        lit_inputs = _rows(self._inputs, len(inputs), len(self._lit))
        inputs.take(self._lit, axis=1, out=lit_inputs, mode="clip")
        np.dot(lit_inputs, lit_weights, out=outputs)

    def backward(self, inputs: Floats, delta: Floats, gradient: Floats) -> None:
        """gradient (D, H) <- inputs^T (D, B) times delta (B, H), for the inputs of the last `forward`."""
        if self._lit is None:
            np.dot(inputs.T, delta, out=gradient)
            return
        lit_gradient = _rows(self._weights, len(self._lit), delta.shape[1])
        np.dot(_rows(self._inputs, len(inputs), len(self._lit)).T, delta, out=lit_gradient)
        gradient[self._lit] = lit_gradient
        gradient[self._blank] = 0.0

    def _find_lit(self, inputs: Floats) -> None:
        self._lit = None
        if not self._pays:
            return
        # 0 is the one number without a set bit. Looking at bits is several times faster than inputs.any(axis=0).
        bits = np.bitwise_or.reduce(inputs.view(f"u{inputs.itemsize}"), axis=0)
        lit = np.flatnonzero(bits)
        if len(lit) <= self._most:
            self._lit, self._blank = lit, np.flatnonzero(bits == 0)


def _rows(buffer: Floats, rows: int, columns: int) -> Floats:
    """The front of a flat buffer as an array (rows, columns)."""
    return buffer[: rows * columns].reshape(rows, columns)
