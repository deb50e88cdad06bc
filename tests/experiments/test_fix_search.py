"""The search: it finds the smallest set of changes that learns, whatever hides it, within its budget."""

import math
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.config.presets import preset
from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.fix_candidates import Candidate, applied
from mnist_gui.experiments.fix_report import BY_HEART, PUT_RIGHT, as_json, changes_of, describe, report_lines
from mnist_gui.experiments.fix_search import Attempt, Search, planned
from mnist_gui.experiments.trial import Trial
from mnist_gui.faults.run_factory import resolve_faults, resolved_settings

# Five changes that anyone could tell apart in a configuration, each of a kind of its own.
CHANGES = [
    Candidate("seed 1", {"training.seed": 1}),
    Candidate("momentum 0.5", {"training.momentum": 0.5}),
    Candidate("relu", {"network.activation": "relu"}),
    Candidate("batches of 32", {"training.batch_size": 32}),
    Candidate("penalty 1", {"training.l2": 1.0}),
]
BASE = RunConfig().with_settings({"network.activation": "tanh"})


def trial(accuracy: float) -> Trial:
    return Trial("finished", accuracy, 1.0 - accuracy, (), (), (), 0.0)


class Laboratory:
    """Runs nothing: the accuracy of a configuration is what `accuracy_of` says of the changes in it."""

    def __init__(self, accuracy_of: Callable[[set[str]], float], candidates: Sequence[Candidate] = CHANGES) -> None:
        self._accuracy_of, self._candidates = accuracy_of, candidates
        self.runs = 0

    def run_all(self, configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        for place, config in reversed(list(enumerate(configs))):  # in any order
            self.runs += 1
            made = {
                each.name for each in self._candidates if all(config[key] == each.changes[key] for key in each.changes)
            }
            yield place, trial(self._accuracy_of(made))


def found(search: Search, laboratory: Laboratory, candidates: Sequence[Candidate] = CHANGES) -> set[str]:
    list(search.run(candidates, laboratory.run_all))
    assert search.after
    return {change.name for change in search.after.changes}


@given(st.sets(st.sampled_from([each.name for each in CHANGES]), min_size=1))
def test_exactly_the_changes_that_are_all_needed_are_found(needed: set[str]) -> None:
    search = Search(BASE)
    assert found(search, Laboratory(lambda made: 0.97 if needed <= made else 0.1)) == needed
    assert search.has_learned
    assert search.is_smallest
    assert {change.name for change in search.without} == needed
    assert all(attempt.trial.accuracy == 0.1 for attempt in search.without.values())


@given(st.dictionaries(st.frozensets(st.integers(0, 4)), st.sampled_from([0.1, 0.5, 0.96])))
def test_without_any_one_of_the_changes_found_the_network_does_not_learn(
    accuracies: dict[frozenset[int], float],
) -> None:
    """Whatever helps or hinders what: an answer that learns is a smallest one."""
    names = [each.name for each in CHANGES]
    search = Search(BASE)
    laboratory = Laboratory(lambda made: accuracies.get(frozenset(map(names.index, made)), 0.1))
    found(search, laboratory)
    if search.has_learned and search.after and search.after.changes:
        assert search.is_smallest
        assert not any(search.learns(attempt) for attempt in search.without.values())
        assert len(search.without) == len(search.after.changes)
    assert laboratory.runs == len(search.tried) == len({attempt.changes for attempt in search.tried})


def test_a_network_that_learns_already_needs_no_change() -> None:
    search = Search(BASE)
    assert found(search, Laboratory(lambda made: 0.96 if not made else 0.2)) == set()
    assert search.is_smallest


def test_changes_that_harm_each_other_are_added_one_by_one() -> None:
    def accuracy(made: set[str]) -> float:
        if len(made) > 2:
            return 0.1
        return {frozenset(): 0.1, frozenset({"relu"}): 0.6, frozenset({"relu", "seed 1"}): 0.98}.get(
            frozenset(made), 0.2
        )

    search = Search(BASE)
    assert found(search, Laboratory(accuracy)) == {"relu", "seed 1"}
    assert search.is_smallest


def test_where_nothing_learns_the_best_is_told_and_that_it_does_not_learn() -> None:
    search = Search(BASE)
    assert found(search, Laboratory(lambda made: 0.7 if made == {"relu"} else 0.3)) == {"relu"}
    assert not search.has_learned
    assert not search.is_smallest


def test_the_budget_is_kept_and_what_is_known_then_is_told() -> None:
    search = Search(BASE, most_runs=4)
    laboratory = Laboratory(lambda made: 0.97 if {"relu", "seed 1"} <= made else 0.1)
    found(search, laboratory)
    assert laboratory.runs == 4
    assert search.has_learned
    assert not search.is_smallest
    assert search.budget == 20


def test_every_run_has_the_epochs_of_the_budget_whatever_the_network_asked_for() -> None:
    search = Search(BASE.with_settings({"training.epochs": 400, "training.patience": 3}), epochs=2)
    found(search, Laboratory(lambda made: 0.97))
    assert {attempt.config.training.epochs for attempt in search.tried} == {2}
    assert {attempt.config.training.patience for attempt in search.tried} == {0}


def test_a_search_that_is_left_keeps_what_it_has_tried() -> None:
    search = Search(BASE)
    attempts = search.run(CHANGES, Laboratory(lambda made: 0.97 if "relu" in made else 0.1).run_all)
    first = next(attempts)
    attempts.close()
    assert search.tried == [first]
    assert isinstance(first, Attempt)


def test_of_changes_of_one_kind_the_one_that_helps_is_used() -> None:
    rates = [Candidate(f"rate x {factor}", rate_factor=factor) for factor in (3.0, 0.1)]
    low = applied(BASE, [rates[1]]).training.learning_rate

    def run_all(configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        for place, config in enumerate(configs):
            yield place, trial(0.97 if math.isclose(config.training.learning_rate, low) else 0.1)

    search = Search(BASE)
    list(search.run([*CHANGES, *rates], run_all))
    assert search.after
    assert [change.name for change in search.after.changes] == ["rate x 0.1"]


def test_changes_that_are_illegal_together_are_left_out() -> None:
    rate = Candidate("a rate beyond the legal", rate_factor=1e6)
    search = Search(BASE)
    assert found(search, Laboratory(lambda made: 0.97 if made else 0.1), [*CHANGES, rate])
    assert all(rate not in attempt.changes for attempt in search.tried)


@pytest.mark.parametrize("accuracy", [0.0, 0.96])
def test_without_candidates_only_the_network_itself_is_run(accuracy: float) -> None:
    search, laboratory = Search(BASE), Laboratory(lambda made: accuracy)
    assert found(search, laboratory, []) == set()
    assert laboratory.runs == 1
    assert search.has_learned == (accuracy > 0.9)


def test_of_a_search_that_is_cut_off_the_fewest_changes_that_learn_are_told() -> None:
    search = Search(BASE)
    for attempt in search.run(CHANGES, Laboratory(lambda made: 0.96 if "relu" in made else 0.1).run_all):
        if len(attempt.changes) == len(CHANGES) - 1 and search.learns(attempt):
            break
    assert search.best
    assert not search.is_over
    assert len(search.best.changes) == len(CHANGES) - 1
    assert report_lines(search)[0].startswith(
        "These changes make it learn; fewer might do (10.00% before, 96.00% after):"
    )


def test_runs_that_nobody_makes_any_more_end_a_search_that_is_not_over() -> None:
    def run_all(configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        if BASE.training.seed == configs[0].training.seed:  # the network as it is; then somebody cancels
            yield 0, trial(0.1)

    search = Search(BASE)
    assert len(list(search.run(CHANGES, run_all))) == 1
    assert not search.is_over
    assert report_lines(search) == [
        "The search was cut off before any change was tried; the network as it is reaches 10.00%."
    ]


def test_where_nothing_learns_idle_changes_are_left_out_of_the_best_all_the_same() -> None:
    search = Search(BASE)
    laboratory = Laboratory(lambda made: 0.8 if {"relu", "seed 1"} <= made else 0.1)
    assert found(search, laboratory) == {"relu", "seed 1"}
    assert not search.has_learned
    assert not search.is_smallest
    assert report_lines(search)[0] == (
        "Nothing that was tried reaches 95% of the validation digits in 5 epochs. "
        "The best (10.00% before, 80.00% after):"
    )


@pytest.mark.parametrize("is_left", [True, False])
def test_that_no_change_is_needed_is_said_only_of_a_network_that_learns(is_left: bool) -> None:
    search = Search(BASE)
    attempts = search.run(CHANGES, Laboratory(lambda made: 0.1).run_all)
    if is_left:
        next(attempts), next(attempts)
        attempts.close()
    else:
        list(attempts)
    [said] = report_lines(search)
    so_far = "The search was cut off; nothing reached 95%" if is_left else "Nothing that was tried reaches 95%"
    assert said.startswith(so_far)
    assert said.endswith("or does better than the network as it is (10.00%).")
    assert changes_of(search, {"lab.faults": ()}) == {}


def test_faults_that_are_settings_are_left_out_with_any_change_that_is_proposed() -> None:
    asked = RunConfig().with_settings({"lab.faults": ["rate_over_1000", "zero_init"]})
    search = Search(resolve_faults(asked), goal=0.9)
    found(search, Laboratory(lambda made: 0.97 if "relu" in made or "batches of 32" in made else 0.1))
    mended = asked.with_settings(changes_of(search, resolved_settings(asked)))
    assert search.after
    assert (
        resolve_faults(mended).with_settings({"training.epochs": 5, "training.blas_threads": 1}) == search.after.config
    )


def test_without_validation_digits_it_is_said_that_training_digits_are_counted_and_what_that_is_worth() -> None:
    search = Search(BASE.with_settings({"data.validation": 0}))
    found(search, Laboratory(lambda made: 0.7 if made == {"relu"} else 0.3))
    lines = report_lines(search)
    assert lines[0].startswith("Nothing that was tried reaches 95% of the training digits in 5 epochs.")
    assert BY_HEART in lines
    assert as_json(search)["digits"] == "training"
    search = Search(BASE)
    found(search, Laboratory(lambda made: 0.96))
    assert report_lines(search) == [
        "No change is needed: it reaches 96.00% of the validation digits in 5 epochs as it is."
    ]
    assert as_json(search)["digits"] == "validation"


# Numbers that are not true

LEAKING = BASE.with_settings({"lab.faults": ["trains_on_validation", "frozen_layer"]})
LEAK = "without the bug: trains on validation"


def test_every_run_is_without_what_makes_its_number_untrue_and_that_is_part_of_the_answer() -> None:
    search, candidates = planned(LEAKING, 55_000, [], epochs=5)
    laboratory = Laboratory(lambda made: 0.97 if "relu" in made else 0.4)
    assert found(search, laboratory) == {"relu"}
    assert not any("trains_on_validation" in attempt.config.lab.faults for attempt in search.tried)
    assert [candidate.fault for candidate in candidates if candidate.fault] == ["frozen_layer"]
    assert changes_of(search) == {"network.activation": "relu", "lab.faults": ("frozen_layer",)}
    lines = report_lines(search)
    assert lines[0].endswith("(40.00% before, 97.00% after):")
    assert lines[2:4] == [
        PUT_RIGHT,
        f"    {LEAK}. At the end of each epoch it also trains on the validation digits, so their accuracy is too high.",
    ]
    assert lines[-1].endswith("""--set network.activation=relu --set lab.faults='["frozen_layer"]'""")
    assert search.before
    assert describe(search.before) == f"as it is, {LEAK}"
    [put_right] = as_json(search)["put_right"]
    assert put_right["change"] == LEAK


def test_that_no_change_is_needed_is_not_said_of_a_network_whose_number_was_not_true() -> None:
    search, _ = planned(LEAKING, 55_000, [], epochs=5)
    assert found(search, Laboratory(lambda made: 0.96)) == set()
    first, header, _, proposal = report_lines(search)
    assert first.startswith("No other change is needed: it reaches 96.00% of the validation digits in 5 epochs as it")
    assert first.endswith(f"as it is, {LEAK}.")
    assert header == PUT_RIGHT
    assert proposal == """    Try: --set lab.faults='["frozen_layer"]'"""


def test_what_makes_a_number_untrue_is_told_also_of_a_search_that_knows_nothing_else() -> None:
    search, _ = planned(LEAKING, 55_000, [], epochs=5)
    assert report_lines(search)[:2] == ["The search was cut off before its first result.", PUT_RIGHT]
    assert changes_of(search) == {"lab.faults": ("frozen_layer",)}
    assert as_json(search)["changes"] == {"lab.faults": ["frozen_layer"]}


def test_the_changes_of_case_a_make_the_network_that_was_found_of_the_one_that_was_posted() -> None:
    posted = preset("case-a").config
    search, candidates = planned(posted, 60_000, [], epochs=5)

    def run_all(configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        for place, config in enumerate(configs):
            yield place, trial(0.96 if not config.lab.faults and config.training.batch_size else 0.1)

    list(search.run(candidates, run_all))
    assert search.after
    assert search.is_smallest
    assert changes_of(search)["lab.faults"] == ()
    same = {"training.epochs": 5, "training.blas_threads": 1}
    assert posted.with_settings({**changes_of(search), **same}) == search.after.config


def test_a_network_that_could_not_be_trained_is_told_with_what_could() -> None:
    def run_all(configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        for place, config in enumerate(configs):
            failed = Trial("failed", 0.0, math.inf, (), (), (), 0.0, "There is not enough memory.")
            yield place, trial(0.5) if config.training.batch_size == 32 else failed

    search = Search(BASE)
    list(search.run([], run_all))
    assert report_lines(search) == ["The network could not be trained: There is not enough memory."]
    search = Search(BASE)
    list(search.run(CHANGES, run_all))
    assert report_lines(search)[0].endswith("The best (– before, 50.00% after):")
