"""When measurements are made: a pure function of sizes."""

import pytest

from mnist_gui.training.measurement_schedule import FIRST, MeasurementSchedule


def test_the_first_steps_are_measured_whatever_the_sizes() -> None:
    pulse = MeasurementSchedule.of((784, 128, 10), 256, 32)
    assert [step for step in range(1, 50) if pulse.is_due(step)] == [1, 2, 3, 4, 5, 10, 20, 40]
    assert all(pulse.is_due(step) for step in FIRST)
    assert pulse.is_due(7 * pulse.every)


@pytest.mark.parametrize("sizes", [(784, 10), (784, 1, 10), (784, 128, 10), (784, 800, 800, 10), (64, 1024, 2)])
def test_the_larger_the_minibatch_the_oftener_is_measured_up_to_every_step(sizes: tuple[int, ...]) -> None:
    intervals = [MeasurementSchedule.of(sizes, 256, batch).every for batch in (1, 32, 128, 1024, 60_000)]
    assert intervals == sorted(intervals, reverse=True)
    assert intervals[0] < 5000
    assert intervals[-1] <= 5
