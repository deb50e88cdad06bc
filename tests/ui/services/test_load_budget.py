"""The time that panels take from a network in training: a share of it together, none of them too often."""

import pytest

from mnist_gui.ui.services.load_budget import PATIENCE, SHARE, LoadBudget, Throttle


class Machine:
    """A clock that the test sets, and whether a network trains."""

    def __init__(self) -> None:
        self.now, self.is_training = 100.0, True
        self.spare = LoadBudget(lambda: self.is_training, lambda: self.now)

    def work(self, throttle: Throttle, seconds: float) -> None:
        turn = throttle.start()
        self.now += seconds
        throttle.finish(turn)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_all_panels_together_take_no_more_than_their_share_of_a_long_time(machine: Machine) -> None:
    panels = [Throttle(machine.spare, 0.0) for _ in range(5)]
    began, worked = machine.now, 0.0
    while machine.now < began + 1000:
        for seconds, panel in enumerate(panels, start=1):
            if panel.is_due:
                machine.work(panel, 0.01 * seconds)
                worked += 0.01 * seconds
        machine.now += 0.01
    assert 0.9 * SHARE < worked / (machine.now - began) < 1.1 * SHARE


def test_a_panel_that_takes_nothing_still_waits_between_two_turns(machine: Machine) -> None:
    throttle, other = Throttle(machine.spare, 2.0), Throttle(machine.spare, 2.0)
    machine.work(throttle, 0.0)
    assert not throttle.is_due
    assert other.is_due
    machine.now += 1.9
    assert not throttle.is_due
    throttle.cool_down()  # something new was shown
    machine.now += 0.2
    assert not throttle.is_due
    machine.now += 1.9
    assert throttle.is_due


def test_nothing_begins_before_the_last_has_ended_and_where_nothing_trains_all_may(machine: Machine) -> None:
    throttle = Throttle(machine.spare, 0.0)
    turn = throttle.start()
    assert throttle.is_under_way
    machine.now += 1000
    assert not throttle.is_due
    machine.is_training = False
    assert throttle.is_due
    throttle.finish(turn)
    machine.is_training = True
    assert throttle.is_due  # nothing was taken from a network, for none trained when it ended


def test_who_waits_is_served_once_at_once_and_that_counts(machine: Machine) -> None:
    throttle, other = Throttle(machine.spare, 1.0), Throttle(machine.spare, 1.0)
    machine.work(throttle, 0.1)
    turn = throttle.start()
    throttle.force()
    throttle.finish(turn)  # of what was given up
    assert throttle.is_due
    assert not other.is_due
    machine.work(throttle, 0.1)
    assert not throttle.is_due
    machine.now += 0.2 * (1 / SHARE - 1) - 0.15
    assert not other.is_due
    machine.now += 0.1
    assert other.is_due


def test_who_waits_longest_comes_first_and_nobody_is_passed_over(machine: Machine) -> None:
    greedy, *others = (Throttle(machine.spare, 0.0) for _ in range(4))
    served = dict.fromkeys([greedy, *others], 0)
    for _ in range(2000):
        machine.now += 0.05
        for throttle in (greedy, *others):  # the first asks first, each time
            if throttle.is_due:
                machine.work(throttle, 0.05)
                served[throttle] += 1
    assert max(served.values()) - min(served.values()) <= 1
    assert min(served.values()) > 10


def test_who_asks_no_more_holds_up_nobody(machine: Machine) -> None:
    gone, other = Throttle(machine.spare, 0.0), Throttle(machine.spare, 0.0)
    machine.work(other, 0.1)
    assert not gone.is_due  # from now on it waits
    machine.now += 0.1 / SHARE
    assert not other.is_due
    machine.now += PATIENCE
    assert other.is_due


def test_the_end_of_an_older_turn_ends_no_newer_one(machine: Machine) -> None:
    throttle = Throttle(machine.spare, 0.0)
    older = throttle.start()
    throttle.force()
    newer = throttle.start()
    machine.now += 1.0
    throttle.finish(older)
    assert throttle.is_under_way
    assert machine.spare.is_there  # nothing was taken yet
    throttle.finish(newer)
    assert not throttle.is_under_way
    assert not machine.spare.is_there
    newest = throttle.start()
    throttle.finish(newer)
    assert throttle.is_under_way
    throttle.finish(newest)
    assert not throttle.is_under_way
