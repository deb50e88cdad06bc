"""Work that would hold up a frame: one helper thread, the newest request of a topic wins, answers come by polling."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Work = Callable[[], Any]
Answer = Callable[[Any], None]
Failure = Callable[[BaseException], None]


class Background:
    """Runs functions off the GUI thread and hands their results back in `poll`, so that no signal crosses threads.

    A topic holds at most one waiting request: a newer one replaces it, since only its answer would be looked at.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
        self._waiting: dict[str, tuple[Work, Answer, Failure]] = {}
        self._closed = False
        self._running: tuple[str, Future[Any], Answer, Failure] | None = None

    def request(self, topic: str, work: Work, answer: Answer, failure: Failure) -> None:
        """Call `work` in the helper thread; then, from `poll`, answer(result), or failure(exception) if it raised."""
        self._waiting[topic] = (work, answer, failure)
        self._start_next()

    def cancel(self, topic: str) -> None:
        """Forget a request; if it is under way its answer is dropped."""
        self._waiting.pop(topic, None)
        if self._running and self._running[0] == topic:
            _, future, _, _ = self._running
            self._running = (topic, future, _ignore, _ignore)

    def is_closed(self) -> bool:
        """Whether long work should give up, because the program is closing."""
        return self._closed

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._running is not None

    def poll(self) -> None:
        """Hand over an answer that has come, and start the next request."""
        if self._running is None or not self._running[1].done():
            return
        _, future, answer, failure = self._running
        self._running = None
        error = future.exception()
        try:
            if error is not None:
                failure(error)
            else:
                answer(future.result())
        finally:
            self._start_next()  # after the answer, which the next request may build on

    def close(self) -> None:
        """Take no more requests and drop those that wait; does not wait for the one under way."""
        self._closed = True
        self._waiting.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _start_next(self) -> None:
        if self._running is None and self._waiting:
            topic = next(iter(self._waiting))
            work, answer, failure = self._waiting.pop(topic)
            self._running = (topic, self._executor.submit(work), answer, failure)


def _ignore(_: object) -> None:
    """Drop an answer that nobody wants any more."""
