"""The panel Map: a plane of principal components, a t-SNE map, and how soon one that is given up has ended."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from mnist_gui.config.run_config import DataConfig, RunConfig
from mnist_gui.data.batches import inputs_of
from mnist_gui.data.datasets import load_dataset
from mnist_gui.data.splits import make_splits
from mnist_gui.inspection.digit_map import MOST_DIGITS, vectors_of
from mnist_gui.inspection.pca import Plane
from mnist_gui.inspection.tsne import tsne
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.training.snapshot import never
from mnist_gui.training.trainer import Trainer
from tests.benchmarks.report import medians, report

MOMENTS = (0.3, 1.0, 3.0, 5.0)  # seconds after the beginning: while it starts, finds neighbours, and descends


def main() -> None:
    splits = make_splits(load_dataset(bundled_mnist()), DataConfig())
    trainer = Trainer(RunConfig().with_settings({"network.hidden": (128,), "training.epochs": 1}), splits)
    while not trainer.is_finished:
        trainer.train_minibatch()
    snapshot = trainer.snapshot()
    pictures = splits.validation.images(np.arange(MOST_DIGITS))
    inputs, answer = inputs_of(pictures, snapshot.config.data.scaling), snapshot.answer(pictures)
    for layer, name in enumerate(("pixels", "128 hidden units", "logits")):
        vectors = vectors_of(inputs, answer, layer)
        planes(name, vectors)
        maps(name, vectors)
    given_up(vectors_of(inputs, answer, 1))


def planes(name: str, vectors: np.ndarray) -> None:
    """Principal components, which follow training and the timeline."""
    samples = [seconds_of(lambda: Plane.of(vectors)) for _ in range(5)]
    report(f"principal components of {MOST_DIGITS:,} digits, {name}", 1000 * medians({"": samples})[""], "ms", "<= 500")


def maps(name: str, vectors: np.ndarray) -> None:
    """t-SNE in its own process, with what it takes to start that."""
    seconds = seconds_of(lambda: tsne(vectors, never, lambda share: None))
    report(f"t-SNE of {MOST_DIGITS:,} digits, {name}", seconds, "s", "<= 30")


def given_up(vectors: np.ndarray) -> None:
    """From giving up, at several moments, to the end of the process."""
    longest = 0.0
    for moment in MOMENTS:
        began = perf_counter()
        assert tsne(vectors, lambda began=began, moment=moment: perf_counter() > began + moment, _ignore) is None
        longest = max(longest, perf_counter() - began - moment)
    report("giving up a t-SNE map", longest, "s, the longest", "<= 0.5", moments=MOMENTS)


def _ignore(share: float) -> None:
    """Progress is of no interest here."""


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"):
        main()
