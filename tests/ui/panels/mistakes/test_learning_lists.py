"""Lists of how digits were learned, and the line on the chosen one: recounted from the kept weights."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mnist_gui.cli.evaluation_data import EvaluatedDigits
from mnist_gui.cli.evaluation_report import report
from mnist_gui.data.splits import Split, SplitName
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.mistakes import learning_lists as learning_lists
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import button, click

LONG = {"training.epochs": 8, "training.learning_rate": 0.3, "training.schedule": "constant"}


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("digit", "mistakes")


def train(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)


def listed(qtbot: QtBot, window: MainWindow, split: SplitName, key: str) -> list[int]:
    """The digits of a list when it is made."""
    mistakes = window.view("mistakes")
    mistakes.choices.choose(split, key)
    made = "being made"

    def is_made() -> bool:
        return not window.run_controller.is_busy and made not in mistakes.caption and mistakes.split is not None

    qtbot.waitUntil(is_made, timeout=30_000)
    return mistakes.digits


def epoch_ends(window: MainWindow) -> list[Snapshot]:
    assert window.run_controller.run
    return [keyframe for keyframe in window.run_controller.run.timeline.keyframes if keyframe.validation is not None]


def rights(window: MainWindow, split: Split) -> np.ndarray:
    """Whether each digit was rightly told at the end of each epoch, (moments, N), by putting all to all weights."""
    told = [keyframe.predict(split) for keyframe in epoch_ends(window)]
    return np.array([each.predicted == split.labels for each in told if each])


@pytest.mark.parametrize("split", ["validation", "train"])
def test_lists_hold_what_a_recount_from_the_kept_weights_finds(
    qtbot: QtBot, make_window: MakeWindow, split: SplitName
) -> None:
    window = make_window(LONG)
    train(qtbot, window)
    assert window.run_controller.splits
    right = rights(window, window.run_controller.splits.named(split))
    assert len(right) == 8
    falls = (right[:-1] & ~right[1:]).sum(axis=0)
    never = np.flatnonzero(~right.any(axis=0)).tolist()
    assert listed(qtbot, window, split, "never_learned") == never
    assert "by the ends of 8 epochs, 1 to 8" in window.view("mistakes").caption
    forgotten = listed(qtbot, window, split, "forgotten")
    assert sorted(forgotten) == np.flatnonzero(falls).tolist()
    assert falls[forgotten].tolist() == sorted(falls[forgotten], reverse=True)
    last = listed(qtbot, window, split, "learned_last")
    first_right = right.argmax(axis=0)
    assert sorted(last) == np.flatnonzero(first_right > 0).tolist()
    assert first_right[last].tolist() == sorted(first_right[last], reverse=True)


def test_the_line_of_the_chosen_digit_tells_its_own_history(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(LONG)
    train(qtbot, window)
    assert window.run_controller.splits
    for split in (window.run_controller.splits.validation, window.run_controller.splits.train):
        right = rights(window, split)
        falls = (right[:-1] & ~right[1:]).sum(axis=0)
        for digit in {0, int(falls.argmax()), int(right.any(axis=0).argmin())}:
            window.digit_selection.choose(split, digit)
            window.refresh_scheduler.draw_everything()
            qtbot.waitUntil(lambda: bool(window.view("digit").history.text()), timeout=20_000)
            told = window.view("digit").history.text()
            if not right[:, digit].any():
                assert told == "Never learned in 8 epochs."
                continue
            assert told.startswith(f"Learned by epoch {right[:, digit].argmax() + 1} of 8, ")
            times = {0: "never forgotten", 1: "forgotten once", 2: "forgotten twice"}
            assert times.get(falls[digit], f"forgotten {falls[digit]} times") in told
            assert told.endswith("wrong at the end of epoch 8.") is not bool(right[-1, digit])


def test_label_suspects_are_those_that_the_report_ranks_first(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    found = listed(qtbot, window, "validation", "label_suspects")
    digits = EvaluatedDigits(splits.validation, "train", left_out=0, is_out_of_sample=True)
    expected = report(best, digits, worst=0, label_errors=len(found))["label_error_indexes"]
    assert len(found) > 3
    assert splits.validation.rows[found].tolist() == expected
    assert f"by the weights of step {best.step}" in window.view("mistakes").caption


def test_a_list_in_sight_follows_the_next_run(qtbot: QtBot, whole_window: MainWindow) -> None:
    train(qtbot, whole_window)
    listed(qtbot, whole_window, "validation", "never_learned")
    whole_window.controls.show_config(
        whole_window.controls.config.with_settings({"training.seed": 9, "training.epochs": 3})
    )
    whole_window.controls.edited.emit()
    train(qtbot, whole_window)
    qtbot.waitUntil(lambda: "by the ends of 3 epochs" in whole_window.view("mistakes").caption, timeout=20_000)
    assert whole_window.run_controller.splits
    right = rights(whole_window, whole_window.run_controller.splits.validation)
    assert whole_window.view("mistakes").digits == np.flatnonzero(~right.any(axis=0)).tolist()


def test_a_network_that_was_not_trained_here_has_no_history_and_that_is_said(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    window = make_window()
    train(qtbot, window)
    window.run_controller.save_model(tmp_path / "m.npz")
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    window.run_controller.file_service.open_model(tmp_path / "m.npz")
    qtbot.waitUntil(lambda: not window.run_controller.is_busy and window.run_controller.run is not None, timeout=20_000)
    window.refresh_scheduler.draw_everything()
    assert listed(qtbot, window, "validation", "never_learned") == []
    assert "for no end of an epoch is kept" in window.view("mistakes").caption
    assert window.run_controller.splits
    window.digit_selection.choose(window.run_controller.splits.validation, 3)
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    assert window.view("digit").history.text() == ""


def test_a_run_without_validation_digits_tells_of_its_training_digits(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"data.validation": 0})
    train(qtbot, window)
    assert window.run_controller.splits
    right = rights(window, window.run_controller.splits.train)
    assert listed(qtbot, window, "train", "never_learned") == np.flatnonzero(~right.any(axis=0)).tolist()
    for key in ("never_learned", "forgotten", "label_suspects"):
        assert listed(qtbot, window, "validation", key) == []


def test_a_longer_run_is_told_by_evenly_many_of_its_epochs(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"training.epochs": 45})
    train(qtbot, window)
    listed(qtbot, window, "train", "forgotten")
    assert "by the ends of 20 epochs, 1 to 45" in window.view("mistakes").caption
    listed(qtbot, window, "validation", "forgotten")
    assert "by the ends of 45 epochs, 1 to 45" in window.view("mistakes").caption


def test_a_history_in_sight_is_told_anew_at_most_every_other_second_of_training(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window, now, asked = make_window({"training.epochs": 100_000}), [0.0], []
    window.view("mistakes").findChild(learning_lists.LearningLists)._clock = lambda: now[0]
    request = window.run_controller.task_runner.request

    def listen(key: str, *rest: object, **options: object) -> object:
        asked.append(key)
        return request(key, *rest, **options)  # type: ignore[arg-type]

    window.run_controller.task_runner.request = listen  # type: ignore[assignment]
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > 2, timeout=20_000)
    window.view("mistakes").choices.choose("validation", "forgotten")
    qtbot.waitUntil(lambda: "learning history" in asked, timeout=20_000)
    now[0] += 10.0
    before = asked.count("learning history")
    qtbot.waitUntil(lambda: asked.count("learning history") == before + 1, timeout=20_000)
    epochs = len(window.run_controller.history.epochs)
    qtbot.waitUntil(lambda: len(window.run_controller.history.epochs) > epochs + 20, timeout=20_000)
    assert asked.count("learning history") == before + 1
    click(qtbot, window, "stop")
    wait_for_end(qtbot, window)
    assert asked.count("learning history") > before + 1


class Examination:
    """Stands for the examination of the labels: half of it is done at once, the rest when the test lets it."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_half_done, self.gave_up, self._rest = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, *args: object) -> None:
        self.calls += 1
        should_cancel = args[-1]
        assert isinstance(should_cancel, Callable)
        for _ in range(6):  # of nine pieces: this one is begun, five are done
            should_cancel()
        self.is_half_done.set()
        while not self._rest.is_set():
            if should_cancel():
                self.gave_up.set()
                return
            self._rest.wait(0.01)

    def end(self) -> None:
        self._rest.set()


