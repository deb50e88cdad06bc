"""Presenter of Sweep: plans with the settings of the form, runs in processes, and files to resume from."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Slot

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.experiments.process_pool import end_workers
from mnist_gui.experiments.sweep_file import MOST_POINTS
from mnist_gui.experiments.sweep_plan import sweep_toml
from mnist_gui.experiments.sweep_runs import SweepRuns, new_sweep, open_sweep
from mnist_gui.inspection.sweep_axes import Axis
from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.system import paths
from mnist_gui.system.printable import named
from mnist_gui.ui.panels.sweep.job import SweepJob
from mnist_gui.ui.panels.sweep.progress_text import planned, progress, rest
from mnist_gui.ui.panels.sweep.results_view import axes_of
from mnist_gui.ui.panels.sweep.view import SweepView
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.process_use import ProcessUse
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.buttons import WAIT

Axes = dict[str, Axis]

NAME = "A sweep"

# How long closing waits for the thread of a sweep whose processes were ended.
CLOSE_SECONDS = 2.0

# After results were shown, no others for so many times as long: thousands of runs take some hundredths of a second.
REST = 20.0


class SweepPresenter(QObject):
    """Runs one sweep at a time, shows it, and gives the settings of any of its runs to the form."""

    def __init__(
        self,
        run_controller: RunController,
        controls: SettingsForm,
        processes: ProcessUse,
        view: SweepView,
        dialogs: Dialogs,
        preferences: Preferences,
    ) -> None:
        super().__init__(view)
        self._run_controller, self._controls, self._view = run_controller, controls, view
        self._dialogs, self._preferences = dialogs, preferences
        self._processes = processes
        self.in_process = False  # runs one by one in this process, for tests
        self.runs: SweepRuns | None = None
        self._job: SweepJob | None = None
        self._is_reading = False
        self._is_stale = False
        self._not_before = 0.0
        self._has_looked = False
        view.start_asked.connect(self.start)
        view.resume_asked.connect(self.resume)
        view.cancel_asked.connect(self.cancel)
        view.plan.open_asked.connect(self.open)
        view.plan.save_asked.connect(self.save)
        view.plan.edited.connect(self._describe_plan)
        view.results.use_asked.connect(self.use)
        run_controller.dataset_loaded.connect(self._refresh_buttons)
        controls.edited.connect(self._on_controls_edited)
        processes.changed.connect(self._refresh_buttons)
        self._on_controls_edited()
        self._describe_plan()

    # What the user asks for

    @Slot()
    def start(self) -> None:
        """Make all runs of the plan, with the form's other settings; the file goes into the folder of sweeps."""
        plan, base = self._view.plan.plan, self._form()
        if base is None or self._job:
            return
        folder, name = paths.sweeps_folder(), f"{datetime.now():sweep-%Y-%m-%d-%H%M%S}"

        def begin(runs: SweepRuns, axes: Axes) -> None:
            self._show(runs, axes)
            self.resume()

        self._read(lambda: new_sweep(folder, name, plan.tables(base), base), begin, "The sweep cannot begin")

    @Slot()
    def resume(self) -> None:
        """Make the runs that are still to do; if there are none, once more those that could not be made."""
        if self.runs is None or self._job:
            return
        if not self.runs.left and self.runs.failed:
            self.runs.forget_failed()
            self._view.show_outcomes(self.runs.outcomes)
        if not self.runs.left:
            return
        if not self._processes.take(NAME):  # a search has begun while the plan was written
            self._view.show_caption(WAIT.format(self._processes.busy_for(NAME)), is_error=True)
            return
        self._job = SweepJob(self.runs, self._view.plan.processes, in_process=self.in_process)
        self._view.show_caption(progress(self.runs, self._job.left, self._job.at_once))
        self._refresh_buttons()

    @Slot()
    def cancel(self) -> None:
        """End the runs under way; what is done is kept."""
        if self._job:
            self._view.show_caption("Ending the runs under way...")
            self._job.cancel()
            self._refresh_buttons()

    @Slot()
    def open(self) -> None:
        """Show a sweep from a file, and what it gave so far."""
        base = self._form()
        folder = self._preferences.folder("sweep")
        path = self._dialogs.ask_sweep_to_open(
            folder if folder != paths.home_folder() else _existing(paths.sweeps_folder())
        )
        if path is None or base is None or self._job:
            return
        self._preferences.remember_folder("sweep", path.parent)
        self._read(lambda: open_sweep(path, base), self._show_opened, f"{named(path.name)} cannot be opened")

    @Slot()
    def save(self) -> None:
        """Write what is planned to a file that the command runs."""
        plan, base = self._view.plan.plan, self._form()
        if base is None:
            return
        try:
            text = sweep_toml(plan.tables(base))
        except ConfigError as error:
            self._view.show_caption(error.complaint, is_error=True)
            return
        path = self._dialogs.ask_sweep_to_save(self._preferences.folder("sweep") / "grid.toml")
        if path is None:
            return
        self._preferences.remember_folder("sweep", path.parent)
        self._run_controller.task_runner.request(
            "sweep file",
            lambda: write_atomically(path, lambda file: file.write(text.encode())),
            lambda _: self._view.show_caption(
                f"Saved: mnist-gui sweep {path.name} makes the same runs without a window."
            ),
            lambda error: self._run_controller.failed.emit(f"{named(path.name)} cannot be saved", str(error)),
        )

    @Slot(int)
    def use(self, place: int) -> None:
        """Put the settings of a run into the form."""
        if self.runs is None:
            return
        config, folder = self.runs.configs[place], self._controls.config_folder
        settings = {"training.blas_threads": RunConfig().training.blas_threads, "data.folder": folder}
        self._run_controller.settings_shown.emit(config.with_settings(settings))
        if config.data.folder != folder:
            self._run_controller.file_service.load_dataset(config.data.folder)
        self._view.show_caption("The form at the left has the settings of this run: Train new network begins it.")

    # Frames

    def refresh(self) -> bool:
        """Take what is new from the runs, and show it if it would be seen; whether there was anything."""
        took = self._take_news()
        if self._view.visibleRegion().isEmpty():
            return took
        if not self._has_looked:
            self._has_looked = True
            self._offer_last()
        if not self._is_stale or monotonic() < self._not_before:
            return took
        started = monotonic()
        self._is_stale = False
        if self.runs:
            self._view.show_outcomes(self.runs.outcomes)
            if self._job and not self._job.is_cancelled():
                self._view.show_caption(progress(self.runs, self._job.left, self._job.at_once))
        self._not_before = monotonic() + REST * (monotonic() - started)
        return True

    def close(self) -> bool:
        """End the processes of this program, whatever they do; whether nothing is left of a sweep."""
        job, self._job = self._job, None
        has_ended = job is None or job.close(CLOSE_SECONDS)
        end_workers()
        return has_ended

    def _take_news(self) -> bool:
        job = self._job
        if job is None or job.news.empty():
            return False
        while not job.news.empty():
            news = job.news.get()
            if isinstance(news, tuple):
                place, outcome = news
                job.runs.outcomes[place] = outcome
            else:
                self._end(news)
        self._is_stale = True
        return True

    def _end(self, error: BaseException | None) -> None:
        job, self._job = self._job, None
        assert job
        self._processes.free(NAME)
        self._not_before = 0.0
        self._view.show_caption(rest(job.runs, "Cancelled" if job.is_cancelled() else "Failed" if error else "Done"))
        if error:
            self._run_controller.failed.emit(
                "The sweep failed", f"{error}\nWhat is done is kept; Resume goes on with the rest."
            )
        self._refresh_buttons()

    # Files, read off the GUI thread

    def _read(self, work: Callable[[], SweepRuns], answer: Callable[[SweepRuns, Axes], None], failed: str) -> None:
        def done(found: tuple[SweepRuns, Axes]) -> None:
            self._is_reading = False
            answer(*found)
            self._refresh_buttons()

        def failure(error: BaseException) -> None:
            self._is_reading = False
            self._refresh_buttons()
            self._run_controller.failed.emit(failed, str(error))

        self._is_reading = True
        self._refresh_buttons()
        self._run_controller.task_runner.request("sweep", lambda: _with_axes(work()), done, failure)

    def _show(self, runs: SweepRuns, axes: Axes) -> None:
        self.runs = runs
        self._view.show_runs(runs, axes)

    def _show_opened(self, runs: SweepRuns, axes: Axes) -> None:
        plan = runs.plan()
        if plan:
            self._view.plan.show_plan(plan)
        self._show(runs, axes)
        self._view.show_caption(rest(runs, runs.name))

    def _offer_last(self) -> None:
        """If the sweep that was begun last in a window has not come to its end, show it."""
        folder, base = paths.sweeps_folder(), RunConfig()

        def look() -> tuple[SweepRuns, Axes] | None:
            path = max(folder.glob("*.toml"), key=lambda path: path.stat().st_mtime, default=None)
            return _with_axes(open_sweep(path, base)) if path else None

        def answer(found: tuple[SweepRuns, Axes] | None) -> None:
            if found is not None and found[0].left and self.runs is None and not self._is_reading:
                self._show_opened(*found)
                self._refresh_buttons()

        # What was begun once and can be read no more is nobody's concern now.
        self._run_controller.task_runner.request("last sweep", look, answer, lambda error: None)

    # What can be done

    def _form(self) -> RunConfig | None:
        """The form's settings; None, and the reason is shown, if one is illegal."""
        try:
            return self._controls.config
        except ConfigError as error:
            self._controls.show_error(error)
            return None

    @Slot()
    def _on_controls_edited(self) -> None:
        try:
            self._view.plan.show_config(self._controls.config)
        except ConfigError:
            return  # the form says so itself

    @Slot()
    def _describe_plan(self) -> None:
        """What the plan amounts to, or what is wrong with it."""
        plan = self._view.plan.plan
        try:
            self._is_legal, count = True, plan.runs()
            if count > MOST_POINTS:
                raise ConfigError("sweep", count, f"at most {MOST_POINTS:,} runs")
            said = planned(plan, count)
        except ConfigError as error:
            label = f"{SETTINGS[error.key].label} " if error.key in SETTINGS else ""
            self._is_legal, said = False, f"{label}{error.complaint}"
        if not self._job:
            self._view.show_caption(said, is_error=not self._is_legal)
        self._refresh_buttons()

    @Slot()
    def _refresh_buttons(self) -> None:
        is_free = self._job is None and not self._is_reading and not self._processes.busy_for(NAME)
        has_rest = self.runs is not None and bool(self.runs.left or self.runs.failed)
        self._view.show_state(
            can_start=is_free and self._is_legal and self._run_controller.dataset is not None,
            can_resume=is_free and has_rest,
            can_cancel=self._job is not None and not self._job.is_cancelled(),
            busy=self._processes.busy_for(NAME),
        )


def _with_axes(runs: SweepRuns) -> tuple[SweepRuns, Axes]:
    return runs, axes_of(runs)


def _existing(folder: Path) -> Path:
    return folder if folder.is_dir() else paths.home_folder()
