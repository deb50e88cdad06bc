"""Steps that are too long for stable training."""

import math
import statistics
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnist_gui.diagnosis.evidence import LEARNED, NOTHING_LEFT, Evidence, Lost
from mnist_gui.diagnosis.findings import Finding, in_layer, times
from mnist_gui.diagnosis.rule import SYMPTOMS, NotJudged, Rule
from mnist_gui.diagnosis.rules.units_are_copies import FEWEST_UNITS

RATIO = -1.0
# Factor of the uninformed loss.
WORSE = 1.15
FEWEST_STEPS = 10
FIRST = 10
# Update ratio (log10) of steps that learn well.
HEALTHY = -2.5
DOWN, MOST_DOWN, SMALLEST_RATE = 30.0, 6.0, 1e-7
# Reduction of the rate for a network that learns nevertheless, but badly.
SOME_DOWN = 10.0
# A learning rate that was raised by more than this factor is the cause.
RAISED = 2.0
# A mean loss of this many times the first, or the base-rate loss, was driven up, even if it came down again.
PEAK = 1.5
# Share of the base-rate loss above which long steps keep the loss of a network high that has learned.
HELD_UP = 0.2
# The same for a network that lost most of its units.
STUNTED = 0.15
# With a constant gradient, momentum m makes steps 1 / (1 - m) times as long: from here on momentum is too large.
LARGEST_MOMENTUM, USUAL_MOMENTUM = 0.98, 0.9
# Number of means of the loss along the run, and number of steps for a peak.
MEANS, PEAK_STEPS = 20, 20
# Update ratio (log10) at which a single step can do lasting damage.
THROWN = -0.9
# Shares of dead units of a layer that is alive at the start, and of one that has died since.
ALIVE, KILLED = 0.5, 0.8

WHY = """\
Gradient descent converges only while rate < 2 / curvature; beyond, every step lands higher on the other side of the
minimum. The loss then jumps up and stays there or becomes infinite, sigmoid and tanh units saturate, and relu units
die. A step of about a thousandth to a hundredth of the weights is healthy (its log10 is -3 to -2); at a tenth, -1,
training is unstable.
Source: LeCun, Bottou, Orr & Mueller (1998), section 5; for the ratio Karpathy, CS231n, Neural networks 3."""


def judge(evidence: Evidence) -> Finding | None:
    """By how the run ended, by its losses, and by the update ratios."""
    if evidence.state == "diverged":
        text = f"The run diverged at step {evidence.last_step + 1:,}: the steps are too long."
        return _finding(evidence, text, math.inf, RATIO)
    if not evidence.steps or evidence.is_early:
        raise NotJudged
    if lost := evidence.lost:
        return _lost(evidence, lost)
    nothing = evidence.uninformed_loss
    if evidence.steps >= FEWEST_STEPS and evidence.loss > WORSE * nothing:
        text = f"The loss is {evidence.loss:.4g}, that of an uninformed network {nothing:.4g}: it was driven up."
        return _finding(evidence, text, evidence.loss, WORSE * nothing)
    return _driven_up(evidence) or _killed(evidence) or _swinging(evidence)


def _driven_up(evidence: Evidence) -> Finding | None:
    """The case of a loss that was driven up, from the start or from what was learned, and has not come down."""
    if evidence.steps < MEANS or evidence.has_learned or evidence.is_falling:
        return None  # a network that still learns has not lost anything
    size = evidence.steps // MEANS
    first = max(evidence.base_rate_loss, float(evidence.losses[0]))
    peaks, means = _means(evidence, min(size, PEAK_STEPS)), _means(evidence, size)
    peak, best = float(peaks.max()), float(means.min())
    if peak > PEAK * first:
        text = (
            f"The loss was driven up to {peak:.4g} on the way (at first it was {evidence.losses[0]:.4g}), and is "
            f"{evidence.loss:.4g} now: the network lost its ability to learn there."
        )
        return _finding(evidence, text, peak, PEAK * first)
    if best < LEARNED * evidence.base_rate_loss and evidence.loss > PEAK * best:
        text = (
            f"The loss had come down to {best:.4g}, and is {evidence.loss:.4g} now: the steps lead out of what was "
            "learned."
        )
        return _finding(evidence, text, evidence.loss, PEAK * best)
    strongest, step = _strongest(evidence)
    if strongest <= THROWN or _is_narrow(evidence):
        return None
    text = (
        f"The step {step:,} was {times(strongest)} as long as the weights (healthy: 0.001 to 0.01 times), and the "
        f"loss is {evidence.loss:.4g} now: the weights were moved to where little can be learned."
    )
    if evidence.loss > NOTHING_LEFT * evidence.base_rate_loss:
        return _finding(evidence, text, strongest, THROWN)
    return replace(_finding(evidence, text, strongest, THROWN, down=SOME_DOWN), severity="warning")


