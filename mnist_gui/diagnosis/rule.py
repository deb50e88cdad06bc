"""The type of a rule: a name, a judgement, an explanation, and which other rules' findings it explains."""

from collections.abc import Callable
from dataclasses import dataclass

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding

# Rules whose findings are consequences of most causes.
SYMPTOMS = frozenset({"gradient_vanishes", "steps_too_small", "dead_units", "saturated_units", "knows_only_base_rates"})


class NotJudged(Exception):  # noqa: N818 - not an error
    """The evidence does not have what this rule judges, or not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the diagnosis.

    name: as in JSON.
    title: the problem in a few words, shown to the user.
    healthy: a sentence shown if it was checked and nothing found.
    excludes: what a finding rules out, in a sentence.
    why: the equation and its source.
    judge(evidence): the finding, or None if there is none; raises NotJudged if that cannot be decided.
    explains: names of rules that fire as a consequence.
    harms_learning: whether the network learns less; if not, only the reported numbers are wrong.
    correct(evidence): the evidence without the numbers that are wrong, for all other rules; None: no numbers are wrong.
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
