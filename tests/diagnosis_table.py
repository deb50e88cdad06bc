"""`make diagnosis`: every fault against the finding that is named first, healthy runs, the posted networks and their
numbers, the search for their fix, the cost.

Real runs on the real digits, a line for each kind; exits with 1 if a target is missed. Takes some minutes. Words choose
tables and runs: `make diagnosis ARGS=search` makes the searches only.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_gui.casebook.posted_networks import CASE_A
from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.loading import open_dataset
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.experiments.fix_report import changes_of, report_lines
from mnist_gui.experiments.fix_search import EPOCHS, Search, planned
from mnist_gui.experiments.process_pool import run_all, workers
from mnist_gui.experiments.repairs import with_repairs
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import idle, resolve_faults, split_dataset, trainer_for
from mnist_gui.training.measurement_schedule import MeasurementSchedule
from mnist_gui.training.trainer import Trainer
from tests.posted_numbers import tell_numbers

SEEDS = (0, 1, 2)
ENOUGH_NAMED = 0.95
# Of these tables it is the first finding that must be right.
NAMED = ("fault", "other", "chosen")
LARGEST_OVERHEAD, LONGEST_PREFLIGHT = 0.03, 2.0
TIMED_STEPS, NEVER = 200, 10**9
# How near case A's losses must be to the posted ones: after so many passes, and before, as the start is random.
SETTLED, NEAR_LATE, NEAR_EARLY = 100, 0.0005, 0.002
LONGEST_SEARCH = 120.0  # seconds, in so many processes:
PROCESSES = 2

# Rates at which each kind of unit learns well.
UNITS: Mapping[str, Mapping[str, Any]] = {
    "relu": {"network.activation": "relu", "training.learning_rate": 0.05},
    "leaky_relu": {"network.activation": "leaky_relu", "training.learning_rate": 0.05},
    "tanh": {"network.activation": "tanh", "training.learning_rate": 0.05},
    "sigmoid": {"network.activation": "sigmoid", "training.learning_rate": 0.3},
}
BASE = {"network.hidden": [128], "training.batch_size": 128}
FAULTY_UNITS = ("relu", "sigmoid", "tanh")  # of which the first two are taken in which a fault acts

# Other losses and optimizers in which every fault is put as well, once, and rates that suit relu and sigmoid units.
OTHERS: Mapping[str, tuple[Mapping[str, Any], float, float]] = {
    "binary cross-entropy": ({"network.loss": "binary_cross_entropy"}, 0.03, 0.2),
    "mse": ({"network.loss": "mse"}, 0.03, 0.2),
    "nesterov": ({"training.optimizer": "nesterov"}, 0.05, 0.3),
    "adam": ({"training.optimizer": "adam"}, 0.001, 0.003),
}
# Faults that adam makes harmless: it divides by the size of the gradient, and stands a rate thirty times as large.
HARMLESS = {("adam", "summed_gradient"), ("adam", "rate_times_30")}

UNUSUAL: Mapping[str, Mapping[str, Any]] = {
    "tanh, signed input": {**UNITS["tanh"], "data.scaling": "signed"},
    "standard input": {**UNITS["relu"], "data.scaling": "standard"},
    "adam": {"training.optimizer": "adam", "training.learning_rate": 0.001},
    "nesterov": {**UNITS["relu"], "training.optimizer": "nesterov"},
    "dropout 0.5": {**UNITS["relu"], "training.dropout": 0.5},
    "batch 1": {"training.batch_size": 1, "training.learning_rate": 0.005, "training.momentum": 0.0},
    "784-800-800-10": {**UNITS["relu"], "network.hidden": [800, 800]},
    "2,000 digits": {**UNITS["relu"], "data.train": 2000},
    "mse": {**UNITS["relu"], "network.loss": "mse"},
    "no hidden layer": {**UNITS["relu"], "network.hidden": []},
    "deep tanh": {**UNITS["tanh"], "network.hidden": [64, 64, 64, 64]},
    "l2 5, clip 1": {**UNITS["relu"], "training.l2": 5.0, "training.clip": 1.0},
    "warm-up 1": {**UNITS["relu"], "training.warm_up": 1.0},
    "distortions": {**UNITS["relu"], "augmentation.elastic": 34.0, "augmentation.shift": 2.0},
    "binary cross-entropy, adam": {
        "network.loss": "binary_cross_entropy",
        "training.optimizer": "adam",
        "training.learning_rate": 0.001,
    },
    "mse_sigmoid, tanh": {**UNITS["tanh"], "network.loss": "mse_sigmoid", "training.learning_rate": 0.2},
    "mse_tanh, elu": {**UNITS["relu"], "network.loss": "mse_tanh", "network.activation": "elu"},
    "signed input, nesterov": {**UNITS["relu"], "data.scaling": "signed", "training.optimizer": "nesterov"},
    "momentum 0, rate 0.3": {**UNITS["relu"], "training.momentum": 0.0, "training.learning_rate": 0.3},
    "step schedule": {**UNITS["relu"], "training.schedule": "step", "training.step_epochs": 1.0},
    "l2 100": {**UNITS["relu"], "training.l2": 100.0},
    "summed gradient, small rate": {"training.gradient": "sum", "training.learning_rate": 0.0005},
    "case-a-repaired": preset("case-a-repaired").config.settings(),
    "case-b-repaired": preset("case-b-repaired").config.settings(),
    "case-c-repaired": preset("case-c-repaired").config.settings(),
    "default": {**RunConfig().settings()},
}

# Settings that people choose, none of which is a bug, and the rule that must be named first.
CHOSEN: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "6 sigmoid layers": ({**UNITS["sigmoid"], "network.hidden": [64] * 6}, "gradient_vanishes"),
    "8 sigmoid layers": ({**UNITS["sigmoid"], "network.hidden": [64] * 8}, "gradient_vanishes"),
    "rate 1": ({**UNITS["relu"], "training.learning_rate": 1.0}, "steps_too_large"),
    "rate 0.5, 3 relu layers": (
        {**UNITS["relu"], "training.learning_rate": 0.5, "network.hidden": [64] * 3},
        "steps_too_large",
    ),
    "momentum 0.999": ({**UNITS["relu"], "training.momentum": 0.999}, "steps_too_large"),
    "dropout 0.8, 2 layers of 64": (
        {**UNITS["relu"], "training.dropout": 0.8, "network.hidden": [64, 64]},
        "dropout_too_strong",
    ),
    "0.01 * randn, 4 layers": (
        {**UNITS["relu"], "network.init": "normal", "network.init_sd": 0.01, "network.hidden": [64] * 4},
        "start_variance",
    ),
    "shift 14, rotation 180": (
        {**UNITS["relu"], "augmentation.shift": 14.0, "augmentation.rotation": 180.0},
        "distortions_too_strong",
    ),
    "elastic 200": ({**UNITS["relu"], "augmentation.elastic": 200.0}, "distortions_too_strong"),
    "penalty 6,000": ({**UNITS["relu"], "training.l2": 6000.0}, "penalty_dominates"),
    "a tenth of the rate every 20 steps": (
        {**UNITS["relu"], "training.schedule": "step", "training.step_epochs": 0.05, "training.step_factor": 0.1},
        "steps_too_small",
    ),
    "binary cross-entropy, rate 0.00001": (
        {"network.loss": "binary_cross_entropy", "training.learning_rate": 0.00001},
        "steps_too_small",
    ),
    "3 sigmoid layers, rate 0.0001": (
        {"network.activation": "sigmoid", "network.hidden": [64] * 3, "training.learning_rate": 0.0001},
        "steps_too_small",
    ),
    "single digits, rate 0.05, momentum 0.9": (
        {**UNITS["relu"], "training.batch_size": 1, "training.learning_rate": 0.05, "data.train": 3000},
        "steps_too_large",
    ),
    "randn, 2 layers": (
        {**UNITS["relu"], "network.init": "normal", "network.init_sd": 1.0, "network.hidden": [64] * 2},
        "bad_start",
    ),
}

A_ALWAYS = {"gradient_is_wrong", "weights_decay_by_themselves", "too_few_steps", "best_is_not_kept"}
CASES: Mapping[str, tuple[str, Mapping[str, Any], set[str], set[str]]] = {
    "A, 1 unit": ("case-a", {}, {*A_ALWAYS, "too_few_units"}, set()),
    "A, to its end": ("case-a", {}, {*A_ALWAYS, "too_few_units"}, set()),
    "A, 100 units": ("case-a", {"network.hidden": [100]}, {*A_ALWAYS, "units_are_copies"}, set()),
    # The first numbers that were posted had one more bug, in the loss that was told.
    "A, first series": (
        "case-a",
        {"lab.faults": [*preset("case-a").config.lab.faults, "softmax_over_batch"]},
        {*A_ALWAYS, "too_few_units", "loss_over_batch"},
        set(),
    ),
    "B": (
        "case-b",
        {"lab.faults": ["relu_on_output", "trains_on_validation"]},
        {"rectified_output", "validation_is_trained_on"},
        set(),
    ),
    "C": ("case-c", {}, {"units_are_copies", "too_few_steps", "knows_only_base_rates"}, {"penalty_dominates"}),
}


# Cases that are trained for so many steps; the others for as many as are usually enough.
CASE_STEPS: Mapping[str, int] = {"A, to its end": 200}

# For whose fix is searched, within the search's own budget; what of their digits and their loss must stay.
SEARCHED = {"A": "case-a", "C": "case-c"}
KEPT = ("network.loss", "data.folder", "data.digits", "data.train", "data.validation", "data.validation_from")


@dataclass(frozen=True)
class Job:
    """A run to diagnose: in what table, under what name, and what must be found. kind: what it is one of several of.
    steps: how many it is trained for; None for as many as are usually enough."""

    table: str
    name: str
    settings: Mapping[str, Any]
    expected: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    kind: str = ""
    steps: int | None = None


@cache
def dataset() -> Dataset:
    return open_dataset(RunConfig().data)


def jobs() -> Iterator[Job]:
    for name, fault in FAULTS.items():
        acting = [units for units in FAULTY_UNITS if not idle(faulty(name, units, 0))][:2]
        for units in acting:
            for seed in SEEDS:
                settings = faulty(name, units, seed).settings()
                yield Job("fault", f"{name}, {units}, seed {seed}", settings, {fault.rule}, kind=name)
    for other, (settings, *rates) in OTHERS.items():
        for name, fault in FAULTS.items():
            for units, rate in zip(("relu", "sigmoid"), rates, strict=True):
                values = {**BASE, **settings, "network.activation": units, "training.learning_rate": rate}
                values["lab.faults"] = [name]
                if (other, name) not in HARMLESS and not idle(RunConfig().with_settings(values)):
                    yield Job("other", f"{name}, {other}, {units}", values, {fault.rule}, kind=name)
                    break
    for units, settings in UNITS.items():
        for width in (32, 128, 512):
            for seed in SEEDS:
                values = {**BASE, **settings, "network.hidden": [width], "training.seed": seed}
                yield Job("healthy", f"{units}, {width} units, seed {seed}", values)
    for name, settings in UNUSUAL.items():
        yield Job("unusual", name, {**BASE, **settings})
    for name, (settings, rule) in CHOSEN.items():
        for seed in SEEDS:
            yield Job("chosen", f"{name}, seed {seed}", {**BASE, **settings, "training.seed": seed}, {rule}, kind=name)
    for name, (posted, settings, expected, forbidden) in CASES.items():
        values = {**preset(posted).config.settings(), **settings}
        yield Job("case", name, values, expected, forbidden, steps=CASE_STEPS.get(name))


def faulty(name: str, units: str, seed: int) -> RunConfig:
    settings = {**BASE, **UNITS[units], "training.seed": seed, "lab.faults": [name]}
    return RunConfig().with_settings(settings)


def trainer_of(settings: Mapping[str, Any]) -> Trainer:
    config = resolve_faults(RunConfig().with_settings({**settings, "training.blas_threads": 1}))
    return trainer_for(config, split_dataset(dataset(), config))


def work(job: Job) -> tuple[Diagnosis, float]:
    """The diagnosis, and the seconds that it took."""
    began = perf_counter()
    return diagnose(examine(trainer_of(job.settings), job.steps)), perf_counter() - began


def tell_cost() -> bool:
    """Print what measuring takes, alone on the machine; whether it is little enough."""
    shares = []
    for batch in (32, 1):
        shares.append(overhead({**BASE, "training.learning_rate": 0.01, "training.batch_size": batch}))
        print(f"measuring takes {100 * shares[-1]:.2f} % of the training time of 784-128-10 at batch {batch}")
    longest = 0.0
    for hidden in ([128], [800, 800], [2048, 2048]):
        trainer = trainer_of({**BASE, "network.hidden": hidden})
        before = perf_counter()
        with threadpool_limits(1, user_api="blas"):
            preflight(trainer)
        longest = max(longest, perf_counter() - before)
        print(f"the pre-flight of {hidden} takes {perf_counter() - before:.2f} s")
    evidence = examine(trainer_of({**BASE, **UNITS["relu"]}))
    before = perf_counter()
    diagnose(evidence)
    print(f"all rules take {1000 * (perf_counter() - before):.1f} ms")
    return max(shares) <= LARGEST_OVERHEAD and longest <= LONGEST_PREFLIGHT


def overhead(settings: Mapping[str, Any]) -> float:
    """The time of a measurement by that of all steps between two, from the least of several trials each."""
    trainer = trainer_of(settings)
    layer_statistics: Any = trainer._layer_statistics
    every = layer_statistics._schedule.every
    times: dict[int, float] = {}
    with threadpool_limits(1, user_api="blas"), np.errstate(all="ignore"):
        for interval in [1, NEVER] * 6:
            layer_statistics._schedule, layer_statistics._first_step = MeasurementSchedule(interval), -NEVER // 2
            layer_statistics.begin(trainer.step)
            before = perf_counter()
            for _ in range(TIMED_STEPS):
                trainer.train_minibatch()
            times[interval] = min(times.get(interval, math.inf), (perf_counter() - before) / TIMED_STEPS)
    return (times[1] - times[NEVER]) / (every * times[NEVER])


def tell(diagnosis: Diagnosis) -> str:
    parts = []
    for finding in diagnosis.findings:
        folded = f" -> {', '.join(finding.cause_of)}" if finding.cause_of else ""
        parts.append(f"{finding.rule} ({finding.severity}{folded})")
    return "; ".join(parts) or "nothing"


def is_well(job: Job, diagnosis: Diagnosis) -> bool:
    rules = {finding.rule for finding in diagnosis.findings if finding.severity != "note"}
    if job.table in NAMED:
        first = next((each.rule for each in diagnosis.findings if each.severity != "note"), None)
        return first in job.expected
    if job.table == "case":
        return job.expected <= rules and not rules & job.forbidden
    return not rules


def tell_posted() -> bool:
    """Print how far case A's losses are from the posted ones, from several starts; whether they are near enough."""
    dots = {
        int(epoch): value
        for series in CASE_A.series
        if series.curve == "train_loss" and "mean" in series.source
        for epoch, value in zip(series.epochs, series.values, strict=True)
    }
    largest = {"early": 0.0, "late": 0.0}
    for seed in SEEDS:
        trainer = trainer_of({**CASE_A.posted.config.settings(), "training.seed": seed})
        for epoch in range(1, max(dots) + 1):
            minibatch = trainer.train_minibatch()
            if epoch in dots and minibatch is not None:
                when = "late" if epoch > SETTLED else "early"
                largest[when] = max(largest[when], abs(minibatch.loss - dots[epoch]))
    is_near = largest["early"] <= NEAR_EARLY and largest["late"] <= NEAR_LATE
    mark = " " if is_near else "!"
    print(
        f"{mark} case A is within {largest['late']:.5f} of the posted losses from pass {SETTLED} on, "
        f"and within {largest['early']:.5f} before, from {len(SEEDS)} starts",
        flush=True,
    )
    return is_near


