"""Marks: what is told of what happened, and which labels there is room for."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.training.history import History
from mnist_gui.training.records import MinibatchesDone, Record, RunEnded, RunPaused, RunStarted, SettingChanged
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.event_markers import EventMarker, marks_of, name_of
from mnist_gui.ui.plotting.marker_items import labels_with_room
from mnist_gui.ui.widgets.theme import DARK

ARROW = "\N{RIGHTWARDS ARROW}"
ENDED = RunEnded("finished", 100, 10, 5, 0.5, 0.9, 1.0)


def history_of(*records: Record, losses: np.ndarray | None = None) -> History:
    """A run of a hundred minibatches with these records after them."""
    values = np.ones(100, np.float32) if losses is None else losses.astype(np.float32)
    history = History()
    history.add(RunStarted(RunConfig(), 0, 0, 100, 10, 600, 200, 1000, 1))
    history.add(MinibatchesDone(1, values, np.ones_like(values), values, values))
    for record in records:
        history.add(record)
    return history


def marks(history: History, width: float = 100.0) -> list[EventMarker]:
    return marks_of(history, lambda steps: steps, width)


def texts(history: History, width: float = 100.0) -> list[tuple[float, str]]:
    return [(mark.x, mark.text) for mark in marks(history, width)]


def test_a_healthy_run_has_no_marks() -> None:
    assert marks(history_of(ENDED)) == []
    assert marks(History()) == []


@pytest.mark.parametrize(("state", "text"), [("diverged", "diverged"), ("stopped_early", "stopped early")])
def test_an_end_of_its_own_is_marked_where_it_was(state: str, text: str) -> None:
    history = history_of(dataclasses.replace(ENDED, state=state, step=60))
    assert texts(history) == [(60.0, text)]


def test_the_end_is_no_longer_marked_once_training_goes_on() -> None:
    history = history_of(dataclasses.replace(ENDED, state="stopped_early"))
    history.add(RunStarted(RunConfig(), 100, 10, 200, 10, 600, 200, 1000, 1))
    assert texts(history) == [(100.0, "continued")]


def test_pauses_near_each_other_become_one_mark_and_part_when_zoomed_in() -> None:
    history = history_of(*(RunPaused(step) for step in (10, 11, 12, 60)))
    assert texts(history) == [(10.0, "paused 3 times"), (60.0, "paused")]
    assert texts(history, width=10.0) == [(step, "paused") for step in (10.0, 11.0, 12.0, 60.0)]


def test_a_row_of_changes_of_one_setting_becomes_one_mark() -> None:
    changes = [(50, 0.1, 0.09), (51, 0.09, 0.05), (52, 0.05, 0.02), (90, 0.02, 0.1)]
    history = history_of(*(SettingChanged(step, "training.learning_rate", old, new) for step, old, new in changes))
    assert texts(history) == [(50.0, f"learning rate 0.1 {ARROW} 0.02"), (90.0, f"learning rate 0.02 {ARROW} 0.1")]


def test_stretches_without_a_finite_loss_are_shaded_from_end_to_end() -> None:
    losses = np.ones(100)
    losses[[20, 21, 22, 70]] = np.nan, np.inf, -np.inf, np.nan
    shades = marks(history_of(losses=losses))
    assert [(mark.x, mark.until, mark.text) for mark in shades] == [(20, 23, "not finite"), (70, 71, "not finite")]


def test_marks_are_named_as_the_form_names_its_settings() -> None:
    assert name_of("training.learning_rate") == "learning rate"
    assert name_of("training.l2") == "L2 penalty"
    assert name_of("training.blas_threads") == "BLAS threads"
    assert name_of("network.of_tomorrow") == "of tomorrow"
    assert all(name_of(key).lower() == setting.label.lower() for key, setting in SETTINGS.items())


SPANS = st.lists(st.tuples(st.floats(0, 500), st.floats(1, 300)), max_size=40)


@given(SPANS, st.integers(0, 3))
def test_labels_lie_within_the_plot_and_over_no_other(spans: list[tuple[float, float]], rows: int) -> None:
    places, widths = [x for x, _ in spans], [width for _, width in spans]
    fitting = labels_with_room(places, widths, (0.0, 500.0), [[] for _ in range(rows)])
    assert len({index for index, _, _ in fitting}) == len(fitting)
    boxes = [(row, left, left + widths[index]) for index, row, left in fitting]
    assert all(left >= 0.0 and right <= 500.001 for _, left, right in boxes)
    for at, (row, left, right) in enumerate(boxes):
        assert all(row != other or right <= start or end <= left for other, start, end in boxes[:at])


def test_a_label_has_room_beside_its_place_or_none() -> None:
    rows: list[list[tuple[float, float]]] = [[], []]
    fitting = labels_with_room([10.0, 12.0, 14.0, 95.0], [50.0] * 4, (0.0, 100.0), rows)
    assert fitting == [(0, 0, 11.0), (1, 1, 13.0)]  # the third has no room; the last would lie over the first two
    assert labels_with_room([95.0], [50.0], (0.0, 100.0), [[]]) == [(0, 0, 45.0)]
    assert labels_with_room([30.0], [80.0], (0.0, 100.0), [[]]) == []
    assert labels_with_room([30.0], [20.0], (0.0, 100.0), [[(0.0, 100.0)]]) == []


def test_very_many_marks_of_every_kind_are_drawn_in_any_size(qtbot: QtBot) -> None:
    losses = np.ones(20_000)
    losses[::7] = np.nan
    records: list[Record] = [RunPaused(step) for step in range(0, 20_000, 50)]
    for step in range(0, 20_000, 40):
        records.append(SettingChanged(step, "training.learning_rate", 0.1, 0.2))
        records.append(SettingChanged(step, "training.momentum", 0.9, 0.8))
    history = history_of(*records, dataclasses.replace(ENDED, state="diverged", step=20_000), losses=losses)
    view = CurvesView()
    qtbot.addWidget(view)
    view.show()
    for size in ((700, 500), (60, 60), (1, 1), (2000, 90)):
        view.resize(*size)
        view.show_history(history)
        view.show_theme(DARK)
        view.grab()
    assert "diverged" in view.loss.marks
