"""The result of a diagnosis: findings with their evidence and proposed changes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mnist_gui.training.divergence import layer_name
from mnist_gui.training.layer_statistics import MOST_NAMED

# error: it does not learn, or its numbers are wrong; warning: it learns less than it could; note: harmless.
Severity = Literal["note", "warning", "error"]
# In ascending order.
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")

# Longer lists are shortened.
MOST_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem, with its evidence.

    rule: name of the rule that found it.
    severity: "note", "warning" or "error".
    text: one sentence with the measured value and its threshold.
    value: the measured value; nan if there is none.
    threshold: what it is compared with; nan if there is none.
    steps: first and last step that show it; None before training.
    layer: index of the layer, from 0; None for the whole network.
    units: numbers of the units of this layer, as far as known, at most MOST_NAMED; classes for the last layer.
    changes: "section.key" -> value, settings that fix it; empty if the code is wrong.
    in_words: effect of the changes, where the settings do not show it.
    cause_of: names of rules whose findings this one explains.
    is_own_cause: whether it does not depend on other problems, so that no other finding explains it.
    excludes: what it rules out, in a sentence.
    """

    rule: str
    severity: Severity
    text: str
    value: float
    threshold: float
    steps: tuple[int, int] | None = None
    layer: int | None = None
    units: tuple[int, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    in_words: str = ""
    cause_of: tuple[str, ...] = ()
    is_own_cause: bool = False
    excludes: str = ""

    @property
    def when(self) -> str:
        """The steps that show it, in words."""
        if self.steps is None:
            return "before the first step"
        first, last = self.steps
        return f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object; what is absent or not finite is None."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "cause_of": list(self.cause_of),
            "value": _finite(self.value),
            "threshold": _finite(self.threshold),
            "steps": list(self.steps) if self.steps else None,
            "layer": self.layer,
            "units": list(self.units),
            "text": self.text,
            "excludes": self.excludes,
            "changes": {key: list(value) if isinstance(value, tuple) else value for key, value in self.changes.items()},
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """findings: causes before their consequences. healthy: names of the rules that were checked and found nothing."""

    findings: tuple[Finding, ...]
    healthy: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def causes(self) -> tuple[Finding, ...]:
        """The findings that no other one explains; notes come last."""
        folded = {name for finding in self.findings for name in finding.cause_of}
        causes = (finding for finding in self.findings if finding.rule not in folded)
        return tuple(sorted(causes, key=lambda finding: finding.severity == "note"))

    def consequences(self, cause: Finding) -> tuple[Finding, ...]:
        """The findings that this one explains."""
        return tuple(finding for finding in self.findings if finding.rule in cause.cause_of)

    def finding(self, rule: str) -> Finding | None:
        """The finding of the rule of this name, or None."""
        return next((finding for finding in self.findings if finding.rule == rule), None)

    def with_changes(self, others: Mapping[str, Any]) -> "Diagnosis":
        """The same findings; those with changes also propose these settings, unless they set them already."""
        findings = (replace(each, changes={**others, **each.changes} if each.changes else {}) for each in self.findings)
        return replace(self, findings=tuple(findings))

    def as_json(self) -> dict[str, Any]:
        """The diagnosis as a JSON object."""
        return {"findings": [finding.as_json() for finding in self.findings], "healthy": list(self.healthy)}


def in_layer(layer: int, layers: int) -> str:
    """Such as "hidden layer 1", or "the output layer". layer: from 0; layers: their number."""
    return layer_name(layer, layers)


def times(power: float) -> str:
    """Such as "0.13 times" for a ratio whose log10 is -0.9."""
    return f"{10.0**power:.2g} times"


def all_units(count: int) -> tuple[int, ...]:
    """The numbers of all `count` units of a layer, at most MOST_NAMED."""
    return tuple(range(min(count, MOST_NAMED)))


def listed(names: Sequence[str]) -> str:
    """Such as "3, 5 and 8"; of more than MOST_LISTED the first ones and the number of others."""
    if len(names) > MOST_LISTED:
        names = [*names[: MOST_LISTED - 1], f"{len(names) - MOST_LISTED + 1} more"]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