def search_for(name: str) -> tuple[Search, float]:
    """The search for the fix of a posted network, from its diagnosis on, and the seconds that it took."""
    began = perf_counter()
    config = resolve_faults(preset(name).config)
    evidence = examine(trainer_of(config.settings()))
    found = with_repairs(diagnose(evidence), config)
    digits = len(split_dataset(dataset(), config).train)
    search, candidates = planned(config, digits, found.findings, epochs=EPOCHS)
    with workers(PROCESSES):
        for _ in search.run(candidates, run_all):
            pass
    return search, perf_counter() - began


def tell_searches(names: list[str]) -> bool:
    """Print what is found for these networks, one after another; whether all is as it should be."""
    wells = []
    for name in names:
        search, seconds = search_for(SEARCHED[name])
        is_kept = not set(KEPT) & set(changes_of(search))
        wells.append(search.has_learned and search.is_smallest and is_kept and seconds <= LONGEST_SEARCH)
        mark = "  " if wells[-1] else "! "
        runs = f"{len(search.tried)} runs, budget {search.budget:,} epochs"
        print(f"{mark}{'search':8}{name:44}{seconds:6.1f} s  {runs}")
        print(*(f"          {line}" for line in report_lines(search)), sep="\n", flush=True)
    return all(wells)


def main(words: list[str]) -> int:
    wanted = [job for job in jobs() if is_asked(words, f"{job.table} {job.name}")]
    searched = [name for name in SEARCHED if is_asked(words, f"search {name}")]
    wells = []
    if wanted:
        wells.append(tell_jobs(wanted))
    if is_asked(words, "posted losses"):
        wells.append(tell_posted())
    if is_asked(words, "posted numbers"):
        wells.append(tell_numbers(PROCESSES))
    if searched:  # alone on the machine, as is the cost
        wells.append(tell_searches(searched))
    if wanted or not words:
        wells.append(tell_cost())
    return 0 if all(wells) else 1


