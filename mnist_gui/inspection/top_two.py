"""The two most likely classes of one picture, and the margin between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """first, second: the classes with the largest outputs. confidence, second_confidence: in them, 0..1."""

    first: int
    confidence: float
    second: int
    second_confidence: float

    @property
    def margin(self) -> float:
        """confidence less second_confidence, 0..1."""
        return self.confidence - self.second_confidence


def verdict(answer: Answer, picture: int = 0) -> Verdict | None:
    """The verdict on picture number `picture` of an answer; None where the network's outputs are not finite."""
    outputs: NDArray[np.floating] = answer.outputs[picture]
    if not np.isfinite(outputs).all():
        return None
    # By the outputs: confidences are clipped at 1, where two classes may be equal.
    first = int(outputs.argmax())
    others = outputs.copy()
    others[first] = -np.inf
    second = int(others.argmax())
    confidences = answer.confidences[picture]
    return Verdict(first, float(confidences[first]), second, float(confidences[second]))
