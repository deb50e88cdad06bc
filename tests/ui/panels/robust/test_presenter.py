"""The panel Robust: a digit disturbed by sliders, and the accuracy on many disturbed alike."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox, QDockWidget, QRadioButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.engine.components import Parts
from mnist_gui.inspection.corruptions import CORRUPTIONS, corrupt
from mnist_gui.inspection.robustness import accuracy_under
from mnist_gui.training.snapshot import Snapshot, never
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.robust import presenter as robust_presenter
from mnist_gui.ui.panels.robust.curve import Curve, RobustCurve
from mnist_gui.ui.panels.robust.measurement import SEED, RobustMeasurement, Task
from mnist_gui.ui.panels.robust.sliders import RobustSliders
from mnist_gui.ui.panels.robust.view import NOTHING
from mnist_gui.ui.services import load_budget as load_budget
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.theme import DARK, LIGHT
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.letters import write_letters
from tests.ui.person import button, click

HALF = Curve((-2.0, 0.0, 2.0, 4.0), (0.2, 1.0, 0.6, None))


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("robust")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def bring(window: MainWindow) -> None:
    dock = window.findChild(QDockWidget, "dock_robust")
    assert dock
    dock.show()
    dock.raise_()


def slider(window: QWidget, key: str) -> QSlider:
    found = window.findChild(QSlider, f"strength_{key}")
    assert found
    return found


def choose(window: QWidget, key: str) -> None:
    found = window.findChild(QRadioButton, f"curve_{key}")
    assert found
    found.click()


def compare_with(window: QWidget, text: str) -> None:
    box = window.findChild(QComboBox, "robust_rival")
    assert box
    box.setCurrentIndex(next(index for index in range(box.count()) if box.itemText(index).startswith(text)))


def curve(window: MainWindow) -> Curve | None:
    return window.view("robust").curve.curves[0]


def comparison(window: MainWindow) -> Curve | None:
    return window.view("robust").curve.curves[1]


def is_measured(window: MainWindow, key: str) -> bool:
    shown = curve(window)
    return shown is not None and shown.is_complete and len(shown.strengths) == len(points(key))


def points(key: str, shape: tuple[int, int] = (28, 28)) -> tuple[float, ...]:
    return CORRUPTIONS[key].scale(shape).points


def expected_curve(window: MainWindow, snapshot: Snapshot, key: str, split_name: str = "validation") -> Curve:
    """Worked out anew."""
    assert window.run_controller.splits
    split = window.run_controller.splits.named(split_name)
    loss, scaling = Parts.of(snapshot.config).loss, snapshot.config.data.scaling
    strengths = points(key, snapshot.image_shape)
    return Curve(
        strengths,
        tuple(
            accuracy_under(snapshot.network(), loss, split, scaling, key, strength, np.random.default_rng(SEED), never)
            for strength in strengths
        ),
    )


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window with a trained network and the panel in front."""
    train(qtbot, window)
    bring(window)
    qtbot.waitUntil(lambda: is_measured(window, "rotation"), timeout=20_000)
    return window


@pytest.fixture
def trained_whole(qtbot: QtBot, whole_window: MainWindow) -> MainWindow:
    """The whole window with a trained network and the panel in front."""
    train(qtbot, whole_window)
    bring(whole_window)
    qtbot.waitUntil(lambda: is_measured(whole_window, "rotation"), timeout=20_000)
    return whole_window


# One digit


def test_before_any_network_the_panel_says_what_to_do(window: MainWindow) -> None:
    bring(window)
    assert window.view("robust").caption == NOTHING
    slider(window, "noise").setValue(3)
    click_again = button(window, "robust_again")
    click_again.click()
    assert window.view("robust").caption == NOTHING


def test_the_bars_are_the_networks_answers_to_the_digit_disturbed_by_all_sliders_and_as_it_is(
    trained: MainWindow,
) -> None:
    best, splits = trained.run_controller.best, trained.run_controller.splits
    assert best
    assert splits
    trained.digit_selection.choose(splits.validation, 7)
    bring(trained)
    trained.refresh_scheduler.draw_everything()
    slider(trained, "rotation").setValue(25)
    slider(trained, "noise").setValue(6)  # in steps of 5 grey levels
    picture = splits.validation.images(np.array([7]))
    disturbed = corrupt(picture, {"rotation": 25.0, "noise": 30.0}, np.random.default_rng(0))
    upper, lower = trained.view("robust").bars.shares
    np.testing.assert_allclose(upper.values, best.answer(disturbed).confidences[0], atol=1e-6)
    np.testing.assert_allclose(lower.values, best.answer(picture).confidences[0], atol=1e-6)
    true = splits.validation.labels[7]
    assert trained.view("robust").caption.startswith(f"Validation digit 7: a {true}. Disturbed: ")


