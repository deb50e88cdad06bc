"""Evidence is what a history holds, and never more than it holds."""

from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.ranking import diagnose
from mnist_gui.training.history import History
from mnist_gui.training.records import LayersMeasured, RunStarted
from tests.support import make_trainer, run


def test_a_reading_that_is_told_before_its_minibatches_waits_for_them() -> None:
    records = run(make_trainer())
    started, reading = (
        next(each for each in records if isinstance(each, kind)) for kind in (RunStarted, LayersMeasured)
    )
    history = History()
    history.add(started)
    history.add(reading)
    evidence = Evidence.of(history, None)
    assert evidence.readings == ()
    diagnose(evidence)
    for record in records:
        if not isinstance(record, (RunStarted, LayersMeasured)):
            history.add(record)
    assert Evidence.of(history, None).readings == (reading,)
