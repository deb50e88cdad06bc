"""Work that would hold up a frame: in a few helper threads; the newest of a key wins, answers come by polling."""

import logging
from collections.abc import Callable, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import local
from time import perf_counter
from typing import Any

from mnist_gui.system.user_errors import user_facing_error

Work = Callable[[], Any]
Answer = Callable[[Any], None]
Failure = Callable[[BaseException], None]
Dropped = Callable[[], None]

# Requests under way at the same time: more than there are kinds of long work, so that a short one need not wait for
# them. A thread is made when it is first needed.
THREADS = 6


@dataclass(slots=True, eq=False)
class Request:
    """What was asked for, and the token by which its owner can cancel it.

    after: keys whose earlier requests must have been answered before this one begins. is_writing: the user's work is
    lost if it is not done. is_cancelled: its answer is not wanted any more.
    """

    key: str
    work: Work
    answer: Answer
    failure: Failure
    dropped: Dropped
    after: Set[str]
    is_sequel: bool
    is_writing: bool
    future: Future[Any] | None = None
    is_cancelled: bool = False

    @property
    def is_done(self) -> bool:
        return self.future is not None and self.future.done()


class TaskRunner:
    """Runs functions off the GUI thread and hands their results back in `poll`, so that no signal crosses threads.

    Topics do not wait for each other. Of one key, one request is under way and at most one waits: a newer one
    replaces it, since only its answer would be looked at. What writes has a thread of its own, so that no long work
    holds it up, and can be waited for before the program closes.

    A request belongs to whoever made it: only the token that it got cancels it. Until `close`, each ends in exactly one
    call: answer, failure, or dropped.

    BLAS has one thread here, because it has one in the whole process (see app.py). No work may set another number: such
    limits are the process's, and would act on a network in training.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="background")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: list[Request] = []  # in the order in which they may begin
        self._running: list[Request] = []  # in the order in which they began
        self._here = local()  # request: what the thread that asks is doing
        self._is_answering = False
        self._writes_failed = 0
        self._closed = False

    def request(
        self,
        key: str,
        work: Work,
        answer: Answer,
        failure: Failure,
        *,
        after: Set[str] = frozenset(),
        is_writing: bool = False,
        dropped: Dropped = lambda: None,
    ) -> Request:
        """Call `work` in a helper thread; then, from `poll`, answer(result), or failure(exception) if it raised.

        after: keys whose requests of earlier are answered before this work begins. What an answer asks for goes ahead
        of all that waits: it belongs to what was asked before. is_writing: the user's work is lost if it is not done.
        dropped: called instead if no answer will come, because it was cancelled or a newer one took its place.
        """
        request = Request(key, work, answer, failure, dropped, after, self._is_answering, is_writing)
        if self._closed:
            request.is_cancelled = True
            return request
        replaced = [waiting for waiting in self._waiting if waiting.key == key]
        self._waiting = [waiting for waiting in self._waiting if waiting.key != key] + [request]
        self._waiting.sort(key=lambda waiting: not waiting.is_sequel)
        self._start_ready()
        for each in replaced:
            _drop(each)
        return request

    def cancel(self, request: Request | None) -> None:
        """Forget a request; if it is under way its answer is dropped, and long work gives up.

        None, or one that has ended, is nothing to forget.
        """
        if request is None or request.is_cancelled or request not in (*self._waiting, *self._running):
            return
        self._waiting = [waiting for waiting in self._waiting if waiting is not request]
        _drop(request)

    def should_cancel(self) -> bool:
        """For long work to ask: whether it should give up, because it was cancelled or the program is closing."""
        request: Request | None = getattr(self._here, "request", None)
        return self._closed or (request is not None and request.is_cancelled)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._running or self._waiting)

    @property
    def is_at_work(self) -> bool:
        """Whether a helper thread is doing something right now, which after `close` nobody waits for."""
        return any(request.future is not None and not request.future.done() for request in self._running)

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
                self._writes_failed += request.is_writing
                request.failure(user_facing_error(error, logging.getLogger(__name__), f"{request.key} failed"))
            else:
                request.answer(request.future.result())
        finally:
            self._is_answering = False
            self._start_ready()  # after the answer, which the next request may build on

    def finish_writing(self, seconds: float) -> bool:
        """Do all that writes and hand over the answers, for so long at most; whether all was done and none failed.

        Other answers that come meanwhile are handed over too.
        """
        end, failed_before = perf_counter() + seconds, self._writes_failed
        while any(request.is_writing for request in (*self._running, *self._waiting)):
            under_way = [request.future for request in self._running if request.future]
            if not wait(under_way, max(0.0, end - perf_counter()), FIRST_COMPLETED).done:
                return False
            self.poll()
        return self._writes_failed == failed_before

    def close(self) -> None:
        """Take no more requests and drop those that wait; does not wait for those under way."""
        self._closed = True
        self._waiting.clear()
        for executor in (self._executor, self._writer):
            executor.shutdown(wait=False, cancel_futures=True)
        self._running = [request for request in self._running if request.future and not request.future.cancelled()]

    def _do(self, request: Request) -> Any:
        self._here.request = request
        try:
            return request.work()
        finally:
            self._here.request = None  # a thread that rests would keep all that its last request knew

    def _start_ready(self) -> None:
        """Start all that wait for nothing: neither for a thread nor for an answer that is to come first."""
        if self._is_answering:
            return
        ahead = {request.key for request in self._running}
        for request in self._waiting.copy():
            executor = self._writer if request.is_writing else self._executor
            has_room = request.is_writing or sum(not each.is_writing for each in self._running) < THREADS
            if has_room and not ahead & {request.key, *request.after}:
                self._waiting.remove(request)
                self._running.append(request)
                request.future = executor.submit(self._do, request)
            ahead.add(request.key)


def _drop(request: Request) -> None:
    """Tell its owner that no answer will come, and let none come."""
    request.is_cancelled = True
    request.answer = request.failure = _ignore
    request.dropped()


def _ignore(_: object) -> None:
    """Nobody wants this answer any more."""
