"""A sweep under way: its runs are written down as they come."""

from mnist_gui.experiments.process_pool import run_all
from mnist_gui.experiments.sweep_runs import Outcome, SweepRuns
from mnist_gui.ui.services.process_job import ProcessJob


class SweepJob(ProcessJob[tuple[int, Outcome]]):
    """Makes the runs that are left, `at_once` at the same time; reports the place of each and what it gave.

    Each is on the disk before it is in `news`.
    """

    def __init__(self, runs: SweepRuns, at_once: int, *, in_process: bool = False) -> None:
        """in_process: one by one in this process, for tests."""
        super().__init__("sweep", at_once, in_process=in_process)
        self.runs, self.left, self.at_once = runs, runs.left, at_once
        self.start()

    def make(self) -> None:
        """Make what is left."""
        configs = [self.runs.configs[place] for place in self.left]
        at_once = 1 if self.at_once == 1 else None
        with self.runs.writing():
            for number, trial in run_all(configs, at_once=at_once, is_cancelled=self.is_cancelled):
                place = self.left[number]
                self.news.put((place, self.runs.keep(place, trial)))
