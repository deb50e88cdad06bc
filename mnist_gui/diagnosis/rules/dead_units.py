"""Units that are 0 for nearly all digits."""

from itertools import takewhile

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule

NOTABLE, TOO_MANY = 0.3, 0.5
FEWEST = 3

WHY = """\
A relu unit whose sum is below 0 for every digit has output 0 and gradient 0, and never changes again. One step that
is too long, or biases far below 0, is enough. A unit counts as dead if it is active for fewer than one in twenty of
256 digits. Healthy networks have 4 to 14 % of such units, which may be specialists for rare digits.
Source: Maas, Hannun & Ng (2013), section 2, where leaky_relu is the remedy; Lu et al. (2020)."""


def judge(evidence: Evidence) -> Finding | None:
    """By the newest reading."""
    reading = evidence.readings[-1] if evidence.readings else None
    wide = [layer for layer, units in enumerate(reading.units) if units >= FEWEST] if reading else []
    if reading is None or not wide or evidence.is_early:
        raise NotJudged  # a share of one or two units is meaningless
    layer = max(wide, key=reading.dead.__getitem__)
    share = reading.dead[layer]
    if share <= NOTABLE:
        return None
    is_bad = share > TOO_MANY and not evidence.has_learned
    limit = TOO_MANY if is_bad else NOTABLE
    return Finding(
        rule=RULE.name,
        severity="error" if is_bad and share == 1.0 else "warning" if is_bad else "note",
        text=f"{100 * share:.0f} % of the units of {in_layer(layer, evidence.layers)} answer hardly any digit "
        f"(more than {100 * limit:.0f} % is {'too many' if is_bad else 'worth knowing'}).",
        value=share,
        threshold=limit,
        steps=(_since(evidence, layer, limit), reading.step),
        layer=layer,
        units=reading.dead_units[layer] if reading.dead_units else (),
        changes={"network.activation": "leaky_relu"} if is_bad else {},
    )


def _since(evidence: Evidence, layer: int, share: float) -> int:
    """The first step from which on more than this share of a layer's units was dead."""
    dead = takewhile(lambda reading: reading.dead[layer] > share, reversed(evidence.readings))
    return min((reading.step for reading in dead), default=evidence.readings[-1].step)


RULE = Rule(
    name="dead_units",
    title="Dead units",
    healthy="Enough units are active.",
    excludes="Specialists for rare digits: a unit that is active for one digit in twenty counts as alive.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
