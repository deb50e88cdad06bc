"""What a network says of one picture, in short: its first and its second choice, and how far they are apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.inference import Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """first, second: classes. confidence, second_confidence: in them, 0..1; margin: how far the second is behind."""

    first: int
    confidence: float
    second: int
    second_confidence: float

    @property
    def margin(self) -> float:
        """0..1."""
        return self.confidence - self.second_confidence


def verdict(answer: Answer, picture: int = 0) -> Verdict | None:
    """The verdict on one picture of an answer; None where the network's outputs are no finite numbers."""
    outputs: NDArray[np.floating] = answer.outputs[picture]
    if not np.isfinite(outputs).all():
        return None
    # By the outputs: confidences end at 1, where two classes may meet.
    first = int(outputs.argmax())
    others = outputs.copy()
    others[first] = -np.inf
    second = int(others.argmax())
    confidences = answer.confidences[picture]
    return Verdict(first, float(confidences[first]), second, float(confidences[second]))
