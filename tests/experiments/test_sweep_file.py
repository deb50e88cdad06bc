"""Sweep files: every point that they say, drawn points within their ranges, and bad files refused by what is wrong."""

from pathlib import Path

import pytest

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.experiments.sweep_file import configs_of, load_sweep


def write(folder: Path, text: str) -> Path:
    path = folder / "grid.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_grid_has_every_combination(tmp_path: Path) -> None:
    path = write(tmp_path, "[grid]\ntraining.momentum = [0.0, 0.9]\nnetwork.hidden = [[], [32], [64, 64]]\n")
    points = load_sweep(path).points
    assert [(point["training.momentum"], point["network.hidden"]) for point in points] == [
        (0.0, []),
        (0.0, [32]),
        (0.0, [64, 64]),
        (0.9, []),
        (0.9, [32]),
        (0.9, [64, 64]),
    ]
    assert [config.network.hidden for config in configs_of(RunConfig(), points)][:3] == [(), (32,), (64, 64)]


def test_random_points_are_within_their_ranges_and_the_same_every_time(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "[random]\ncount = 200\nseed = 3\ntraining.learning_rate = { low = 0.001, high = 10.0, log = true }\n"
        "training.batch_size = { low = 8, high = 9 }\nnetwork.activation = { choices = ['tanh', 'relu'] }\n",
    )
    points = load_sweep(path).points
    assert points == load_sweep(path).points
    rates = [point["training.learning_rate"] for point in points]
    assert len(points) == 200
    assert all(0.001 <= rate <= 10.0 for rate in rates)
    assert 70 < sum(rate < 0.1 for rate in rates) < 130  # the middle of the logarithms
    assert {point["training.batch_size"] for point in points} == {8, 9}
    assert {point["network.activation"] for point in points} == {"tanh", "relu"}


def test_random_settings_are_drawn_for_every_point_of_a_grid(tmp_path: Path) -> None:
    path = write(
        tmp_path, '[grid]\n"training.seed" = [1, 2]\n[random]\ncount = 3\ntraining.momentum = {low = 0.0, high = 0.9}'
    )
    points = load_sweep(path).points
    assert [point["training.seed"] for point in points] == [1, 1, 1, 2, 2, 2]
    assert len({point["training.momentum"] for point in points}) == 6


def test_every_point_is_repeated_as_it_was_drawn(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "[random]\ncount = 3\ntraining.momentum = {low = 0.0, high = 0.9}\n[repeat]\ntraining.seed = [7, 8]\n"
        "[base]\ntraining.epochs = 2\n",
    )
    sweep = load_sweep(path)
    assert [point["training.seed"] for point in sweep.points] == [7, 8] * 3
    momenta = [point["training.momentum"] for point in sweep.points]
    assert momenta[0::2] == momenta[1::2]
    assert len(set(momenta)) == 3
    assert (sweep.keys, sweep.repeated) == (("training.momentum", "training.seed"), ("training.seed",))
    assert sweep.tried == ("training.momentum",)
    assert sweep.base == {"training.epochs": 2}


def test_a_sweep_of_nothing_but_seeds_compares_seeds(tmp_path: Path) -> None:
    sweep = load_sweep(write(tmp_path, "[repeat]\ntraining.seed = [1, 2]"))
    assert sweep.points == [{"training.seed": 1}, {"training.seed": 2}]
    assert sweep.tried == ("training.seed",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a table [grid]"),
        ("[grid", "TOML text"),
        ("[bass]\nx = 1", "bass"),
        ("[base]\nx = 1", "a table [grid]"),
        ("[base]\ntraining.seed = 1\n[repeat]\ntraining.seed = [1, 2]", "every key in one table only"),
        ("[grid]\ntraining.seed = [1]\n[repeat]\ntraining.seed = [1, 2]", "every key in one table only"),
        ("[repeat]\ntraining.seed = 3", "repeat.training.seed"),
        ("[grid]\ntraining.seed = [1]\n[base]\nrandom = 3\n[random]\ncount = 'many'", "random.count"),
        ("random = 3", "tables"),
        ("grid = 3", "tables"),
        ("[grid]\ntraining.momentum = 0.5", "a list of values to try"),
        ("[grid]\ntraining.momentum = []", "a list of values to try"),
        ("[random]\ncount = 0\ntraining.momentum = {low = 0.1, high = 0.2}", "random.count"),
        ("[random]\ntraining.momentum = 0.5", "a table such as"),
        ("[random]\ntraining.momentum = {low = 0.5, high = 0.1}", "low below high"),
        ("[random]\ntraining.l2 = {low = 0.0, high = 0.1, log = true}", "above 0"),
        ("[random]\ntraining.l2 = {low = '0', high = 0.1}", "low below high"),
        ("[random]\ntraining.l2 = {choices = []}", "a table such as"),
        ("[random]\ntraining.l2 = {low = -1e308, high = 1e308}", "neither beyond 1e+18"),
        ("[random]\ntraining.seed = {low = 0, high = 9223372036854775807}", "neither beyond 1e+18"),
        (f"[random]\ntraining.seed = {{low = 0, high = {'9' * 400}}}", "neither beyond 1e+18"),
        ("[random]\ntraining.l2 = {low = 0.0, high = nan}", "low below high"),
        ("[grid]\ntraining.momentum = [0.5]\n'training.momentum' = [0.9]", "every key once"),
        (
            "[grid]\ntraining.seed = [1, 2]\n[random]\ncount = 100000\ntraining.l2 = {low = 0.0, high = 1.0}",
            "at most 10,000",
        ),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_sweep(write(tmp_path, text))
    assert said in str(refused.value)


def test_a_key_or_a_value_that_is_not_legal_is_refused_before_anything_is_run() -> None:
    with pytest.raises(ConfigError, match=r"training\.nothing"):
        configs_of(RunConfig(), [{"training.seed": 1}, {"training.nothing": 1}])
    with pytest.raises(ConfigError, match=r"training\.momentum"):
        configs_of(RunConfig(), [{"training.momentum": 2.0}])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_sweep(tmp_path / "none.toml")


def test_folders_of_a_file_are_found_from_anywhere_and_the_bundled_digits_stay_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folders = ["letters", "~/letters", "", "/data/letters", "~nobody-of-this-name/letters"]
    sweep = load_sweep(write(tmp_path, f"[grid]\ndata.folder = {folders}"))
    assert [config.data.folder for config in configs_of(RunConfig(), sweep.points)] == [
        str(tmp_path / "letters"),
        str(tmp_path / "home" / "letters"),
        "",
        "/data/letters",
        "~nobody-of-this-name/letters",
    ]
