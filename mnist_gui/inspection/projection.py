"""Linear projections of units: to the pixels through the layers below, and to the classes through those above.

The weights of a deeper unit belong to units, not to pixels. The sum of the weight images below, with these weights, is
an image again: the product of the weight matrices from the pixels up (Lee, Ekanadham & Ng 2008; discussed as "linear
combination of previous units" by Erhan, Bengio, Courville & Vincent 2009). The product from a unit up to the logits
gives its weight for each class. Both ignore biases and activation functions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Projection:
    """The images (D, U) of some units of a layer: W[0] W[1] ... W[-1][:, units], computed in pieces of bounded cost.

    weights: those of all layers up to the units', (fan_in, fan_out) each; not changed. Multiplied from the right, so
    that only the chosen units are computed.
    """

    def __init__(self, weights: Sequence[Floats], units: NDArray[np.intp]) -> None:
        self._left = list(weights[:-1])
        self._right: Floats = np.take(weights[-1], units, axis=1)
        self._product: Floats | None = None  # of the last of `_left` with `_right`
        self._rows = 0  # of the product that are done

    @property
    def pictures(self) -> Floats | None:
        """The images (D, U), once they are complete, else None."""
        return None if self._left else self._right

    def advance(self, most: float) -> int:
        """Do about `most` more multiplications, at least a row of a product, and return their number."""
        made = 0
        while self._left and made < max(most, 1):
            made += self._multiply_rows(most - made)
        return made

    def _multiply_rows(self, most: float) -> int:
        left = self._left[-1]
        if self._product is None:
            self._product = np.empty((len(left), self._right.shape[1]), np.float32)
        row_cost = max(self._right.size, 1)
        rows = min(len(left) - self._rows, max(1, int(min(most, 1e15) // row_cost)))
        with np.errstate(over="ignore", invalid="ignore"):
            np.dot(left[self._rows : self._rows + rows], self._right, out=self._product[self._rows : self._rows + rows])
        self._rows += rows
        if self._rows == len(left):
            self._left.pop()
            self._right, self._product, self._rows = self._product, None, 0
        return rows * row_cost


def class_weights(above: Sequence[Floats], units: NDArray[np.intp] | None = None) -> Floats:
    """The linear weight of units for each class, (U, C): W[0][units] W[1] ... W[-1]. units None: all of the layer.

    above: the weights of all layers above the units', (fan_in, fan_out) each, at least one.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if units is None:
            share = above[-1]
            for weights in reversed(above[:-1]):
                share = weights @ share
            return share
        share = above[0][units]
        for weights in above[1:]:
            share = share @ weights
        return share
