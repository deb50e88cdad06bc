"""Runs as they were measured, kept as files so that rules can be tested without training."""

import dataclasses
import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.first_batch import FirstBatch
from mnist_gui.diagnosis.preflight import GradientPart, Preflight
from mnist_gui.diagnosis.rule import NotJudged, Rule
from mnist_gui.training.records import EpochDone, LayersMeasured

FOLDER = Path(__file__).parent / "recorded"
DIGITS = 6


def names() -> list[str]:
    """Of all recorded runs: "healthy-relu", "fault-zero_init-relu", "case-C" and the like."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def recorded_name(table: str, name: str) -> str:
    """Of the run of this name in a table of the diagnosis."""
    return f"{table}-{re.sub(r'[^a-zA-Z0-9.]+', '-', name)}"


@cache
def recorded(name: str) -> Evidence:
    """What was measured in a run."""
    told = json.loads((FOLDER / f"{name}.json").read_text())
    arrays = {key: np.array(told.pop(key), np.float32) for key in ("losses", "accuracies", "rates")}
    start = told.pop("start")
    start["first_batch"] = FirstBatch(**start["first_batch"]) if start["first_batch"] else None
    start["gradient"] = [GradientPart(**part) for part in start["gradient"]]
    return Evidence(
        config=RunConfig().with_settings(told.pop("config")),
        start=Preflight(**_tuples(start)),
        readings=tuple(LayersMeasured(**_tuples(each)) for each in told.pop("readings")),
        epochs=tuple(EpochDone(**each) for each in told.pop("epochs")),
        **arrays,
        **told,
    )


def judged(rule: Rule, evidence: Evidence) -> Finding | None:
    """What a rule finds; None where it finds nothing, or cannot tell."""
    try:
        return rule.judge(evidence)
    except NotJudged:
        return None


def with_reading(evidence: Evidence, **values: object) -> Evidence:
    """The same with these values in every reading."""
    readings = tuple(dataclasses.replace(reading, **values) for reading in evidence.readings)
    return dataclasses.replace(evidence, readings=readings)


def first_steps_of(evidence: Evidence, steps: int) -> Evidence:
    """The same when it had come so far."""
    last = evidence.first_step + steps
    return dataclasses.replace(
        evidence,
        losses=evidence.losses[:steps],
        accuracies=evidence.accuracies[:steps],
        rates=evidence.rates[:steps],
        readings=tuple(each for each in evidence.readings if each.step <= last),
        epochs=tuple(each for each in evidence.epochs if each.step <= last),
        state=None,
    )


def with_loss(evidence: Evidence, *losses: float) -> Evidence:
    """The same with these losses, each over an equal part of the run; one: all over it."""
    parts = np.array_split(np.empty_like(evidence.losses), len(losses))
    filled = [np.full_like(part, loss) for part, loss in zip(parts, losses, strict=True)]
    return dataclasses.replace(evidence, losses=np.concatenate(filled))


def with_start(evidence: Evidence, **values: object) -> Evidence:
    """The same with these values measured before the first step."""
    assert evidence.start
    return dataclasses.replace(evidence, start=dataclasses.replace(evidence.start, **values))


def with_settings(evidence: Evidence, settings: dict[str, object]) -> Evidence:
    """The same for a run of these settings."""
    return dataclasses.replace(evidence, config=evidence.config.with_settings(settings))


def save(name: str, evidence: Evidence) -> None:
    """Keep a run."""
    told = {field.name: getattr(evidence, field.name) for field in dataclasses.fields(evidence)}
    told["config"] = {key: value for key, value in evidence.config.settings().items() if value != RunConfig()[key]}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(_plain(told), separators=(",", ":")) + "\n")


def _plain(value: Any) -> Any:
    """As JSON knows it, with numbers of DIGITS digits; what is not finite is written as Python's json does."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else float(value)
    return value


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _tuple(value) for key, value in values.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
