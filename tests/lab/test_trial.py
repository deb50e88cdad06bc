"""A trial tells what the same run tells when it is made by itself."""

import math

from mnist_gui.lab.build import spelled_out
from mnist_gui.lab.trial import CURVE_POINTS, try_out
from mnist_gui.training.records import EpochDone, RunEnded
from tests.support import make_trainer, run, small_config


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
    config = spelled_out(small_config(faults))
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
