"""What a rule is: a name, a judgement, an explanation for people, and which other rules' findings it explains."""

from collections.abc import Callable
from dataclasses import dataclass

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding

# What most causes look like in the end.
SYMPTOMS = frozenset({"gradient_vanishes", "steps_too_small", "dead_units", "saturated_units", "knows_only_base_rates"})


class NotJudged(Exception):  # noqa: N818 - nothing went wrong
    """There is nothing yet, or nothing of the kind, that this rule could judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """name: as in JSON; title: what is wrong, for people, in a few words. healthy: a sentence for where it was checked
    and nothing found. excludes: what a finding rules out, in a sentence.

    judge(evidence): the finding, or None where all is well; NotJudged where that cannot be told. why: the equation and
    its source. explains: names of rules that fire because of what this one finds. harms_learning: whether the network
    learns less for it; else it is the numbers told that are wrong. correct(evidence): what was measured, without the
    numbers that the finding says are wrong; all other rules then judge by that.
    """

    name: str
    title: str
    healthy: str
    excludes: str
    why: str
    judge: Callable[[Evidence], Finding | None]
    explains: frozenset[str] = frozenset()
    harms_learning: bool = True
    correct: Callable[[Evidence], Evidence] | None = None
