"""Whether confidence is to be believed: against numbers worked out by hand, plain loops and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.calibration import Thresholds, reliability

Digit = tuple[float, bool]  # confidence, whether the answer is right

digits = st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), max_size=80)


def predictions(answers: list[Digit]) -> Predictions:
    confidence = np.array([confidence for confidence, _ in answers], np.float32)
    labels = np.zeros(len(answers), np.uint8)
    predicted = np.array([0 if is_right else 1 for _, is_right in answers], np.uint8)
    return Predictions(labels, predicted, confidence, confidence, confidence)


# Eight answers whose errors fit on a line of paper: bins of a half.
BY_HAND = [
    (0.25, True),
    (0.25, False),
    (0.5, False),
    (0.5, False),
    (0.75, True),
    (0.75, True),
    (1.0, True),
    (1.0, False),
]


def test_the_diagram_is_the_one_worked_out_by_hand() -> None:
    diagram = reliability(predictions(BY_HAND), 2)
    assert diagram.edges.tolist() == [0.0, 0.5, 1.0]
    assert diagram.digits.tolist() == [4, 4]  # a confidence on an edge belongs to the bin below
    assert diagram.confidence.tolist() == [0.375, 0.875]
    assert diagram.accuracy.tolist() == [0.25, 0.75]
    assert diagram.expected_error == 0.125
    assert diagram.largest_error == 0.125
    assert diagram.excess == 0.125


def test_errors_are_weighed_by_the_digits_and_the_largest_is_that_of_any_bin() -> None:
    diagram = reliability(predictions([(0.25, True), (1.0, True), (1.0, True), (1.0, False)]), 2)
    assert diagram.expected_error == pytest.approx(0.25 * 0.75 + 0.75 / 3)
    assert diagram.largest_error == 0.75
    assert diagram.excess == pytest.approx((0.25 + 3) / 4 - 3 / 4)


@given(digits.filter(bool), st.integers(1, 20))
def test_bins_that_have_digits_are_those_of_scikit_learn(answers: list[Digit], bins: int) -> None:
    diagram = reliability(predictions(answers), bins)
    is_right = [right for _, right in answers]
    confidence = np.array([each for each, _ in answers], np.float64)
    accuracy, mean = calibration_curve(is_right, confidence, n_bins=bins, pos_label=True)
    has = diagram.digits > 0
    np.testing.assert_allclose(diagram.accuracy[has], accuracy)
    np.testing.assert_allclose(diagram.confidence[has], mean)
    assert np.isnan(diagram.accuracy[~has]).all()
    assert diagram.digits.sum() == len(answers)


@given(digits.filter(bool))
def test_the_expected_error_is_at_least_the_excess_and_at_most_the_largest(answers: list[Digit]) -> None:
    diagram = reliability(predictions(answers))
    assert abs(diagram.excess) - 1e-12 <= diagram.expected_error <= diagram.largest_error + 1e-12


def test_a_network_that_is_right_as_often_as_it_is_sure_has_no_error() -> None:
    diagram = reliability(predictions([(0.75, True)] * 3 + [(0.75, False)]))
    assert (diagram.expected_error, diagram.largest_error, diagram.excess) == (0.0, 0.0, 0.0)


def test_no_digits_have_no_errors_to_tell() -> None:
    diagram = reliability(predictions([]))
    assert diagram.digits.tolist() == [0] * 10
    assert math.isnan(diagram.expected_error)
    assert math.isnan(diagram.largest_error)
    assert math.isnan(diagram.excess)


def test_a_confidence_that_is_no_number_counts_as_none() -> None:
    answers = predictions([(math.nan, False), (0.95, True)])
    diagram = reliability(answers)
    assert diagram.digits.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert diagram.confidence[0] == 0.0
    assert Thresholds.of(answers).at(0.5).answered == 1


@given(digits, st.floats(0, 1, width=32))
def test_what_is_answered_at_a_threshold_is_what_a_loop_counts(answers: list[Digit], threshold: float) -> None:
    told = Thresholds.of(predictions(answers)).at(threshold)
    sure = [is_right for confidence, is_right in answers if confidence >= threshold]
    assert (told.digits, told.answered, told.right) == (len(answers), len(sure), sum(sure))


def test_coverage_and_accuracy_are_shares_of_all_and_of_the_answered() -> None:
    told = Thresholds.of(predictions(BY_HAND)).at(0.75)
    assert (told.coverage, told.accuracy) == (0.5, 0.75)


def test_a_threshold_is_compared_in_the_precision_of_the_answers() -> None:
    assert Thresholds.of(predictions([(0.9, True)])).at(0.9).answered == 1


def test_nothing_answered_has_no_accuracy_and_no_digits_have_no_coverage() -> None:
    assert math.isnan(Thresholds.of(predictions([(0.5, True)])).at(1.0).accuracy)
    assert math.isnan(Thresholds.of(predictions([])).at(0.0).coverage)
