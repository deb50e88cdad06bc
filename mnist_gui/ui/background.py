"""Work that would hold up a frame: in a few helper threads; the newest of a topic wins, answers come by polling."""

from collections.abc import Callable, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Any]
Answer = Callable[[Any], None]
Failure = Callable[[BaseException], None]

# Requests under way at the same time: more than there are kinds of long work, so that a short one need not wait for
# them. A thread is made when it is first needed.
THREADS = 6


@dataclass(slots=True, eq=False)
class _Request:
    """What was asked for. after: topics whose earlier requests must have been answered before this one begins."""

    topic: str
    work: Work
    answer: Answer
    failure: Failure
    after: Set[str]
    is_sequel: bool
    future: Future[Any] | None = None

    @property
    def is_done(self) -> bool:
        return self.future is not None and self.future.done()


class Background:
    """Runs functions off the GUI thread and hands their results back in `poll`, so that no signal crosses threads.

    Topics do not wait for each other. Of one topic, one request is under way and at most one waits: a newer one
    replaces it, since only its answer would be looked at.

    BLAS has one thread here, because it has one in the whole process (see app.py). No work may set another number: such
    limits are the process's, and would act on a network in training.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="background")
        self._waiting: list[_Request] = []  # in the order in which they may begin
        self._running: list[_Request] = []  # in the order in which they began
        self._is_answering = False
        self._closed = False

    def request(
        self, topic: str, work: Work, answer: Answer, failure: Failure, *, after: Set[str] = frozenset()
    ) -> None:
        """Call `work` in a helper thread; then, from `poll`, answer(result), or failure(exception) if it raised.

        after: topics whose requests of earlier are answered before this work begins. What an answer asks for goes ahead
        of all that waits: it belongs to what was asked before.
        """
        if self._closed:
            return
        self._forget_waiting(topic)
        self._waiting.append(_Request(topic, work, answer, failure, after, self._is_answering))
        self._waiting.sort(key=lambda request: not request.is_sequel)
        self._start_ready()

    def cancel(self, topic: str) -> None:
        """Forget a request; if it is under way its answer is dropped."""
        self._forget_waiting(topic)
        for request in self._running:
            if request.topic == topic:
                request.answer = request.failure = _ignore

    def is_closed(self) -> bool:
        """Whether long work should give up, because the program is closing."""
        return self._closed

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._running or self._waiting)

    def poll(self) -> None:
        """Hand over one answer that has come, for the sake of short frames, and start what may begin now."""
        request = next((request for request in self._running if request.is_done), None)
        if request is None:
            return
        assert request.future
        self._running.remove(request)
        error = request.future.exception()
        self._is_answering = True
        try:
            if error is not None:
                request.failure(error)
            else:
                request.answer(request.future.result())
        finally:
            self._is_answering = False
            self._start_ready()  # after the answer, which the next request may build on

    def close(self) -> None:
        """Take no more requests and drop those that wait; does not wait for those under way."""
        self._closed = True
        self._waiting.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _forget_waiting(self, topic: str) -> None:
        self._waiting = [request for request in self._waiting if request.topic != topic]

    def _start_ready(self) -> None:
        """Start all that wait for nothing: neither for a thread nor for an answer that is to come first."""
        if self._is_answering:
            return
        ahead = {request.topic for request in self._running}
        for request in self._waiting.copy():
            if len(self._running) < THREADS and not ahead & {request.topic, *request.after}:
                self._waiting.remove(request)
                self._running.append(request)
                request.future = self._executor.submit(request.work)
            ahead.add(request.topic)


def _ignore(_: object) -> None:
    """Drop an answer that nobody wants any more."""
