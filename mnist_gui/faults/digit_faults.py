"""Faults of the training digits: wrong labels, a bad order, validation or test digits among them."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.splits import Split, SplitName, Splits
from mnist_gui.faults import preconditions as needs
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.joined_pictures import joined
from mnist_gui.training.hooks import TrainerHooks

# Part of the seed, so that labels are shuffled independently of the splits.
LABELS = 1


def shuffled_labels(splits: Splits, config: RunConfig) -> Splits:
    """Training labels in another order than their pictures; the class frequencies stay."""
    rng = np.random.default_rng([config.data.seed, LABELS])
    labels = rng.permutation(splits.train.labels)
    labels.flags.writeable = False
    return dataclasses.replace(splits, train=dataclasses.replace(splits.train, labels=labels))


def sorted_data(hooks: TrainerHooks) -> TrainerHooks:
    """Training digits class by class, in the same order in every epoch."""

    def order(rng: np.random.Generator, splits: Splits) -> NDArray[np.intp]:
        return np.argsort(splits.train.labels, kind="stable")

    return dataclasses.replace(hooks, order=order)


def with_test_digits(splits: Splits, config: RunConfig) -> Splits:
    """The training split with all test digits at its end."""
    return _train_also_on("test", splits)


def with_validation_digits(splits: Splits, config: RunConfig) -> Splits:
    """The training split with all validation digits at its end."""
    return _train_also_on("validation", splits)


def validation_digits_last(hooks: TrainerHooks) -> TrainerHooks:
    """In each epoch the training digits in their usual order, then the validation digits."""
    usual = hooks.order

    def order(rng: np.random.Generator, splits: Splits) -> NDArray[np.intp]:
        count = len(splits.train) - len(splits.validation)
        first = usual(rng, _with_train(splits, slice(count)))
        last = usual(rng, _with_train(splits, slice(count, None)))
        return np.concatenate((first, count + last))

    return dataclasses.replace(hooks, order=order)


def _with_train(splits: Splits, part: slice) -> Splits:
    """The splits with a part of the training digits."""
    rows, labels = splits.train.rows[part], splits.train.labels[part]
    return dataclasses.replace(splits, train=dataclasses.replace(splits.train, rows=rows, labels=labels))


def _train_also_on(name: SplitName, splits: Splits) -> Splits:
    """Append a split to the training digits, whose indexes stay."""
    if splits.named(name).source is not splits.train.source:
        splits = _in_one_source(splits)
    train, others = splits.train, splits.named(name)
    rows, labels = np.concatenate((train.rows, others.rows)), np.concatenate((train.labels, others.labels))
    rows.flags.writeable = labels.flags.writeable = False
    return dataclasses.replace(splits, train=dataclasses.replace(train, rows=rows, labels=labels))


def _in_one_source(splits: Splits) -> Splits:
    """The pictures of both files in one array, those of the test files last; rows then count through both."""
    first, second = splits.train.source, splits.test.source
    source = joined(first, second)

    def moved(split: Split) -> Split:
        rows = split.rows if split.source is first else split.rows + len(first)
        rows.flags.writeable = False
        return dataclasses.replace(split, source=source, rows=rows)

    return dataclasses.replace(
        splits, train=moved(splits.train), validation=moved(splits.validation), test=moved(splits.test)
    )


FAULTS_OF_DIGITS = (
    Fault(
        name="shuffled_labels",
        title="Shuffled labels",
        text="The training pictures were shuffled and their labels not with them, so there is nothing to learn.",
        rule="labels_do_not_match",
        seen="pre-flight",
        wrong="order = rng.permutation(n)\nimages = images[order]\nlabels = labels",
        right="order = rng.permutation(n)\nimages = images[order]\nlabels = labels[order]",
        digits=shuffled_labels,
    ),
    Fault(
        name="sorted_data",
        title="Sorted digits",
        text="Training goes through all 0s, then all 1s, and so on: the network forgets each class while it "
        "learns the next.",
        rule="sorted_data",
        seen="both",
        wrong="for epoch in range(epochs):\n    order = np.argsort(labels)\n    train(x[order], labels[order])",
        right="for epoch in range(epochs):\n    order = rng.permutation(n)\n    train(x[order], labels[order])",
        need=needs.MINIBATCHES,
        hooks=sorted_data,
    ),
    Fault(
        name="test_digits_in_training",
        title="Test digits in training",
        text="The test digits are also trained on, so the test accuracy is no longer that on new digits.",
        rule="validation_is_trained_on",
        seen="both",
        wrong="x = np.concatenate((x_train, x_test))\nlabels = np.concatenate((y_train, y_test))\ntrain(x, labels)",
        right="x = x_train\nlabels = y_train\ntrain(x, labels)",
        digits=with_test_digits,
    ),
    Fault(
        name="trains_on_validation",
        title="Trains on validation",
        text="At the end of each epoch it also trains on the validation digits, so their accuracy is too high.",
        rule="validation_is_trained_on",
        seen="both",
        wrong="for x, y in training: update(x, y)\nfor x, y in validation: update(x, y)\nprint(accuracy(validation))",
        right="for x, y in training: update(x, y)\nprint(accuracy(validation))",
        need=needs.VALIDATION_DIGITS,
        digits=with_validation_digits,
        hooks=validation_digits_last,
    ),
)
