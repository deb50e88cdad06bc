"""Early stopping: a run ends after `patience` epochs in a row without new best weights."""


class EarlyStopping:
    """Counts epochs without new best weights (Goodfellow et al. 2016, algorithm 7.1).

    patience: in epochs; 0: never stop. best_step: step of the best weights before the first epoch, None for none.
    """

    def __init__(self, patience: int, best_step: int | None) -> None:
        self._patience, self._best_step = patience, best_step
        self._epochs_without_better = 0

    def must_stop(self, best_step: int | None) -> bool:
        """Count an epoch after which the best weights are those of `best_step`. Returns whether to stop now."""
        is_better = best_step != self._best_step
        self._best_step = best_step
        self._epochs_without_better = 0 if is_better else self._epochs_without_better + 1
        return 0 < self._patience <= self._epochs_without_better
