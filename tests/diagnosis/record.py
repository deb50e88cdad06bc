"""Record the runs that the rules are tested on: `python -m tests.diagnosis.record [WORD...]`, some minutes for all.

Small runs of real digits, one of every fault, some that are sound, and the posted networks with their bugs.
"""

import sys
from collections.abc import Iterator

from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.faults.registry import FAULTS
from mnist_gui.faults.run_factory import idle, resolve_faults, split_dataset, trainer_for
from tests.diagnosis.recorded import recorded_name, save
from tests.diagnosis_table import CASE_STEPS, CASES, CHOSEN, FAULTY_UNITS, UNITS
from tests.support import dataset

SMALL = {
    "data.train": 5000,
    "data.validation": 1000,
    "network.hidden": [32],
    "training.batch_size": 50,
    "training.epochs": 3,
}
STEPS = 200


def configs() -> Iterator[tuple[str, RunConfig]]:
    small = RunConfig().with_settings(SMALL)
    for units, settings in UNITS.items():
        yield f"healthy-{units}", small.with_settings(settings)
    yield (
        "healthy-deep-adam",
        small.with_settings(
            {"network.hidden": [32, 16], "training.optimizer": "adam", "training.learning_rate": 0.002}
        ),
    )
    yield "healthy-no-hidden-layer", small.with_settings({"network.hidden": [], "training.learning_rate": 0.05})
    for name in FAULTS:
        faulty = [small.with_settings({**UNITS[units], "lab.faults": [name]}) for units in FAULTY_UNITS]
        for config in [config for config in faulty if not idle(config)][:1]:
            yield f"fault-{name}", config
    for name, (settings, _) in CHOSEN.items():
        yield recorded_name("chosen", name), small.with_settings(settings)
    for name, (posted, settings, _, _) in CASES.items():
        yield recorded_name("case", name), preset(posted).config.with_settings(settings)


def main(words: list[str]) -> None:
    for name, config in configs():
        if words and not any(word in name for word in words):
            continue
        spelled = resolve_faults(config)
        usual = STEPS if name.startswith(("healthy", "fault")) and "few_digits" not in name else None
        steps = {recorded_name("case", case): count for case, count in CASE_STEPS.items()}.get(name, usual)
        evidence = examine(trainer_for(spelled, split_dataset(dataset(), spelled)), steps)
        save(name, evidence)
        print(name, [(finding.rule, finding.severity) for finding in diagnose(evidence).findings], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
