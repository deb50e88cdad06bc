"""The panel of one digit: what was chosen anywhere, as the weights of the moment read it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.digit import presenter as digit_presenter
from mnist_gui.ui.panels.digit.presenter import DigitPresenter
from mnist_gui.ui.panels.digit.view import NOTHING, DigitView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.support import make_trainer, run
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import click


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("digit", "mistakes")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def click_first_mistake(qtbot: QtBot, window: MainWindow) -> int:
    gallery = window.view("mistakes").findChild(DigitGallery, "mistakes")
    first = gallery.model().index(0, 0)
    qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=gallery.visualRect(first).center())
    window.refresh_scheduler.draw_everything()
    return window.view("mistakes").digits[0]


def bars(window: MainWindow) -> np.ndarray:
    (shares,) = window.view("digit").bars.shares
    return shares.values


def confidences(window: MainWindow, snapshot: Snapshot, digit: int) -> np.ndarray:
    assert window.run_controller.splits
    return snapshot.answer(window.run_controller.splits.validation.images(np.array([digit]))).confidences[0]


def test_a_clicked_mistake_comes_to_the_front_with_what_the_network_makes_of_it(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    train(qtbot, whole_window)
    assert whole_window.view("digit").text == NOTHING
    best, splits = whole_window.run_controller.best, whole_window.run_controller.splits
    assert best
    assert splits
    digit = click_first_mistake(qtbot, whole_window)
    assert not whole_window.view("digit").visibleRegion().isEmpty()
    expected = confidences(whole_window, best, digit)
    np.testing.assert_allclose(bars(whole_window), expected, atol=1e-6)
    true, taken = splits.validation.labels[digit], int(expected.argmax())
    assert whole_window.view("digit").text.startswith(
        f"Validation digit {digit}: a {true}, taken for a {taken} with {expected[taken]:.1%} confidence"
    )
    assert f"Weights of epoch {best.epoch}, step {best.step}, the best." in whole_window.view("digit").text


def test_choosing_a_digit_moves_no_other_panel(qtbot: QtBot, whole_window: MainWindow) -> None:
    whole_window.resize(1366, 768)
    train(qtbot, whole_window)
    before = {dock.objectName(): dock.height() for dock in whole_window.findChildren(QDockWidget) if dock.isVisible()}
    click_first_mistake(qtbot, whole_window)
    for name in ("dock_controls", "dock_mistakes"):
        dock = whole_window.findChild(QDockWidget, name)
        assert dock
        assert dock.height() == before[name]


def test_the_digit_follows_the_timeline_and_returns(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    digit = click_first_mistake(qtbot, window)
    now = bars(window)
    run = window.run_controller.run
    assert run
    assert run.timeline.first
    window.playhead.show_step(0)
    np.testing.assert_allclose(bars(window), confidences(window, run.timeline.first, digit), atol=1e-6)
    assert "step 0" in window.view("digit").text
    window.playhead.return_to_present()
    window.refresh_scheduler.draw_everything()
    np.testing.assert_array_equal(bars(window), now)


def test_the_digit_is_read_again_while_training_goes_on(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 5000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: bool(window.view("mistakes").digits), timeout=20_000)
    click_first_mistake(qtbot, window)
    before = window.view("digit").text
    qtbot.waitUntil(lambda: window.view("digit").text != before, timeout=20_000)
    assert window.run_controller.state is RunState.TRAINING


def test_another_network_has_no_digit_chosen(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    click_first_mistake(qtbot, window)
    click(qtbot, window, "new_network")
    assert window.view("digit").text == NOTHING
    assert window.view("digit").bars.shares == ()


def test_a_large_network_reads_the_digit_in_the_background(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(qtbot, window)
    monkeypatch.setattr(digit_presenter, "MOST_AT_ONCE", 0)  # as if it were
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    window.digit_selection.choose(splits.validation, 0)
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: bool(window.view("digit").bars.shares))
    np.testing.assert_allclose(bars(window), confidences(window, best, 0), atol=1e-6)


class FakeTravel(QObject):
    """The present moment, without a timeline."""

    weights_shown = Signal(object, str, object)
    nothing_shown = Signal()
    step_chosen = Signal()
    is_live = True

    def show_step(self, step: int) -> None:
        """There is only one."""

    def subscribe(self, on_weights_shown: Callable[..., None], on_nothing_shown: Callable[[], None]) -> None:
        """Nothing is shown yet."""
        self.weights_shown.connect(on_weights_shown)


@pytest.fixture
def run_controller() -> Iterator[RunController]:
    run_controller = RunController()
    yield run_controller
    run_controller.close()


def test_the_answer_to_a_digit_that_is_not_chosen_any_more_is_not_shown(
    qtbot: QtBot, run_controller: RunController, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make_trainer({"training.epochs": 1})
    run(trainer)
    assert trainer.best
    playhead, choice, view = FakeTravel(), DigitSelection(run_controller), DigitView()
    qtbot.addWidget(view)
    view.show()
    desk = DigitPresenter(run_controller, cast(Playhead, playhead), choice, view)
    monkeypatch.setattr(digit_presenter, "MOST_AT_ONCE", 0)
    has_begun, gate = threading.Event(), threading.Event()
    answer = Snapshot.answer

    def answer_behind_gate(snapshot: Snapshot, pictures: Any) -> Any:
        has_begun.set()
        assert gate.wait(20)
        return answer(snapshot, pictures)

    monkeypatch.setattr(Snapshot, "answer", answer_behind_gate)
    seen: list[str] = []
    show_digit = view.show_digit
    monkeypatch.setattr(view, "show_digit", lambda *shown: (seen.append(shown[1]), show_digit(*shown)))
    playhead.weights_shown.emit(trainer.best, "", None)
    choice.choose(trainer.splits.validation, 3)
    desk.refresh()
    assert has_begun.wait(20)
    choice.choose(trainer.splits.validation, 5)
    gate.set()

    def is_idle() -> bool:
        run_controller.task_runner.poll()
        return not run_controller.is_busy

    qtbot.waitUntil(is_idle)
    assert [text.partition(":")[0] for text in seen] == ["Validation digit 5"]


def test_the_chosen_digit_stays_chosen_when_another_network_is_shown(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window()
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    first = window.run_controller.run
    assert first
    window.digit_selection.choose(first.splits.validation, 17)
    row = first.splits.validation.rows[17]
    window._docks.bring("Units")
    click(qtbot, window, "new_network")
    window.controls.show_config(window.controls.config.with_settings({"training.seed": 5, "data.seed": 3}))
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    choice, splits = window.digit_selection, window.run_controller.splits
    assert splits
    if row in splits.validation.rows:  # other splits hold other digits
        assert choice.split is splits.validation
        assert splits.validation.rows[choice.index] == row
    else:
        assert choice.split is None
    assert not window.view("units").visibleRegion().isEmpty()  # no panel comes forward unasked
    window.run_controller.show_run(first)
    assert (choice.split, choice.index) == (first.splits.validation, 17)
    window._docks.bring("Digit")
    window.refresh_scheduler.draw_everything()
    assert window.view("digit").text.startswith("Validation digit 17:")


def test_a_test_digit_is_not_shown_again_by_a_run_that_has_not_revealed_them(
    qtbot: QtBot, make_whole_window: MakeWindow
) -> None:
    window = make_whole_window()
    for seed in (0, 1):
        window.controls.show_config(window.controls.config.with_settings({"training.seed": seed}))
        window.controls.edited.emit()
        click(qtbot, window, "primary")
        wait_for_end(qtbot, window)
        run = window.run_controller.run
        assert run
        if seed == 0:
            run.reveal_test()
            window.digit_selection.choose(run.splits.test, 3)
    assert window.digit_selection.split is None
