"""What a map is of, and how the digits on it are read. For helper threads: no Qt here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.engine.types import Floats
from mnist_gui.inspection.digit_map import MOST_DIGITS, DigitMap, vectors_of
from mnist_gui.inspection.pca import Plane
from mnist_gui.training.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The first digits of a split, at most MOST_DIGITS, in a layer, counted from the pixels up."""

    split: Split
    layer: int

    def is_like(self, other: "Subject") -> bool:
        """Whether both are of the same digits in the same layer."""
        return self.split is other.split and self.layer == other.layer


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How a network reads N digits. vectors (N, D): what they are in the layer. predicted (N,) uint8."""

    subject: Subject
    vectors: Floats
    predicted: NDArray[np.uint8]

    @classmethod
    def of(cls, subject: Subject, snapshot: Snapshot) -> "Reading":
        """That of the network with these weights."""
        pictures = subject.split.images(np.arange(min(len(subject.split), MOST_DIGITS)))
        answer = snapshot.answer(pictures)
        vectors = vectors_of(inputs_of(pictures, snapshot.config.data.scaling), answer, subject.layer)
        return cls(subject, vectors, answer.outputs.argmax(axis=1).astype(np.uint8))

    def map_at(self, places: NDArray[np.float64]) -> DigitMap:
        """Its digits at places (N, 2)."""
        return DigitMap(places, self.subject.split.labels[: len(places)], self.predicted)


@dataclass(frozen=True, slots=True, eq=False)
class MapData:
    """A map of principal components, of which weights it is, and the shares (2,) of the variance that its axes have."""

    subject: Subject
    snapshot: Snapshot
    digits: DigitMap
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, subject: Subject, snapshot: Snapshot, before: "MapData | None") -> "MapData":
        """That of a subject. Turned as the one before, if that is of the same subject."""
        reading = Reading.of(subject, snapshot)
        same = before if before and before.subject.is_like(subject) else None
        if same and subject.layer == 0 and same.snapshot.config.data.scaling == snapshot.config.data.scaling:
            return cls(subject, snapshot, reading.map_at(same.digits.places), same.shares)  # weights move no pixel
        plane = Plane.of(reading.vectors)
        plane = plane.turned_like(same.digits.places) if same else plane
        return cls(subject, snapshot, reading.map_at(plane.places), plane.shares)