def _killed(evidence: Evidence) -> Finding | None:
    """The case of units that were active before training and are dead now, while the loss stays high."""
    start, readings = evidence.start, evidence.readings
    is_held_up = evidence.loss > STUNTED * evidence.base_rate_loss
    # Too strong dropout kills units at any learning rate; another rule reports it.
    if start is None or not readings or not is_held_up or _is_narrow(evidence) or evidence.config.training.dropout:
        return None
    killed = [
        layer
        for layer, (before, now) in enumerate(zip(start.dead, readings[-1].dead, strict=True))
        if before <= ALIVE and now >= KILLED
    ]
    if not killed:
        return None
    share = readings[-1].dead[killed[0]]
    text = (
        f"Of the units of {in_layer(killed[0], evidence.layers)} {100 * share:.0f} % answer hardly any digit now, "
        f"{100 * start.dead[killed[0]]:.0f} % did so at the start (more than {100 * KILLED:.0f} % is much), and the "
        f"loss is {evidence.loss:.4g}: steps that were too long have killed them."
    )
    if evidence.has_learned:
        return replace(_finding(evidence, text, share, KILLED, down=SOME_DOWN), severity="warning")
    return _finding(evidence, text, share, KILLED)


def _is_narrow(evidence: Evidence) -> bool:
    """Whether a layer is so narrow that this alone keeps the network from learning."""
    units = evidence.readings[-1].units if evidence.readings else ()
    return any(count < FEWEST_UNITS for count in units)


def _means(evidence: Evidence, size: int) -> NDArray[np.float64]:
    """Means of the loss over consecutive groups of `size` minibatches."""
    whole = evidence.steps // size * size
    means: NDArray[np.float64] = evidence.losses[:whole].reshape(-1, size).mean(axis=1, dtype=np.float64)
    return means


def _strongest(evidence: Evidence) -> tuple[float, int]:
    """The largest update ratio (log10) among the first readings, and its step."""
    ratios = [(evidence.longest_step(reading), reading.step) for reading in evidence.readings[:FIRST]]
    return max(ratios, default=(-math.inf, 0))


def _swinging(evidence: Evidence) -> Finding | None:
    """The case of steps that are long relative to the weights from the start."""
    ratio = _usual_ratio(evidence)
    if ratio <= RATIO or evidence.loss <= HELD_UP * evidence.base_rate_loss or evidence.is_falling:
        return None
    text = (
        f"At first a step was {times(ratio)} as long as the weights (healthy: 0.001 to 0.01 times), and the loss is "
        f"{evidence.loss:.4g} and falls no more: the steps are too long."
    )
    if not evidence.has_learned:
        return _finding(evidence, text, ratio, RATIO)
    return replace(_finding(evidence, text, ratio, RATIO, down=SOME_DOWN), severity="warning")


def _lost(evidence: Evidence, lost: Lost) -> Finding:
    """The case of a network that had learned and lost it."""
    was_raised = lost.raised_rate > RAISED * lost.rate
    when = f" after the learning rate went from {lost.rate:.4g} to {lost.raised_rate:.4g}" if was_raised else ""
    text = (
        f"The loss had come down to {lost.best:.4g}, and by step {lost.step:,} all was lost{when}: now it is "
        f"{evidence.loss:.4g}, the base-rate loss {evidence.base_rate_loss:.4g}."
    )
    found = _finding(evidence, text, evidence.loss, evidence.base_rate_loss)
    changes = {"training.learning_rate": lost.rate} if was_raised else found.changes
    return replace(found, steps=(lost.step, evidence.last_step), changes=changes)


def _finding(evidence: Evidence, text: str, value: float, threshold: float, down: float | None = None) -> Finding:
    """A finding that proposes a rate `down` times smaller (None: so that the first steps have a healthy length), or the
    usual momentum, where momentum makes the steps long."""
    if down is None:
        ratio = evidence.longest_step(evidence.readings[0]) if evidence.readings else -math.inf
        down = max(DOWN, 10.0 ** min(ratio - HEALTHY, MOST_DOWN)) if math.isfinite(ratio) else DOWN
    training = evidence.config.training
    is_momentum = training.optimizer != "adam" and training.momentum >= LARGEST_MOMENTUM
    if is_momentum:
        text += f" Momentum {training.momentum:g} makes steps up to {1 / (1 - training.momentum):,.0f} times as long."
    rate = max(float(f"{training.learning_rate / down:.2g}"), SMALLEST_RATE)
    return Finding(
        rule=RULE.name,
        severity="error",
        text=text,
        value=value,
        threshold=threshold,
        steps=(evidence.first_step + 1, max(evidence.first_step + 1, evidence.last_step)),
        changes={"training.momentum": USUAL_MOMENTUM} if is_momentum else {"training.learning_rate": rate},
    )


def _usual_ratio(evidence: Evidence) -> float:
    """The median, over the first readings, of the largest update ratio (log10) of a layer."""
    ratios = [evidence.longest_step(reading) for reading in evidence.readings[:FIRST]]
    finite = [ratio for ratio in ratios if math.isfinite(ratio)]
    return statistics.median(finite) if finite else -math.inf


RULE = Rule(
    name="steps_too_large",
    title="Steps too long",
    healthy="The steps are not too long.",
    excludes="A lack of time: steps of this length do not settle, however many are made.",
    why=WHY,
    judge=judge,
    explains=SYMPTOMS | {"overfitting"},
)
