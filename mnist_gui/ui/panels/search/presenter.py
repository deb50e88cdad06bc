"""Presenter of Search: looks for a fix in a thread of its own, whose runs are in processes of their own."""

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from mnist_gui.config.run_config import ConfigError, RunConfig, as_options
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.diagnosis.probe_run import examine
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.experiments.fix_candidates import Candidate, candidates_for
from mnist_gui.experiments.fix_report import as_it_is, changes_of, report_lines
from mnist_gui.experiments.fix_search import Attempt, Search, planned
from mnist_gui.experiments.process_pool import end_workers
from mnist_gui.faults.run_factory import resolve_faults, split_dataset, trainer_for
from mnist_gui.training.descriptions import counted
from mnist_gui.ui.panels.search.job import SearchJob
from mnist_gui.ui.panels.search.view import HINT, SearchView
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.process_use import ProcessUse
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis

NOT_YET = "A bug is hidden in this run, which a search would reveal. Name it in the panel Lab first, or give it up."

NAME = "A search"

# So long closing the window waits for the processes of a search to be gone.
CLOSING_SECONDS = 3.0


class SearchPresenter(QObject):
    """Searches for what makes the network learn that is shown, or else the one that the form describes."""

    def __init__(
        self,
        run_controller: RunController,
        controls: SettingsForm,
        diagnosis: RunDiagnosis,
        processes: ProcessUse,
        view: SearchView,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._controls, self._diagnosis, self._view = run_controller, controls, diagnosis, view
        self._processes = processes
        self.in_process = False  # runs one by one in this process, for tests
        self._job: SearchJob | None = None
        self._known: list[Attempt] = []
        self._found: RunConfig | None = None
        self._dataset: Dataset | None = None  # that was searched with
        view.start_asked.connect(self.start)
        view.cancel_asked.connect(self.cancel)
        view.train_asked.connect(self.train)
        run_controller.state_changed.connect(self._refresh_buttons)
        run_controller.dataset_loaded.connect(self._refresh_buttons)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        processes.changed.connect(self._refresh_buttons)
        processes.search_wanted.connect(view.click_start)
        self._refresh_buttons()

    @Slot(int)
    def start(self, epochs: int) -> None:
        """Search, with runs of so many epochs."""
        run = self._run_controller.run
        if run and run.is_hidden:
            self._view.show_caption(NOT_YET)
            return
        dataset = run.dataset if run else self._run_controller.dataset
        if dataset is None or self._job:
            return
        try:
            config = run.begun_as if run else resolve_faults(self._controls.config)
            digits = split_sizes(config.data, len(dataset.train_labels), len(dataset.test_labels)).train
        except ConfigError as error:
            self._controls.show_error(error)
            return
        found = self._diagnosis.diagnosis if run else None
        search, candidates = planned(config, digits, found.findings if found else (), epochs=epochs)
        if not self._processes.take(NAME):
            return
        processes = (os.cpu_count() or 1) - self._run_controller.is_running
        title = f"Run {run.number}" if run else "The settings of the form"
        self._known, self._found, self._dataset = [], None, dataset
        is_known = run is not None

        def find(should_cancel: Callable[[], bool]) -> Sequence[Candidate]:
            return candidates if is_known else _diagnosed(search, dataset, config, should_cancel)

        self._job = SearchJob(title, search, find, processes, in_process=self.in_process)
        self._view.show_attempts([])
        self._view.show_result("", can_train=False)
        first = "" if run else "diagnosing them, and then "
        self._view.show_caption(
            f"{title}: {first}running the network {as_it_is(search)}, for {counted(epochs, 'epoch')}..."
        )
        self._refresh_buttons()

    @Slot()
    def cancel(self) -> None:
        """Give up the runs under way, and keep what is known."""
        if self._job:
            self._view.show_caption("Ending the runs under way...")
            self._job.cancel()
            self._refresh_buttons()

    def close(self) -> bool:
        """Give up what is under way; whether nothing is left of it."""
        job, self._job = self._job, None
        has_ended = job is None or job.close(CLOSING_SECONDS)
        end_workers()
        return has_ended

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
            self._view.show_caption(
                f"{job.title}: {len(self._known):,} of at most {counted(search.most_runs, 'run')} "
                f"({search.budget:,} epochs); the best reaches {best.trial.percent}, goal {search.goal:.0%}."
            )
        return True

    def _end(self, job: SearchJob, error: BaseException | None) -> None:
        self._job = None
        self._processes.free(NAME)
        how = "failed" if error else "cancelled" if job.is_cancelled() else "done"
        runs = f"{counted(len(self._known), 'run')} of {counted(job.search.epochs, 'epoch')}"
        self._view.show_attempts(self._known)
        self._view.show_caption(f"{job.title}: {how} after {runs}.")
        changes = changes_of(job.search)
        if changes:
            self._found = job.search.base.with_settings(changes)
        sentences = [_bulleted(line) for line in report_lines(job.search) if "--set" not in line]
        settings = as_options(changes).replace("--set ", "").replace("'", "")
        lines = [f"{job.title}. {sentences[0]}", *sentences[1:], *([f"Settings: {settings}"] if changes else [])]
        self._view.show_result("\n".join(lines), can_train=bool(changes))
        self._refresh_buttons()
        if error:
            self._run_controller.failed.emit("The search failed", str(error))

    @Slot()
    def train(self) -> None:
        """A new network with what was found, for the same digits; the one before it stays as a ghost."""
        if self._found is None or self._dataset is None:
            return
        before = self._run_controller.run
        self._run_controller.use_dataset(self._dataset, self._found.data.folder)
        self._run_controller.begin(self._found)
        if self._run_controller.run is not before:
            self._run_controller.settings_shown.emit(self._found)

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        """What was said of another run's secret is said no more."""
        if self._view.caption == NOT_YET:
            self._view.show_caption(HINT)

    @Slot()
    def _refresh_buttons(self) -> None:
        self._view.show_state(
            can_start=self._run_controller.dataset is not None
            and self._job is None
            and not self._processes.busy_for(NAME),
            can_cancel=self._job is not None and not self._job.is_cancelled(),
            is_running=self._job is not None,
            busy=self._processes.busy_for(NAME),
        )


def _bulleted(line: str) -> str:
    """A line of the report as it is shown: what is set in from the left is an item of a list."""
    return f"\N{BULLET} {line.strip()}" if line.startswith(" ") else line


def _diagnosed(
    search: Search, dataset: Dataset, config: RunConfig, should_cancel: Callable[[], bool]
) -> list[Candidate]:
    """What to try for a network that was not trained yet: it is trained just long enough to be diagnosed."""
    splits = split_dataset(dataset, config)
    findings = diagnose(examine(trainer_for(config, splits), should_cancel=should_cancel)).findings
    return candidates_for(search.corrected, len(splits.train), [finding.changes for finding in findings])