def test_without_a_chosen_digit_it_is_the_first_mistake(trained_whole: MainWindow) -> None:
    first = trained_whole.view("mistakes").digits[0]
    assert trained_whole.view("robust").caption.startswith(f"Validation digit {first}: ")


def test_another_draw_gives_other_noise_and_reset_the_digit_as_it_is(qtbot: QtBot, trained: MainWindow) -> None:
    view = trained.view("robust")
    slider(trained, "noise").setValue(20)
    before = view.bars.shares[0].values
    click(qtbot, trained, "robust_again")
    assert (view.bars.shares[0].values != before).any()
    click(qtbot, trained, "robust_reset")
    assert not any(view.sliders.strengths.values())
    np.testing.assert_allclose(view.bars.shares[0].values, view.bars.shares[1].values, atol=1e-6)


def test_a_large_network_reads_the_digit_in_the_background(
    qtbot: QtBot, trained: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = trained.view("robust")
    expected = view.bars.shares[1].values
    view.bars.show_shares((), [])
    monkeypatch.setattr(robust_presenter, "MOST_AT_ONCE", 0)  # as if it were
    slider(trained, "shift").setValue(1)
    qtbot.waitUntil(lambda: bool(view.bars.shares))
    np.testing.assert_allclose(view.bars.shares[1].values, expected, atol=1e-6)


# The curves


@pytest.mark.parametrize("key", ["noise", "occlusion"])
def test_the_curve_is_the_accuracy_at_each_strength_of_the_chosen_disturbance(
    qtbot: QtBot, trained: MainWindow, key: str
) -> None:
    assert trained.run_controller.best
    choose(trained, key)
    qtbot.waitUntil(lambda: is_measured(trained, key))
    assert curve(trained) == expected_curve(trained, trained.run_controller.best, key)
    assert "of 200 validation digits right" in trained.view("robust").reading


def test_moving_a_slider_wants_its_curve_and_marks_its_strength(qtbot: QtBot, trained: MainWindow) -> None:
    slider(trained, "shift").setValue(2)
    qtbot.waitUntil(lambda: is_measured(trained, "shift"))
    assert trained.view("robust").curve.strength == 2.0
    shown = curve(trained)
    assert shown
    told = f"{shown.accuracies[2]:.1%} of 200 validation digits right at shift 2 px, {shown.accuracies[0]:.1%} as they"
    assert trained.view("robust").reading.startswith(told)
    slider(trained, "shift").setValue(3)
    assert "at shift 3 px" in trained.view("robust").reading


def test_pointing_reads_the_curve_there_and_a_click_sets_the_slider(qtbot: QtBot, trained: MainWindow) -> None:
    view, shown = trained.view("robust"), curve(trained)
    assert shown
    strength, accuracy = shown.strengths[3], shown.accuracies[3]
    where = QPoint(round(view.curve.place_of(strength)), 20)
    qtbot.mouseMove(view.curve, where)
    told = f"{accuracy:.1%} of 200 validation digits right at rotation {strength:g}\N{DEGREE SIGN}"
    qtbot.waitUntil(lambda: view.reading.startswith(told))
    qtbot.mouseClick(view.curve, Qt.MouseButton.LeftButton, pos=where)
    assert slider(trained, "rotation").value() == strength
    assert view.curve.strength == strength


def test_the_curve_follows_the_timeline_and_returns(qtbot: QtBot, trained: MainWindow) -> None:
    best, run = trained.run_controller.best, trained.run_controller.run
    assert best
    assert run
    assert run.timeline.first
    at_start, now = (expected_curve(trained, snapshot, "rotation") for snapshot in (run.timeline.first, best))
    assert curve(trained) == now
    trained.playhead.show_step(0)
    qtbot.waitUntil(lambda: curve(trained) == at_start)
    assert "Weights of epoch 0, step 0." in trained.view("robust").reading
    trained.playhead.return_to_present()
    qtbot.waitUntil(lambda: curve(trained) == now)


def test_a_curve_stays_in_sight_until_that_of_other_weights_is_complete(qtbot: QtBot, trained: MainWindow) -> None:
    before, seen = curve(trained), []
    trained.playhead.show_step(0)

    def has_changed() -> bool:
        seen.append(curve(trained))
        return seen[-1] != before

    qtbot.waitUntil(has_changed)
    assert all(shown is not None and shown.is_complete for shown in seen)


def test_the_start_and_earlier_runs_can_be_compared_with(qtbot: QtBot, trained: MainWindow) -> None:
    first, start = trained.run_controller.best, trained.run_controller.run.timeline.first
    assert first
    assert start
    compare_with(trained, "with the start")
    at_start, at_best = (expected_curve(trained, snapshot, "rotation") for snapshot in (start, first))
    qtbot.waitUntil(lambda: comparison(trained) == at_start, timeout=20_000)
    click(qtbot, trained, "new_network")
    train_again = button(trained, "primary")
    if trained.run_controller.state is RunState.NEW:
        train_again.click()
    wait_for_end(qtbot, trained)
    assert comparison(trained) is None
    bring(trained)
    compare_with(trained, "with run 1")
    qtbot.waitUntil(lambda: comparison(trained) == at_best, timeout=20_000)
    assert "(run 1: " in trained.view("robust").reading
    compare_with(trained, "no comparison")
    assert comparison(trained) is None


def test_curves_are_measured_while_training_goes_on(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_budget, "SHARE", 1.0)  # for a short test
    window = make_window({"training.epochs": 5000})
    bring(window)
    choose(window, "shift")
    window.run_controller.set_pace(200.0)  # so that it lasts
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: is_measured(window, "shift"), timeout=30_000)
    first = window.view("robust").reading
    qtbot.waitUntil(lambda: window.view("robust").reading != first, timeout=30_000)
    assert window.run_controller.state is RunState.TRAINING


