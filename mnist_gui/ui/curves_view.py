"""Live loss and accuracy, one above the other. A single plot is ui.plot's."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mnist_gui.training.history import History
from mnist_gui.ui.plot import Plot
from mnist_gui.ui.theme import Theme


class CurvesView(QWidget):
    """Two plots over the same epochs: loss and accuracy, of training minibatches and of validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.loss = Plot(
            "Loss",
            lambda history: history.losses,
            lambda epoch: epoch.validation_loss,
            note_of=_describe_penalty,
            can_be_log=True,
        )
        self.accuracy = Plot(
            "Accuracy",
            lambda history: history.accuracies,
            lambda epoch: epoch.validation_accuracy,
            percent=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(self.loss, 1)
        layout.addWidget(self.accuracy, 1)

    @property
    def plots(self) -> tuple[Plot, Plot]:
        """Both plots, top first."""
        return self.loss, self.accuracy

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        for plot in self.plots:
            plot.show_history(history)

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        for plot in self.plots:
            plot.show_theme(theme)


def _describe_penalty(history: History) -> str:
    """What the L2 penalty adds to the losses, which are drawn without it."""
    penalty = history.epochs[-1].penalty if history.epochs else 0.0
    return f"+ penalty {penalty:.4f}" if penalty else ""
