"""What the panel of one digit shows besides the answer, as the weights of the moment have it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.batches import inputs_of
from mnist_gui.data.splits import Split
from mnist_gui.inspection.attributions import Attributions
from mnist_gui.inspection.digit_activations import layer_activations
from mnist_gui.inspection.digit_losses import DigitLosses, Reading, digit_losses
from mnist_gui.inspection.neighbours import Neighbours
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.digit import attributions_presenter as digit_contributions_presenter
from mnist_gui.ui.panels.digit import history_presenter
from mnist_gui.ui.panels.digit import neighbours_presenter as digit_neighbours_presenter
from mnist_gui.ui.panels.digit.activations_tab import ActivationsTab
from mnist_gui.ui.panels.digit.attributions_tab import NO_NUMBERS, SAME, AttributionsTab
from mnist_gui.ui.panels.digit.logits_tab import LogitsTab
from mnist_gui.ui.panels.digit.losses_tab import NOTHING, DigitLossPlot, LossesTab
from mnist_gui.ui.panels.digit.neighbours_tab import DEAD, NONE, NeighboursTab
from mnist_gui.ui.panels.digit.view import PARTS
from mnist_gui.ui.services.run_controller import RunState
from tests.support import StopsAfter, make_trainer
from tests.ui.conftest import MakeWindow, MakeWindowOf, wait_for_end
from tests.ui.person import click

LETTERS = tuple(f"letter {number}" for number in range(47))


@pytest.fixture
def make_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of("digit", "mistakes")


def choose(window: QWidget, name: str, text: str) -> None:
    box = window.findChild(QComboBox, name)
    assert box
    assert box.findText(text) >= 0
    box.setCurrentIndex(box.findText(text))


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Until all that was asked for is shown."""
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)
    window.refresh_scheduler.draw_everything()
    qtbot.waitUntil(lambda: not window.run_controller.is_busy, timeout=20_000)


def show(qtbot: QtBot, window: MainWindow, part: str, digit: int = 3) -> tuple[Snapshot, Split]:
    """Train, choose a validation digit, and look at a part of its panel."""
    click(qtbot, window, "primary")
    wait_for_end(qtbot, window)
    best, splits = window.run_controller.best, window.run_controller.splits
    assert best
    assert splits
    window.digit_selection.choose(splits.validation, digit)
    choose(window, "digit_part", part)
    settle(qtbot, window)
    return best, splits.validation


def logits(snapshot: Snapshot, split: Split, digit: int) -> np.ndarray:
    return snapshot.answer(split.image(digit)[None]).logits[0].astype(np.float64)


def first_and_comparison(snapshot: Snapshot, split: Split, digit: int) -> tuple[float, float]:
    """The logit of the network's choice, and of what it is compared with: the true class, or if it is that the next."""
    of, label = logits(snapshot, split, digit), int(split.labels[digit])
    second, first = np.sort(of)[-2:]
    return first, second if of.argmax() == label else of[label]


# Contributions


def test_a_mistake_is_compared_with_the_true_class_in_every_part(qtbot: QtBot, window: MainWindow) -> None:
    best, split = show(qtbot, window, "contributions")
    predictions = best.predict(split)
    assert predictions
    of_all = np.array([logits(best, split, digit) for digit in range(len(split))])
    ranks = (of_all > of_all[np.arange(len(split)), split.labels][:, None]).sum(axis=1)
    digit = int(np.flatnonzero(ranks >= 2)[0])  # wrong, and the true class is not even the second
    window.digit_selection.choose(split, digit)
    settle(qtbot, window)
    label, taken = int(split.labels[digit]), int(of_all[digit].argmax())
    found = window.view("digit").attributions.map.attributions
    assert found
    lead = float(of_all[digit][taken] - of_all[digit][label])
    assert found.difference == pytest.approx(lead, abs=1e-4)
    assert f"{taken} leads {label} by" in window.view("digit").attributions.text
    choose(window, "digit_part", "numbers")
    settle(qtbot, window)
    shares = best.answer(split.image(digit)[None]).confidences[0]
    margin = shares[taken] - shares[label]
    assert window.view("digit").numbers.margin == (
        f"{taken} over {label}, the true class: {margin:.1%} of confidence, {lead:.3f} between logits."
    )
    assert (
        f"taken for a {taken} with {shares[taken]:.1%} confidence, with {shares[label]:.1%} for a {label}: "
        f"{margin:.1%} apart."
    ) in window.view("digit").text


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("hidden", [[16], [], [1]])
def test_contributions_add_up_to_the_lead_of_the_first_choice_over_its_rival(
    qtbot: QtBot, make_window: MakeWindow, activation: str, hidden: list[int]
) -> None:
    window = make_window({"network.activation": activation, "network.hidden": hidden})
    best, split = show(qtbot, window, "contributions")
    found = window.view("digit").attributions.map.attributions
    assert found
    first, second = first_and_comparison(best, split, 3)
    assert found.difference == pytest.approx(first - second, abs=1e-4)
    assert found.pixels.sum() + found.rest == pytest.approx(first - second, abs=0.02)
    assert found.is_exact == (activation == "relu" or not hidden)