def wait_for_answers(qtbot: QtBot, window: MainWindow) -> None:
    """Take all answers of the helper threads, where no frame does."""

    def is_idle() -> bool:
        window.run_controller.task_runner.poll()
        return not window.run_controller.is_busy

    qtbot.waitUntil(is_idle)


def test_no_point_is_measured_while_training_has_no_time_to_spare(qtbot: QtBot, trained: MainWindow) -> None:
    run_controller, splits = trained.run_controller, trained.run_controller.splits
    assert run_controller.best
    assert splits
    trained.refresh_scheduler.stop()
    sweep = RobustMeasurement(run_controller, trained)
    sweep.want(Task(run_controller.best, splits.validation, "shift"))
    run_controller.load_budget.spend(1e6)
    run_controller.state = RunState.TRAINING
    sweep.go_on()
    assert not run_controller.is_busy
    run_controller.state = RunState.ENDED
    with qtbot.waitSignal(sweep.measured):
        sweep.go_on()
        wait_for_answers(qtbot, trained)


def test_a_curve_that_nobody_wants_any_more_is_given_up(qtbot: QtBot, trained: MainWindow) -> None:
    run_controller, splits = trained.run_controller, trained.run_controller.splits
    assert run_controller.best
    assert splits
    trained.refresh_scheduler.stop()
    sweep = RobustMeasurement(run_controller, trained)
    one, other = (Task(run_controller.best, splits.train, key) for key in ("noise", "shift"))
    sweep.want(one)
    sweep.go_on()
    sweep.want(other)
    sweep.go_on()
    with qtbot.waitSignal(sweep.measured):
        wait_for_answers(qtbot, trained)
    assert sweep.curve(one).accuracies[0] is None
    assert sweep.curve(other).accuracies[0] is not None


