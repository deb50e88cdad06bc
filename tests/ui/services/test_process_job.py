"""A job that is told to end leaves the processes of another alone."""

from threading import Event

import pytest

from mnist_gui.experiments import process_pool as pool
from mnist_gui.ui.services import process_job as worker_job
from mnist_gui.ui.services.process_job import ProcessJob


class Waiting(ProcessJob[None]):
    """Waits in its thread until it is cancelled."""

    def __init__(self) -> None:
        super().__init__("waiting", 2)
        self.began = Event()
        self.start()

    def make(self) -> None:
        self.began.set()
        self._cancelled.wait(30)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that the processes would have been ended."""
    ends: list[None] = []
    monkeypatch.setattr(worker_job, "end_workers", lambda: ends.append(None))
    return ends


def test_a_job_that_waits_for_the_processes_of_another_ends_without_ending_them(ends: list[None]) -> None:
    with pool._in_use:
        job = Waiting()
        assert job.close(30)
    assert not job.began.is_set()
    assert job.news.get() is None
    assert ends == []


def test_a_job_under_way_ends_its_processes(ends: list[None]) -> None:
    job = Waiting()
    assert job.began.wait(30)
    assert job.close(30)
    assert job.news.get() is None
    assert ends
