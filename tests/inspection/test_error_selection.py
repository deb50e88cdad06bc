"""Which digits are looked at, and in which order: against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.error_selection import UNSURE, Order, in_order, only, select_digits

Row = tuple[int, int, float, float, float]  # true, predicted, confidence, loss, margin

rows = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.floats(0, 1, width=32),
        st.floats(0, 50, width=32) | st.just(math.nan) | st.just(math.inf),
        st.floats(0, 1, width=32),
    ),
    max_size=60,
)


def predictions(digits: list[Row]) -> Predictions:
    labels, predicted, confidence, losses, margins = ([digit[part] for digit in digits] for part in range(5))
    return Predictions(
        np.array(labels, np.uint8),
        np.array(predicted, np.uint8),
        np.array(confidence, np.float32),
        np.array(losses, np.float32),
        np.array(margins, np.float32),
    )


def losses(*values: float) -> Predictions:
    return predictions([(0, 1, 1.0, value, 0.5) for value in values])


@given(rows)
def test_mistakes_are_the_wrong_ones_and_unsure_are_right_with_little_confidence(digits: list[Row]) -> None:
    answers = predictions(digits)
    numbered = list(enumerate(digits))
    assert select_digits(answers, "mistakes").tolist() == [n for n, digit in numbered if digit[0] != digit[1]]
    assert select_digits(answers, "unsure").tolist() == [
        n for n, digit in numbered if digit[0] == digit[1] and np.float32(digit[2]) < UNSURE
    ]
    assert select_digits(answers, "all").tolist() == [n for n, _ in numbered]


def test_a_confidence_that_is_no_number_counts_as_unsure() -> None:
    assert select_digits(predictions([(1, 1, math.nan, 1.0, 0.0), (1, 1, 1.0, 1.0, 1.0)]), "unsure").tolist() == [0]


@given(rows, st.none() | st.integers(0, 3), st.none() | st.integers(0, 3))
def test_cells_rows_and_columns_hold_their_digits(digits: list[Row], true: int | None, predicted: int | None) -> None:
    answers = predictions(digits)
    among = np.arange(len(digits))[::-1]
    assert only(answers, among, true, predicted).tolist() == [
        n for n in among if true in (None, digits[n][0]) and predicted in (None, digits[n][1])
    ]


@given(rows, st.sampled_from(["loss", "sure", "unsure", "margin"]))
def test_every_order_is_the_one_of_its_values(digits: list[Row], order: Order) -> None:
    answers = predictions(digits)
    part, sign = {"loss": (3, -1), "sure": (2, -1), "unsure": (2, 1), "margin": (4, 1)}[order]

    def key(n: int) -> float:
        value = digits[n][part]
        return -math.inf if math.isnan(value) else sign * value

    assert in_order(answers, np.arange(len(digits)), order).tolist() == sorted(range(len(digits)), key=key)


def test_a_loss_that_is_no_number_or_infinite_comes_first() -> None:
    assert in_order(losses(7.0, math.nan, math.inf, 8.0), np.arange(4), "loss").tolist() == [1, 2, 3, 0]


def test_by_number_is_the_order_of_the_split() -> None:
    assert in_order(losses(7.0, 1.0, 2.0), np.array([2, 0, 1]), "number").tolist() == [0, 1, 2]


@pytest.mark.parametrize("order", ["loss", "sure", "unsure", "margin", "number"])
def test_no_digits_are_in_every_order(order: Order) -> None:
    assert in_order(losses(), np.empty(0, np.intp), order).tolist() == []
