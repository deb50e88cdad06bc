"""Mistakes: which digits a network gets wrong, the worst first. Drawing them is ui.mistakes_view's job."""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.evaluation import Predictions


def rank_mistakes(predictions: Predictions) -> NDArray[np.intp]:
    """The indexes of all wrongly predicted digits, (M,), by falling loss: what it was surest to be wrong about first.

    Digits of equal loss stay in the order of the split; a loss that is not a number comes first.
    """
    wrong = np.flatnonzero(predictions.predicted != predictions.labels)
    losses = np.nan_to_num(predictions.losses[wrong], nan=np.inf, posinf=np.inf)
    return wrong[np.argsort(-losses, kind="stable")]
