"""Seconds for 60,000 digits: ours, the pure matrix products, PyTorch and scikit-learn, in turn in one process.

And for layers of many sizes: ours by the pure matrix products. One BLAS thread. Every contestant makes minibatches of
the same digits, momentum 0.9, constant rate. The floor is the matrix products of forward and backward for every
layer, without a gradient for the inputs, into arrays made before.
"""

import warnings
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from mnist_gui.config.run_config import DataConfig, RunConfig
from mnist_gui.data.datasets import load_dataset
from mnist_gui.data.splits import make_splits
from mnist_gui.system.paths import bundled_mnist
from mnist_gui.training.trainer import Trainer
from tests.benchmarks.report import medians, report

ROUNDS = 5
DIGITS = 60_000
CASES = (((128,), 128), ((128,), 32), ((512,), 128))
# PyTorch, scikit-learn: at least so many times our seconds; floor: at most.
TARGETS = {
    ((128,), 128): ">= 2.0x torch, >= 2.0x scikit-learn, <= 1.7x floor",
    ((128,), 32): ">= 3.0x torch, >= 2.4x scikit-learn, <= 2.6x floor",
    ((512,), 128): ">= 1.3x torch, >= 1.8x scikit-learn, <= 1.5x floor",
}


def main() -> None:
    torch.set_num_threads(1)
    dataset = load_dataset(bundled_mnist())
    splits = make_splits(dataset, DataConfig(train=DIGITS, validation=0))
    images = np.ascontiguousarray(splits.train.images(np.arange(DIGITS)).reshape(DIGITS, -1))
    inputs = images.astype(np.float32) / np.float32(255)
    labels = splits.train.labels
    with threadpool_limits(1, user_api="blas"):
        for hidden, batch in CASES:
            contestants: dict[str, Callable[[], None]] = {
                "ours": ours(splits, hidden, batch),
                "floor": floor(inputs, hidden, batch),
                "torch": with_torch(inputs, labels, hidden, batch),
                "scikit-learn": with_scikit_learn(inputs, labels, hidden, batch),
            }
            compare(hidden, batch, contestants)
        sweep(splits, inputs)


SWEEP_UNITS = (32, 128, 512, 2048)
SWEEP_LAYERS = (1, 2, 3, 4)
SWEEP_DIGITS = 6_400


def sweep(splits, inputs: np.ndarray) -> None:
    """Ours by the floor for every size; the largest growth from one size to the next larger."""
    ratios: dict[tuple[int, int], float] = {}
    for layers in SWEEP_LAYERS:
        for units in SWEEP_UNITS:
            hidden = (units,) * layers
            contestants = {
                "ours": ours(splits, hidden, 128, SWEEP_DIGITS),
                "floor": floor(inputs[:SWEEP_DIGITS], hidden, 128),
            }
            middle = medians(measure(contestants, rounds=3 if units == SWEEP_UNITS[-1] else ROUNDS))
            ratios[layers, units] = middle["ours"] / middle["floor"]
    wider = {f"{layers} x {units}": ratios[layers, units] for layers, units in ratios}
    steps = [
        (ratios[layers, larger] / ratios[layers, smaller], f"{layers} x {smaller} to {larger}")
        for layers in SWEEP_LAYERS
        for smaller, larger in pairwise(SWEEP_UNITS)
    ] + [
        (ratios[more, units] / ratios[fewer, units], f"{fewer} to {more} x {units}")
        for units in SWEEP_UNITS
        for fewer, more in pairwise(SWEEP_LAYERS)
    ]
    growth, where = max(steps)
    report(
        "engine ratio to the floor, layers x units, batch 128",
        growth,
        "largest growth from one size to the next",
        "<= 1.0",
        where=where,
        ours_by_floor={size: round(ratio, 2) for size, ratio in wider.items()},
    )


def compare(hidden: tuple[int, ...], batch: int, contestants: dict[str, Callable[[], None]]) -> None:
    middle = medians(measure(contestants))
    network = "-".join(map(str, (784, *hidden, 10)))
    ratios = {f"{name}_by_ours": round(middle[name] / middle["ours"], 2) for name in ("torch", "scikit-learn")}
    report(
        f"engine {network} batch {batch}",
        middle["ours"],
        f"seconds per {DIGITS:,} digits",
        TARGETS[hidden, batch],
        **ratios,
        ours_by_floor=round(middle["ours"] / middle["floor"], 2),
        seconds={name: round(value, 3) for name, value in middle.items()},
    )


def measure(contestants: dict[str, Callable[[], None]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each contestant, in turn, in every round but the first, which warms up."""
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for epoch in range(rounds + 1):
        for name, run in contestants.items():
            started = perf_counter()
            run()
            if epoch:
                samples[name].append(perf_counter() - started)
    return samples


def ours(splits, hidden: tuple[int, ...], batch: int, digits: int = DIGITS) -> Callable[[], None]:
    config = RunConfig().with_settings(
        {
            "data.train": DIGITS,
            "data.validation": 0,
            "network.hidden": hidden,
            "training.batch_size": batch,
            "training.learning_rate": 0.05,
            "training.schedule": "constant",
            "training.epochs": 100,
        }
    )
    trainer = Trainer(config, splits)

    def epoch() -> None:
        for _ in range(-(-digits // batch)):
            trainer.train_minibatch()

    return epoch


def floor(inputs: np.ndarray, hidden: tuple[int, ...], batch: int) -> Callable[[], None]:
    sizes = (inputs.shape[1], *hidden, 10)
    weights = [np.ones(shape, np.float32) * np.float32(0.01) for shape in pairwise(sizes)]
    gradients = [np.empty_like(layer) for layer in weights]
    outputs = [np.empty((batch, size), np.float32) for size in sizes[1:]]
    deltas = [np.empty((batch, size), np.float32) for size in sizes[1:-1]]

    def epoch() -> None:
        for start in range(0, len(inputs) - batch + 1, batch):
            signals = [inputs[start : start + batch], *outputs]
            for layer, matrix in enumerate(weights):
                np.dot(signals[layer], matrix, out=outputs[layer])
            for layer in reversed(range(len(weights))):
                delta = (*deltas, outputs[-1])[layer]
                np.dot(signals[layer].T, delta, out=gradients[layer])
                if layer:
                    np.dot(delta, weights[layer].T, out=deltas[layer - 1])

    return epoch


def with_torch(inputs: np.ndarray, labels: np.ndarray, hidden: tuple[int, ...], batch: int) -> Callable[[], None]:
    sizes = (inputs.shape[1], *hidden, 10)
    layers: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    loss_of = torch.nn.CrossEntropyLoss()
    all_inputs, all_labels = torch.from_numpy(inputs), torch.from_numpy(labels.astype(np.int64))

    def epoch() -> None:
        order = torch.randperm(DIGITS)
        for start in range(0, DIGITS, batch):
            rows = order[start : start + batch]
            optimizer.zero_grad()
            loss_of(network(all_inputs[rows]), all_labels[rows]).backward()
            optimizer.step()

    return epoch


def with_scikit_learn(
    inputs: np.ndarray, labels: np.ndarray, hidden: tuple[int, ...], batch: int
) -> Callable[[], None]:
    classifier = MLPClassifier(
        hidden,
        solver="sgd",
        alpha=0.0,
        batch_size=batch,
        learning_rate_init=0.05,
        momentum=0.9,
        nesterovs_momentum=False,
        max_iter=1,
        warm_start=True,
    )

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one epoch is not convergence, we know
            classifier.fit(inputs, labels)

    return epoch


if __name__ == "__main__":
    main()
