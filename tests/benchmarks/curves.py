"""The curves of long runs: what a frame costs, what a minibatch costs in memory, and ten hours of training in a minute.

Frames are of real plots in an invisible window: new minibatches are taken in, and both plots drawn anew.
"""

import math
import multiprocessing
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from mnist_gui.config.run_config import RunConfig
from mnist_gui.training.history import History
from mnist_gui.training.records import (
    EpochDone,
    LayersMeasured,
    MinibatchesDone,
    Record,
    RunPaused,
    RunResumed,
    RunStarted,
    SettingChanged,
)
from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.plotting.overlay_runs import OverlayRun
from tests.benchmarks.report import medians, report

BLOCK = 512  # as the training loop posts them
SHORT, LONG = 1_000, 5_000_000
ROUNDS = 120

SOAK_MINIBATCHES = 8_000_000  # ten hours at 4.5 milliseconds each
SOAK_STEPS_PER_EPOCH = 1_875
SOAK_FRAMES = 1_500
MB = 2**20


def main() -> None:
    own_mb = grown_in_a_process_of_its_own(soak_history)
    application = QApplication(sys.argv[:1])
    measure_soak(own_mb)  # first, while nothing of other measurements is left in memory
    measure_memory()
    measure_frames()
    application.exit()


def measure_memory() -> None:
    """The bytes of a history by its minibatches, the most that it ever was beyond the first 100,000."""
    block = minibatches(1, BLOCK)
    tracemalloc.start()
    history, worst = History(), 0.0
    before = tracemalloc.get_traced_memory()[0]
    while len(history) < LONG:
        history.add(block)
        if len(history) > 100_000:
            worst = max(worst, (tracemalloc.get_traced_memory()[0] - before) / len(history))
    tracemalloc.stop()
    report("curves memory, the most at any length", worst, "bytes a minibatch", "<= 40")


