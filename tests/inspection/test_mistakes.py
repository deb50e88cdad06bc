"""Mistakes: all of them, the surest first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.evaluation import Predictions
from mnist_gui.inspection.mistakes import rank_mistakes


def predictions(labels: list[int], predicted: list[int], losses: list[float]) -> Predictions:
    confidence = np.ones(len(labels), np.float32)
    return Predictions(
        np.array(labels, np.uint8), np.array(predicted, np.uint8), confidence, np.array(losses, np.float32), confidence
    )


def test_only_wrong_digits_are_listed_and_the_largest_loss_comes_first() -> None:
    assert rank_mistakes(predictions([1, 2, 3, 4], [1, 3, 8, 9], [9.0, 0.5, 3.0, 0.5])).tolist() == [2, 1, 3]


def test_a_loss_that_is_no_number_comes_first() -> None:
    assert rank_mistakes(predictions([0, 0, 0], [1, 1, 1], [7.0, np.nan, np.inf])).tolist() == [1, 2, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 50)), max_size=60))
def test_every_mistake_is_listed_once_by_falling_loss(digits: list[tuple[int, int, float]]) -> None:
    labels, predicted, losses = ([digit[part] for digit in digits] for part in range(3))
    ranked = rank_mistakes(predictions(labels, predicted, losses)).tolist()
    assert sorted(ranked) == [
        index for index, (one, other) in enumerate(zip(labels, predicted, strict=True)) if one != other
    ]
    ranked_losses = np.array(losses, np.float32)[ranked]
    assert (np.diff(ranked_losses) <= 0).all()


def test_mistakes_of_equal_loss_stay_in_the_order_of_the_split() -> None:
    losses = [float(index % 2) for index in range(200)]
    ranked = rank_mistakes(predictions([0] * 200, [1] * 200, losses)).tolist()
    assert ranked == [*range(1, 200, 2), *range(0, 200, 2)]
