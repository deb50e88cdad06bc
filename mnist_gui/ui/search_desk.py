"""The search for the fix in the window: in a thread of its own, whose runs are in processes of their own."""

import logging
import os
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Thread
from time import perf_counter

from PySide6.QtCore import QObject, Slot

from mnist_gui.config import ConfigError, RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.lab.build import spelled_out
from mnist_gui.lab.candidates import candidates_for
from mnist_gui.lab.pool import end_workers, run_all, workers
from mnist_gui.lab.search import Attempt, Search
from mnist_gui.lab.search_report import changes_of, told
from mnist_gui.lab.trial import Trial
from mnist_gui.ui.bridge import Bridge
from mnist_gui.ui.control_panel import ControlPanel
from mnist_gui.ui.diagnosis_desk import DiagnosisDesk
from mnist_gui.ui.search_view import SearchView

# With one process a run would be made in this one, and take the interpreter from the window.
FEWEST_PROCESSES = 2

NOT_YET = "A bug is hidden in this run, which a search would tell. Name it in the panel Lab first, or give it up."

# So long closing the window waits for the processes of a search to be gone.
CLOSING_SECONDS = 3.0

# Told by the thread: an attempt, or how it ended: None, or what went wrong.
_News = Attempt | Exception | None


class _Job:
    """One search under way."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.news: SimpleQueue[_News] = SimpleQueue()
        self.is_cancelled = Event()
        self.thread: Thread | None = None

    def run_all(self, configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        """Run these, unless and until nobody waits for them."""
        return run_all(configs, self.is_cancelled.is_set)

    def cancel(self) -> None:
        """Give up what is under way."""
        self.is_cancelled.set()
        end_workers()


class SearchDesk(QObject):
    """Searches for what makes the network learn that is shown, or else the one that the form describes."""

    def __init__(
        self,
        bridge: Bridge,
        controls: ControlPanel,
        diagnosis: DiagnosisDesk,
        view: SearchView,
        jobs: int | None = None,
    ) -> None:
        super().__init__(view)
        self._bridge, self._controls, self._diagnosis, self._view = bridge, controls, diagnosis, view
        self._jobs = jobs
        self._job: _Job | None = None
        self._known: list[Attempt] = []
        self._found: RunConfig | None = None
        self._dataset: Dataset | None = None  # that was searched with
        view.start_asked.connect(self.start)
        view.cancel_asked.connect(self.cancel)
        view.train_asked.connect(self.train)
        bridge.state_changed.connect(self._refresh_buttons)
        bridge.dataset_loaded.connect(self._refresh_buttons)

    @Slot(int)
    def start(self, epochs: int) -> None:
        """Search, with runs of so many epochs."""
        run = self._bridge.run
        if run and run.is_secret:
            self._view.say(NOT_YET)
            return
        dataset = run.dataset if run else self._bridge.dataset
        if dataset is None:
            return
        try:
            config = run.begun_as if run else spelled_out(self._controls.config)
            digits = split_sizes(config.data, len(dataset.train_labels), len(dataset.test_labels)).train
        except ConfigError as error:
            self._controls.show_error(error)
            return
        found = self._diagnosis.diagnosis
        proposed = [finding.changes for finding in found.findings] if found and run else []
        candidates = candidates_for(config, digits, proposed)
        search = Search(config, epochs=epochs)
        job = self._job = _Job(search)
        self._known, self._found, self._dataset = [], None, dataset
        jobs = self._jobs or max(FEWEST_PROCESSES, (os.cpu_count() or 1) - self._bridge.is_running)

        def work() -> None:
            try:
                with workers(jobs):
                    for attempt in search.run(candidates, job.run_all):
                        if job.is_cancelled.is_set():
                            break
                        job.news.put(attempt)
                job.news.put(None)
            except Exception as error:  # the top of a thread: a failure must reach the person
                if job.is_cancelled.is_set():  # whatever the end of its processes led to
                    return
                logging.getLogger(__name__).exception("the search failed")
                job.news.put(error)

        # A daemon: should its processes not end, closing the window does not wait for it.
        job.thread = Thread(target=work, name="search", daemon=True)
        job.thread.start()
        self._view.show_attempts([])
        self._view.show_result("", can_train=False)
        self._view.say(f"Running the network as it is for {epochs:,} epochs...")
        self._refresh_buttons()

    @Slot()
    def cancel(self) -> None:
        """Give up the runs under way, and keep what is known."""
        if self._job:
            self._job.cancel()
            self._end("Cancelled")

    def close(self) -> bool:
        """Give up what is under way; whether nothing is left of it."""
        job, self._job = self._job, None
        if job is None or job.thread is None:
            return True
        job.is_cancelled.set()
        end = perf_counter() + CLOSING_SECONDS
        while job.thread.is_alive() and perf_counter() < end:
            end_workers()  # again: some may be starting just now
            job.thread.join(0.05)
        return not job.thread.is_alive()

    def refresh(self) -> bool:
        """Take what is new from the thread; whether there was anything."""
        job = self._job
        if job is None or job.news.empty():
            return False
        while not job.news.empty():
            news = job.news.get()
            if isinstance(news, Attempt):
                self._known.append(news)
            elif news is None:
                self._end("Done")
                return True
            else:
                self._end("Failed")
                self._bridge.failed.emit("The search failed", str(news))
                return True
        self._view.show_attempts(self._known)
        best = max(self._known, key=lambda attempt: attempt.rank)
        most, reached = job.search.most_runs, best.trial.accuracy
        self._view.say(f"{len(self._known):,} runs of at most {most:,}; the best reaches {reached:.2%}.")
        return True

    def _end(self, how: str) -> None:
        job, self._job = self._job, None
        assert job
        self._view.show_attempts(self._known)
        self._view.say(f"{how} after {len(self._known):,} runs of {job.search.epochs:,} epochs.")
        changes = changes_of(job.search)
        if changes:
            self._found = job.search.base.with_settings(changes)
        sentences = [line.strip() for line in told(job.search) if "--set" not in line]
        self._view.show_result("\n".join(sentences), can_train=bool(changes))
        self._refresh_buttons()

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

    @Slot()
    def _refresh_buttons(self) -> None:
        self._view.show_state(is_running=self._job is not None, can_start=self._bridge.dataset is not None)
