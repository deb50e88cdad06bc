"""Looking at mistakes: filtering, sorting and scrolling many digits while training, and evaluating 10,000 of them.

BENCH_SECONDS is the time for scrolling, and for the frames that it is compared with.
"""

import os
from collections.abc import Callable
from time import perf_counter

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox

from mnist_gui.config.run_config import RunConfig
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panels.mistakes.confusion_matrix import NO_CELL, ConfusionMatrix
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from tests.benchmarks.live import application, open_window, pause, percentiles, spin, timer_gaps, train, wait_until
from tests.benchmarks.report import report

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
# All but one of MNIST's training digits are trained on, and all of those are in the gallery.
SETTINGS = {
    "data.train": 59_999,
    "data.validation": 1,
    "training.epochs": 1000,
    "training.schedule": "constant",
    "training.learning_rate": 0.01,
    "training.batch_size": 32,
    "network.hidden": [128],
}


def main() -> None:
    with application(), open_window(RunConfig().with_settings(SETTINGS)) as window:
        train(window)
        wait_until(lambda: len(window.run_controller.history.epochs) >= 1, seconds=120)
        pause(window)
        window.view("mistakes").choices.choose("train", "all")
        wait_until(lambda: not window.run_controller.is_busy)
        assert len(window.view("mistakes").digits) == SETTINGS["data.train"]
        filtering(window)
        sorting(window)
        scrolling(window)
        evaluating(window)


def choose(window: MainWindow, name: str, index: int) -> None:
    box = window.findChild(QComboBox, name)
    assert box
    box.setCurrentIndex(index)


def seconds_of(deed: Callable[[], object]) -> float:
    """Of a deed and of painting what it changed."""
    started = perf_counter()
    deed()
    spin(0.0)
    return perf_counter() - started


def filtering(window: MainWindow) -> None:
    """A click on a cell, a row or a column of the matrix, and back to all."""
    matrix = window.view("mistakes").findChild(ConfusionMatrix)
    rng, seconds = np.random.default_rng(0), []
    for _ in range(30):
        true, predicted = (int(each) for each in rng.integers(10, size=2))
        for cell in ((true, predicted), (true, None), (None, predicted), NO_CELL):
            seconds.append(seconds_of(lambda cell=cell: matrix._choose(cell)))
    tell("filtering 60,000 digits", seconds)


def sorting(window: MainWindow) -> None:
    seconds = []
    for _ in range(10):
        for order in range(5):
            seconds.append(seconds_of(lambda order=order: choose(window, "mistakes_order", order)))
    tell("sorting 60,000 digits", seconds)


def tell(name: str, seconds: list[float]) -> None:
    told = percentiles(seconds)
    report(f"mistakes: {name}, longest of {len(seconds)}", told["longest"], "ms", "<= 50", **told)


def scrolling(window: MainWindow) -> None:
    """A 60 Hz timer while the gallery is scrolled from its beginning towards its end, and without scrolling."""
    bar = window.view("mistakes").findChild(DigitGallery).verticalScrollBar()
    window.controls_actions.primary.trigger()
    spin(1.0)
    still = percentiles(timer_gaps(SECONDS / 2))
    mover = QTimer()
    mover.timeout.connect(lambda: bar.setValue((bar.value() + 25) % max(1, bar.maximum())))
    mover.start(16)
    moving = percentiles(timer_gaps(SECONDS / 2))
    mover.stop()
    report("mistakes: 60 Hz timer while scrolling and training, median", moving["median"], "ms", "<= 17", **moving)
    report("mistakes: 60 Hz timer while training only, median", still["median"], "ms", "none", **still)


def evaluating(window: MainWindow) -> None:
    """What the window feels of 10,000 digits being put to the network: a timer meanwhile."""
    pause(window)
    window.view("mistakes").choices.choose("test", "all")
    window.prediction_service.reveal_test()
    wait_until(lambda: not window.run_controller.is_busy)
    gaps: list[float] = []
    for step in window.run_controller.run.timeline.steps[:10]:
        window.playhead.show_step(step)
        gaps += timer_gaps(0.5)
    told = percentiles(gaps)
    report(
        "mistakes: 60 Hz timer while 10,000 digits are evaluated, 99th percentile", told["p99"], "ms", "<= 33", **told
    )


if __name__ == "__main__":
    main()
