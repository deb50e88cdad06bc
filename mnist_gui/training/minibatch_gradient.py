"""The gradient of a network on a minibatch, in chunks if it is large, as the update rule gets it."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_gui.config.run_config import TrainingConfig
from mnist_gui.data.batches import Batches
from mnist_gui.engine.losses import Loss
from mnist_gui.engine.network import Gradient, Network, Workspace
from mnist_gui.engine.regularization import add_l2_gradient, clip, draw_dropout, euclidean_norm
from mnist_gui.engine.types import Floats
from mnist_gui.training.snapshot import chunk_size


class MinibatchGradient:
    """Computes the gradient of one network, and owns the arrays that this takes.

    gradient: that of the last minibatch. inputs (B, D) float32, workspace: of its last chunk.
    """

    inputs: Floats
    workspace: Workspace

    def __init__(self, network: Network, dropout_rng: np.random.Generator) -> None:
        self.gradient = Gradient(network)
        self.chunk = chunk_size(network)
        self._network, self._dropout_rng = network, dropout_rng
        self._workspaces: dict[int, Workspace] = {}
        self.release_buffers()

    def release_buffers(self) -> None:
        """Free the memory of inputs and workspaces, until the next minibatch."""
        self._workspaces.clear()
        self.inputs, self.workspace = np.empty((0, self._network.sizes[0]), np.float32), Workspace(self._network, 0)

    def compute(
        self, batches: Batches, rows: NDArray[np.intp], loss: Loss, dropout: float, should_cancel: Callable[[], bool]
    ) -> tuple[float, int] | None:
        """Compute the gradient of the mean loss over digits `rows` (N,). Returns the sum of losses and number right.

        If the loss is not finite, it is returned at once, and the gradient is not valid. None if `should_cancel`
        returned True between chunks.
        """
        if len(rows) <= self.chunk:
            return self._compute_chunk(batches, rows, len(rows), loss, dropout, self.gradient)
        total_loss, total_correct = 0.0, 0
        part = Gradient(self._network)
        self.gradient.flat[...] = 0.0
        for start in range(0, len(rows), self.chunk):
            if should_cancel():
                return None
            chunk = rows[start : start + self.chunk]
            of_chunk, correct = self._compute_chunk(batches, chunk, len(rows), loss, dropout, part)
            if not math.isfinite(of_chunk):
                return of_chunk, 0
            self.gradient.flat += part.flat
            total_loss, total_correct = total_loss + of_chunk, total_correct + correct
        return total_loss, total_correct

    def _compute_chunk(
        self, batches: Batches, rows: NDArray[np.intp], batch_size: int, loss: Loss, dropout: float, gradient: Gradient
    ) -> tuple[float, int]:
        """Overwrite `gradient` by the contribution of these rows to the gradient of the batch's mean loss."""
        self.inputs, labels = batches.gather(rows)
        workspace = self._workspaces.get(len(rows))
        if workspace is None:
            workspace = self._workspaces[len(rows)] = Workspace(self._network, len(rows))
        self.workspace = workspace
        draw_dropout(workspace, dropout, self._dropout_rng)
        outputs = self._network.forward(self.inputs, workspace)
        total = float(loss.forward(outputs, labels).sum())
        if not math.isfinite(total):
            return total, 0
        correct = int(np.count_nonzero(outputs.argmax(axis=1) == labels))
        loss.backward(outputs, labels)
        outputs *= 1.0 / batch_size
        self._network.backward(self.inputs, workspace, gradient)
        return total, correct

    def finish(self, training: TrainingConfig, train_digits: int, batch_digits: int) -> bool:
        """Turn the gradient of the mean loss into that for the update rule: penalty, sum, clipping.

        train_digits: n of the penalty. batch_digits: factor if the gradient is a sum. Returns False, without clipping,
        if the gradient's norm is not finite.
        """
        add_l2_gradient(self.gradient, self._network, training.l2, train_digits)
        if training.gradient == "sum" and batch_digits != 1:
            self.gradient.flat *= batch_digits
        norm = euclidean_norm(self.gradient.flat)
        # A gradient with a finite float32 norm moves no weight out of range, so weights are always finite.
        if not math.isfinite(norm):
            return False
        clip(self.gradient.flat, norm, training.clip)
        return True

    def penalty_ratio(self, strength: float) -> float:
        """Length of the penalty's gradient, strength * weights, divided by that of `gradient` before `finish`; >= 0."""
        if strength == 0.0:
            return 0.0
        sizes = [strength * euclidean_norm(weights.ravel()) for weights in self._network.weights]
        of_digits = euclidean_norm(self.gradient.flat)
        return math.hypot(*sizes) / of_digits if of_digits else math.inf
