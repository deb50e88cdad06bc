"""What the engine does besides plain minibatches: distortions, two BLAS threads, full batches in bounded memory."""

import resource
from time import perf_counter
from unittest.mock import patch

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_gui.config.run_config import DataConfig, RunConfig
from mnist_gui.data.datasets import load_dataset
from mnist_gui.data.splits import Splits, make_splits
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.training import loop
from mnist_gui.training.blas_threads import BLAS
from mnist_gui.training.measurement_schedule import MeasurementSchedule
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.snapshot import never
from mnist_gui.training.trainer import Trainer
from tests.benchmarks.engine import measure
from tests.benchmarks.report import medians, report

DISTORTIONS = {
    "augmentation.shift": 2.0,
    "augmentation.rotation": 10.0,
    "augmentation.scale": 0.1,
    "augmentation.elastic": 34.0,
}
MB = 1024


def main() -> None:
    splits = make_splits(load_dataset(bundled_mnist()), DataConfig(train=60_000, validation=0))
    full_batch(splits)  # first, since it measures the peak of the process
    for hidden, batch in (((128,), 128), ((128,), 32), ((256,), 128), ((800,), 128)):
        distortions(splits, hidden, batch)
    for hidden, batch in (((128,), 32), ((256,), 128), ((1024,), 512)):
        layer_statistics(splits, hidden, batch)
    for hidden in ((128,), (256,), (800,), (2048,), (2048, 2048)):
        blas_threads(splits, hidden)


def make_trainer(splits: Splits, hidden: tuple[int, ...], batch: int, settings: dict[str, object]) -> Trainer:
    config = RunConfig().with_settings(
        {
            "data.train": 60_000,
            "data.validation": 0,
            "network.hidden": hidden,
            "training.batch_size": batch,
            "training.learning_rate": 0.01,
            "training.schedule": "constant",
            "training.epochs": 1000,
            **settings,
        }
    )
    return Trainer(config, splits)


def distortions(splits: Splits, hidden: tuple[int, ...], batch: int) -> None:
    """An epoch with all distortions by a plain one; with noise as well, which costs a little more."""
    trainers = {
        "plain": make_trainer(splits, hidden, batch, {}),
        "distorted": make_trainer(splits, hidden, batch, DISTORTIONS),
        "with noise": make_trainer(splits, hidden, batch, {**DISTORTIONS, "augmentation.noise": 0.1}),
    }
    steps = 12_800 // batch

    def run(trainer: Trainer) -> None:
        for _ in range(steps):
            trainer.train_minibatch()

    with threadpool_limits(1, user_api="blas"):
        seconds = medians(measure({name: lambda each=each: run(each) for name, each in trainers.items()}))
    report(
        f"distortions {hidden}, batch {batch}",
        seconds["distorted"] / seconds["plain"],
        "times the plain epoch",
        "<= 2",
        with_noise=round(seconds["with noise"] / seconds["plain"], 2),
        microseconds_a_digit=round((seconds["distorted"] - seconds["plain"]) / (steps * batch) * 1e6, 2),
    )


def blas_threads(splits: Splits, hidden: tuple[int, ...]) -> None:
    """Steps with the number of threads that is chosen, and given up where it does not pay, by steps with one."""
    trainer = make_trainer(splits, hidden, 128, {})
    threads = trainer.blas_threads()

    def run(count: int) -> None:
        is_ours = count == threads.count
        for _ in range(20):
            with BLAS.using(threads.count if is_ours else count):
                started = perf_counter()
                trainer.train_minibatch()
            if is_ours:
                threads.note_step(perf_counter() - started)

    with BLAS.managed():
        threads.choose(never)
        chosen = threads.count
        run(chosen)
        seconds = medians(measure({"one": lambda: run(1), "two": lambda: run(2), "ours": lambda: run(threads.count)}))
    report(
        f"BLAS threads {hidden}, batch 128",
        seconds["ours"] / seconds["one"],
        "times the seconds with one thread",
        "<= 1",
        chosen=chosen,
        kept=threads.count,
        two_by_one=round(seconds["two"] / seconds["one"], 2),
    )


def layer_statistics(splits: Splits, hidden: tuple[int, ...], batch: int) -> None:
    """A run that measures its layers by one that never does."""

    def run() -> None:
        loop.train(make_trainer(splits, hidden, batch, {"training.epochs": 1}), loop.Inbox(), RunOutput())

    def run_unmeasured() -> None:
        with patch.object(MeasurementSchedule, "is_due", lambda schedule, step: False):
            run()

    seconds = medians(measure({"measured": run, "not": run_unmeasured}))
    report(
        f"measuring the layers {hidden}, batch {batch}",
        seconds["measured"] / seconds["not"] - 1.0,
        "share of the training time",
        "<= 0.03",
    )


def full_batch(splits: Splits) -> None:
    """A step over all 60,000 digits: peak memory above what was held before, and the gradient against minibatches."""
    trainer = make_trainer(splits, (256,), 0, {"training.momentum": 0.0, "training.learning_rate": 1.0})
    start = trainer.snapshot()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = perf_counter()
    with threadpool_limits(1, user_api="blas"):
        trainer.train_minibatch()
    seconds = perf_counter() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ours = start.parameters - trainer.snapshot().parameters
    exact = sum_of_small_parts(trainer, start.parameters)
    report("full batch of 60,000", grown / MB, "MB above before", "<= 250", seconds=round(seconds, 2))
    error = float(np.linalg.norm(ours - exact) / np.linalg.norm(exact))
    report("full batch of 60,000, gradient", error * 1e6, "millionths off one in small parts and float64", "<= 1")


def sum_of_small_parts(trainer: Trainer, parameters: np.ndarray) -> np.ndarray:
    """The mean of the gradients of 600 hundreds, added in float64."""
    total = np.zeros(len(parameters))
    trainer._network.parameters[...] = parameters
    for start in range(0, 60_000, 100):
        rows = np.arange(start, start + 100)
        trainer._backprop.compute(trainer._batches, rows, trainer._report.loss, 0.0, never)
        total += trainer._backprop.gradient.flat / 600
    return total


if __name__ == "__main__":
    main()
