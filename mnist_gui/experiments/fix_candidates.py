"""Candidate changes that may make a network learn: usual suggestions, and proposals of findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import in_force

USUAL_BATCH, USUAL_WIDTH, USUAL_MOMENTUM = 128, 128, 0.9
# Usual learning rates for the mean gradient.
USUAL_RATE, USUAL_RATE_OF_ADAM = 0.1, 0.001
# A rate this many times larger or smaller is too far for the factors below.
FAR_OFF = 10.0
RATE_FACTORS = (3.0, 1 / 3, 10.0, 0.1)
# Fewer updates in an epoch are few.
FEW_UPDATES = 50
NARROW = 64
# Settings that findings may propose and a search does not try: the budget, since more epochs or digits always help; and
# faults, which it removes one by one.
NOT_PROPOSED = ("training.epochs", "data.train", "lab.faults")

# Settings that share a kind; any other one is its own kind.
KINDS: Mapping[str, str] = {
    "training.batch_size": "batch",
    "training.gradient": "batch",
    "network.init": "init",
    "network.bias_init": "init",
    "network.hidden": "layers",
    "training.learning_rate": "rate",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change, by a name that completes "with ...".

    changes: settings by key. rate_factor: factor of the learning rate, after `changes`. fault: name removed from
    lab.faults; "" for none.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    rate_factor: float = 1.0
    fault: str = ""

    @property
    def kind(self) -> str:
        """The kind of the change. At most one of each kind is made at a time."""
        if self.fault:
            return f"fault {self.fault}"
        if not self.changes:
            return "rate"
        kinds = [KINDS.get(key, key) for key in self.changes]
        return next((kind for kind in kinds if kind != "rate"), "rate")  # a rate beside other settings does not count


def applied(config: RunConfig, candidates: Iterable[Candidate]) -> RunConfig:
    """A configuration with all these changes. ConfigError if they are illegal together."""
    settings: dict[str, Any] = {}
    factor, repaired = 1.0, set[str]()
    for candidate in candidates:
        settings |= candidate.changes
        factor *= candidate.rate_factor
        repaired |= {candidate.fault} - {""}
    if factor != 1.0:
        rate = settings.get("training.learning_rate", config.training.learning_rate)
        settings["training.learning_rate"] = float(f"{rate * factor:.4g}")
    if repaired:
        settings["lab.faults"] = tuple(fault for fault in config.lab.faults if fault not in repaired)
    return config.with_settings(settings)


def put_right_first(config: RunConfig, findings: Iterable[Finding] = ()) -> tuple[Candidate, ...]:
    """The changes that are made in every run: faults, and proposals of findings, that make the reported numbers wrong
    but do not harm learning. Runs cannot prove them, as the true number may be lower."""
    faults = [_without(fault.name) for fault in in_force(config) if not BY_NAME[fault.rule].harms_learning]
    untrue = (finding.changes for finding in findings if not BY_NAME[finding.rule].harms_learning)
    return (*faults, *_proposals(config, untrue))


def candidates_for(config: RunConfig, train_digits: int, proposed: Iterable[Mapping[str, Any]] = ()) -> list[Candidate]:
    """All candidates, the most promising of each kind first. proposed: changes that findings propose."""
    candidates = [
        *_proposals(config, proposed),
        *_faults(config),
        *_weights(config),
        *_batch(config, train_digits),
        *_layers(config),
        *_others(config),
        *_rates(config),
    ]
    return _without_twins(config, candidates)


def _proposals(config: RunConfig, proposed: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    kept = ({key: value for key, value in changes.items() if key not in NOT_PROPOSED} for changes in proposed)
    return [_proposal(config, changes) for changes in kept if changes]


def _proposal(config: RunConfig, changes: Mapping[str, Any]) -> Candidate:
    name = ", ".join(f"{SETTINGS[key].label.lower()} {_value(value)}" for key, value in changes.items())
    if set(changes) == {"training.learning_rate"}:
        return Candidate(name, rate_factor=changes["training.learning_rate"] / config.training.learning_rate)
    return Candidate(name, dict(changes))


def _value(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "none"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _faults(config: RunConfig) -> Iterable[Candidate]:
    for fault in config.lab.faults:
        yield _without(fault)


def _without(fault: str) -> Candidate:
    return Candidate(f"without the bug: {FAULTS[fault].title.lower()}", fault=fault)


def _weights(config: RunConfig) -> Iterable[Candidate]:
    if config.network.init in ("normal", "uniform", "zeros"):
        changes = {"network.init": "auto", "network.bias_init": "zeros"}
        yield Candidate("weights drawn to suit the activation", changes)


def _batch(config: RunConfig, train_digits: int) -> Iterable[Candidate]:
    size = config.training.batch_size or train_digits
    if train_digits / size < FEW_UPDATES or size < 16:
        changes: dict[str, Any] = {"training.batch_size": USUAL_BATCH}
        if config.training.gradient == "sum":  # whose rate fits one size of the batch only
            changes |= {"training.gradient": "mean", "training.learning_rate": USUAL_RATE}
        yield Candidate(f"minibatches of {USUAL_BATCH}", changes)


def _layers(config: RunConfig) -> Iterable[Candidate]:
    hidden = config.network.hidden
    if any(width < NARROW for width in hidden):
        wider = tuple(max(width, USUAL_WIDTH) for width in hidden)
        yield Candidate(f"hidden layers of {_value(wider)}", {"network.hidden": wider})
    if len(hidden) != 1:
        yield Candidate(f"one hidden layer of {USUAL_WIDTH}", {"network.hidden": (USUAL_WIDTH,)})


def _others(config: RunConfig) -> Iterable[Candidate]:
    training = config.training
    if not 0.5 <= training.momentum <= 0.95:
        yield Candidate(f"momentum {USUAL_MOMENTUM}", {"training.momentum": USUAL_MOMENTUM})
    if config.network.activation != "relu":
        yield Candidate("relu units", {"network.activation": "relu"})
    if config.data.scaling != "unit":
        yield Candidate("pixels from 0 to 1", {"data.scaling": "unit"})
    if training.l2 > 0:
        yield Candidate("no weight penalty", {"training.l2": 0.0})
    if training.dropout > 0.5:
        yield Candidate("no dropout", {"training.dropout": 0.0})


def _rates(config: RunConfig) -> Iterable[Candidate]:
    training = config.training
    usual = USUAL_RATE_OF_ADAM if training.optimizer == "adam" else USUAL_RATE
    if training.gradient == "mean" and not usual / FAR_OFF <= training.learning_rate <= usual * FAR_OFF:
        yield Candidate(f"learning rate {usual:g}", {"training.learning_rate": usual})
    for factor in RATE_FACTORS:
        change = f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of"
        yield Candidate(f"{change} the learning rate", rate_factor=factor)


def _without_twins(config: RunConfig, candidates: list[Candidate]) -> list[Candidate]:
    """The candidates that are legal and have an effect, without duplicates."""
    kept: dict[RunConfig, Candidate] = {}
    for candidate in candidates:
        try:
            changed = applied(config, [candidate])
        except ConfigError:  # such as three times the largest learning rate
            continue
        if changed != config:
            kept.setdefault(changed, candidate)
    return list(kept.values())
