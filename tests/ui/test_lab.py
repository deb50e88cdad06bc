"""Faults in the window: the same runs as without it, shown as they are."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.lab.build import deal, trainer_for
from mnist_gui.ui.main_window import MainWindow
from tests.support import dataset, run, small_config
from tests.ui.conftest import MakeWindow, wait_for_end
from tests.ui.person import click

FAULTS = ["trains_on_validation", "relu_on_output", "momentum_on_weights", "best_by_reference"]


def trained(qtbot: QtBot, make_window: MakeWindow, **settings: object) -> MainWindow:
    window = make_window({key.replace("__", "."): value for key, value in settings.items()})
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    return window


def test_a_faulty_run_in_the_window_ends_with_the_weights_that_it_has_without(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = trained(qtbot, make_window, lab__faults=FAULTS)
    config = small_config({"lab.faults": FAULTS})
    alone = trainer_for(config, deal(dataset(), config))
    run(alone)
    assert window.bridge.best
    assert alone.best
    np.testing.assert_array_equal(window.bridge.best.parameters, alone.best.parameters)
    assert window.bridge.splits
    assert len(window.bridge.splits.train) == 800


def test_the_faults_of_a_run_stay_in_the_form_and_are_trained_on_with(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = trained(qtbot, make_window, lab__faults=FAULTS)
    assert window.controls.config.lab.faults == tuple(FAULTS)
    before = window.bridge.best
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    assert window.bridge.run
    assert window.bridge.run.epoch == 4
    assert before is not None
    assert window.bridge.best is not before


def test_a_fault_that_is_only_other_settings_is_shown_in_the_form_as_those(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = trained(qtbot, make_window, lab__faults=["one_unit", "rate_times_30"])
    shown = window.controls.config
    assert shown.network.hidden == (1,)
    assert shown.training.learning_rate == pytest.approx(3.0)
    assert shown.lab.faults == ()
    assert window.bridge.network_config == shown


def test_a_fault_that_changes_nothing_is_told_under_the_buttons(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = trained(qtbot, make_window, lab__faults=["wrong_relu_derivative"], network__activation="tanh")
    assert window.controls.note == "Wrong derivative of relu changes nothing here: it needs hidden units of relu."
