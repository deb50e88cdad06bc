"""`mnist-gui sweep`: makes every run of a sweep, reports each, and at the end a table of all, the best first."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from mnist_gui.config.run_config import ConfigError, DataConfig, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.loading import open_dataset, split_dataset
from mnist_gui.engine.components import check_size
from mnist_gui.experiments.process_pool import PoolError, ended_by_interrupt, run_all, workers
from mnist_gui.experiments.results_file import Line, Results
from mnist_gui.experiments.sweep_file import Point, configs_of, load_sweep
from mnist_gui.experiments.trial import percent
from mnist_gui.system import exit_status
from mnist_gui.system.printable import named
from mnist_gui.system.terminal import write, write_message, write_record


def run_sweep(
    base: RunConfig,
    asked: Point,
    grid: Path,
    *,
    out: Path | None,
    jobs: int,
    cluster: str | None,
    as_records: bool,
) -> int:
    """Make the runs that are not in the file of results yet. Returns the exit status; ConfigError for what cannot be
    used.

    base: the settings without the file. asked: settings given on the command line, which override its [base].
    """
    sweep = load_sweep(grid)
    for key in asked.keys() & set(sweep.keys):
        raise ConfigError(key, asked[key], f"no value beside {named(grid.name)}, which tries others")
    base = base.with_settings({"training.blas_threads": 1} | sweep.base | asked)
    configs = list(dict.fromkeys(configs_of(base, sweep.points)))
    _check(configs)
    results = Results(out or grid.with_suffix(".results.jsonl"))
    left = [config for config in configs if results.is_to_do(config)]
    if len(left) < len(configs):
        write_message(f"{len(configs) - len(left):,} of {len(configs):,} runs are in {results.path} already")
    keys = sorted(sweep.keys)
    status = exit_status.FINISHED
    try:
        writing = results.writing() if left else nullcontext()
        with ended_by_interrupt() as is_cancelled, workers(jobs, cluster), writing:
            for place, trial in run_all(left, is_cancelled):
                line = results.add(left[place], trial)
                if as_records:
                    write_record(line)
                else:
                    write_message(
                        f"{_describe(line, keys)}: {trial.state}, {trial.error or f'accuracy {trial.percent}'}"
                    )
                if trial.state == "failed":
                    status = exit_status.FAILED
    except (PoolError, OSError) as error:
        write_message(f"mnist-gui: {str(error).removesuffix('.')}. Finished runs are in {results.path}.")
        status = exit_status.FAILED
    except KeyboardInterrupt:
        write_message(f"mnist-gui: interrupted. Finished runs are in {results.path}; the same command continues.")
        status = exit_status.INTERRUPTED
    if not as_records:
        _write_table([line for line in map(results.find, configs) if line], keys)
    return status


def _check(configs: Sequence[RunConfig]) -> None:
    """DatasetError or ConfigError if the digits of a run cannot be split, or its network is too large."""
    by_data: dict[DataConfig, list[RunConfig]] = {}
    for config in configs:
        by_data.setdefault(config.data, []).append(config)
    datasets: dict[str, Dataset] = {}
    for data, those in by_data.items():
        if data.folder not in datasets:
            datasets = {data.folder: open_dataset(data)}
        splits = split_dataset(datasets[data.folder], data)
        for config in those:
            check_size(config, splits.inputs, splits.classes)


def _describe(line: Line, keys: Sequence[str]) -> str:
    return ", ".join(f"{key} {_text(line['settings'][key])}" for key in keys)


def _write_table(lines: Sequence[Line], keys: Sequence[str]) -> None:
    """Write a table of the results, the best first."""
    ordered = sorted(lines, key=lambda line: line["result"]["accuracy"] or 0.0, reverse=True)
    headings = ["accuracy", "loss", *keys, "state", "seconds"]
    rows = [headings] + [_row(line, keys) for line in ordered]
    widths = [max(len(row[place]) for row in rows) for place in range(len(headings))]
    for row in rows:
        write("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))


def _row(line: Line, keys: Sequence[str]) -> list[str]:
    result = line["result"]
    loss = "" if result["loss"] is None else f"{result['loss']:.4f}"
    settings = [_text(line["settings"][key]) for key in keys]
    return [percent(result["accuracy"]), loss, *settings, result["state"], f"{result['seconds']:.1f}"]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "-".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