def is_asked(words: list[str], text: str) -> bool:
    return not words or any(word in text for word in words)


def tell_jobs(wanted: list[Job]) -> bool:
    """Print what is found in these runs, and how often it is right; whether that is often enough."""
    dataset()
    wells: dict[str, list[bool]] = {}
    first: Counter[tuple[str, str, bool]] = Counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for job, (diagnosis, seconds) in zip(wanted, pool.map(work, wanted), strict=True):
            well = is_well(job, diagnosis)
            wells.setdefault(job.table, []).append(well)
            if job.table in NAMED:
                named = next((each.rule for each in diagnosis.findings if each.severity != "note"), "nothing")
                first[job.kind, named, named in job.expected] += 1
            mark = "  " if well else "! "
            print(f"{mark}{job.table:8}{job.name:44}{seconds:6.1f} s  {tell(diagnosis)}", flush=True)
    print()
    for (kind, named, is_right), count in first.items():
        print(f"{kind:28}{named:32}{count:3}{'' if is_right else '  !'}")
    print()
    for table, results in wells.items():
        print(f"{table:8} {sum(results)} of {len(results)} as they should be")
    shares = {table: sum(results) / len(results) for table, results in wells.items()}
    return all(share >= (ENOUGH_NAMED if table in NAMED else 1.0) for table, share in shares.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
