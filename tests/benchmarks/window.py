"""The window while it trains, with every panel visible: frames, age of the curves, speed, memory, how soon it obeys.

BENCH_SECONDS is the time for each network; the targets are meant for 60.
"""

import os
from time import perf_counter

import numpy as np
from PySide6.QtWidgets import QApplication

from mnist_gui.config.run_config import RunConfig
from mnist_gui.ui.main_window import MainWindow
from tests.benchmarks.live import (
    Ages,
    application,
    headless_speed,
    memory,
    open_window,
    other_process,
    pause,
    percentiles,
    spin,
    timer_gaps,
    train,
    wait_until,
)
from tests.benchmarks.report import medians, report

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
ROUNDS = 3
ENDLESS = {"training.epochs": 1000, "training.schedule": "constant", "training.learning_rate": 0.01}

# Minibatches over which memory is watched, and those before, until all that is made once is there.
MANY, FIRST = 1_000_000, 250_000


def main() -> None:
    with application():
        memory_a_minibatch()  # first, before there is anything that could be given back meanwhile
        start_and_obedience()
        looking_back(hidden=128)
        looking_back(hidden=1024)
        frames(hidden=128, batch=32)
        frames(hidden=128, batch=1)
        frames(hidden=1024, batch=512)


def config(hidden: int, batch: int) -> RunConfig:
    return RunConfig().with_settings({**ENDLESS, "network.hidden": [hidden], "training.batch_size": batch})


def start_and_obedience() -> None:
    """From the click on Train to the first value in the curve; from a changed rate to its use; closing meanwhile."""
    with open_window(config(hidden=128, batch=32)) as window:
        started = perf_counter()
        window.controls_actions.primary.trigger()
        wait_until(lambda: len(window.run_controller.history) > 0 and window.curves.loss.drawn_minibatches > 0)
        report("window start to first point", perf_counter() - started, "s", "<= 0.5")
        delays = [seconds_to_obey(window, factor) for factor in (0.5, 2.0) * 5]
        report("window changed learning rate in force and shown, longest of 10", max(delays), "s", "<= 0.2")
        started = perf_counter()
        window.close_without_asking()
        report("window close while training", perf_counter() - started, "s", "<= 1")


def seconds_to_obey(window: MainWindow, factor: float) -> float:
    rate = float(window.run_controller.history.rates[-1]) * factor
    started = perf_counter()
    window.run_controller.change_setting("training.learning_rate", rate)
    wait_until(lambda: abs(window.run_controller.history.rates[-1] / rate - 1) < 0.1)
    return perf_counter() - started


def frames(hidden: int, batch: int) -> None:
    """A 60 Hz timer beside the training window; then its speed without that timer, and without the window, in turn."""
    name, run = f"window 784-{hidden}-10, batch {batch}", config(hidden, batch)
    gaps: list[float] = []
    speeds: dict[str, list[float]] = {"window": [], "headless": []}
    with open_window(run) as window, other_process() as process:
        train(window)
        ages = Ages(window)
        pause(window)
        for _ in range(ROUNDS):
            train(window)
            spin(0.5)
            ages.counts = True
            gaps += timer_gaps(SECONDS / ROUNDS)
            ages.counts = False
            speeds["window"].append(speed_of(window, SECONDS / ROUNDS))
            pause(window)
            speeds["headless"].append(process.submit(headless_speed, run, SECONDS / ROUNDS).result())
    told, usual = percentiles(gaps), batch == 32
    report(f"{name}: 60 Hz timer, median", told["median"], "ms", "<= 17" if usual else "none")
    report(f"{name}: 60 Hz timer, 99th percentile", told["p99"], "ms", "<= 25" if usual else "none")
    report(f"{name}: 60 Hz timer, longest gap", told["longest"], "ms", "<= 60", seconds=SECONDS)
    age = percentiles(ages.drawn)
    report(f"{name}: age of the curve's end when drawn, 99th percentile", age["p99"], "ms", "<= 50", **age)
    age = percentiles(ages.until_drawn)
    report(f"{name}: from a minibatch to its being drawn, median", age["median"], "ms", "<= 50", **age)
    middle = medians(speeds)
    report(
        f"{name}: training speed by headless",
        middle["window"] / middle["headless"],
        "ratio",
        ">= 0.90",
        minibatches_per_second={name: round(value) for name, value in middle.items()},
    )


def speed_of(window: MainWindow, seconds: float) -> float:
    """Minibatches a second, with nothing measured beside."""
    before, started = len(window.run_controller.history), perf_counter()
    spin(seconds)
    return (len(window.run_controller.history) - before) / (perf_counter() - started)


def looking_back(hidden: int) -> None:
    """From a place on the timeline to the weights and curves of that moment, and to its mistakes, while it trains."""
    rng = np.random.default_rng(0)
    weights, mistakes = [], []
    with open_window(config(hidden=hidden, batch=32)) as window:
        train(window)
        wait_until(lambda: len(window.run_controller.history.epochs) >= 2, seconds=120)
        for _ in range(30):
            run = window.run_controller.run
            step = int(rng.choice(run.timeline.steps))
            started = perf_counter()
            window.playhead.show_step(step)
            QApplication.processEvents()
            weights.append(perf_counter() - started)
            told = f"Weights of step {step:,}."
            wait_until(lambda told=told: told in window.view("mistakes").caption)
            mistakes.append(perf_counter() - started)
            spin(0.1)
    name = f"window 784-{hidden}-10: looking back"
    report(f"{name}, weights and curves, longest of 30", max(weights) * 1000, "ms", "<= 50", **percentiles(weights))
    report(f"{name}, mistakes, longest of 30", max(mistakes) * 1000, "ms", "<= 200", **percentiles(mistakes))


def memory_a_minibatch() -> None:
    """How the process grows while a tiny network trains digit by digit."""
    with open_window(config(hidden=1, batch=1)) as window:
        train(window)
        wait_until(lambda: len(window.run_controller.history) >= FIRST, seconds=600)
        before, at_first = memory(), len(window.run_controller.history)
        wait_until(lambda: len(window.run_controller.history) >= at_first + MANY, seconds=1200)
        count = len(window.run_controller.history) - at_first
        growth = memory() - before
    report("window memory a minibatch", growth / count, "bytes", "<= 40", minibatches=count, mb=round(growth / 1e6, 1))


if __name__ == "__main__":
    main()
