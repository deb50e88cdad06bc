"""A run in a sentence, for terminals and screen readers: where it stands and where it is heading."""

import math

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone

# Accuracies nearer to each other than this, and losses by this share, are level.
SAME_ACCURACY = 0.0005
SAME_LOSS = 0.01


def summarize(history: History) -> str:
    """Such as "epoch 3: validation accuracy 97.20 %, rising; loss 0.1012, falling; best epoch 3"; "" without epochs."""
    if not history.epochs:
        return ""
    newest = history.epochs[-1]
    before = history.epochs[-2] if len(history.epochs) > 1 else None
    if math.isnan(newest.validation_accuracy):
        accuracy = _accuracy(newest.train_accuracy, before.train_accuracy if before else None)
        loss = _loss(newest.train_loss, before.train_loss if before else None)
        return f"epoch {newest.epoch}: training accuracy {accuracy}; loss {loss}"
    accuracy = _accuracy(newest.validation_accuracy, before.validation_accuracy if before else None)
    loss = _loss(newest.validation_loss, before.validation_loss if before else None)
    text = f"epoch {newest.epoch}: validation accuracy {accuracy}; loss {loss}"
    best = best_epoch(history)
    return f"{text}; best epoch {best.epoch}" if best and before else text


def best_epoch(history: History) -> EpochDone | None:
    """The epoch of the smallest validation loss, None without a finite one."""
    return history.best_epoch


def _accuracy(now: float, before: float | None) -> str:
    return f"{100 * now:.2f} %" + _trend(now, before, SAME_ACCURACY)


def _loss(now: float, before: float | None) -> str:
    return f"{now:.4f}" + _trend(now, before, SAME_LOSS * abs(before or 0.0))


def _trend(now: float, before: float | None, level: float) -> str:
    if before is None or not (math.isfinite(now) and math.isfinite(before)):
        return ""
    if abs(now - before) <= level:
        return ", level"
    return ", rising" if now > before else ", falling"
