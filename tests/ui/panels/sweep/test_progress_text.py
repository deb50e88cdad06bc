"""What the panel says about a sweep: no time before the first run, about how long after it, and what is left."""

from pathlib import Path

import pytest

from mnist_gui.experiments.sweep_plan import Plan
from mnist_gui.experiments.sweep_runs import Outcome, SweepRuns, new_sweep
from mnist_gui.ui.panels.sweep.progress_text import planned, progress, rest
from tests.support import small_config

PLAN = Plan((("training.learning_rate", "0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7"),), epochs=3)


@pytest.fixture
def runs(tmp_path: Path) -> SweepRuns:
    return new_sweep(tmp_path, "s", PLAN.tables(small_config()), small_config())


def test_no_time_is_told_before_a_run_is_done(runs: SweepRuns) -> None:
    assert planned(PLAN, 7) == "7 runs of 3 epochs. How long that takes is known when the first is done."
    assert planned(Plan(seeds=2, epochs=1), 2).startswith("2 runs of 1 epoch, each point with 2 seeds.")
    assert progress(runs, runs.left, 2).startswith("0 of 7 runs done; how long the rest takes is known after")


@pytest.mark.parametrize(
    ("seconds", "at_once", "said"),
    [(10.0, 2, "30 s"), (0.01, 2, "1 s"), (60.0, 1, "6 min"), (1200.0, 1, "2 h 0 min"), (700.0, 1, "1 h 10 min")],
)
def test_after_a_run_the_rest_takes_about_as_long_as_it_did(
    runs: SweepRuns, seconds: float, at_once: int, said: str
) -> None:
    left = runs.left
    runs.outcomes[3] = Outcome("finished", 0.95, 0.1, seconds, None)
    assert progress(runs, left, at_once) == f"1 of 7 runs done, about {said} left; the best reaches 95.00%."


def test_only_runs_of_this_time_tell_how_fast_they_are(runs: SweepRuns) -> None:
    runs.outcomes[0] = Outcome("finished", 0.95, 0.1, 1000.0, None)
    assert "is known after the next" in progress(runs, runs.left, 1)


def test_the_end_tells_what_is_left_and_what_failed(runs: SweepRuns) -> None:
    assert rest(runs, "Cancelled") == "Cancelled: 0 of 7 runs done. Resume makes the rest."
    runs.outcomes = [Outcome("failed", None, None, 0.0, "no")] * 7
    assert rest(runs, "Done") == (
        "Done: 7 of 7 runs done; none gave a result, 7 could not be made. Resume tries again what could not be made."
    )
