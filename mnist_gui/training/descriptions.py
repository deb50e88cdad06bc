"""A run in sentences, for terminals and screen readers: its start, its epochs with their trends, its end."""

import math

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone, RunEnded, RunStarted

# Accuracies nearer to each other than this, and losses by this share, are level.
SAME_ACCURACY = 0.0005
SAME_LOSS = 0.01


def summarize(history: History) -> str:
    """Such as "epoch 3: validation accuracy 97.20 %, rising; loss 0.1012, falling; best epoch 3"; "" without epochs."""
    if not history.epochs:
        return ""
    newest = history.epochs[-1]
    before = _epoch_before(history)
    if math.isnan(newest.validation_accuracy):
        accuracy = _accuracy(newest.train_accuracy, before.train_accuracy if before else None)
        loss = _loss(newest.train_loss, before.train_loss if before else None)
        return f"epoch {newest.epoch}: training accuracy {accuracy}; loss {loss}"
    accuracy = _accuracy(newest.validation_accuracy, before.validation_accuracy if before else None)
    loss = _loss(newest.validation_loss, before.validation_loss if before else None)
    text = f"epoch {newest.epoch}: validation accuracy {accuracy}; loss {loss}"
    best = history.best_epoch
    return f"{text}; best epoch {best.epoch}" if best and before else text


def describe_start(started: RunStarted) -> str:
    """The sizes of a run: digits, network, schedule; and its faults."""
    network, faults = started.config.network, ", ".join(started.config.lab.faults)
    epochs = (started.last_step - started.step) // started.steps_per_epoch
    return (
        f"{started.train_digits:,} training and {counted(started.validation_digits, 'validation digit')}; "
        f"hidden layers {list(network.hidden)} of {network.activation} units, "
        f"{counted(started.parameters, 'parameter')}; "
        f"{counted(epochs, 'epoch')} of {counted(started.steps_per_epoch, 'minibatch', 'minibatches')}"
        + (f"; with faults put in on purpose: {faults}" if faults else "")
    )


def describe_epoch(history: History) -> str:
    """All values of the newest epoch, of which there must be one, and the trend of the validation.

    Such as "epoch 3: training loss 0.1210, accuracy 96.41 %; validation loss 0.1012, falling, accuracy 97.20 %, rising;
    best epoch 3; 121,000 digits/s".
    """
    newest, before = history.epochs[-1], _epoch_before(history)
    training = newest.train_loss, newest.train_accuracy
    if math.isnan(newest.validation_accuracy):
        training_before = (before.train_loss, before.train_accuracy) if before else None
        parts = [_measures("training", *training, training_before)]
    else:
        validated = newest.validation_loss, newest.validation_accuracy
        validated_before = (before.validation_loss, before.validation_accuracy) if before else None
        parts = [_measures("training", *training, None), _measures("validation", *validated, validated_before)]
    best = history.best_epoch
    if best and before:
        parts.append(f"best epoch {best.epoch}")
    if newest.penalty:
        parts.append(f"penalty {newest.penalty:.4f}")
    return "; ".join([f"epoch {newest.epoch}: {parts[0]}", *parts[1:], f"{newest.images_per_second:,.0f} digits/s"])


def describe_end(ended: RunEnded) -> str:
    """How a run ended, after how many epochs, and the scores of its best weights."""
    work = f"{counted(ended.epoch, 'epoch')}, {counted(ended.step, 'minibatch', 'minibatches')}"
    text = f"{ended.state.replace('_', ' ')} after {work}, {ended.seconds:.1f} s of training"
    measured = []
    if not math.isnan(ended.best_validation_accuracy):
        measured.append(_measures("validation", ended.best_validation_loss, ended.best_validation_accuracy, None))
    if ended.test_accuracy is not None:
        measured.append(f"test accuracy {percent(ended.test_accuracy)}")
    return f"{text}; best weights, of epoch {ended.best_epoch or 0}: {', '.join(measured)}" if measured else text


def counted(number: int, noun: str, plural: str = "") -> str:
    """Such as "1 epoch", "1,200 epochs"; plural: where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share of 0..1 such as "97.20 %"."""
    return f"{100 * share:.2f} %"


def _epoch_before(history: History) -> EpochDone | None:
    return history.epochs[-2] if len(history.epochs) > 1 else None


def _measures(name: str, loss: float, accuracy: float, before: tuple[float, float] | None) -> str:
    """before: the loss and the accuracy that trends are relative to; None: no trends."""
    loss_before, accuracy_before = before or (None, None)
    return f"{name} loss {_loss(loss, loss_before)}, accuracy {_accuracy(accuracy, accuracy_before)}"


def _accuracy(now: float, before: float | None) -> str:
    return percent(now) + _trend(now, before, SAME_ACCURACY)


def _loss(now: float, before: float | None) -> str:
    return f"{now:.4f}" + _trend(now, before, SAME_LOSS * abs(before or 0.0))


def _trend(now: float, before: float | None, level: float) -> str:
    if before is None or not (math.isfinite(now) and math.isfinite(before)):
        return ""
    if abs(now - before) <= level:
        return ", level"
    return ", rising" if now > before else ", falling"
