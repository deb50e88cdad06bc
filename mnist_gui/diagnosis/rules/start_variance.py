"""Starting weights far from the size that suits their layer and its activation."""

from operator import itemgetter

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding, in_layer
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule

# Factors too small or too large: for a note, and for a warning.
NOTABLE, FAR = 3.0, 10.0
# Keeps the factor of zero weights finite.
SMALLEST = 1e-9

WHY = """\
The sum of n inputs of about 1, each times a weight, has the variance n Var(W): with Var(W) = 1 / n signals keep their
size from layer to layer, below units that rectify with 2 / n, and in the same way gradients on their way back.
Weights ten times too small pass on a tenth, and a tenth of that in the next layer: all digits look alike. Ten times
too large, they saturate the units. One hidden layer tolerates much, several do not. Compared is the root mean square,
since weights with a mean other than 0 add up as well.
Source: Glorot & Bengio (2010), eq. 10-12; He et al. (2015), eq. 10 and 14."""


def judge(evidence: Evidence) -> Finding | None:
    """Before training, by the hidden layer with the largest factor."""
    start = evidence.start
    if start is None or not start.weight_sizes:
        raise NotJudged
    layers = zip(start.weight_sizes, start.ideal_sizes, strict=True)
    times = [max(low / max(size, SMALLEST), size / high) for size, (low, high) in layers]
    layer, worst = max(enumerate(times), key=itemgetter(1))
    if not worst > NOTABLE:
        return None
    size, (low, high) = start.weight_sizes[layer], start.ideal_sizes[layer]
    is_bad = worst > FAR and not evidence.has_learned
    direction = "small" if size < low else "large"
    factor = f"{worst:.3g} times too {direction}" if size > SMALLEST else "they are 0"
    harmless = "; it learns all the same" if evidence.has_learned else ""
    return Finding(
        rule=RULE.name,
        severity="warning" if is_bad else "note",
        text=f"The weights of {in_layer(layer, evidence.layers)} start with a root mean square of {size:.2g}, where "
        f"{low:.2g} to {high:.2g} suits its width and activation: {factor}{harmless}.",
        value=worst,
        threshold=FAR if is_bad else NOTABLE,
        layer=layer,
        changes={"network.init": "auto"} if is_bad else {},
    )


RULE = Rule(
    name="start_variance",
    title="Starting weights of the wrong size",
    healthy="The starting weights are of the size that suits their layers.",
    excludes="All that happens in training: it is measured before the first step.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"cannot_learn_a_few", "penalty_dominates", "steps_too_large"},
)
