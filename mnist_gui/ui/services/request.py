"""What one owner asks the helper threads again and again: only the owner can cancel it, and its turn always ends."""

from collections.abc import Callable, Set
from typing import TypeVar

from mnist_gui.ui.services.load_budget import Throttle
from mnist_gui.ui.services.task_runner import Dropped, Failure, Request, TaskRunner

Found = TypeVar("Found")


class RequestSlot:
    """The requests of one owner on one key. With `throttle`, each takes one of them, which ends however it ends."""

    def __init__(self, background: TaskRunner, key: str, throttle: Throttle | None = None) -> None:
        self._background, self._key, self._throttle = background, key, throttle
        self._requests: list[Request] = []  # the one under way, and the one that waits for it

    @property
    def is_under_way(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._requests)

    def ask(
        self,
        work: Callable[[], Found],
        answer: Callable[[Found], None],
        failure: Failure,
        dropped: Dropped = lambda: None,
        after: Set[str] = frozenset(),
    ) -> None:
        """Have it worked out, in place of what waits. One that is under way is still answered, before this one.

        after: other keys whose requests of earlier are answered before this work begins.

        Ends in exactly one call: answer(what work returned), failure(what it raised), or dropped() if it was cancelled
        or a newer one took its place.
        """
        turn = self._throttle.start() if self._throttle else None

        def end() -> None:
            self._requests = [each for each in self._requests if each is not request]
            if self._throttle and turn:
                self._throttle.finish(turn)

        def on_answer(found: Found) -> None:
            end()
            answer(found)

        def on_failure(error: BaseException) -> None:
            end()
            failure(error)

        def on_dropped() -> None:
            end()
            dropped()

        request = self._background.request(self._key, work, on_answer, on_failure, after=after, dropped=on_dropped)
        if not request.is_cancelled:  # as one is that comes after the end
            self._requests.append(request)

    def cancel(self) -> None:
        """No answer is wanted any more, neither of the one under way nor of the one that waits."""
        for request in self._requests.copy():
            self._background.cancel(request)
