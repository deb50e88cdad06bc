"""Whatever a person clicks while a network trains, matrix, gallery, digit and timeline tell of the same weights."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Predictions
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.mistakes.confusion_matrix import NO_CELL, ConfusionMatrix
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.ui.conftest import MakeWindow
from tests.ui.person import button, click, line_edit

CLICKS = 14


class Told:
    """What the panels were last told to show."""

    def __init__(self, window: MainWindow) -> None:
        self.answers: tuple[Snapshot, Split, Predictions] | None = None
        self.weights: Snapshot | None = None
        window.prediction_service.shown.connect(self._on_answers_shown)
        window.prediction_service.hidden.connect(self._on_answers_hidden)
        window.playhead.weights_shown.connect(self._on_weights_shown)

    def _on_answers_shown(self, snapshot: Snapshot, split: Split, predictions: Predictions, when: str) -> None:
        self.answers = snapshot, split, predictions

    def _on_answers_hidden(self) -> None:
        self.answers = None

    def _on_weights_shown(self, snapshot: Snapshot, note: str, start: Snapshot | None) -> None:
        self.weights = snapshot


class RandomUser:
    """Clicks on what is there, at random."""

    def __init__(self, qtbot: QtBot, window: MainWindow, seed: int) -> None:
        self._qtbot, self._window, self._rng = qtbot, window, np.random.default_rng(seed)
        mistakes, _ = window.view("mistakes"), window.view("digit")
        self.matrix = mistakes.findChild(ConfusionMatrix)
        self.gallery = mistakes.findChild(DigitGallery, "mistakes")
        self.deeds: list[Callable[[], None]] = [
            *(self.click_matrix, self.click_gallery, self.drag_timeline) * 3,
            *(self.return_to_present, self.choose_split, self.choose_kind, self.choose_order, self.enter_number),
            *(self.clear, self.pause_or_resume, self.choose_part, self.choose_part),
        ]

    def act(self) -> None:
        self.deeds[int(self._rng.integers(len(self.deeds)))]()

    def click_matrix(self) -> None:
        """A cell, the head of a row or a column, or beside it all."""
        place = QPoint(int(self._rng.integers(self.matrix.width())), int(self._rng.integers(self.matrix.height())))
        self._qtbot.mouseClick(self.matrix, Qt.MouseButton.LeftButton, pos=place)

    def click_gallery(self) -> None:
        area = self.gallery.viewport()
        place = QPoint(int(self._rng.integers(area.width())), int(self._rng.integers(area.height())))
        self._qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=place)

    def drag_timeline(self) -> None:
        track = self._window.timeline.track
        places = [QPoint(int(x), track.height() // 2) for x in self._rng.integers(0, track.width(), 2)]
        self._qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=places[0])
        self._qtbot.mouseMove(track, places[1])
        self._qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=places[1])

    def return_to_present(self) -> None:
        click(self._qtbot, self._window, "live")

    def choose_split(self) -> None:
        self._choose("mistakes_split")

    def choose_kind(self) -> None:
        self._choose("mistakes_kind", 3)

    def choose_order(self) -> None:
        self._choose("mistakes_order", 5)

    def choose_part(self) -> None:
        self._choose("digit_part")

    def enter_number(self) -> None:
        field = line_edit(self._window, "mistakes_number")
        field.setText(str(int(self._rng.integers(250))))
        self._qtbot.keyClick(field, Qt.Key.Key_Return)

    def clear(self) -> None:
        self._qtbot.keyClick(self.matrix, Qt.Key.Key_Escape)

    def pause_or_resume(self) -> None:
        turn(self._qtbot, self._window)

    def _choose(self, name: str, among: int | None = None) -> None:
        box = self._window.findChild(QComboBox, name)
        assert box
        box.setCurrentIndex(int(self._rng.integers(among or box.count())))


def turn(qtbot: QtBot, window: MainWindow) -> None:
    """Hold the training, or let it go on."""
    name = "pause" if button(window, "pause").isEnabled() else "continue"
    click(qtbot, window, name)
    qtbot.waitUntil(lambda: not button(window, name).isEnabled())


def check_gallery(window: MainWindow, told: Told) -> None:
    """The gallery holds exactly the digits that the chosen cell and kind stand for, in the chosen order."""
    mistakes = window.view("mistakes")
    if told.answers is None:
        assert mistakes.digits == []
        return
    snapshot, split, predictions = told.answers
    assert mistakes.split is split
    fresh = snapshot.predict(split)
    assert fresh
    np.testing.assert_array_equal(predictions.predicted, fresh.predicted)
    matrix = mistakes.findChild(ConfusionMatrix)
    assert matrix
    true, predicted = matrix.chosen
    expected = [
        digit
        for digit, (label, answer) in enumerate(zip(predictions.labels, predictions.predicted, strict=True))
        if is_of_kind(mistakes.choices.kind, int(label), int(answer), float(predictions.confidence[digit]))
        and true in (None, label)
        and predicted in (None, answer)
    ]
    if mistakes.choices.kind == "mistakes" and true is not None and true == predicted:
        expected = []  # there are no mistakes on the diagonal
    assert sorted(mistakes.digits) == expected
    keys = {"loss": -predictions.losses, "margin": predictions.margins, "number": np.arange(len(split))}
    if mistakes.choices.order in keys:
        values = keys[mistakes.choices.order][mistakes.digits]
        assert (np.diff(values) >= 0).all()


def is_of_kind(kind: str, label: int, answer: int, confidence: float) -> bool:
    return {"mistakes": label != answer, "unsure": label == answer and confidence < 0.8, "all": True}[kind]


def check_digit(window: MainWindow, told: Told) -> None:
    """The panel of one digit tells what the weights in view make of the digit that was chosen."""
    choice = window.digit_selection
    if choice.split is None:
        return
    assert told.weights
    (shares,) = window.view("digit").bars.shares
    expected = told.weights.answer(choice.split.images(np.array([choice.index]))).confidences[0]
    np.testing.assert_allclose(shares.values, expected, atol=1e-5)
    assert window.view("digit").text.startswith(f"{choice.split.title.capitalize()} digit {choice.index:,}:")
    box = window.findChild(QComboBox, "digit_part")
    assert box
    check = {"activations": check_activations, "loss": check_losses, "neighbours": check_neighbours}
    check.get(box.currentText(), lambda *_: None)(window, told.weights, choice.split, choice.index)


def check_activations(window: MainWindow, weights: Snapshot, split: Split, index: int) -> None:
    """What the units are said to say is what they say with the weights in view."""
    shown = window.view("digit").activations.canvas.layers
    expected = weights.answer(split.images(np.array([index]))).activations
    for (_, layer), values in zip(shown, expected, strict=False):
        np.testing.assert_allclose(layer.values, values[0], atol=1e-5)
    assert len(shown) >= len(expected)


def check_losses(window: MainWindow, weights: Snapshot, split: Split, index: int) -> None:
    """There is a loss for every kept moment, and each digit was read so as these weights read it."""
    shown = window.view("digit").losses.plot.losses
    assert shown
    assert window.run_controller.run
    keyframes = window.run_controller.run.timeline.keyframes
    assert shown.steps.tolist() == [keyframe.step for keyframe in keyframes]
    picture = split.images(np.array([index]))
    assert shown.predicted.tolist() == [int(keyframe.answer(picture).outputs.argmax()) for keyframe in keyframes]


def check_neighbours(window: MainWindow, weights: Snapshot, split: Split, index: int) -> None:
    """No training digit is nearer, as the last hidden layer of the weights in view sees it, than those shown."""
    assert window.run_controller.splits
    train, shown = window.run_controller.splits.train, window.view("digit").neighbours.digits
    hidden = weights.answer(train.images(np.arange(len(train)))).activations[-1].astype(float)
    distances = np.linalg.norm(hidden - weights.answer(split.images(np.array([index]))).activations[-1], axis=1)
    if split is train:
        distances[index] = np.inf
    np.testing.assert_allclose(distances[shown], np.sort(distances)[: len(shown)], atol=1e-3)


def check_timeline(window: MainWindow, told: Told) -> None:
    """In the past all panels show the kept weights of that moment."""
    assert told.weights
    if window.playhead.is_live:
        return
    assert window.run_controller.run
    assert any(told.weights is keyframe for keyframe in window.run_controller.run.timeline.keyframes)
    if not window.view("units").visibleRegion().isEmpty():
        assert f"step {told.weights.step:,}" in window.view("units").caption
    if told.answers:
        assert told.answers[0] is told.weights


@pytest.mark.parametrize("seed", [1, 2, 3, 2026])
def test_matrix_gallery_digit_and_timeline_agree_whatever_is_clicked_while_training(
    qtbot: QtBot, make_window: MakeWindow, seed: int
) -> None:
    window = make_window({"training.epochs": 100_000, "network.hidden": [5]})
    window.resize(1366, 768)
    told, monkey = Told(window), RandomUser(qtbot, window, seed)
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: told.answers is not None)
    assert monkey.matrix.chosen == NO_CELL
    for _ in range(CLICKS):
        monkey.act()
        qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
        was_training = window.run_controller.state is RunState.TRAINING
        if was_training:
            turn(qtbot, window)  # held, while it is looked at
            qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
        for _ in range(3):  # what is drawn may ask for more
            window.refresh_scheduler.draw_everything()
            qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
        check_gallery(window, told)
        check_digit(window, told)
        check_timeline(window, told)
        assert window.run_controller.run
        assert window.run_controller.run.test_revealed_at is None
        if was_training:
            turn(qtbot, window)
