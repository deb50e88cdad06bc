"""Sigmoid and tanh units that are saturated: near the limits of their range."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule

TOO_MANY = 0.5
FEWEST = 3

WHY = """\
The slope of a sigmoid is a (1 - a), that of tanh 1 - a^2: near the limits it vanishes, and with it the gradient of
all layers below. A unit counts as saturated if its outputs, scaled to -1..1, are on average further than 0.85 from
the middle. Large starting weights, large inputs or steps that are too long bring units there.
Source: Rakitianskaia & Engelbrecht, Measuring saturation in neural networks (2015); Glorot & Bengio (2010), section
3."""


def judge(evidence: Evidence) -> Finding | None:
    """By the newest reading."""
    reading = evidence.readings[-1] if evidence.readings else None
    wide = [layer for layer, units in enumerate(reading.units) if units >= FEWEST] if reading else []
    if reading is None or not wide or evidence.is_early:
        raise NotJudged  # a share of one or two units is meaningless
    layer = max(wide, key=reading.saturated.__getitem__)
    share = reading.saturated[layer]
    if share <= TOO_MANY:
        return None
    return Finding(
        rule=RULE.name,
        severity="note" if evidence.has_learned else "warning",
        text=f"{100 * share:.0f} % of the units of {in_layer(layer, evidence.layers)} are at the ends of their range "
        f"for nearly all digits (more than {100 * TOO_MANY:.0f} % is too many): they pass on hardly any gradient.",
        value=share,
        threshold=TOO_MANY,
        steps=(reading.step, reading.step),
        layer=layer,
        units=reading.saturated_units[layer] if reading.saturated_units else (),
        changes={} if evidence.has_learned else {"network.init": "auto"},
    )


RULE = Rule(
    name="saturated_units",
    title="Saturated units",
    healthy="Few units are at the ends of their range.",
    excludes="Units that are saturated for one class only: the mean over digits of all classes is judged.",
    why=WHY,
    judge=judge,
    explains=frozenset({"knows_only_base_rates"}),
)