def test_contributions_are_those_of_the_classes_that_a_person_compares(qtbot: QtBot, window: MainWindow) -> None:
    best, split = show(qtbot, window, "contributions")
    choose(window, "contributions_for", "4")
    choose(window, "contributions_against", "7")
    settle(qtbot, window)
    panel = window.view("digit").attributions
    found = panel.map.attributions
    assert found
    of = logits(best, split, 3)
    assert found.difference == pytest.approx(of[4] - of[7], abs=1e-4)
    choose(window, "contributions_against", "true")
    choose(window, "contributions_for", str(split.labels[3]))
    settle(qtbot, window)
    assert panel.text == SAME
    assert panel.map.attributions is None


def test_contributions_follow_the_timeline(qtbot: QtBot, whole_window: MainWindow) -> None:
    show(qtbot, whole_window, "contributions")
    now = whole_window.view("digit").attributions.map.attributions
    whole_window.playhead.show_step(0)
    settle(qtbot, whole_window)
    then = whole_window.view("digit").attributions.map.attributions
    assert now
    assert then
    run = whole_window.run_controller.run
    assert run
    assert run.timeline.first
    first, second = first_and_comparison(run.timeline.first, run.splits.validation, 3)
    assert then.difference == pytest.approx(first - second, abs=1e-4)
    assert then.difference != now.difference


def test_a_large_network_is_asked_for_contributions_in_the_background(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digit_contributions_presenter, "MOST_AT_ONCE", 0)  # as if it were
    show(qtbot, window, "contributions")
    assert window.view("digit").attributions.map.attributions


def test_the_pixel_that_is_pointed_at_is_told_with_the_class_it_speaks_for(qtbot: QtBot) -> None:
    panel = AttributionsTab()
    qtbot.addWidget(panel)
    panel.map.resize(120, 80)
    panel.show_attributions(Attributions(np.array([0.0, 1.5, -2.0, 0.25]), 0.0, -0.25, 0), (2, 2), LETTERS, (3, 46))
    assert panel.map.describe_at(QPoint(90, 10)) == "Row 0, column 1: +1.50, for letter 3"
    assert panel.map.describe_at(QPoint(30, 70)) == "Row 1, column 0: \N{MINUS SIGN}2.00, for letter 46"
    assert panel.map.describe_at(QPoint(30, 10)) == "Row 0, column 0: +0.00, for neither"
    assert panel.map.describe_at(QPoint(5, 10)) is None
    assert "letter 46 leads letter 3 by 0.25" in panel.text
    panel.grab()


def test_what_contributions_leave_unexplained_is_told_and_not_called_exact(qtbot: QtBot) -> None:
    panel = AttributionsTab()
    qtbot.addWidget(panel)
    panel.show_attributions(Attributions(np.array([1.0, -2.0]), 0.0, 3.0, 0), (1, 2), ("a", "b"), (0, 1))
    assert "leaves 4 unexplained" in panel.text
    assert "exact" not in panel.text


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e300])
def test_contributions_of_any_size_are_drawn(qtbot: QtBot, size: float) -> None:
    panel = AttributionsTab()
    qtbot.addWidget(panel)
    panel.show_attributions(Attributions(np.array([size, -size]), size, size, 512), (1, 2), ("a", "b"), (0, 1))
    panel.grab()
    panel.show_attributions(None, (1, 2), ("a", "b"), (0, 1))
    assert panel.text == NO_NUMBERS
    panel.grab()


def test_a_choice_of_class_stays_while_the_classes_do(qtbot: QtBot) -> None:
    panel = AttributionsTab()
    qtbot.addWidget(panel)
    panel.offer_classes(LETTERS)
    choose(panel, "contributions_for", "letter 40")
    panel.offer_classes(LETTERS)
    assert panel.chosen == 40
    panel.offer_classes(("x", "y"))
    assert panel.chosen == "first"


# Numbers


