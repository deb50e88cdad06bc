"""The confusion matrix and the scores of its classes: against scikit-learn and numbers worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from mnist_gui.engine.inference import Predictions
from mnist_gui.inspection.confusion import class_scores, confusion, shares_of_predicted, shares_of_true

CLASSES = 5
answers = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), max_size=60)

# Three classes; nothing was taken for the last, and the second has no digits.
MATRIX = np.array([[3, 1, 0], [0, 0, 0], [2, 2, 0]])


def predictions(pairs: list[tuple[int, int]]) -> Predictions:
    """pairs: (true, predicted)."""
    labels, predicted = ([pair[part] for pair in pairs] for part in range(2))
    nothing = np.zeros(len(pairs), np.float32)
    return Predictions(np.array(labels, np.uint8), np.array(predicted, np.uint8), nothing, nothing, nothing)


@given(answers)
def test_the_matrix_is_the_one_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    matrix = confusion(predictions(pairs), CLASSES)
    assert matrix.dtype == np.int64
    if pairs:
        labels, predicted = zip(*pairs, strict=True)
        np.testing.assert_array_equal(matrix, confusion_matrix(labels, predicted, labels=range(CLASSES)))
    else:
        np.testing.assert_array_equal(matrix, np.zeros((CLASSES, CLASSES)))


@given(answers.filter(bool))
def test_precision_recall_and_f1_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = zip(*pairs, strict=True)
    expected = precision_recall_fscore_support(labels, predicted, labels=range(CLASSES), zero_division=np.nan)
    scores = class_scores(confusion(predictions(pairs), CLASSES))
    np.testing.assert_allclose(scores.precision, expected[0])
    np.testing.assert_allclose(scores.recall, expected[1])
    np.testing.assert_array_equal(scores.support, expected[3])
    both = ~np.isnan(expected[0]) & ~np.isnan(expected[1])  # else it depends on what 0 / 0 is taken for
    np.testing.assert_allclose(scores.f1[both], expected[2][both])


@given(answers.filter(bool))
def test_the_accuracy_of_a_class_is_that_of_telling_it_from_the_rest(pairs: list[tuple[int, int]]) -> None:
    scores = class_scores(confusion(predictions(pairs), CLASSES))
    for each in range(CLASSES):
        assert np.isclose(scores.accuracy[each], np.mean([(t == each) == (p == each) for t, p in pairs]))


def test_scores_of_a_class_without_digits_or_without_answers_are_nan() -> None:
    scores = class_scores(MATRIX)
    np.testing.assert_allclose(scores.precision, [3 / 5, 0, np.nan])
    np.testing.assert_allclose(scores.recall, [3 / 4, np.nan, 0])
    np.testing.assert_allclose(scores.f1, [6 / 9, 0, 0])
    np.testing.assert_allclose(scores.accuracy, [5 / 8, 5 / 8, 4 / 8])
    assert scores.support.tolist() == [4, 0, 4]
    assert scores.taken.tolist() == [5, 3, 0]


def test_scores_of_no_digits_are_all_nan() -> None:
    scores = class_scores(np.zeros((2, 2), np.int64))
    for values in (scores.precision, scores.recall, scores.f1, scores.accuracy):
        assert np.isnan(values).all()


def test_shares_are_of_the_row_or_of_the_column_and_0_where_there_is_none() -> None:
    np.testing.assert_allclose(shares_of_true(MATRIX), [[0.75, 0.25, 0], [0, 0, 0], [0.5, 0.5, 0]])
    np.testing.assert_allclose(shares_of_predicted(MATRIX), [[3 / 5, 1 / 3, 0], [0, 0, 0], [2 / 5, 2 / 3, 0]])


@given(answers)
def test_shares_of_a_class_add_up_to_one(pairs: list[tuple[int, int]]) -> None:
    matrix = confusion(predictions(pairs), CLASSES)
    np.testing.assert_allclose(shares_of_true(matrix).sum(axis=1), matrix.sum(axis=1) > 0)
    np.testing.assert_allclose(shares_of_predicted(matrix).sum(axis=0), matrix.sum(axis=0) > 0)
