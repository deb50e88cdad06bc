"""A run whose thread cannot tell its end has ended all the same."""

import pytest

from mnist_gui.data.loading import split_dataset
from mnist_gui.runs.live_run import NO_REASON, LiveRun
from mnist_gui.runs.run_list import RunList
from mnist_gui.training.records import Record, RunEnded
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.thread import TrainingThread
from tests.support import dataset, make_trainer, small_config


class FullOutbox(RunOutput):
    """Has no room for the end of a run."""

    def post(self, record: Record) -> None:
        if isinstance(record, RunEnded):
            raise MemoryError
        super().post(record)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_whose_end_cannot_be_posted_is_told_as_failed_once() -> None:
    config = small_config()
    run = RunList().begin(config, dataset(), split_dataset(dataset(), config.data))
    session = TrainingThread(make_trainer)
    session.run_output = FullOutbox()
    live = LiveRun(run, session)
    live.take()
    assert not live.has_ended  # nor begun
    session.start()
    assert session.join(60)
    told: list[Record] = []
    live.take(told.append)
    live.take(told.append)
    (ended,) = [record for record in told if isinstance(record, RunEnded)]
    assert (ended.state, ended.step, ended.error) == ("failed", 24, NO_REASON)
    assert live.has_ended
    assert run.ended == ended
    assert run.best is not None