def measure_frames() -> None:
    """Frames of a long history by those of a short one, in turn, in four situations."""
    views = {"short": make_view(SHORT), "long": make_view(LONG)}
    ghost = OverlayRun("another run", make_history(SHORT))
    compare_frames("following", views)
    for view, _ in views.values():
        view.show_ghosts([ghost] * 5)
    compare_frames("following, five ghosts", views)
    for view, history in views.values():
        view.show_ghosts([])
        zoom(view, history)
    compare_frames("zoomed in on the newest 200 minibatches", views)
    for view, history in views.values():
        view.show_step(history.last_step // 2)
        view.loss.follow(True)
        view.accuracy.follow(True)
    compare("moving the pinned moment", {name: moving(*views[name]) for name in views}, "<= 5 ms, ratio <= 1.2")


def compare_frames(what: str, views: dict[str, tuple[CurvesView, History]]) -> None:
    compare(f"frame, {what}", {name: frame_of(*views[name]) for name in views}, "<= 1.2")


def compare(what: str, contestants: dict[str, Callable[[], None]], target: str) -> None:
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for round_ in range(ROUNDS + 10):
        for name, run in contestants.items():
            started = perf_counter()
            run()
            if round_ >= 10:
                samples[name].append(perf_counter() - started)
    middle = medians(samples)
    report(
        f"curves {what}: {LONG:,} minibatches by {SHORT:,}",
        middle["long"] / middle["short"],
        "ratio",
        target,
        ms={name: round(1000 * value, 2) for name, value in middle.items()},
    )


def frame_of(view: CurvesView, history: History) -> Callable[[], None]:
    """Take in a minibatch and draw both plots."""

    def frame() -> None:
        history.add(minibatches(history.last_step + 1, 1))
        for plot in view.plots:
            assert plot.refresh()

    return frame


def moving(view: CurvesView, history: History) -> Callable[[], None]:
    """Pin another moment, and paint it."""
    steps = iter(np.random.default_rng(0).integers(1, history.last_step, 10_000).tolist())

    def move() -> None:
        view.show_step(next(steps))
        QApplication.processEvents()

    return move


def zoom(view: CurvesView, history: History) -> None:
    """Put the newest 200 minibatches into sight, as a person does with the wheel."""
    box = view.loss.findChild(object, "loss").getPlotItem().vb
    box.setXRange(*((history.last_step + more) / history.starts[-1].steps_per_epoch for more in (-200, 600)), padding=0)
    box.sigRangeChangedManually.emit([True, True])


def measure_soak(own_mb: float) -> None:
    """A run of hours in blocks, with a frame drawn now and then: the last tenth of the frames by the first."""
    history, view = History(), make_shown_view()
    view.show_history(history)
    frames: list[float] = []
    resident: list[float] = []
    longest = (0.0, 0)  # seconds that a record took to be taken in, and the minibatches there were then
    for records in soak_records():
        longest = max(longest, feed(history, records))
        started = perf_counter()
        for plot in view.plots:
            plot.refresh()
        frames.append(perf_counter() - started)
        if len(frames) in (SOAK_FRAMES // 100, SOAK_FRAMES):
            resident.append(resident_mb())
    tenth = SOAK_FRAMES // 10
    middle = medians({"first": frames[5 : tenth + 5], "last": frames[-tenth:]})
    report(
        "curves soak, frames of the last tenth by the first",
        middle["last"] / middle["first"],
        "ratio",
        "<= 1.2",
        ms={name: round(1000 * value, 2) for name, value in middle.items()},
        longest_ms=round(1000 * max(frames[5:]), 1),
        minibatches=len(history),
        epochs=len(history.epochs),
    )
    report("curves soak, longest taking in of a record", 1000 * longest[0], "ms", "<= 60", minibatches=longest[1])
    growth = resident[1] - resident[0]
    report("curves soak, memory beyond the history's own", growth - own_mb, "MB", "<= 20", own_mb=round(own_mb, 1))


def soak_records() -> Iterator[list[Record]]:
    """The records of a run of SOAK_MINIBATCHES, in as many portions as frames are drawn."""
    epochs = math.ceil(SOAK_MINIBATCHES / SOAK_STEPS_PER_EPOCH)
    step, epoch = 0, 0
    first: list[Record] = [started(epochs * SOAK_STEPS_PER_EPOCH, SOAK_STEPS_PER_EPOCH)]
    for frame in range(1, SOAK_FRAMES + 1):
        records, first = first, []
        until = SOAK_MINIBATCHES * frame // SOAK_FRAMES
        while step < until:
            count = min(BLOCK, until - step)
            records.append(minibatches(step + 1, count))
            step += count
            if step // SOAK_STEPS_PER_EPOCH > epoch:
                epoch += 1
                records.append(epoch_done(epoch, SOAK_STEPS_PER_EPOCH))
        records.append(LayersMeasured(step, (0.1,) * 3, (-3.0,) * 3, (0.2,) * 2, (0.1,) * 2, (0.0,) * 2, (0.0,) * 2))
        if frame % 50 == 0:
            records.append(SettingChanged(step, "training.learning_rate", 0.1, 0.05))
            records += [RunPaused(step), RunResumed(step)]
        yield records


def soak_history() -> History:
    """What is kept of all of them."""
    history = History()
    for records in soak_records():
        feed(history, records)
    return history


def feed(history: History, records: list[Record]) -> tuple[float, int]:
    """The seconds of the record that took longest to be taken in, and how many minibatches there were then."""
    longest = (0.0, 0)
    for record in records:
        started = perf_counter()
        history.add(record)
        longest = max(longest, (perf_counter() - started, len(history)))
    return longest


def make_view(count: int) -> tuple[CurvesView, History]:
    view, history = make_shown_view(), make_history(count)
    view.show_history(history)
    return view, history


def make_shown_view() -> CurvesView:
    view = CurvesView()
    view.resize(620, 700)
    view.show()
    QApplication.processEvents()
    return view


def make_history(count: int) -> History:
    """So many minibatches of a run that is planned for as many again, in epochs of a tenth."""
    per_epoch = count // 10
    history = History()
    history.add(started(2 * count, per_epoch))
    for epoch in range(1, 11):
        for start in range(0, per_epoch, BLOCK):
            history.add(minibatches(history.last_step + 1, min(BLOCK, per_epoch - start)))
        history.add(epoch_done(epoch, per_epoch))
    return history


def started(last_step: int, steps_per_epoch: int) -> RunStarted:
    return RunStarted(RunConfig(), 0, 0, last_step, steps_per_epoch, 60_000, 10_000, 100_000, 1, 2.3)


def minibatches(first_step: int, count: int) -> MinibatchesDone:
    noise = np.random.default_rng(first_step).random((2, count), np.float32)
    rates = np.full(count, 0.1, np.float32)
    seconds = np.arange(first_step, first_step + count, dtype=np.float32) * np.float32(4.5e-3)
    return MinibatchesDone(first_step, 0.2 + 0.3 * noise[0], 0.8 + 0.2 * noise[1], rates, seconds)


def epoch_done(epoch: int, steps_per_epoch: int) -> EpochDone:
    loss = 0.3 + 0.05 * math.sin(epoch)
    return EpochDone(epoch, epoch * steps_per_epoch, 0.3, 0.9, loss, 0.9 + 0.02 * math.sin(epoch), 1.0, 1e5)


def grown_in_a_process_of_its_own(work: Callable[[], object]) -> float:
    """By how many megabytes a process grows that does some work and holds on to what comes of it."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def measure() -> None:
        before = resident_mb()
        kept = work()
        answers.put(resident_mb() - before)
        del kept

    process = context.Process(target=measure)
    process.start()
    grown = answers.get()
    process.join()
    return float(grown)


def resident_mb() -> float:
    """The memory of this process that is in use, without files: a forked process has yet to map those of its libraries,
    which would pass for growth.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("RssAnon:"))
    return int(kilobytes) * 1024 / MB


if __name__ == "__main__":
    main()
