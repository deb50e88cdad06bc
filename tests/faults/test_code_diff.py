"""Which lines of two versions differ."""

from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.faults.code_diff import Line, compare
from mnist_gui.faults.registry import FAULTS

CODE = st.lists(st.sampled_from(["a = 1", "b = 2", "c = 3", "d = 4"]), max_size=6)


def test_only_lines_that_differ_are_marked() -> None:
    wrong, right = compare("x = 1\ny = 2", "x = 1\ny = 3\nz = 4")
    assert wrong == [Line("x = 1", False), Line("y = 2", True)]
    assert right == [Line("x = 1", False), Line("y = 3", True), Line("z = 4", True)]


@given(CODE, CODE)
def test_both_versions_are_kept_in_full_and_what_is_not_marked_is_the_same_in_both(
    before: list[str], after: list[str]
) -> None:
    wrong, right = compare("\n".join(before), "\n".join(after))
    assert [line.text for line in wrong] == before
    assert [line.text for line in right] == after
    assert [line.text for line in wrong if not line.differs] == [line.text for line in right if not line.differs]


def test_every_fault_has_a_line_that_differs_in_its_wrong_version() -> None:
    for fault in FAULTS.values():
        wrong, _ = compare(fault.wrong, fault.right)
        assert any(line.differs for line in wrong), fault.name
