"""A search under way: its attempts are reported as they come."""

from collections.abc import Callable, Iterator, Sequence

from mnist_gui.config.run_config import RunConfig
from mnist_gui.experiments.fix_candidates import Candidate
from mnist_gui.experiments.fix_search import Attempt, Search
from mnist_gui.experiments.process_pool import run_all
from mnist_gui.experiments.trial import Trial
from mnist_gui.ui.services.process_job import ProcessJob


class SearchJob(ProcessJob[Attempt]):
    """Searches among the candidates that `find` finds, which may take some seconds and is told how to ask whether it
    should give up. title: of what network, for people."""

    def __init__(
        self,
        title: str,
        search: Search,
        find: Callable[[Callable[[], bool]], Sequence[Candidate]],
        processes: int,
        *,
        in_process: bool = False,
    ) -> None:
        """in_process: one by one in this process, for tests."""
        super().__init__("search", processes, in_process=in_process)
        self.title, self.search, self._find = title, search, find
        self.start()

    def make(self) -> None:
        """Search to the end."""
        candidates = self._find(self.is_cancelled)
        if self.is_cancelled():
            return
        for attempt in self.search.run(candidates, self._run_all):
            if self.is_cancelled():
                return
            self.news.put(attempt)

    def _run_all(self, configs: Sequence[RunConfig]) -> Iterator[tuple[int, Trial]]:
        return run_all(configs, self.is_cancelled)
