"""The search for a fix: the smallest set of changes that makes a network learn, found by running them.

Causes interact: none of five changes may help alone, and of ten that help together most may have no effect. So all are
tried at once first, and then as many as possible are removed while the network still learns, halves at a time (after
the delta debugging of Zeller & Hildebrandt 2002). Only if all together do not help, changes are added one by one, the
best first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.experiments.fix_candidates import Candidate, applied, candidates_for, put_right_first
from mnist_gui.experiments.trial import Trial

GOAL = 0.95
EPOCHS = 5
MOST_RUNS = 100
# Least gain of accuracy for which one more change is kept when they are added one by one.
LEAST_GAIN = 0.005

RunAll = Callable[[Sequence[RunConfig]], Iterable[tuple[int, Trial]]]
Changes = frozenset[Candidate]


class _CutOff(Exception):  # noqa: N818 - not an error
    """The caller has cancelled the runs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A set of changes and the result with it. put_right: the corrections that were made in every run."""

    changes: Changes
    config: RunConfig
    trial: Trial
    put_right: tuple[Candidate, ...] = ()

    @property
    def rank(self) -> tuple[float, float]:
        """Higher is better."""
        return self.trial.accuracy, -self.trial.loss


@dataclass(slots=True)
class Search:
    """The state of a search, and at its end the result. It fills while it runs, and is kept if it is cancelled.

    base: the settings of the network as it is.
    put_right: corrections made in every run, so that the numbers are true.
    goal: accuracy, 0..1, that counts as having learned.
    epochs: of every run.
    most_runs: limit of the runs.
    tried: all attempts, in their order.
    after: the result, once there is one.
    is_smallest: whether the result learns, and does not without any one of its changes.
    is_over: whether the search came to its end.
    """

    base: RunConfig
    put_right: tuple[Candidate, ...] = ()
    goal: float = GOAL
    epochs: int = EPOCHS
    most_runs: int = MOST_RUNS
    tried: list[Attempt] = field(default_factory=list)
    after: Attempt | None = None
    is_smallest: bool = False
    is_over: bool = False

    @property
    def uncorrected(self) -> RunConfig:
        """The settings of the network as it is, with the epochs of a run, without corrections."""
        return self.base.with_settings(
            {"training.epochs": self.epochs, "training.patience": 0, "training.blas_threads": 1}
        )

    @property
    def corrected(self) -> RunConfig:
        """The settings of the network as it is, with corrections."""
        return applied(self.uncorrected, self.put_right)

    @property
    def digits(self) -> str:
        """The digits that accuracies are of: "validation", or "training" without validation digits."""
        return "validation" if self.base.data.validation else "training"

    @property
    def before(self) -> Attempt | None:
        """The attempt without changes (but with corrections), once it was run."""
        return self._known(frozenset())

    @property
    def best(self) -> Attempt | None:
        """The result; if the search was cancelled before, the attempt with the fewest changes that learns, or else the
        best one."""
        if self.is_over:
            return self.after
        learning = [attempt for attempt in self.tried if self.learns(attempt)]
        if learning:
            return max(learning, key=lambda attempt: (-len(attempt.changes), attempt.rank))
        return max(self.tried, key=lambda attempt: attempt.rank, default=None)

    @property
    def has_learned(self) -> bool:
        """Whether the best attempt reaches the goal."""
        return self.best is not None and self.learns(self.best)

    @property
    def without(self) -> dict[Candidate, Attempt]:
        """For each change of the result: the attempt without only this change, if it was run."""
        after = self.best
        if after is None:
            return {}
        without = {change: self._known(after.changes - {change}) for change in _sorted(after.changes)}
        return {change: attempt for change, attempt in without.items() if attempt is not None}

    @property
    def budget(self) -> int:
        """Largest number of epochs of all runs together."""
        return self.epochs * self.most_runs

    def learns(self, attempt: Attempt) -> bool:
        """Whether an attempt reaches the goal."""
        return attempt.trial.accuracy >= self.goal

    def run(self, candidates: Sequence[Candidate], run_all: RunAll) -> Iterator[Attempt]:
        """Yield every attempt when it is done. Closing the iterator cancels the rest, and so does `run_all` by yielding
        fewer trials than it was given."""
        try:
            yield from self._search(candidates, run_all)
        except _CutOff:
            self.after = None

    def _search(self, candidates: Sequence[Candidate], run_all: RunAll) -> Iterator[Attempt]:
        yield from self._try([frozenset()], run_all)
        if self.before is not None and self.learns(self.before):
            self.after, self.is_smallest, self.is_over = self.before, True, True
            return
        yield from self._try(_all_together(candidates), run_all)
        self.after = max(self.tried, key=lambda attempt: attempt.rank)
        if not self.learns(self.after):
            yield from self._add_one_by_one(candidates, run_all)
        enough = self.goal if self.learns(self.after) else self.after.trial.accuracy - LEAST_GAIN
        yield from self._remove_changes(run_all, enough)
        self.is_over = True

    def _remove_changes(self, run_all: RunAll, enough: float) -> Iterator[Attempt]:
        """Remove changes while the network still reaches this accuracy."""
        while self.after is not None:
            present = self.after.changes
            yield from self._try([present - {change} for change in _sorted(present)], run_all)
            singles = [(self._known(present - {change}), change) for change in _sorted(present)]
            idle = [(single.rank, change) for single, change in singles if single and single.trial.accuracy >= enough]
            if not idle:
                self.is_smallest = self.learns(self.after) and all(single is not None for single, _ in singles)
                return
            order = [change for _, change in sorted(idle, key=lambda pair: pair[0], reverse=True)]
            fewer = [present - set(order[:count]) for count in _halves(len(order))]
            yield from self._try(fewer, run_all)
            reaching = [each for each in map(self._known, fewer) if each and each.trial.accuracy >= enough]
            self.after = min(reaching, key=lambda attempt: len(attempt.changes))

    def _add_one_by_one(self, candidates: Sequence[Candidate], run_all: RunAll) -> Iterator[Attempt]:
        """Add the best change, as long as it increases the accuracy."""
        present: Changes = frozenset()
        best = self.before
        while best is not None:
            kinds = {change.kind for change in present}
            more = [present | {candidate} for candidate in candidates if candidate.kind not in kinds]
            yield from self._try(more, run_all)
            known = [attempt for attempt in map(self._known, more) if attempt]
            better = max(known, key=lambda attempt: attempt.rank, default=None)
            if better is None or better.trial.accuracy < best.trial.accuracy + LEAST_GAIN:
                return
            present, best = better.changes, better
            if self.after is None or best.rank > self.after.rank:
                self.after = best
            if self.learns(best):
                return

    def _try(self, sets: Iterable[Changes], run_all: RunAll) -> Iterator[Attempt]:
        """Run the sets that were not run yet, within the budget. Illegal combinations are left out. _CutOff if not all
        were run."""
        configs: dict[Changes, RunConfig] = {}
        for changes in sets:
            if self._known(changes) is None:
                try:
                    configs[changes] = self._config(changes)
                except ConfigError:
                    continue
        wanted = list(configs)[: max(0, self.most_runs - len(self.tried))]
        before = len(self.tried)
        for place, trial in run_all([configs[changes] for changes in wanted]):
            attempt = Attempt(wanted[place], configs[wanted[place]], trial, self.put_right)
            self.tried.append(attempt)
            yield attempt
        if len(self.tried) < before + len(wanted):
            raise _CutOff

    def _config(self, changes: Changes) -> RunConfig:
        return applied(self.corrected, _sorted(changes))

    def _known(self, changes: Changes) -> Attempt | None:
        return next((attempt for attempt in self.tried if attempt.changes == changes), None)


def planned(
    config: RunConfig, train_digits: int, findings: Sequence[Finding], *, epochs: int
) -> tuple[Search, list[Candidate]]:
    """A search for what makes this network learn, with runs of `epochs` epochs, and its candidates. findings: of the
    network."""
    search = Search(config, put_right_first(config, findings), epochs=epochs)
    return search, candidates_for(search.corrected, train_digits, [finding.changes for finding in findings])


def _all_together(candidates: Sequence[Candidate]) -> list[Changes]:
    """The first of every kind together, with each of the rates and without."""
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.kind, candidate)
    rates = [candidate for candidate in candidates if candidate.kind == "rate"]
    others = frozenset(candidate for candidate in first.values() if candidate.kind != "rate")
    return [others, *(others | {rate} for rate in rates)]


def _halves(count: int) -> list[int]:
    """count, half of it, ... down to 1."""
    sizes = []
    while count:
        sizes.append(count)
        count //= 2
    return sizes


def _sorted(changes: Changes) -> list[Candidate]:
    return sorted(changes, key=lambda candidate: candidate.name)
