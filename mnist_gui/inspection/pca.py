"""Principal components: the plane in which vectors have the largest variance.

Of centred vectors X (N, D) = U S V^T, the axes are the columns of V with the two largest singular values, and the
places are X V (Pearson 1901; Jolliffe 2002, section 3.5). V and S^2 are the eigenvectors and eigenvalues of X^T X, or
come from those of X X^T where that is the smaller matrix: precise enough in float64 for a picture, and much faster.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """N vectors projected on the plane of their first two principal components.

    places (N, 2) float64, nan for vectors that are not finite. shares (2,) float64: the shares of the variance
    explained by the components, 0..1; 0 where nothing varies.
    """

    places: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Floats) -> Self:
        """The plane of vectors (N, D). On each axis the largest loading is positive, so that the signs are
        reproducible."""
        places, shares = np.full((len(vectors), 2), np.nan), np.zeros(2)
        known = np.isfinite(vectors).all(axis=1)
        if known.any():
            scale = float(np.abs(vectors[known]).max()) or 1.0  # so that no square is out of range
            centred = vectors[known].astype(np.float64) / scale
            centred -= centred.mean(axis=0)
            axes, shares = _axes(centred)
            places[known] = centred @ axes * scale  # (N, 2)
        return cls(places, shares)

    def turned_like(self, before: NDArray[np.float64]) -> "Plane":
        """The same plane, each axis pointing as in an earlier picture (N, 2) of the same digits.

        While a network trains, the largest loading changes from unit to unit, and the picture would flip with its sign.
        """
        both = np.isfinite(self.places).all(axis=1) & np.isfinite(before).all(axis=1)
        ours, theirs = _to_unit(self.places[both]), _to_unit(before[both])
        signs = np.where((ours * theirs).sum(axis=0) < 0.0, -1.0, 1.0)
        return Plane(self.places * signs, self.shares)


def _to_unit(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places (N, 2) divided by their largest |coordinate|, if that is not 0."""
    farthest = float(np.abs(places).max(initial=0.0))
    return places / farthest if farthest else places


def _axes(centred: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first two axes (D, 2) of centred vectors (N, D), 0 where there are fewer; their shares of variance."""
    count, width = centred.shape
    is_wide = width > count
    products = centred @ centred.T if is_wide else centred.T @ centred
    values, columns = np.linalg.eigh(products)  # the largest last
    found = [place for place in (-1, -2) if len(values) >= -place and values[place] > 1e-12 * values[-1]]
    axes, shares = np.zeros((width, 2)), np.zeros(2)
    for axis, place in enumerate(found):
        direction = centred.T @ columns[:, place] if is_wide else columns[:, place]
        direction /= np.linalg.norm(direction)
        axes[:, axis] = direction * np.sign(direction[np.abs(direction).argmax()])
        shares[axis] = values[place] / np.trace(products)
    return axes, shares
