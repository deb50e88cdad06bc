"""Faults of the update rule, and of how the best weights are kept."""

import dataclasses

import numpy as np

from mnist_gui.engine.components import Parts
from mnist_gui.engine.network import Network
from mnist_gui.engine.optimizers import Optimizer
from mnist_gui.engine.types import Floats
from mnist_gui.faults import preconditions as needs
from mnist_gui.faults.fault import Fault
from mnist_gui.training.hooks import TrainerHooks
from mnist_gui.training.snapshot import Snapshot


class MomentumOnWeights:
    """Momentum multiplies the weights instead of a velocity.

    p <- p - rate * g;  p <- momentum * p - rate * g      that is, p <- momentum * p - (1 + momentum) * rate * g
    """

    def __init__(self, parameters: Floats) -> None:
        self._step = np.empty_like(parameters)

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        np.multiply(gradient, rate, out=self._step)
        parameters -= self._step
        parameters *= momentum
        parameters -= self._step


class Uphill:
    """Any update rule, given the gradient with the wrong sign."""

    def __init__(self, rule: Optimizer, parameters: Floats) -> None:
        self._rule = rule
        self._negative = np.empty_like(parameters)

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        self._rule.update(parameters, np.negative(gradient, out=self._negative), rate, momentum)


class Frozen:
    """Any update rule, given only the parameters from `start` on."""

    def __init__(self, parts: Parts, parameters: Floats, start: int) -> None:
        self._rule, self._start = parts.optimizer(parameters[start:]), start

    def update(self, parameters: Floats, gradient: Floats, rate: float, momentum: float) -> None:
        """As in Optimizer."""
        self._rule.update(parameters[self._start :], gradient[self._start :], rate, momentum)


def momentum_on_weights(parts: Parts) -> Parts:
    """MomentumOnWeights in place of any other update rule."""
    return dataclasses.replace(parts, optimizer=MomentumOnWeights)


def climbs_uphill(parts: Parts) -> Parts:
    """The update rule with its gradient added where it should be subtracted."""
    begin = parts.optimizer
    return dataclasses.replace(parts, optimizer=lambda parameters: Uphill(begin(parameters), parameters))


def frozen_layer(hooks: TrainerHooks) -> TrainerHooks:
    """The update rule does not get the first hidden layer."""

    def optimizer(parts: Parts, network: Network) -> Optimizer:
        return Frozen(parts, network.parameters, network.weights[0].size + network.biases[0].size)

    return dataclasses.replace(hooks, optimizer=optimizer)


def best_by_reference(hooks: TrainerHooks) -> TrainerHooks:
    """The best weights have the present parameters, not those of their epoch."""

    def recall(kept: Snapshot | None, live: Floats) -> Snapshot | None:
        if kept is None:
            return None
        now = live.copy()
        now.flags.writeable = False
        return dataclasses.replace(kept, parameters=now)

    return dataclasses.replace(hooks, recall=recall)


FAULTS_OF_UPDATES = (
    Fault(
        name="momentum_on_weights",
        title="Momentum on the weights",
        text="The momentum multiplies the weights instead of a velocity, so they shrink by a share in every step.",
        rule="weights_decay_by_themselves",
        seen="run",
        wrong="W -= rate * dW\nW = momentum * W - rate * dW",
        right="V = momentum * V - rate * dW\nW += V",
        need=needs.MOMENTUM,
        parts=momentum_on_weights,
    ),
    Fault(
        name="climbs_uphill",
        title="Steps uphill",
        text="The step is added where it should be subtracted: every step goes up the slope of the loss.",
        rule="uphill",
        seen="run",
        wrong="V = momentum * V + rate * dW\nW += V",
        right="V = momentum * V - rate * dW\nW += V",
        parts=climbs_uphill,
    ),
    Fault(
        name="frozen_layer",
        title="Frozen layer",
        text="The update leaves out the first hidden layer, which keeps its starting weights.",
        rule="layer_is_frozen",
        seen="run",
        wrong="for W, dW in zip(weights[1:], gradients[1:]):\n    W -= rate * dW",
        right="for W, dW in zip(weights, gradients):\n    W -= rate * dW",
        need=needs.HIDDEN_LAYER,
        hooks=frozen_layer,
    ),
    Fault(
        name="best_by_reference",
        title="Best weights by reference",
        text="The best weights are kept as a reference and not as a copy, so that they are always the last ones.",
        rule="best_is_not_kept",
        seen="run",
        wrong="if loss < best_loss:\n    best_loss, best = loss, W",
        right="if loss < best_loss:\n    best_loss, best = loss, W.copy()",
        need=needs.VALIDATION_DIGITS,
        hooks=best_by_reference,
    ),
)
