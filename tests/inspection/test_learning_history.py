"""Learning histories: counted by hand, by a plain loop over each digit, and where there is nothing to count."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.inspection.learning_history import NEVER, LearningHistory, learning_history


def history_of(*rights: str) -> LearningHistory:
    """Of digits whose answers are spelled moment by moment: "x" right, "." wrong."""
    labels = np.arange(len(rights), dtype=np.uint8)
    wrong = (labels + 1).astype(np.uint8)
    moments = [
        np.where([spelled[moment] == "x" for spelled in rights], labels, wrong) for moment in range(len(rights[0]))
    ]
    return learning_history(moments, labels)


def test_a_digit_is_learned_at_the_first_moment_it_is_right_and_forgotten_at_each_fall() -> None:
    found = history_of("xxxx", ".xxx", "..x.", ".x.x", "....", "x.x.")
    assert found.moments == 4
    assert found.learned.tolist() == [0, 1, 2, 1, NEVER, 0]
    assert found.forgotten.tolist() == [0, 0, 1, 1, 0, 2]
    assert found.is_right.tolist() == [True, True, False, True, False, False]


def test_lists_begin_with_the_extreme_and_leave_out_what_they_are_not_about() -> None:
    found = history_of("xxxx", ".xxx", "..x.", ".x.x", "....", "x.x.")
    assert found.never_learned.tolist() == [4]
    assert found.most_forgotten.tolist() == [5, 2, 3]  # of 2 and 3, forgotten once each, 2 was learned later
    assert found.learned_last.tolist() == [2, 3, 1]  # of 1 and 3, learned together, 3 was forgotten


@given(st.integers(0, 6).flatmap(lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), max_size=8)))
def test_every_digit_has_the_history_that_a_walk_along_its_answers_finds(rows: list[list[int]]) -> None:
    count = len(rows[0]) if rows else 3
    labels = np.array([digit % 3 for digit in range(count)], np.uint8)
    found = learning_history([np.array(row, np.uint8) for row in rows], labels)
    for digit in range(count):
        rights = [row[digit] == labels[digit] for row in rows]
        falls = sum(before and not after for before, after in itertools.pairwise(rights))
        assert found.learned[digit] == (rights.index(True) if any(rights) else NEVER)
        assert found.forgotten[digit] == falls
        assert found.is_right[digit] == (bool(rights) and rights[-1])
    lists = found.never_learned, found.most_forgotten, found.learned_last
    assert set(lists[0]) == {digit for digit in range(count) if found.learned[digit] == NEVER}
    assert set(lists[1]) == {digit for digit in range(count) if found.forgotten[digit]}
    assert set(lists[2]) == {digit for digit in range(count) if found.learned[digit] > 0}
    assert sorted(found.forgotten[lists[1]], reverse=True) == found.forgotten[lists[1]].tolist()
    assert sorted(found.learned[lists[2]], reverse=True) == found.learned[lists[2]].tolist()


@pytest.mark.parametrize("moments", [0, 1, 5])
def test_no_digits_have_a_history_without_entries(moments: int) -> None:
    nothing = np.empty(0, np.uint8)
    found = learning_history([nothing] * moments, nothing)
    assert found.moments == moments
    assert found.never_learned.tolist() == found.most_forgotten.tolist() == found.learned_last.tolist() == []
