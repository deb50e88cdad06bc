"""The search for the fix in the window: in a thread of its own, whose runs are in processes of their own."""

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.config.run_config import ConfigError, RunConfig, as_options
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.experiments.fix_candidates import Candidate, candidates_for
from mnist_gui.experiments.fix_report import as_it_is, changes_of, told
from mnist_gui.experiments.fix_search import Attempt, Search, planned
from mnist_gui.faults.run_factory import deal, spelled_out, trainer_for
from mnist_gui.training.descriptions import counted
from mnist_gui.ui.panels.controls.view import ControlPanel
from mnist_gui.ui.panels.diagnosis.presenter import DiagnosisDesk
from mnist_gui.ui.panels.search.job import SearchJob
from mnist_gui.ui.panels.search.view import HINT, SearchView
from mnist_gui.ui.services.run_controller import Bridge

NOT_YET = "A bug is hidden in this run, which a search would tell. Name it in the panel Lab first, or give it up."

# So long closing the window waits for the processes of a search to be gone.
CLOSING_SECONDS = 3.0


class SearchDesk(QObject):
    """Searches for what makes the network learn that is shown, or else the one that the form describes.

    ran(is_running): whether it has need of the processes now.
    """

    ran = Signal(bool)

    def __init__(self, bridge: Bridge, controls: ControlPanel, diagnosis: DiagnosisDesk, view: SearchView) -> None:
        super().__init__(view)
        self._bridge, self._controls, self._diagnosis, self._view = bridge, controls, diagnosis, view
        self.in_process = False  # runs one by one in this process, for tests
        self._job: SearchJob | None = None
        self._busy = ""  # what else has need of the processes
        self._known: list[Attempt] = []
        self._found: RunConfig | None = None
        self._dataset: Dataset | None = None  # that was searched with
        view.start_asked.connect(self.start)
        view.cancel_asked.connect(self.cancel)
        view.train_asked.connect(self.train)
        bridge.state_changed.connect(self._refresh_buttons)
        bridge.dataset_loaded.connect(self._refresh_buttons)
        bridge.run_shown.connect(self._on_bridge_run_shown)

    @Slot(int)
    def start(self, epochs: int) -> None:
        """Search, with runs of so many epochs."""
        run = self._bridge.run
        if run and run.is_secret:
            self._view.say(NOT_YET)
            return
        dataset = run.dataset if run else self._bridge.dataset
        if dataset is None or self._job:
            return
        try:
            config = run.begun_as if run else spelled_out(self._controls.config)
            digits = split_sizes(config.data, len(dataset.train_labels), len(dataset.test_labels)).train
        except ConfigError as error:
            self._controls.show_error(error)
            return
        found = self._diagnosis.diagnosis if run else None
        search, candidates = planned(config, digits, found.findings if found else (), epochs=epochs)
        processes = (os.cpu_count() or 1) - self._bridge.is_running
        title = f"Run {run.number}" if run else "The settings of the form"
        self._known, self._found, self._dataset = [], None, dataset

        def find(is_unwanted: Callable[[], bool]) -> Sequence[Candidate]:
            return candidates if run else _diagnosed(search, dataset, config, is_unwanted)

        self._job = SearchJob(title, search, find, processes, in_process=self.in_process)
        self._view.show_attempts([])
        self._view.show_result("", can_train=False)
        first = "" if run else "diagnosing them, and then "
        self._view.say(f"{title}: {first}running the network {as_it_is(search)}, for {counted(epochs, 'epoch')}...")
        self._refresh_buttons()

    @Slot()
    def cancel(self) -> None:
        """Give up the runs under way, and keep what is known."""
        if self._job:
            self._view.say("Ending the runs under way...")
            self._job.cancel()
            self._refresh_buttons()

    def close(self) -> bool:
        """Give up what is under way; whether nothing is left of it."""
        job, self._job = self._job, None
        return job is None or job.close(CLOSING_SECONDS)

    def refresh(self) -> bool:
        """Take what is new from the thread; whether there was anything."""
        job = self._job
        if job is None or job.news.empty():
            return False
        while not job.news.empty():
            news = job.news.get()
            if not isinstance(news, Attempt):
                self._end(job, news)
                return True
            self._known.append(news)
        self._view.show_attempts(self._known)
        if not job.is_cancelled():
            search, best = job.search, max(self._known, key=lambda attempt: attempt.rank)
            self._view.say(
                f"{job.title}: {len(self._known):,} of at most {counted(search.most_runs, 'run')} "
                f"({search.budget:,} epochs); the best reaches {best.trial.percent}, goal {search.goal:.0%}."
            )
        return True

    def _end(self, job: SearchJob, error: BaseException | None) -> None:
        self._job = None
        how = "failed" if error else "cancelled" if job.is_cancelled() else "done"
        runs = f"{counted(len(self._known), 'run')} of {counted(job.search.epochs, 'epoch')}"
        self._view.show_attempts(self._known)
        self._view.say(f"{job.title}: {how} after {runs}.")
        changes = changes_of(job.search)
        if changes:
            self._found = job.search.base.with_settings(changes)
        sentences = [_bulleted(line) for line in told(job.search) if "--set" not in line]
        settings = as_options(changes).replace("--set ", "").replace("'", "")
        lines = [f"{job.title}. {sentences[0]}", *sentences[1:], *([f"Settings: {settings}"] if changes else [])]
        self._view.show_result("\n".join(lines), can_train=bool(changes))
        self._refresh_buttons()
        if error:
            self._bridge.failed.emit("The search failed", str(error))

    @Slot()
    def train(self) -> None:
        """A new network with what was found, for the same digits; the one before it stays as a ghost."""
        if self._found is None or self._dataset is None:
            return
        before = self._bridge.run
        self._bridge.use_dataset(self._dataset, self._found.data.folder)
        self._bridge.begin(self._found)
        if self._bridge.run is not before:
            self._bridge.settings_shown.emit(self._found)

    @Slot(str)
    def wait_for(self, busy: str) -> None:
        """Something else has need of the processes, such as "A sweep"; "" if nothing has."""
        if busy != self._busy:
            self._busy = busy
            self._refresh_buttons()

    @Slot()
    def _on_bridge_run_shown(self) -> None:
        """What was said of another run's secret is said no more."""
        if self._view.caption == NOT_YET:
            self._view.say(HINT)

    @Slot()
    def _refresh_buttons(self) -> None:
        self._view.show_state(
            can_start=self._bridge.dataset is not None and self._job is None and not self._busy,
            can_cancel=self._job is not None and not self._job.is_cancelled(),
            is_running=self._job is not None,
            busy=self._busy,
        )
        self.ran.emit(self._job is not None)


def _bulleted(line: str) -> str:
    """A line of the report as it is shown: what is set in from the left is an item of a list."""
    return f"\N{BULLET} {line.strip()}" if line.startswith(" ") else line


def _diagnosed(search: Search, dataset: Dataset, config: RunConfig, is_unwanted: Callable[[], bool]) -> list[Candidate]:
    """What to try for a network that was not trained yet: it is trained just long enough to be diagnosed."""
    splits = deal(dataset, config)
    findings = diagnose(examine(trainer_for(config, splits), is_unwanted=is_unwanted)).findings
    return candidates_for(search.honest, len(splits.train), [finding.changes for finding in findings])
