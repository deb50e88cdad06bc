"""The search for the fix: which smallest set of changes makes a network learn, found by running them.

Causes act together: none of five changes may help alone, and of ten that help together most may be idle. So all are
tried at once first, and then as many as possible are taken away again while the network still learns, halves at a time
(after the delta debugging of Zeller & Hildebrandt 2002). Only where all together do not learn, changes are added one by
one, the best first.
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
# One more change must be worth so much accuracy to be kept in a search that adds them one by one.
LEAST_GAIN = 0.005

RunAll = Callable[[Sequence[RunConfig]], Iterable[tuple[int, Trial]]]
Changes = frozenset[Candidate]


class _CutOff(Exception):  # noqa: N818 - nothing went wrong
    """Somebody wants no more runs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A set of changes, and how the network did with it. put_right: what was changed besides, as in every run."""

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
    """What is known so far, and at last the answer. It fills while it runs, and keeps what there is if it is cancelled.

    put_right: what is changed in every run, that of the network as it is too, so that its number is true.
    goal: the accuracy (0..1) that counts as having learned. epochs: of every single run; most_runs: together with it
    the budget. tried: all attempts in the order in which they came. after: the answer, once there is one. is_smallest:
    whether it learns, and does not without any one of its changes. is_over: whether the search came to its end.
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
    def asked(self) -> RunConfig:
        """The network as it is, for the epochs of a run, with nothing put right."""
        return self.base.with_settings(
            {"training.epochs": self.epochs, "training.patience": 0, "training.blas_threads": 1}
        )

    @property
    def honest(self) -> RunConfig:
        """The same with what is put right."""
        return applied(self.asked, self.put_right)

    @property
    def digits(self) -> str:
        """Whose accuracy it is: "validation", or where there are no such digits "training"."""
        return "validation" if self.base.data.validation else "training"

    @property
    def before(self) -> Attempt | None:
        """The network as it is but for what is put right, once that was run."""
        return self._known(frozenset())

    @property
    def best(self) -> Attempt | None:
        """The answer; of a search that was left before it had one the fewest changes that learn, or else what came
        nearest to it."""
        if self.is_over:
            return self.after
        learning = [attempt for attempt in self.tried if self.learns(attempt)]
        if learning:
            return max(learning, key=lambda attempt: (-len(attempt.changes), attempt.rank))
        return max(self.tried, key=lambda attempt: attempt.rank, default=None)

    @property
    def has_learned(self) -> bool:
        """Whether the best that was found reaches the goal."""
        return self.best is not None and self.learns(self.best)

    @property
    def worth(self) -> dict[Candidate, Attempt]:
        """Of each change of the answer: how the network does without it alone."""
        after = self.best
        if after is None:
            return {}
        without = {change: self._known(after.changes - {change}) for change in _sorted(after.changes)}
        return {change: attempt for change, attempt in without.items() if attempt is not None}

    @property
    def budget(self) -> int:
        """Epochs that all runs together may take."""
        return self.epochs * self.most_runs

    def learns(self, attempt: Attempt) -> bool:
        """Whether it reaches the goal."""
        return attempt.trial.accuracy >= self.goal

    def run(self, candidates: Sequence[Candidate], run_all: RunAll) -> Iterator[Attempt]:
        """Every attempt as soon as it is done. Whoever stops asking cancels the rest, and so does `run_all` by giving
        fewer trials than it was asked for."""
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
        yield from self._take_away(run_all, enough)
        self.is_over = True

    def _take_away(self, run_all: RunAll, enough: float) -> Iterator[Attempt]:
        """Take changes away while the network still reaches this accuracy."""
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
        """Add the best change, as long as that is worth something."""
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
        """Run those that were not run yet, as far as the budget goes. What is illegal together is left out. _CutOff if
        not all of them were run."""
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
        return applied(self.honest, _sorted(changes))

    def _known(self, changes: Changes) -> Attempt | None:
        return next((attempt for attempt in self.tried if attempt.changes == changes), None)


def planned(
    config: RunConfig, train_digits: int, findings: Sequence[Finding], *, epochs: int
) -> tuple[Search, list[Candidate]]:
    """A search for what makes this network learn, with runs of so many epochs, and what it tries. findings: of it."""
    search = Search(config, put_right_first(config, findings), epochs=epochs)
    return search, candidates_for(search.honest, train_digits, [finding.changes for finding in findings])


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