def test_numbers_are_the_confidences_and_logits_of_the_weights_shown(qtbot: QtBot, window: MainWindow) -> None:
    best, split = show(qtbot, window, "numbers")
    of = logits(best, split, 3)
    rows = window.view("digit").numbers.rows
    assert [float(row[2]) for row in rows] == pytest.approx(of, abs=6e-4)
    assert [float(row[3]) for row in rows] == pytest.approx(of.max() - of, abs=6e-4)
    assert [row[0] for row in rows].index(f"{split.labels[3]} (true)") == split.labels[3]
    second, first = np.sort(of)[-2:]
    assert f"{first - second:.3f} between logits" in window.view("digit").numbers.margin
    assert ": margin " in window.view("digit").text


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
@pytest.mark.parametrize("hidden", [[], [3]])
def test_a_network_that_diverged_says_no_numbers_and_breaks_nothing(
    qtbot: QtBot, value: float, hidden: list[int]
) -> None:
    config = RunConfig().with_settings({"network.hidden": hidden})
    count = sum((a + 1) * b for a, b in zip((64, *hidden), (*hidden, 47), strict=True))
    parameters = np.full(count, value, np.float32)
    snapshot = Snapshot.of(parameters, config=config, image_shape=(8, 8), class_names=LETTERS, step=0, epoch=0)
    answer = snapshot.answer(np.full((1, 8, 8), 200, np.uint8))
    numbers, activations = LogitsTab(), ActivationsTab()
    for panel in (numbers, activations):
        qtbot.addWidget(panel)
    numbers.show_answer(LETTERS, 46, answer)
    assert "no finite numbers" in numbers.margin
    activations.show_layers([("hidden", layer_activations(values[0])) for values in answer.activations])
    for panel in (numbers, activations):
        panel.grab()


# Activations


