"""The runs of a session, in memory: starting another one loses none, and a deleted one can be restored."""

from collections.abc import Iterator, Sequence

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Splits
from mnist_gui.runs.run import Run
from mnist_gui.training.keyframes import BUDGET_BYTES, fit
from mnist_gui.training.snapshot import Snapshot

# Number of deleted runs that can be restored.
MOST_DELETED = 10


class RunList:
    """All runs, oldest first, and one memory budget, in bytes, to which their keyframes are fitted."""

    def __init__(self) -> None:
        self.budget = BUDGET_BYTES
        self._runs: list[Run] = []
        self._deleted: list[tuple[int, Run]] = []  # with the index that each had
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    @property
    def can_undo(self) -> bool:
        """Whether a deleted run can be restored."""
        return bool(self._deleted)

    @property
    def nbytes(self) -> int:
        """Bytes of all runs: keyframes, curves, networks to train on, and digits, but not the largest dataset.

        That one would be in memory without any run.
        """
        runs = self._all()
        networks = sum(run.trainer.nbytes for run in runs if run.trainer)
        datasets = sorted({id(run.dataset): run.dataset.nbytes for run in runs}.values())
        digits = sum(datasets[:-1]) + sum(_joined_pictures(runs).values())
        return sum(run.timeline.nbytes + run.history.nbytes for run in runs) + networks + digits

    def begin(self, config: RunConfig, dataset: Dataset, splits: Splits, start: Snapshot | None = None) -> Run:
        """A new run with the next number."""
        self._last_number += 1
        run = Run(self._last_number, config, dataset, splits, start)
        self._runs.append(run)
        return run

    def delete(self, run: Run) -> None:
        """Delete a run; `undo_delete` restores it."""
        place = self._runs.index(run)
        self._deleted.append((place, self._runs.pop(place)))
        del self._deleted[:-MOST_DELETED]

    def undo_delete(self) -> Run | None:
        """Restore the run that was deleted last, at its place."""
        if not self._deleted:
            return None
        place, run = self._deleted.pop()
        self._runs.insert(place, run)
        return run

    def drop(self, run: Run) -> None:
        """Remove an empty run, without undo."""
        self._runs.remove(run)

    def fit(self) -> None:
        """Drop keyframes until the budget is met."""
        if (too_much := self.nbytes - self.budget) > 0:
            timelines = [run.timeline for run in self._all()]
            fit(timelines, sum(timeline.nbytes for timeline in timelines) - too_much)

    def _all(self) -> list[Run]:
        return [*self._runs, *(run for _, run in self._deleted)]


def _joined_pictures(runs: Sequence[Run]) -> dict[int, int]:
    """id() and bytes of the arrays of pictures that runs have besides their datasets, as with some faults."""
    splits = [split for run in runs for split in (run.splits.train, run.splits.validation, run.splits.test)]
    sources = {id(split.source): split.source.nbytes for split in splits}
    own = {id(images) for run in runs for images in (run.dataset.train_images, run.dataset.test_images)}
    return {key: nbytes for key, nbytes in sources.items() if key not in own}
