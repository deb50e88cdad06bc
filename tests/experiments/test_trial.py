"""A trial tells what the same run tells when it is made by itself."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import pytest

from mnist_gui.config.run_config import DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.experiments import trial as trials
from mnist_gui.experiments.trial import CURVE_POINTS, try_out
from mnist_gui.faults.run_factory import resolve_faults
from mnist_gui.training.records import EpochDone, RunEnded
from tests.support import dataset, make_trainer, run, small_config


def test_a_trial_tells_what_the_run_itself_tells() -> None:
    records = run(make_trainer())
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    trial = try_out(small_config())
    assert (trial.state, trial.accuracy, trial.loss) == (
        ended.state,
        ended.best_validation_accuracy,
        ended.best_validation_loss,
    )
    losses = [record.validation_loss for record in records if isinstance(record, EpochDone)]
    assert [epoch.validation_loss for epoch in trial.epochs] == losses
    assert len(trial.losses) == len(trial.steps) <= CURVE_POINTS
    assert trial.steps[-1] == ended.step


def test_a_trial_has_the_faults_of_its_run() -> None:
    faults = {"lab.faults": ["trains_on_validation", "momentum_on_weights", "relu_on_output", "one_unit"]}
    config = resolve_faults(small_config(faults))
    trainer = make_trainer(config.settings())
    run(trainer)
    assert trainer.best is not None
    trial = try_out(small_config(faults))
    assert (trial.accuracy, trial.loss) == (trainer.best.validation_accuracy, trainer.best.validation_loss)
    assert trial.steps[-1] == 2 * 800 // 50


def test_without_validation_digits_the_training_digits_count() -> None:
    trial = try_out(small_config({"data.validation": 0}))
    assert trial.accuracy == trial.epochs[-1].train_accuracy > 0.1
    assert trial.loss == trial.epochs[-1].train_loss


def test_a_trial_that_diverges_at_once_has_learned_nothing() -> None:
    hostile = {"network.activation": "identity", "network.loss": "mse", "training.learning_rate": 100.0}
    trial = try_out(small_config(hostile))
    assert (trial.state, trial.accuracy) == ("diverged", 0.0)
    assert math.isinf(trial.loss)
    assert trial.error


def test_two_threads_of_a_worker_read_the_digits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    others = Barrier(2)

    def open_dataset(data: DataConfig) -> Dataset:
        opened.append(data.folder)
        if len(opened) == 1:  # a second reader would come now, if it were let in
            with pytest.raises(BrokenBarrierError):
                others.wait(0.2)
        else:
            others.wait(0.2)
        return dataset()

    monkeypatch.setattr("mnist_gui.experiments.trial.open_dataset", open_dataset)
    trials._dataset.cache_clear()
    trials._splits.cache_clear()
    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(try_out, [small_config({"training.seed": seed}) for seed in (0, 0)]))
    assert opened == [""]
    assert made[0].losses == made[1].losses
