"""Values of epochs: those of the epochs there are, also after some were forgotten, and thinned without losing any."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.training.epoch_series import EpochValues
from mnist_gui.training.records import EpochDone


def epoch_of(number: int, loss: float) -> EpochDone:
    return EpochDone(number, 10 * number, 0.1, 0.9, loss, 0.8, 1.0, 1e5)


def epochs_of(*losses: float) -> list[EpochDone]:
    return [epoch_of(number, loss) for number, loss in enumerate(losses, 1)]


def values_of(epochs: list[EpochDone]) -> EpochValues:
    values = EpochValues(lambda epoch: epoch.validation_loss)
    values.keep_up(epochs)
    return values


def test_few_epochs_are_told_one_by_one_without_those_that_are_no_numbers() -> None:
    steps, low, high = values_of(epochs_of(0.7, np.nan, np.inf, 1e308)).thinned(10)
    assert steps.tolist() == [10, 40]
    assert low.tolist() == high.tolist() == [0.7, 1e308]


def test_no_epochs_have_no_values() -> None:
    assert [len(each) for each in values_of([]).thinned(10)] == [0, 0, 0]
    assert [len(each) for each in values_of([]).thinned(10, (1, 5))] == [0, 0, 0]


def test_only_epochs_that_end_in_sight_are_told() -> None:
    steps, low, _ = values_of(epochs_of(*range(1, 9))).thinned(100, (30, 59))
    assert steps.tolist() == [30, 40, 50]
    assert low.tolist() == [3, 4, 5]


def test_epochs_that_took_the_place_of_others_replace_their_values() -> None:
    epochs = epochs_of(0.5, 0.4, 0.3)
    values = values_of(epochs)
    values.keep_up([*epochs[:2], epoch_of(3, 0.9)])
    assert values.thinned(10)[1].tolist() == [0.5, 0.4, 0.9]
    values.keep_up(epochs[:1])
    assert values.thinned(10)[1].tolist() == [0.5]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.integers(1, 30))
def test_of_many_epochs_the_least_and_the_greatest_are_kept(losses: list[float], most: int) -> None:
    values, epochs = EpochValues(lambda epoch: epoch.validation_loss), epochs_of(*losses)
    for count in range(1, len(epochs) + 1, 3):
        values.keep_up(epochs[:count])
    values.keep_up(epochs)
    steps, low, high = values.thinned(most)
    assert len(steps) <= most
    assert (low.min(), high.max()) == (min(losses), max(losses))
    assert steps[-1] == 10 * len(losses)
