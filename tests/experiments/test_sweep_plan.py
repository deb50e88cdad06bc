"""A plan of a sweep: the file that it becomes makes the same runs, and becomes the same plan again."""

import tomllib
from itertools import product

import pytest

from mnist_gui.config.data_settings import LARGEST_SEED
from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.sweep_file import configs_of, sweep_of
from mnist_gui.experiments.sweep_plan import Plan, plan_of, sweep_toml

GRID = Plan((("training.learning_rate", "0.01, 0.1"), ("network.hidden", "none, 32, 64-32")), epochs=2, seeds=2)
RANDOM = Plan(
    (("training.l2", "0.1 .. 10"), ("training.momentum", "0 .. 0.9"), ("network.activation", "relu, tanh")),
    is_random=True,
    count=7,
)
BASE = RunConfig().with_settings({"training.seed": 5, "training.batch_size": 64, "network.hidden": [7]})


@pytest.mark.parametrize(("plan", "runs"), [(GRID, 12), (RANDOM, 7), (Plan(seeds=4), 4)])
def test_a_plan_knows_beforehand_how_many_runs_it_makes(plan: Plan, runs: int) -> None:
    assert plan.runs() == runs


def test_a_plan_of_a_single_run_is_no_sweep() -> None:
    with pytest.raises(ConfigError, match="one or more to try, or several seeds"):
        Plan().runs()


def test_a_grid_s_file_has_every_combination_with_every_seed_and_the_form_s_other_settings() -> None:
    sweep = sweep_of(tomllib.loads(sweep_toml(GRID.tables(BASE))))
    configs = configs_of(RunConfig().with_settings(sweep.base), sweep.points)
    expected = list(product((0.01, 0.1), ((), (32,), (64, 32)), (5, 6)))
    assert [(c.training.learning_rate, c.network.hidden, c.training.seed) for c in configs] == expected
    assert all((c.training.batch_size, c.training.epochs, c.training.blas_threads) == (64, 2, 1) for c in configs)


def test_random_runs_are_within_their_ranges() -> None:
    sweep = sweep_of(tomllib.loads(sweep_toml(RANDOM.tables(BASE))))
    configs = configs_of(RunConfig().with_settings(sweep.base), sweep.points)
    assert len(set(configs)) == 7
    assert all(0.1 <= c.training.l2 <= 10 and 0 <= c.training.momentum <= 0.9 for c in configs)
    assert sweep.tried == ("training.l2", "training.momentum", "network.activation")


@pytest.mark.parametrize("plan", [GRID, RANDOM])
def test_a_plan_is_read_back_from_its_file(plan: Plan) -> None:
    again = plan_of(tomllib.loads(sweep_toml(plan.tables(BASE))))
    assert again is not None
    assert again.runs() == plan.runs()
    assert again.tables(BASE) == plan.tables(BASE)


@pytest.mark.parametrize(
    "text",
    [
        "[grid]\ntraining.seed = [1, 2]",
        "[grid]\ntraining.momentum = [0.1]\n[random]\ntraining.l2 = {low = 0.1, high = 1.0}",
        "[random]\nseed = 3\ntraining.l2 = {low = 0.1, high = 1.0}",
        "[grid]\ntraining.momentum = [7.0]",
        "[repeat]\nnetwork.hidden = [[1], [2]]",
    ],
)
def test_a_file_that_the_form_has_no_words_for_is_no_plan(text: str) -> None:
    assert plan_of(tomllib.loads(text)) is None


def test_settings_that_are_tried_are_not_fixed_too() -> None:
    plan = Plan((("training.epochs", "1, 2"), ("training.batch_size", "32")), epochs=9)
    tables = plan.tables(BASE)
    assert set(tables["base"]) == {"network.hidden", "training.seed", "training.blas_threads"}
    assert sweep_of(tables).tried == ("training.epochs", "training.batch_size")


def test_seeds_stay_legal_at_the_end_of_their_range() -> None:
    base = RunConfig().with_settings({"training.seed": LARGEST_SEED})
    assert Plan(seeds=3).tables(base)["repeat"] == {"training.seed": [LARGEST_SEED - 2, LARGEST_SEED - 1, LARGEST_SEED]}


@pytest.mark.parametrize("is_random", [False, True])
def test_a_setting_named_twice_is_refused(is_random: bool) -> None:
    plan = Plan((("training.l2", "1"), ("training.l2", "2")), is_random)
    with pytest.raises(ConfigError, match="once"):
        plan.runs()
