"""Commands that arrive in the middle of a large batch or of a validation, and work that fails half-way."""

import dataclasses
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from mnist_gui.engine.inference import Predictions
from mnist_gui.training import minibatch_gradient as gradient_module
from mnist_gui.training.commands import ChangeSetting, Command, Pause, Stop
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.meters import Minibatch
from mnist_gui.training.records import EpochDone, RunEnded, RunPaused, RunStarted, SettingChanged
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.snapshot import never
from mnist_gui.training.thread import TrainingThread
from mnist_gui.training.trainer import Trainer
from tests.support import ScriptedRunOutput, kinds, make_trainer, rates, run

FULL_BATCH = {"training.batch_size": 0, "training.epochs": 3, "training.schedule": "constant"}


class InterruptedTrainer(Trainer):
    """Sends commands to its own run: when it is first asked, in some work, whether to give that work up."""

    inbox: Inbox
    during_minibatch: dict[int, list[Command]]  # step of the minibatch -> what arrives while it is computed
    during_validation: dict[int, list[Command]]  # epoch -> what arrives while it is measured

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        return super().train_minibatch(self._interrupted(self.during_minibatch, self.step + 1, should_cancel))

    def validate(self, should_cancel: Callable[[], bool] = never) -> Predictions | None:
        return super().validate(self._interrupted(self.during_validation, self.epoch, should_cancel))

    def _interrupted(
        self, script: dict[int, list[Command]], moment: int, should_cancel: Callable[[], bool]
    ) -> Callable[[], bool]:
        def ask() -> bool:
            for command in script.pop(moment, []):
                self.inbox.put(command)
            return should_cancel()

        return ask


@pytest.fixture(autouse=True)
def parts_of_64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_module, "chunk_size", lambda network: 64)


