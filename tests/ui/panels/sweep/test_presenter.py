"""The panel of sweeps: what a person plans is run, shown as it comes, gone on with, and put into the form."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from joblib.externals.loky import reusable_executor
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from mnist_gui.cli.main import main
from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.process_pool import workers
from mnist_gui.experiments.results_file import Results
from mnist_gui.experiments.sweep_file import configs_of, load_sweep
from mnist_gui.experiments.sweep_plan import Plan
from mnist_gui.experiments.sweep_runs import open_sweep
from mnist_gui.experiments.trial import Trial, try_out
from mnist_gui.system import paths
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.sweep.chart import NO_RUN
from tests.cli.test_main import write_stripes
from tests.support import small_config
from tests.ui.conftest import AnsweringDialogs, MakeWindow, MakeWindowOf
from tests.ui.person import as_read, button, click, retype

GRID = Plan((("training.learning_rate", "0.001, 0.2"), ("network.hidden", "none, 8")), epochs=1)


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("sweep")


@pytest.fixture(autouse=True)
def no_workers_left() -> Iterator[None]:
    yield
    if reusable_executor._executor:
        reusable_executor._executor.shutdown(wait=True, kill_workers=True)


def plan(window: MainWindow, what: Plan, *, in_process: bool = True) -> None:
    """Fill the form as a person would."""
    window.presenter("sweep").in_process = in_process
    window._docks.bring("Sweep")
    window.view("sweep").plan.show_plan(what)
    window.view("sweep").plan.edited.emit()


def wait_for_rest(qtbot: QtBot, window: MainWindow) -> None:
    """Until nothing is under way."""
    desk = window.presenter("sweep")
    qtbot.waitUntil(lambda: desk.runs is not None and desk._job is None and not desk._is_reading, timeout=50_000)
    window.refresh_scheduler.draw_everything()


def run(qtbot: QtBot, window: MainWindow, what: Plan) -> None:
    plan(window, what)
    click(qtbot, window, "sweep_start")
    wait_for_rest(qtbot, window)


def rows(window: MainWindow) -> list[dict[str, str]]:
    table = window.view("sweep").results.table
    return [dict(zip(table.headings, row, strict=True)) for row in table.rows]


def test_a_grid_gives_what_its_runs_give_one_by_one(qtbot: QtBot, window: MainWindow) -> None:
    run(qtbot, window, GRID)
    expected = {}
    for rate in (0.001, 0.2):
        for hidden, name in (((), "none"), ((8,), "8")):
            config = small_config({"training.learning_rate": rate, "network.hidden": hidden, "training.epochs": 1})
            expected[f"{rate:g}", name] = f"{try_out(config).accuracy:.2%}"
    found = rows(window)
    assert {(row["Learning rate"], row["Hidden layers"]): row["accuracy"] for row in found} == expected
    accuracies = [float(row["accuracy"].rstrip("%")) for row in found]
    assert accuracies == sorted(accuracies, reverse=True)
    assert {row["state"] for row in found} == {"finished"}
    assert window.view("sweep").caption.startswith("Done: 4 of 4 runs done; the best reaches")


def test_two_settings_are_a_heat_map_whose_cells_are_means_over_seeds(qtbot: QtBot, window: MainWindow) -> None:
    run(qtbot, window, Plan(GRID.axes, epochs=1, seeds=2))
    results, runs = window.view("sweep").results, window.presenter("sweep").runs
    assert runs
    assert results.chart is results.heat_map
    assert len(rows(window)) == 8
    for column, rate in enumerate((0.001, 0.2)):
        for row, hidden in enumerate(((), (8,))):
            same = [
                outcome.accuracy
                for config, outcome in zip(runs.configs, runs.outcomes, strict=True)
                if outcome and (config.training.learning_rate, config.network.hidden) == (rate, hidden)
            ]
            assert len(same) == 2
            assert results.heat_map.means[row, column] == pytest.approx(sum(same) / 2)


def test_a_click_in_the_heat_map_finds_the_run_and_a_double_click_puts_it_into_the_form(
    qtbot: QtBot, window: MainWindow
) -> None:
    run(qtbot, window, GRID)
    results = window.view("sweep").results
    middle = results.heat_map.cell(1, 0).center().toPoint()  # 8 units, rate 0.001
    qtbot.mouseClick(results.heat_map, Qt.MouseButton.LeftButton, pos=middle)
    assert results.table.selected == results.chosen == 1
    assert window.controls.config.training.learning_rate == 0.1
    qtbot.mouseDClick(results.heat_map, Qt.MouseButton.LeftButton, pos=middle)
    config = window.controls.config
    assert (config.training.learning_rate, config.network.hidden, config.training.epochs) == (0.001, (8,), 1)
    assert config.training.blas_threads == 0
    assert "form at the left" in window.view("sweep").caption


def test_a_row_is_chosen_in_the_table_and_used_by_the_button(qtbot: QtBot, window: MainWindow) -> None:
    run(qtbot, window, GRID)
    results = window.view("sweep").results
    assert not button(window, "sweep_use").isEnabled()
    results.table.setCurrentIndex(results.table.model().index(0, 0))
    best = rows(window)[0]
    click(qtbot, window, "sweep_use")
    assert f"{window.controls.config.training.learning_rate:g}" == best["Learning rate"]


def test_what_is_not_legal_is_refused_beside_it_and_nothing_can_start(qtbot: QtBot, window: MainWindow) -> None:
    plan(window, GRID)
    retype(qtbot, window, "sweep_values_1", "0.1, fast")
    row = window.view("sweep").plan.rows[0]
    assert row.note == "'fast': expected a number from 1e-07 to 100"
    assert window.view("sweep").caption == f"Learning rate {row.note}"
    assert not button(window, "sweep_start").isEnabled()
    retype(qtbot, window, "sweep_values_1", "0.1, 0.3, 1")
    assert row.note == "3 values"
    assert window.view("sweep").caption.startswith("6 runs of 1 epoch.")
    assert button(window, "sweep_start").isEnabled()


@pytest.mark.parametrize("text", ["<b>0.1</b>", "<img src=x>, 0.1", "&lt", "x" * 100])
def test_any_text_is_refused_as_it_was_typed(qtbot: QtBot, window: MainWindow, text: str) -> None:
    plan(window, GRID)
    retype(qtbot, window, "sweep_values_1", text)
    label = window.findChild(QLabel, "sweep_caption")
    assert label
    first = text.split(",")[0]
    assert as_read(label.text(), label.textFormat()).startswith(f"Learning rate {first!r}: expected")
    assert not button(window, "sweep_start").isEnabled()


def test_more_runs_than_a_sweep_may_have_are_refused(qtbot: QtBot, window: MainWindow) -> None:
    numbers = ", ".join(map(str, range(1, 102)))
    plan(window, Plan((("training.batch_size", numbers), ("training.epochs", numbers))))
    assert "at most 10,000 runs" in window.view("sweep").caption
    assert not button(window, "sweep_start").isEnabled()


def test_the_form_offers_sensible_values_for_every_setting(qtbot: QtBot, window: MainWindow) -> None:
    plan(window, Plan())
    for _ in range(8):
        click(qtbot, window, "sweep_add")
    assert not button(window, "sweep_add").isEnabled()
    view = window.view("sweep").plan
    assert len({row.key for row in view.rows}) == 8
    box = window.findChild(QComboBox, "sweep_setting_1")
    assert box
    for index in range(box.count()):
        box.setCurrentIndex(index)
        box.activated.emit(index)
        assert "value" in view.rows[0].note, view.rows[0].key
    kind = window.findChild(QComboBox, "sweep_kind")
    assert kind
    kind.setCurrentIndex(1)
    assert "drawn" in view.rows[1].note
    for _ in range(8):
        click(qtbot, window, "sweep_remove_1")
    assert view.rows == []
    assert view.plan.axes == ()


def test_epochs_are_not_asked_twice(qtbot: QtBot, window: MainWindow) -> None:
    plan(window, Plan((("training.epochs", "1, 2"),)))
    epochs = window.findChild(QSpinBox, "sweep_epochs")
    assert epochs
    assert not epochs.isEnabled()
    assert window.view("sweep").caption.startswith("2 runs. ")


def test_random_runs_are_drawn_in_their_ranges_and_shown_as_dots_or_lines(qtbot: QtBot, window: MainWindow) -> None:
    two = (("training.learning_rate", "0.01 .. 1"), ("training.momentum", "0 .. 0.9"))
    results = window.view("sweep").results
    run(qtbot, window, Plan(two, is_random=True, count=6, epochs=1))
    assert results.chart is results.dots
    assert len(rows(window)) == 6
    assert all(0.01 <= float(row["Learning rate"]) <= 1 for row in rows(window))
    x, y = results.dots.points()[3].tolist()
    assert 0 < x < results.dots.width()
    assert 0 < y < results.dots.height()
    run(qtbot, window, Plan((*two, ("network.activation", "relu, tanh")), is_random=True, count=5, epochs=1))
    assert results.chart is results.lines
    assert len(rows(window)) == 5


def test_a_line_that_is_pointed_at_is_shown_in_the_table_and_one_that_is_clicked_is_chosen(
    qtbot: QtBot, window: MainWindow
) -> None:
    axes = (*GRID.axes, ("training.batch_size", "50, 100"))
    run(qtbot, window, Plan(axes, epochs=1))
    results = window.view("sweep").results
    worst, best = results.lines.drawn[0], results.lines.drawn[-1]
    assert rows(window)[0]["accuracy"] == f"{results.lines.values[best]:.2%}"
    end = results.lines.points(np.array([best]))[0, -1]
    pointed: list[int] = []
    results.lines.pointed.connect(pointed.append)
    assert results.lines.run_at(QPointF(0, 0)) == NO_RUN
    assert results.lines.run_at(QPointF(*end.tolist())) == best
    results.lines._point(int(worst))
    assert pointed[-1] == worst
    qtbot.mouseClick(results.lines, Qt.MouseButton.LeftButton, pos=QPointF(*end.tolist()).toPoint())
    assert results.table.selected == best


def test_one_setting_is_a_line_of_means(qtbot: QtBot, window: MainWindow) -> None:
    run(qtbot, window, Plan((("training.batch_size", "20, 100, 0"),), epochs=1, seeds=2))
    results = window.view("sweep").results
    assert results.chart is results.dots
    assert len(results.dots.axes) == 1
    assert results.dots.axes[0].names == ("0", "20", "100")
    highest = int(np.nanargmax(results.dots.values))
    assert results.dots.points()[highest, 1] == results.dots.points()[:, 1].min()


def test_a_run_that_cannot_be_made_says_why_and_the_others_are_made(qtbot: QtBot, window: MainWindow) -> None:
    run(qtbot, window, Plan((("data.train", "100, 60000, 200"), ("network.hidden", "8")), epochs=1))
    found = rows(window)
    assert [row["Training digits"] for row in found][-1] == "60000"
    assert found[-1]["state"].startswith("failed: data.train = 60000: expected")
    assert found[-1]["accuracy"] == "failed"
    assert {row["state"] for row in found[:2]} == {"finished"}
    assert "1 could not be made" in window.view("sweep").caption
    assert np.isnan(window.view("sweep").results.heat_map.means).sum() == 1


def test_a_run_that_diverges_is_told_and_shown(qtbot: QtBot, window: MainWindow) -> None:
    wild = Plan((("training.learning_rate", "0.1, 100"), ("network.activation", "identity")), epochs=2)
    run(qtbot, window, wild)
    states = {row["Learning rate"]: row["state"] for row in rows(window)}
    assert states["0.1"] == "finished"
    assert states["100"].startswith("diverged")


def test_a_cancelled_sweep_keeps_what_is_done_and_another_window_goes_on(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    plan(window, Plan((("training.learning_rate", "0.01, 0.02, 0.05, 0.1, 0.2, 0.5"),), epochs=8))
    click(qtbot, window, "sweep_start")
    desk = window.presenter("sweep")
    qtbot.waitUntil(lambda: desk.runs is not None and len(desk.runs.left) <= 4, timeout=30_000)
    click(qtbot, window, "sweep_cancel")
    wait_for_rest(qtbot, window)
    runs = desk.runs
    assert runs
    kept = {place: outcome for place, outcome in enumerate(runs.outcomes) if outcome}
    assert 2 <= len(kept) < 6
    assert window.view("sweep").caption.startswith(f"Cancelled: {len(kept)} of 6 runs done")
    assert "Resume makes the rest" in window.view("sweep").caption
    window.close_without_asking()

    other = make_window({"training.momentum": 0.3})
    other.presenter("sweep").in_process = True
    other._docks.bring("Sweep")
    qtbot.waitUntil(lambda: other.presenter("sweep").runs is not None, timeout=20_000)
    again = other.presenter("sweep").runs
    assert again
    assert again.configs == runs.configs
    assert other.view("sweep").plan.plan.epochs == 8
    click(qtbot, other, "sweep_resume")
    wait_for_rest(qtbot, other)
    assert again.left == []
    assert all(again.outcomes[place] == outcome for place, outcome in kept.items())
    assert not button(other, "sweep_resume").isEnabled()


def test_a_sweep_that_is_done_is_not_offered_again(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    run(qtbot, window, GRID)
    window.close_without_asking()
    other = make_window()
    other._docks.bring("Sweep")
    qtbot.waitUntil(lambda: other.presenter("sweep")._has_looked and not other.run_controller.task_runner.is_busy)
    assert other.presenter("sweep").runs is None
    assert other.view("sweep").results.chart is None


def test_a_saved_plan_is_a_file_with_which_the_command_makes_the_same_runs(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    plan(window, Plan(GRID.axes, epochs=1, seeds=2))
    dialogs.path = tmp_path / "mine.toml"
    click(qtbot, window, "sweep_save")
    qtbot.waitUntil(dialogs.path.is_file)
    qtbot.waitUntil(lambda: "mnist-gui sweep mine.toml" in window.view("sweep").caption)
    sweep = load_sweep(dialogs.path)
    saved = configs_of(RunConfig().with_settings(sweep.base), sweep.points)
    click(qtbot, window, "sweep_start")
    wait_for_rest(qtbot, window)
    assert window.presenter("sweep").runs
    assert saved == window.presenter("sweep").runs.configs


def test_a_file_of_another_hand_is_opened_and_run(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    dialogs.path = tmp_path / "grid.toml"
    dialogs.path.write_text(
        "[grid]\nnetwork.activation = ['relu', 'tanh']\n[random]\ncount = 2\n"
        "training.momentum = { low = 0.1, high = 0.8 }\n",
        encoding="utf-8",
    )
    plan(window, GRID)
    click(qtbot, window, "sweep_open")
    wait_for_rest(qtbot, window)
    assert window.view("sweep").plan.plan == GRID  # for which the form has no words
    assert window.view("sweep").caption == "grid: 0 of 4 runs done. Resume makes the rest."
    assert {row["state"] for row in rows(window)} == {"to do"}
    click(qtbot, window, "sweep_resume")
    wait_for_rest(qtbot, window)
    assert {row["state"] for row in rows(window)} == {"finished"}
    assert len((tmp_path / "grid.results.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize("text", ["roses are red", "[grid]\ntraining.momentum = [7.0]", ""])
def test_a_file_that_is_no_sweep_is_refused_in_a_sentence(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path, text: str
) -> None:
    dialogs.path = tmp_path / "bad.toml"
    dialogs.path.write_text(text, encoding="utf-8")
    plan(window, GRID)
    click(qtbot, window, "sweep_open")
    qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert dialogs.errors[0].startswith("bad.toml cannot be opened")
    assert window.presenter("sweep").runs is None
    assert button(window, "sweep_start").isEnabled()


def test_a_folder_that_cannot_be_written_is_told(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(paths, "sweeps_folder", lambda: tmp_path / "file" / "sweeps")
    plan(window, GRID)
    click(qtbot, window, "sweep_start")
    qtbot.waitUntil(lambda: bool(dialogs.errors))
    assert dialogs.errors[0].startswith("The sweep cannot begin")
    assert button(window, "sweep_start").isEnabled()


def test_digits_of_two_classes_from_a_folder_are_swept(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    folder = write_stripes(tmp_path / "stripes")
    window.run_controller.file_service.load_dataset(str(folder))
    qtbot.waitUntil(lambda: window.controls.config_folder == str(folder), timeout=20_000)
    window.controls.show_config(
        window.controls.config.with_settings({"data.train": 0.5, "data.validation": 0, "network.hidden": []})
    )
    run(qtbot, window, Plan((("training.learning_rate", "0.1"),), epochs=1))
    (row,) = rows(window)
    assert row["state"] == "finished"
    assert window.presenter("sweep").runs
    assert window.presenter("sweep").runs.configs[0].data.folder == str(folder)


def test_the_command_goes_on_with_a_sweep_of_the_window(
    qtbot: QtBot, window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    run(qtbot, window, Plan(GRID.axes, epochs=1, seeds=2))
    (path,) = paths.sweeps_folder().glob("*.toml")
    results = path.with_suffix(".results.jsonl")
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    results.write_text("".join(lines[:7]), encoding="utf-8")
    assert main(["sweep", str(path), "--jobs", "1"]) == 0
    assert "7 of 8 runs are in" in capsys.readouterr().err
    again = results.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(again) == 8
    results_of = [
        {key: json.loads(text)["result"][key] for key in ("accuracy", "loss")} for text in (lines[7], again[7])
    ]
    assert results_of[0] == results_of[1]


def test_settings_of_other_digits_bring_their_digits_along(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, tmp_path: Path
) -> None:
    folder = write_stripes(tmp_path / "stripes")
    dialogs.path = tmp_path / "results.jsonl"
    config = small_config({"data.folder": str(folder), "data.train": 0.5, "data.validation": 0})
    Results(dialogs.path).add(config, Trial("finished", 0.9, 0.1, (), (), (), 1.0))
    plan(window, GRID)
    click(qtbot, window, "sweep_open")
    wait_for_rest(qtbot, window)
    window.presenter("sweep").use(0)
    assert window.controls.config.data.train == 0.5
    qtbot.waitUntil(lambda: window.controls.config_folder == str(folder), timeout=20_000)
    assert window.controls.config == config


def test_while_other_runs_have_the_processes_a_sweep_says_so_and_can_be_resumed(
    qtbot: QtBot, window: MainWindow, dialogs: AnsweringDialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_gui.experiments.process_pool.BUSY_SECONDS", 0.05)
    with workers(1):
        run(qtbot, window, GRID)
    assert "Another search or sweep is under way" in dialogs.errors[0]
    click(qtbot, window, "sweep_resume")
    wait_for_rest(qtbot, window)
    assert window.view("sweep").caption.startswith("Done: 4 of 4")


def test_a_search_that_begins_while_the_plan_is_written_goes_first(qtbot: QtBot, window: MainWindow) -> None:
    plan(window, GRID)
    button(window, "sweep_start").click()  # no event is handled before the next line
    assert window.processes.take("A search")  # the file of the sweep is written in another thread
    wait_for_rest(qtbot, window)
    assert window.view("sweep").caption.startswith("A search is under way, which needs the same processes")
    assert not any(row["accuracy"] for row in rows(window))
    assert not button(window, "sweep_resume").isEnabled()
    window.processes.free("A search")
    click(qtbot, window, "sweep_resume")
    wait_for_rest(qtbot, window)
    assert all(row["accuracy"] for row in rows(window))


def worker_pids() -> list[int]:
    executor = reusable_executor._executor
    return list(executor._processes) if executor else []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_the_window_leaves_no_process_behind_and_keeps_what_is_done(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window()
    plan(window, Plan((("training.epochs", "1, 100000"), ("network.hidden", "4, 5")), seeds=1), in_process=False)
    click(qtbot, window, "sweep_start")
    desk = window.presenter("sweep")
    qtbot.waitUntil(lambda: desk.runs is not None and len(desk.runs.left) <= 2, timeout=50_000)
    pids = worker_pids()
    assert pids
    window.close_without_asking()
    assert not window.has_left_thread
    qtbot.waitUntil(lambda: not any(map(is_alive, pids)))
    (path,) = paths.sweeps_folder().glob("*.toml")
    assert len(open_sweep(path, RunConfig()).left) == 2


def test_cancelling_ends_the_processes_at_once(qtbot: QtBot, window: MainWindow) -> None:
    plan(window, Plan((("training.epochs", "1, 100000"), ("network.hidden", "4, 5"))), in_process=False)
    click(qtbot, window, "sweep_start")
    desk = window.presenter("sweep")
    qtbot.waitUntil(lambda: desk.runs is not None and len(desk.runs.left) <= 2, timeout=50_000)
    click(qtbot, window, "sweep_cancel")
    wait_for_rest(qtbot, window)
    assert window.view("sweep").caption.startswith("Cancelled: 2 of 4 runs done")
    assert button(window, "sweep_resume").isEnabled()
