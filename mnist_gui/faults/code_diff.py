"""Comparison of wrong and right lines of code."""

from difflib import SequenceMatcher
from typing import NamedTuple


class Line(NamedTuple):
    """A line of code, and whether it differs from the other version."""

    text: str
    differs: bool


def compare(wrong: str, right: str) -> tuple[list[Line], list[Line]]:
    """The lines of both versions in their order."""
    before, after = wrong.splitlines(), right.splitlines()
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {block.a + step for block in same for step in range(block.size)}
    found = {block.b + step for block in same for step in range(block.size)}
    return (
        [Line(text, place not in kept) for place, text in enumerate(before)],
        [Line(text, place not in found) for place, text in enumerate(after)],
    )