def run_interrupted(
    *,
    during_minibatch: Mapping[int, list[Command]] | None = None,
    during_validation: Mapping[int, list[Command]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> tuple[InterruptedTrainer, list[Any]]:
    """The trainer and all records; a run that pauses is stopped."""
    plain = make_trainer({**FULL_BATCH, **(settings or {})})
    trainer = InterruptedTrainer(plain.config, plain.splits)
    trainer.inbox = Inbox()
    trainer.during_minibatch = dict(during_minibatch or {})
    trainer.during_validation = dict(during_validation or {})
    run_output = ScriptedRunOutput(trainer.inbox, lambda record: [Stop()] if isinstance(record, RunPaused) else [])
    train(trainer, trainer.inbox, run_output)
    return trainer, run_output.records


def weights(trainer: Trainer) -> np.ndarray:
    return trainer.snapshot().parameters


def test_a_rate_changed_in_mid_batch_is_in_force_from_the_minibatch_after_the_step_it_is_told_with() -> None:
    _, records = run_interrupted(during_minibatch={2: [ChangeSetting("training.learning_rate", 0.03)]})
    (change,) = [record for record in records if isinstance(record, SettingChanged)]
    told = rates(records)
    assert told[: change.step] == pytest.approx([0.1] * change.step)
    assert told[change.step :] == pytest.approx([0.03] * (3 - change.step))
    assert change.step in (1, 2)


def test_a_momentum_changed_in_mid_batch_gives_the_run_that_its_record_describes() -> None:
    told, records = run_interrupted(during_minibatch={2: [ChangeSetting("training.momentum", 0.0)]})
    (change,) = [record for record in records if isinstance(record, SettingChanged)]
    replayed = make_trainer(FULL_BATCH)
    for step in range(3):
        if step == change.step:
            replayed.change(change.key, change.new)
        replayed.train_minibatch()
    np.testing.assert_array_equal(weights(told), weights(replayed))


def test_a_pause_in_mid_batch_holds_after_that_minibatch() -> None:
    _, records = run_interrupted(during_minibatch={2: [Pause()]})
    assert [record.step for record in records if isinstance(record, RunPaused)] == [2]
    assert kinds(records) == ["RunStarted", "EpochDone", "EpochDone", "RunPaused", "RunEnded"]


def test_a_pause_in_mid_validation_holds_after_the_epoch_is_told() -> None:
    _, records = run_interrupted(during_validation={1: [Pause()]})
    assert kinds(records) == ["RunStarted", "EpochDone", "RunPaused", "RunEnded"]


def test_a_stop_in_mid_batch_gives_up_the_batch_and_keeps_what_was_learned_before() -> None:
    trainer, records = run_interrupted(during_minibatch={2: [Stop()]})
    ended = records[-1]
    assert (ended.state, ended.step, ended.epoch, ended.best_epoch) == ("stopped", 1, 1, 1)
    expected = make_trainer(FULL_BATCH)
    expected.train_minibatch()
    np.testing.assert_array_equal(weights(trainer), weights(expected))
    assert trainer.best
    np.testing.assert_array_equal(trainer.best.parameters, weights(expected))


def test_a_stop_in_the_first_validation_still_keeps_measured_weights() -> None:
    trainer, records = run_interrupted(during_validation={1: [Stop()]})
    assert (records[-1].state, records[-1].step) == ("stopped", 1)
    assert trainer.best
    assert trainer.best.is_measured
    np.testing.assert_array_equal(trainer.best.parameters, weights(trainer))


def test_a_stop_in_a_later_validation_keeps_the_best_of_the_epochs_before() -> None:
    trainer, records = run_interrupted(during_validation={2: [Stop()]})
    assert (records[-1].state, records[-1].best_epoch) == ("stopped", 1)
    assert trainer.best
    assert trainer.best.epoch == 1


def test_a_stop_in_the_validation_of_the_last_epoch_ends_as_stopped() -> None:
    _, records = run_interrupted(during_validation={3: [Stop()]})
    assert (records[-1].state, records[-1].step) == ("stopped", 3)


class BrokenTrainer(Trainer):
    """Fails at its third minibatch."""

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        if self.step == 2:
            raise FloatingPointError("third minibatch")
        return super().train_minibatch(should_cancel)


def test_an_error_in_training_is_logged_and_told_last_with_the_steps_made(caplog: pytest.LogCaptureFixture) -> None:
    healthy = make_trainer()
    with caplog.at_level(logging.ERROR):
        records = run(BrokenTrainer(healthy.config, healthy.splits))
    ended = records[-1]
    assert isinstance(records[0], RunStarted)
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.step, ended.error) == ("failed", 2, "FloatingPointError: third minibatch")
    assert "third minibatch" in caplog.text


class RuinedTrainer(Trainer):
    """Its last step makes a weight infinite, which no minibatch is left to find."""

    def train_minibatch(self, should_cancel: Callable[[], bool] = never) -> Minibatch | None:
        minibatch = super().train_minibatch(should_cancel)
        if self.is_finished:
            self._network.weights[0][0, 0] = math.inf
        return minibatch


def test_a_run_whose_last_step_ruins_the_weights_has_diverged() -> None:
    healthy = make_trainer()
    trainer = RuinedTrainer(healthy.config, healthy.splits)
    ended = run(trainer)[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.epoch, ended.best_epoch) == ("diverged", 2, 1)
    assert "at step 24" in str(ended.error)
    assert trainer.best
    assert np.isfinite(trainer.best.parameters).all()


def test_an_error_in_the_thread_is_told_as_the_end_of_the_run() -> None:
    healthy = make_trainer()
    ended = last_record(TrainingThread(lambda: BrokenTrainer(healthy.config, healthy.splits)))
    assert (ended.state, ended.error) == ("failed", "FloatingPointError: third minibatch")


def test_a_session_told_to_stop_before_it_starts_makes_no_step() -> None:
    session = TrainingThread(make_trainer)
    session.send(Stop())
    ended = last_record(session)
    assert (ended.state, ended.step) == ("stopped", 0)


def test_a_paused_session_obeys_a_stop() -> None:
    session = TrainingThread(make_trainer)
    session.send(Pause())
    session.send(Stop())
    assert last_record(session).state == "stopped"


def test_a_session_whose_run_has_not_ended_says_so() -> None:
    session = TrainingThread(make_trainer)
    session.send(Pause())
    session.start()
    assert not session.join(0)
    session.send(Stop())
    assert session.join(30)


def last_record(session: TrainingThread) -> RunEnded:
    """Let the session run to its end."""
    session.start()
    assert session.join(30)
    ended = session.run_output.take_records()[-1]
    assert isinstance(ended, RunEnded)
    return ended


def test_a_stop_between_epochs_keeps_the_best_of_those_told() -> None:
    trainer = make_trainer({"training.epochs": 3})
    records = run(trainer, react=lambda record: [Stop()] if isinstance(record, EpochDone) else [])
    ended = records[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.state, ended.epoch, ended.best_epoch) == ("stopped", 1, 1)


def test_training_on_in_mid_epoch_begins_the_next_epoch_afresh() -> None:
    trainer = make_trainer()
    for _ in range(5):
        trainer.train_minibatch()
    trainer.train_on(trainer.config.with_settings({"training.epochs": 1, "training.learning_rate": 0.02}))
    assert trainer.is_between_epochs
    assert (trainer.step, trainer.last_step, trainer.rate) == (5, 17, 0.02)
    records = run(trainer)
    assert len(rates(records)) == 12
    assert [record.step for record in records if isinstance(record, EpochDone)] == [17]


def test_two_trainers_from_the_same_snapshot_make_bit_equal_steps() -> None:
    first = make_trainer()
    run(first)
    assert first.best
    one, other = (Trainer(first.config, first.splits, start=first.best) for _ in range(2))
    run(one)
    run(other)
    np.testing.assert_array_equal(weights(one), weights(other))


def test_training_on_does_not_repeat_the_order_of_the_first_epochs() -> None:
    trainer = make_trainer()
    early = trainer.snapshot()
    late = dataclasses.replace(early, step=24)
    one, other = (Trainer(trainer.config, trainer.splits, start=start) for start in (early, late))
    first_digits = [trainer.train_minibatch() for trainer in (one, other)]
    assert first_digits[0] != first_digits[1]


def test_training_on_keeps_the_saved_weights_while_none_are_better() -> None:
    good = make_trainer({"data.train": 3000, "training.epochs": 3})
    run(good)
    assert good.best
    config = good.config.with_settings({"training.learning_rate": 5.0, "training.epochs": 1})
    worse = Trainer(config, good.splits, start=good.best)
    records = run(worse)
    assert worse.best is good.best
    assert isinstance(records[-1], RunEnded)
    assert records[-1].best_epoch == good.best.epoch


def test_best_weights_that_are_of_no_use_are_never_kept() -> None:
    trainer = make_trainer(
        {"training.learning_rate": 100.0, "network.hidden": [64] * 8, "training.batch_size": 0, "training.epochs": 5}
    )
    run_output = RunOutput()
    train(trainer, Inbox(), run_output)
    kept = trainer.best
    assert kept is None or (np.isfinite(kept.parameters).all() and math.isfinite(kept.validation_loss))
    assert run_output.best is kept


def test_a_step_moves_the_weights_against_the_gradient_of_the_mean_loss_over_its_digits() -> None:
    trainer = make_trainer({"training.batch_size": 0, "training.momentum": 0.0, "network.activation": "tanh"})
    before = trainer.snapshot()
    trainer.train_minibatch()
    moved = (before.parameters.astype(np.float64) - weights(trainer)) / 0.1
    split = trainer.splits.train
    inputs = split.images(np.arange(len(split))).reshape(len(split), -1) / 255.0

    def mean_loss(parameters: np.ndarray) -> float:
        first, second = parameters[: 785 * 16].reshape(785, 16), parameters[785 * 16 :].reshape(17, 10)
        logits = np.tanh(inputs @ first[:784] + first[784]) @ second[:16] + second[16]
        log_sums = np.log(np.exp(logits).sum(axis=1))
        return float(np.mean(log_sums - logits[np.arange(len(split)), split.labels]))

    largest = np.argsort(-np.abs(moved))[:25]
    for index in largest:
        shift = np.zeros(len(moved))
        shift[index] = 1e-4
        numerical = (mean_loss(before.parameters + shift) - mean_loss(before.parameters - shift)) / 2e-4
        assert moved[index] == pytest.approx(numerical, rel=1e-4)