def test_nothing_is_measured_while_the_panel_is_out_of_sight(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    assert curve(whole_window) is None
    assert not whole_window.run_controller.is_busy


def test_another_network_begins_with_nothing_and_the_strengths_that_were_set(qtbot: QtBot, trained: MainWindow) -> None:
    slider(trained, "noise").setValue(4)
    trained.run_controller.leave()
    assert curve(trained) is None
    assert trained.view("robust").caption == NOTHING
    assert slider(trained, "noise").value() == 4


def test_test_digits_are_disturbed_only_when_they_are_revealed(qtbot: QtBot, trained_whole: MainWindow) -> None:
    assert trained_whole.run_controller.best
    box = trained_whole.findChild(QComboBox, "mistakes_split")
    assert box
    box.setCurrentIndex(2)
    trained_whole.refresh_scheduler.draw_everything()
    assert "validation digits" in trained_whole.view("robust").reading
    trained_whole.prediction_service.reveal_test()
    qtbot.waitUntil(lambda: "test digits" in trained_whole.view("robust").reading, timeout=20_000)
    assert (
        "of 2,000 test digits" in trained_whole.view("robust").reading
        or "Measuring" in trained_whole.view("robust").reading
    )


# Other digits


def test_without_validation_digits_it_is_training_digits(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.validation": 0})
    bring(window)
    train(qtbot, window)
    qtbot.waitUntil(lambda: "of 600 training digits right" in window.view("robust").reading, timeout=20_000)
    assert window.view("robust").caption.startswith("Training digit ")


@pytest.mark.parametrize(("side", "classes"), [(8, 26), (8, 2), (11, 47)])
def test_small_pictures_and_letters_have_curves_and_sliders_to_match(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, side: int, classes: int
) -> None:
    write_letters(tmp_path, side=side, classes=classes)
    settings = {"data.folder": str(tmp_path), "data.train": 300, "data.validation": 100, "network.hidden": []}
    window = make_window(settings)
    bring(window)
    train(qtbot, window)
    choose(window, "occlusion")
    strengths = points("occlusion", (side, side))
    qtbot.waitUntil(
        lambda: (shown := curve(window)) is not None and shown.is_complete and shown.strengths == strengths,
        timeout=20_000,
    )
    assert slider(window, "occlusion").maximum() == side
    slider(window, "occlusion").setValue(side)
    assert f"right at occlusion {side} px" in window.view("robust").reading


def test_a_network_of_no_finite_numbers_is_said_to_have_no_answer(qtbot: QtBot, trained: MainWindow) -> None:
    best = trained.run_controller.best
    assert best
    facts = {"config": best.config, "image_shape": best.image_shape, "class_names": best.class_names}
    broken = Snapshot.of(np.full_like(best.parameters, np.nan), **facts, step=1, epoch=0)
    trained.playhead.weights_shown.emit(broken, "", None)
    trained.presenter("robust").refresh()
    assert "Disturbed: no finite answer. As it is: no finite answer." in trained.view("robust").caption


# The painted curve


@pytest.fixture
def painted(qtbot: QtBot) -> RobustCurve:
    widget = RobustCurve()
    qtbot.addWidget(widget)
    widget.resize(300, 120)
    widget.show()
    widget.show_curves(HALF, None, "{:g} px".format)
    return widget


def place(widget: RobustCurve, strength: float) -> QPoint:
    return QPoint(round(widget.place_of(strength)), widget.height() // 2)


def test_a_click_tells_the_strength_there_and_near_a_measured_one_that_one(qtbot: QtBot, painted: RobustCurve) -> None:
    told: list[float] = []
    painted.strength_clicked.connect(told.append)
    for strength in (1.0, 2.0):
        qtbot.mouseClick(painted, Qt.MouseButton.LeftButton, pos=place(painted, strength))
    qtbot.mouseClick(painted, Qt.MouseButton.LeftButton, pos=place(painted, 2.0) + QPoint(3, 0))
    qtbot.mouseClick(painted, Qt.MouseButton.LeftButton, pos=QPoint(painted.width() - 1, 5))
    assert told == [pytest.approx(1.0, abs=0.05), 2.0, 2.0, 4.0]


def test_pointing_tells_a_strength_and_leaving_that_there_is_none(qtbot: QtBot, painted: RobustCurve) -> None:
    told: list[float | None] = []
    painted.pointed.connect(told.append)
    qtbot.mouseMove(painted, place(painted, 0.0))
    qtbot.waitUntil(lambda: told == [0.0])
    qtbot.mouseMove(painted, QPoint(-40, -40))
    painted.leaveEvent(None)
    assert told[-1] is None


def test_between_measured_strengths_a_curve_is_read_along_its_line() -> None:
    assert HALF.at(-1.0) == pytest.approx(0.6)
    assert HALF.at(2.0) == 0.6
    assert HALF.at(3.0) is None
    assert HALF.at(9.0) is None
    assert not HALF.is_complete


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_both_curves_are_painted_in_colours_of_their_own(qtbot: QtBot, painted: RobustCurve, theme: object) -> None:
    painted.show_theme(theme)
    painted.show_curves(HALF, Curve(HALF.strengths, (0.1, 0.3, np.nan, 0.2)), "{:g}".format)
    image = QImage(painted.size(), QImage.Format.Format_RGB32)
    painted.render(image)
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert {QColor(theme.train).name(), QColor(theme.validation).name()} <= seen


def test_a_curve_is_told_to_screen_readers(painted: RobustCurve) -> None:
    assert painted.accessibleDescription() == "-2 px: 20.0%; 0 px: 100.0%; 2 px: 60.0%"


def test_every_control_explains_itself(qtbot: QtBot, window: MainWindow) -> None:
    controls = [*window.view("robust").findChildren(QSlider), *window.view("robust").findChildren(QRadioButton)]
    controls += [button(window, "robust_again"), button(window, "robust_reset"), window.view("robust").curve]
    controls += [window.view("robust").findChild(QComboBox, "robust_rival")]
    assert len(controls) == 14
    for control in controls:
        assert control.toolTip()
        assert control.accessibleName()
        assert control.objectName()


def test_strengths_stay_as_far_as_smaller_pictures_can_have_them(qtbot: QtBot) -> None:
    sliders = RobustSliders()
    qtbot.addWidget(sliders)
    sliders.set_strength("occlusion", 20.0)
    sliders.set_strength("rotation", -35.0)
    sliders.show_shape((8, 6))
    assert sliders.strengths["occlusion"] == 8.0
    assert sliders.strengths["rotation"] == -35.0
    assert sliders.choice == "rotation"
