"""A layer too narrow for so many classes."""

from operator import itemgetter

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, all_units, in_layer
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.diagnosis.rules.units_are_copies import ALIKE, FEWEST_UNITS
from mnist_gui.training.descriptions import counted

MANY_CLASSES, ENOUGH = 10, 64
FEWEST_STEPS, REST, MOST_IDLE = 400, 0.03, 0.5

WHY = """\
All that the layers above can know of a digit is what the units of a layer say of it. One number orders the digits
along a line, and softmax can put only few classes apart on a line; two are hardly enough for ten. MNIST's smallest
networks that read well have 10 to 30 units, and 5 units come to some 85 %.
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 5.2, on capacity."""


def judge(evidence: Evidence) -> Finding | None:
    """By the narrowest layer; a layer of several units only once the loss has come to rest far above.

    No wider network is trained to compare with: a rule judges what a run tells, also while it goes on, and another run
    would take as long. Below FEWEST_UNITS that is known beforehand. Of more, a rest with units that are alive and apart
    makes width the likeliest cause and no more, hence a warning; its proof is the
    proposed change, which trains the wider network on the same digits with the same seed.
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
        text=f"{in_layer(layer, evidence.layers).capitalize()} has {counted(narrowest, 'unit')} to tell {classes} "
        "classes apart: it is too narrow.",
        value=float(narrowest),
        threshold=float(fewest) if narrowest < fewest else classes / 2,
        steps=(evidence.first_step + 1, evidence.last_step) if evidence.steps else None,
        layer=layer,
        units=all_units(narrowest),
        changes={"network.hidden": tuple(max(size, ENOUGH) for size in evidence.config.network.hidden)},
    )


def _rests(evidence: Evidence) -> bool:
    """Whether the loss of the last quarter of the steps is hardly below that of the one before, with sound units."""
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
    excludes="The layers above: they can work only with what this one hands on.",
    why=WHY,
    judge=judge,
    explains=frozenset({"cannot_learn_a_few", "knows_only_base_rates"}),
)
