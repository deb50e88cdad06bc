"""`mnist-gui train` and `gradient-check`: training without a window, reported as text or as JSON records.

The report goes to standard output; warnings, errors and the progress bar to standard error.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from threadpoolctl import threadpool_limits

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.loading import open_dataset
from mnist_gui.data.splits import Splits
from mnist_gui.engine.components import check_size
from mnist_gui.engine.gradient_check import UncheckableError
from mnist_gui.faults.run_factory import idle, parts_of, resolve_faults, split_dataset, trainer_for
from mnist_gui.storage.atomic_file import write_problem
from mnist_gui.storage.model_file import save_model
from mnist_gui.storage.rescue import save_somewhere
from mnist_gui.system import exit_status
from mnist_gui.system.paths import NoFolderError, rescued_folder
from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import reason
from mnist_gui.system.signals import end_on_signal
from mnist_gui.system.terminal import is_lost, show, write, write_message, write_record
from mnist_gui.training.commands import Command, Stop
from mnist_gui.training.descriptions import describe_end, describe_epoch, describe_start
from mnist_gui.training.gradient_check import check_gradient
from mnist_gui.training.history import History
from mnist_gui.training.loop import train
from mnist_gui.training.records import EpochDone, LayersMeasured, MinibatchesDone, Record, RunEnded, RunStarted, as_json
from mnist_gui.training.snapshot import Snapshot


def run_training(config: RunConfig, *, save_to: Path | None, as_records: bool) -> int:
    """Train with `config`, save the best weights, evaluate them on the test digits, report. Returns the exit status."""
    if save_to is not None and (problem := write_problem(save_to)):
        raise ConfigError("--save", save_to, f"a file that can be written, in a folder that exists ({problem})")
    config, splits = prepare(config)
    inbox: SimpleQueue[Command] = SimpleQueue()
    reporter = _Reporter(as_records, lambda: None if save_to else inbox.put(Stop(keep=False)))
    with _stop_on_interrupt(inbox) as interrupts, threadpool_limits(1, user_api="blas"):
        trainer = trainer_for(config, splits)
        train(trainer, inbox, reporter)
        ended = reporter.ended
        status = exit_status.FAILED if ended.state in ("diverged", "failed") else exit_status.FINISHED
        # A run that diverged in its first epoch keeps weights for display only; they must not replace a saved model.
        best = trainer.best if ended.state != "diverged" or ended.best_epoch else None
        if save_to is not None and not _save(best, save_to, reporter):  # saved first: what follows may be interrupted
            status = exit_status.FAILED
        test = best.predict(splits.test) if best is not None and len(splits.test) else None
        if test is not None:
            ended = dataclasses.replace(ended, test_loss=test.loss, test_accuracy=test.accuracy)
        reporter.report_end(ended)
    return exit_status.INTERRUPTED if interrupts else status


def run_gradient_check(config: RunConfig, *, as_records: bool) -> int:
    """Check the gradient at the starting weights and report every layer. Returns the exit status."""
    config, splits = prepare(config)
    try:
        with threadpool_limits(1, user_api="blas"):
            checks = check_gradient(config, splits, parts=parts_of(config))
    except UncheckableError as error:
        if as_records:
            write_record({"record": "gradient_check", "is_right": None, "layers": [], "error": str(error)})
        else:
            write_message(str(error))
        return exit_status.FAILED
    is_right = all(check.is_right for check in checks)
    if as_records:
        layers = [{**dataclasses.asdict(check), "is_right": check.is_right} for check in checks]
        write_record({"record": "gradient_check", "is_right": is_right, "layers": layers})
    else:
        write("largest relative error in float64 and float32, and the worst parameter:")
        write(f"{'':12}{'tried':>7}{'float64':>10}{'float32':>10}  parameter, backward pass, differences")
        for check in checks:
            write(
                f"{check.name:12}{check.tried:7,}{check.error64:10.1e}{check.error32:10.1e}  "
                f"{check.worst}, {check.analytic:.6g}, {check.numerical:.6g}"
            )
        write("the gradient is right" if is_right else "the gradient is WRONG")
    return exit_status.FINISHED if is_right else exit_status.FAILED


def prepare(config: RunConfig) -> tuple[RunConfig, Splits]:
    """The resolved config of a run, and its digits. Reports faults without effect on standard error."""
    for title, need in idle(config).items():
        write_message(f"the fault {title!r} has no effect here: it needs {need}")
    config = resolve_faults(config)
    splits = split_dataset(open_dataset(config.data), config)
    check_size(config, splits.inputs, splits.classes)
    return config, splits


def _save(snapshot: Snapshot | None, path: Path, reporter: "_Reporter") -> bool:
    if snapshot is None:
        write_message(f"{named(path)} was not written: the run has no weights to save")
        return False
    try:
        save_model(path, snapshot)
    except OSError as error:
        failed = f"mnist-gui: {named(path)} could not be written: {reason(error)}"
        try:
            other = save_somewhere(snapshot, rescued_folder(), "train")
        except (OSError, NoFolderError):
            write_message(f"{failed}; nor could any other file")
        else:
            write_message(f"{failed}; the weights of epoch {snapshot.epoch} are now in {other}")
        return False
    sentence = f"weights of epoch {snapshot.epoch} saved to {path}"
    reporter.report(sentence)
    if is_lost() and not reporter.as_records:  # then it was reported on standard error
        write_message(f"mnist-gui: {sentence}; it could not be reported on standard output")
    return True


@contextmanager
def _stop_on_interrupt(inbox: "SimpleQueue[Command]") -> Iterator[list[int]]:
    """Context in which the first Ctrl-C, SIGTERM or hang-up stops the run regularly, and a second one ends the program.
    Yields the list of signals received."""
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        inbox.put(Stop())

    with end_on_signal(stop):
        yield received


class _Reporter:
    """An output that writes records at once, or else sentences and, on a terminal, a progress bar.

    when_lost: called when standard output cannot be written any more.
    """

    ended: RunEnded

    def __init__(self, as_records: bool, when_lost: Callable[[], None]) -> None:
        self.as_records, self._when_lost = as_records, when_lost
        self._progress = _Progress() if not as_records and sys.stderr.isatty() else None
        self._started: RunStarted | None = None
        self._history = History()  # epochs only: a long run has many minibatches

    def wants_snapshot(self) -> bool:
        return False

    def offer(self, snapshot: Snapshot) -> None:
        """Ignored: snapshots are not used."""

    def wants_keyframe(self) -> bool:
        return False

    def keep_keyframe(self, keyframe: Snapshot) -> None:
        """Ignored: keyframes are not used."""

    def yield_to_gui(self) -> None:
        """Does nothing: there is no GUI."""

    def keep(self, best: Snapshot) -> None:
        """Ignored: the trainer has the best weights."""

    def post(self, record: Record) -> None:
        if isinstance(record, RunEnded):
            self.ended = record  # reported by report_end, with the test digits
            return
        if self.as_records:
            if not isinstance(record, (MinibatchesDone, LayersMeasured)):
                write_record(as_json(record))
        else:
            self._report_record(record)
        if is_lost():
            self._when_lost()

    def _report_record(self, record: Record) -> None:
        match record:
            case RunStarted():
                self._started = record
                self.report(describe_start(record))
            case MinibatchesDone() if self._progress and self._started:
                self._progress.show(record, self._started)
            case EpochDone():
                self._history.add(record)
                self.report(describe_epoch(self._history))

    def report(self, sentence: str) -> None:
        """Write a sentence: to standard output, or to standard error if that has records."""
        if self._progress:
            self._progress.clear()
        if self.as_records:
            write_message(sentence)
        else:
            write(sentence)

    def report_end(self, ended: RunEnded) -> None:
        if self.as_records:
            write_record(as_json(ended))
            return
        self.report(describe_end(ended))
        if ended.error:
            write_message(f"mnist-gui: the run {ended.state}: {ended.error}")


class _Progress:
    """A progress bar in one line of a terminal."""

    WIDTH = 30

    def show(self, block: MinibatchesDone, started: RunStarted) -> None:
        step = block.first_step + len(block.losses) - 1
        done, planned = step - started.step, started.last_step - started.step
        filled = self.WIDTH * done // planned
        seconds_left = block.seconds[-1] / done * (planned - done)
        bar = "#" * filled + "." * (self.WIDTH - filled)
        text = f"[{bar}] step {step:,}/{started.last_step:,}  loss {block.losses.mean():.4f}  {seconds_left:.0f} s left"
        show(f"\r\033[K{text}")

    def clear(self) -> None:
        show("\r\033[K")  # flushed before a sentence is written over it, on a stream of its own
