"""A layer that is too narrow for the number of classes."""

from operator import itemgetter

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, all_units, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.diagnosis.rules.units_are_copies import ALIKE, FEWEST_UNITS
from mnist_gui.training.descriptions import counted

MANY_CLASSES, ENOUGH = 10, 64
FEWEST_STEPS, REST, MOST_IDLE = 400, 0.03, 0.5

WHY = """\
The layers above get only the outputs of a layer's units. One number orders the digits along a line, on which softmax
can separate only few classes; two are hardly enough for ten. The smallest good networks for MNIST have 10 to 30
units, and 5 units reach about 85 %.
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 5.2, on capacity."""


def judge(evidence: Evidence) -> Finding | None:
    """By the narrowest layer; a layer of several units only once the loss stays high.

    No wider network is trained for comparison: that would take as long as the run. Below FEWEST_UNITS the result is
    known beforehand. With more, a constant loss with units that are alive and different makes width the likeliest
    cause, hence a warning; the proposed change proves it by training the wider network with the same digits and seed.
    """
    units = evidence.readings[0].units if evidence.readings else evidence.start.units if evidence.start else ()
    if not units:
        raise NotJudged
    layer, narrowest = min(enumerate(units), key=itemgetter(1))
    classes = evidence.start.classes if evidence.start else MANY_CLASSES
    fewest = FEWEST_UNITS if classes > MANY_CLASSES // 2 else 1
    is_narrow = narrowest < fewest or (narrowest <= classes / 2 and _rests(evidence))
    if not is_narrow or evidence.has_learned:
        return None
    return Finding(
        rule=RULE.name,
        severity="error" if narrowest < fewest else "warning",
        text=f"{in_layer(layer, evidence.layers).capitalize()} has {counted(narrowest, 'unit')} to separate {classes} "
        "classes: it is too narrow.",
        value=float(narrowest),
        threshold=float(fewest) if narrowest < fewest else classes / 2,
        steps=(evidence.first_step + 1, evidence.last_step) if evidence.steps else None,
        layer=layer,
        units=all_units(narrowest),
        changes={"network.hidden": tuple(max(size, ENOUGH) for size in evidence.config.network.hidden)},
    )


def _rests(evidence: Evidence) -> bool:
    """Whether the loss of the last quarter of the steps is hardly below that of the one before, with working units."""
    if evidence.steps < FEWEST_STEPS or not evidence.readings:
        return False
    now = evidence.readings[-1]
    if max(now.dead) > MOST_IDLE or any(value > ALIKE for value in now.alike):
        return False
    quarter = evidence.steps // 4
    last = float(evidence.losses[-quarter:].mean())
    before = float(evidence.losses[-2 * quarter : -quarter].mean())
    return last > (1.0 - REST) * before


RULE = Rule(
    name="too_few_units",
    title="Too few units",
    healthy="No layer is too narrow.",
    excludes="The layers above: they can use only the outputs of this one.",
    why=WHY,
    judge=judge,
    explains=frozenset({"cannot_learn_a_few", "knows_only_base_rates"}),
)
