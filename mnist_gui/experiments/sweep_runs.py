"""The runs of one sweep: their settings, their results, and which are still to be made."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.experiments.results_file import Line, Results
from mnist_gui.experiments.sweep_file import configs_of, read_tables, sweep_of
from mnist_gui.experiments.sweep_plan import SEED, Plan, plan_of, sweep_toml
from mnist_gui.experiments.trial import Trial

RESULTS = ".results.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run, as in its line of the results. accuracy 0..1; accuracy and loss are None if not measured."""

    state: str
    accuracy: float | None
    loss: float | None
    seconds: float
    error: str | None

    @classmethod
    def of(cls, line: Line) -> Self:
        """The outcome in a line of `Results`."""
        result = line["result"]
        state, error = result["state"], result.get("error") or None
        accuracy = None if state == "failed" else result.get("accuracy")
        return cls(state, accuracy, result.get("loss"), result["seconds"], error)

    @property
    def has_failed(self) -> bool:
        """Whether the run could not be made, for example for lack of memory."""
        return self.state == "failed"


class SweepRuns:
    """The runs of a sweep. configs: of the runs. tried: the keys that are compared; repeated: those that only repeat a
    point.

    outcomes: of each run, None while it is to be made. tables: of the sweep file, None if there are only results.
    """

    def __init__(
        self,
        configs: list[RunConfig],
        tried: tuple[str, ...],
        repeated: tuple[str, ...],
        results: Results,
        tables: Mapping[str, Any] | None,
    ) -> None:
        self.configs, self.tried, self.repeated, self.tables = configs, tried, repeated, tables
        self._results = results
        lines = [results.find(config) for config in configs]
        self.outcomes = [Outcome.of(line) if line else None for line in lines]

    @property
    def name(self) -> str:
        """The name of the results file, without its suffix."""
        return self._results.path.name.removesuffix(RESULTS)

    @property
    def keys(self) -> tuple[str, ...]:
        """The settings in which the runs differ."""
        return (*self.tried, *(key for key in self.repeated if key not in self.tried))

    @property
    def left(self) -> list[int]:
        """The indexes of the runs that are still to be made."""
        return [place for place, outcome in enumerate(self.outcomes) if outcome is None]

    @property
    def failed(self) -> int:
        """The number of runs that could not be made."""
        return sum(outcome is not None and outcome.has_failed for outcome in self.outcomes)

    def forget_failed(self) -> None:
        """Mark failed runs as still to be made."""
        self.outcomes = [None if outcome and outcome.has_failed else outcome for outcome in self.outcomes]

    def writing(self) -> AbstractContextManager[None]:
        """Context in which no other process writes results of these runs. ConfigError if one does already."""
        return self._results.writing()

    def keep(self, place: int, trial: Trial) -> Outcome:
        """Write the result of a run; it is on the disk when this returns. OSError if it cannot be written."""
        return Outcome.of(self._results.add(self.configs[place], trial))

    def plan(self) -> Plan | None:
        """The form's fields; None if the form cannot show the sweep."""
        return plan_of(self.tables) if self.tables is not None else None


def new_sweep(folder: Path, name: str, tables: Mapping[str, Any], base: RunConfig) -> SweepRuns:
    """A sweep of these tables, written into a folder, which is created. ConfigError for tables that cannot be used,
    OSError if it cannot be written."""
    configs, tried, repeated = _read(tables, base)
    folder.mkdir(parents=True, exist_ok=True)
    path = _write_new(folder, name, sweep_toml(tables))
    return SweepRuns(configs, tried, repeated, Results(results_of(path)), tables)


def open_sweep(path: Path, base: RunConfig) -> SweepRuns:
    """The sweep of a file GRID.toml with the results beside it, or that of a file of results, with the runs still to be
    made if its GRID.toml stands beside it. ConfigError if it is neither.

    base: the settings of its runs that the file does not name.
    """
    if path.suffix != ".toml":
        beside = path.with_name(path.name.removesuffix(RESULTS) + ".toml")
        if not path.name.endswith(RESULTS) or not beside.is_file():
            return _only_results(path)
        path = beside
    tables = read_tables(path)
    configs, tried, repeated = _read(tables, base)
    return SweepRuns(configs, tried, repeated, Results(results_of(path)), tables)


def results_of(path: Path) -> Path:
    """The file of the results of a sweep file."""
    return path.with_suffix(RESULTS)


def _write_new(folder: Path, name: str, text: str) -> Path:
    """A new file of this name, with a number if it exists already, for example from another window."""
    for number in count(1):
        path = folder / (f"{name}.toml" if number == 1 else f"{name}-{number}.toml")
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(text)
            return path
    raise AssertionError("there is always a next number")


def _read(tables: Mapping[str, Any], base: RunConfig) -> tuple[list[RunConfig], tuple[str, ...], tuple[str, ...]]:
    sweep = sweep_of(tables)
    base = base.with_settings({"training.blas_threads": 1} | sweep.base)
    return list(dict.fromkeys(configs_of(base, sweep.points))), sweep.tried, sweep.repeated


def _only_results(path: Path) -> SweepRuns:
    if not path.is_file():  # `Results` would create it
        raise ConfigError("sweep", path, "a file GRID.toml, or one of results")
    results = Results(path)
    configs = [RunConfig().with_settings(line["settings"]) for line in results.lines]
    if not configs:
        raise ConfigError("sweep", path, "a file GRID.toml, or one of results of which one is whole")
    keys = tuple(key for key in SETTINGS if any(config[key] != configs[0][key] for config in configs))
    repeated = tuple(key for key in keys if key == SEED)
    return SweepRuns(configs, tuple(key for key in keys if key not in repeated) or keys, repeated, results, None)
