"""First and second choice of hand-worked answers."""

import numpy as np
import pytest

from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.top_two import verdict


def answer(outputs: list[float], confidences: list[float] | None = None) -> Answer:
    values = np.array([outputs], np.float32)
    return Answer([], values, values, np.array([confidences or outputs], np.float32))


def test_the_first_and_the_second_choice_are_told_with_the_distance_between_them() -> None:
    found = verdict(answer([0.1, 0.25, 0.65]))
    assert found
    assert (found.first, found.second) == (2, 1)
    assert found.confidence == pytest.approx(0.65)
    assert found.second_confidence == pytest.approx(0.25)
    assert found.margin == pytest.approx(0.4)


def test_outputs_decide_where_confidences_meet_at_their_end() -> None:
    found = verdict(answer([1.1, 1.3, -2.0], [1.0, 1.0, 0.0]))
    assert found
    assert (found.first, found.second, found.margin) == (1, 0, 0.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_no_numbers_are_no_verdict(bad: float) -> None:
    assert verdict(answer([0.5, bad])) is None


def test_any_picture_of_an_answer_can_be_asked_for() -> None:
    values = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    found = verdict(Answer([], values, values, values), 1)
    assert found
    assert found.first == 1