@pytest.fixture
def examination(monkeypatch: pytest.MonkeyPatch) -> Iterator[Examination]:
    examination = Examination()
    monkeypatch.setattr(learning_lists, "steady_confidences", examination)
    yield examination
    examination.end()


def begin_list(qtbot: QtBot, window: MainWindow, examination: Examination) -> None:
    window.view("mistakes").choices.choose("validation", "label_suspects")
    qtbot.waitUntil(examination.is_half_done.is_set)
    window.refresh_scheduler.draw_everything()


def test_a_long_list_tells_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, examination: Examination
) -> None:
    train(qtbot, window)
    begin_list(qtbot, window, examination)
    told = window.view("mistakes").caption
    assert float(told.partition("being made: ")[2].partition("%")[0]) / 100 + 0.005 >= 5 / 9
    click(qtbot, window, "mistakes_cancel")
    qtbot.waitUntil(examination.gave_up.is_set)
    assert window.view("mistakes").choices.kind == "mistakes"
    assert not button(window, "mistakes_cancel").isVisible()


@pytest.mark.parametrize("other", ["another list", "all digits", "another run"])
def test_a_list_that_nobody_waits_for_any_more_gives_up_at_once(
    qtbot: QtBot, window: MainWindow, examination: Examination, other: str
) -> None:
    train(qtbot, window)
    begin_list(qtbot, window, examination)
    if other == "another run":
        click(qtbot, window, "new_network")
    else:
        window.view("mistakes").choices.choose("validation", "all" if other == "all digits" else "never_learned")
    qtbot.waitUntil(examination.gave_up.is_set)


def test_a_list_in_the_making_is_not_begun_again_when_newer_answers_come(
    qtbot: QtBot, window: MainWindow, examination: Examination
) -> None:
    train(qtbot, window)
    begin_list(qtbot, window, examination)
    mistakes, split = window.view("mistakes"), window.run_controller.splits
    assert split
    assert window.run_controller.best
    for _ in range(3):  # as the ends of epochs come while it trains on
        predictions = window.run_controller.best.predict(split.validation)
        assert predictions
        mistakes.show_answers(split.validation, predictions, window.run_controller.best.class_names, "epoch 9")
    assert not examination.gave_up.is_set()
    assert examination.calls == 1


def test_a_list_gives_up_when_its_digits_are_hidden(qtbot: QtBot, window: MainWindow, examination: Examination) -> None:
    train(qtbot, window)
    begin_list(qtbot, window, examination)
    window.view("mistakes").choices.choose("test", "label_suspects")
    qtbot.waitUntil(examination.gave_up.is_set)