def test_every_unit_of_every_layer_has_a_cell_that_tells_its_activation(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window({"network.hidden": [20, 7]})
    best, split = show(qtbot, window, "activations")
    answer = best.answer(split.image(3)[None])
    canvas = window.view("digit").activations.canvas
    for layer, (name, values) in enumerate(
        [("hidden 1", answer.activations[0]), ("hidden 2", answer.activations[1]), ("logits", answer.logits)]
    ):
        for unit, value in enumerate(values[0]):
            told = canvas.describe_at(canvas.centre_of(layer, unit))
            assert told
            assert told.startswith(f"{name}, unit {unit}: {value:.4g}")


@pytest.mark.parametrize("units", [1, 2, 1024])
def test_layers_of_any_size_find_room(qtbot: QtBot, units: int) -> None:
    panel = ActivationsTab()
    qtbot.addWidget(panel)
    panel.resize(200, 150)
    panel.show()
    panel.show_layers([("hidden 1", layer_activations(np.zeros(units, np.float32)))] * 3)
    panel.grab()
    told = panel.canvas.describe_at(panel.canvas.centre_of(2, units - 1))
    assert told == f"hidden 1, unit {units - 1}: 0"
    assert panel.canvas.centre_of(2, units - 1).y() < panel.canvas.height()
    assert f"none of {units:,} active" in panel.canvas.accessibleDescription()


# Neighbours


@pytest.mark.parametrize("hidden", [[16], []])
def test_neighbours_are_the_nearest_training_digits_in_the_last_hidden_layer(
    qtbot: QtBot, make_window: MakeWindow, hidden: list[int]
) -> None:
    window = make_window({"network.hidden": hidden})
    best, split = show(qtbot, window, "neighbours")
    splits = window.run_controller.splits
    assert splits

    def values(pictures: np.ndarray) -> np.ndarray:
        seen = best.answer(pictures).activations[-1] if hidden else inputs_of(pictures, best.config.data.scaling)
        return seen.astype(np.float64)

    everything, one = values(splits.train.images(np.arange(len(splits.train)))), values(split.image(3)[None])
    distances = np.linalg.norm(everything - one, axis=1)
    shown = window.view("digit").neighbours.digits
    np.testing.assert_allclose(distances[shown], np.sort(distances)[: len(shown)], rtol=1e-4, atol=1e-5)
    assert len(shown) == 24
    assert f"{len(splits.train):,} training digits" in window.view("digit").neighbours.text


def test_a_clicked_neighbour_is_looked_at_next_and_is_not_its_own_neighbour(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "neighbours")
    choose(window, "neighbours_measure", "by direction")
    settle(qtbot, window)
    panel, splits = window.view("digit").neighbours, window.run_controller.splits
    assert splits
    nearest = panel.digits[0]
    gallery = panel._gallery
    place = gallery.visualRect(gallery.model().index(0, 0)).center()
    qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(qtbot, window)
    assert (window.digit_selection.split, window.digit_selection.index) == (splits.train, nearest)
    assert nearest not in panel.digits
    assert window.view("digit").text.startswith(f"Training digit {nearest}:")


@pytest.mark.parametrize("times", [0, 1])
def test_neighbours_that_nobody_wants_any_more_are_looked_for_no_further(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(digit_neighbours_presenter, "chunk_size", lambda network: 100)
    trainer, should_cancel = make_trainer(), StopsAfter(times)
    known = digit_neighbours_presenter._values(trainer.snapshot(), trainer.splits.train, should_cancel)
    assert len(known.values) == 100 * times
    assert should_cancel.asked == times + 1


def test_a_dead_layer_and_a_lonely_digit_are_said_to_have_no_neighbours(qtbot: QtBot) -> None:
    panel, train = NeighboursTab(), make_trainer().splits.train
    qtbot.addWidget(panel)
    names = tuple(map(str, range(10)))
    panel.show_neighbours(Neighbours(np.arange(3), np.zeros(3), 9, 0.0), train, names, "hidden layer 1")
    assert (panel.text, panel.digits) == (DEAD, [])
    panel.show_neighbours(Neighbours(np.arange(0), np.zeros(0), 0, np.nan), train, names, "hidden layer 1")
    assert (panel.text, panel.digits) == (NONE, [])
    panel.show_neighbours(None, train, names, "hidden layer 1")
    assert "no finite numbers" in panel.text


# Losses


def test_the_loss_is_that_of_every_kept_moment_and_a_click_goes_there(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "loss")
    run, plot = window.run_controller.run, window.view("digit").losses.plot
    assert run
    assert plot.losses
    assert plot.losses.steps.tolist() == run.timeline.steps
    for keyframe, loss in zip(run.timeline.keyframes, plot.losses.losses, strict=True):
        expected = keyframe.predict(run.splits.validation)
        assert expected
        assert loss == pytest.approx(float(expected.losses[3]), rel=1e-3, abs=1e-6)
    step = run.timeline.steps[5]
    at = QPoint(round(plot.x_of(step)), plot.height() // 2)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert f"step {step}." in window.view("digit").text
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert f"step {run.timeline.steps[6]}." in window.view("digit").text
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert "step 0." in window.view("digit").text


def losses_of(*values: float) -> DigitLosses:
    return digit_losses(list(range(len(values))), [Reading(value, 0) for value in values], 0)


@pytest.mark.parametrize(
    "values", [(), (0.5,), (0.0, 0.0), (np.nan, np.inf), (1e-45, 1e308, np.nan, 0.3), tuple(np.linspace(0, 3, 700))]
)
def test_losses_of_any_kind_are_drawn(qtbot: QtBot, values: tuple[float, ...]) -> None:
    panel = LossesTab()
    qtbot.addWidget(panel)
    panel.resize(220, 200)
    panel.show_losses(losses_of(*values), ("a", "b"))
    panel.plot.show_step(1)
    panel.grab()
    if not values:
        assert panel.text == NOTHING
    for place in range(len(values)):
        assert panel.plot.describe(place)


def test_without_losses_keys_and_clicks_lead_nowhere(qtbot: QtBot) -> None:
    plot = DigitLossPlot()
    qtbot.addWidget(plot)
    told: list[int] = []
    plot.step_chosen.connect(told.append)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(50, 30))
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert told == []


# All of them


@pytest.mark.parametrize("part", list(PARTS))
def test_every_part_follows_training_and_forgets_the_digit_with_the_run(
    qtbot: QtBot, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(history_presenter, "SECONDS_BETWEEN", 0.2)
    window = make_window({"training.epochs": 100_000})
    click(qtbot, window, "primary")
    qtbot.waitUntil(lambda: bool(window.view("mistakes").digits), timeout=20_000)
    splits = window.run_controller.splits
    assert splits
    window.digit_selection.choose(splits.validation, 5)
    choose(window, "digit_part", part)
    panel = window.view("digit")

    def shown() -> object:
        return {
            "contributions": panel.attributions.map.attributions,
            "numbers": str(panel.numbers.rows),
            "activations": panel.activations.canvas.accessibleDescription(),
            "neighbours": str(panel.neighbours.digits),
            "loss": panel.losses.plot.losses,
        }[part]

    qtbot.waitUntil(lambda: shown() not in (None, "", "[]"), timeout=20_000)
    before = shown()
    qtbot.waitUntil(lambda: shown() not in (None, before), timeout=20_000)
    assert window.run_controller.state is RunState.TRAINING
    click(qtbot, window, "new_network")
    assert panel.attributions.map.attributions is None
    assert panel.numbers.rows == []
    assert panel.neighbours.digits == []
    assert panel.losses.plot.losses is None


def test_a_part_out_of_sight_asks_for_nothing(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "numbers")
    panel = window.view("digit")
    assert panel.activations.canvas.accessibleDescription() == ""
    assert panel.neighbours.digits == []
    assert panel.losses.plot.losses is None
    choose(window, "digit_part", "loss")
    settle(qtbot, window)
    assert panel.losses.plot.losses is not None
    assert panel.neighbours.digits == []
