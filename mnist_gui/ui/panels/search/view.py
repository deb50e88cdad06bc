"""The panel of the search for the fix: a small curve for every run that was tried, and at last the answer."""

import math
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.experiments.fix_report import describe
from mnist_gui.experiments.fix_search import EPOCHS, GOAL, MOST_RUNS, Attempt
from mnist_gui.experiments.trial import Trial
from mnist_gui.ui.widgets.buttons import WAIT, push_button
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSpinBox
from mnist_gui.ui.widgets.theme import LIGHT, Theme

CURVE = QSize(84, 40)
START_TIP = "Try what may help the network that is shown"
HINT = (
    f"Which smallest set of changes makes it read {GOAL:.0%} of the validation digits? It is found by at most "
    f"{MOST_RUNS} short runs of the same digits and seed."
)


class SearchView(QWidget):
    """start_asked(epochs), cancel_asked(): of every run. train_asked(): a network with what was found."""

    start_asked = Signal(int)
    cancel_asked = Signal()
    train_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._theme = LIGHT
        self._attempts: list[Attempt] = []
        self._highest = 0.0  # the loss at the upper edge of all curves
        self._caption = FixedHeightLabel("search_caption", 3)
        self._epochs = NoWheelSpinBox()
        self._epochs.setObjectName("search_epochs")
        self._epochs.setAccessibleName("Epochs of every run")
        self._epochs.setRange(1, 1000)
        self._epochs.setValue(EPOCHS)
        self._epochs.setSuffix(" epochs a run")
        self._epochs.setToolTip("<p>The budget of every run: what does not learn within it does not count.</p>")
        self._start = push_button("search_start", "Search for the fix", START_TIP)
        self._start.clicked.connect(lambda: self.start_asked.emit(self._epochs.value()))
        self._cancel = push_button("search_cancel", "Cancel", "End the search, and keep what is known")
        self._cancel.clicked.connect(self.cancel_asked)
        self._result = QLabel()
        self._result.setObjectName("search_result")
        self._result.setWordWrap(True)
        self._result.setTextFormat(Qt.TextFormat.PlainText)
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._train = push_button(
            "search_train", "Train with these", "A new network with these changes, beside the old curves"
        )
        self._train.clicked.connect(self.train_asked)
        self._list = QListWidget()
        self._list.setObjectName("search_attempts")
        self._list.setAccessibleName("The runs that were tried, the best first")
        self._list.setIconSize(CURVE)
        self._list.setWordWrap(True)
        self._lay_out()
        self.show_state(can_start=False, can_cancel=False, is_running=False)
        self.show_caption(HINT)
        self.show_result("", can_train=False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._start, 1)
        buttons.addWidget(self._epochs)
        buttons.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(buttons)
        layout.addWidget(self._caption)
        layout.addWidget(self._result)
        layout.addWidget(self._train)
        layout.addWidget(self._list, 1)

    @property
    def caption(self) -> str:
        """How far the search is."""
        return self._caption.text()

    @property
    def result(self) -> str:
        """What was found."""
        return self._result.text()

    @property
    def attempts(self) -> list[str]:
        """The runs that were tried, as they are listed."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    @Slot()
    def click_start(self) -> None:
        """As if the user pressed the button, if it can be pressed."""
        self._start.click()

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._theme = theme
        attempts, self._attempts = self._attempts, []
        self.show_attempts(attempts)

    def show_state(self, *, can_start: bool, can_cancel: bool, is_running: bool, busy: str = "") -> None:
        """What can be done now. busy: what else has need of the processes, such as "A sweep"."""
        self._start.setEnabled(can_start)
        self._start.setToolTip(f"<p>{WAIT.format(busy) if busy else START_TIP}</p>")
        self._epochs.setEnabled(not is_running)
        self._cancel.setEnabled(can_cancel)

    def show_caption(self, text: str) -> None:
        """Say how far the search is."""
        self._caption.setText(text)
        self._caption.setToolTip(f"<p>{text}</p>")

    def show_result(self, text: str, *, can_train: bool) -> None:
        """What was found; "" for nothing yet."""
        self._result.setText(text)
        self._result.setVisible(bool(text))
        self._train.setVisible(can_train)

    def show_attempts(self, attempts: Sequence[Attempt]) -> None:
        """These runs, the best first. Of more than before, only those that are new are drawn."""
        # On the scale of the calmest: one that diverges would flatten all others.
        highest = min((_highest(each.trial.losses) for each in attempts), default=math.inf)
        if highest != self._highest or any(attempt not in attempts for attempt in self._attempts):
            self._attempts, self._highest = [], highest
        if not self._attempts:
            self._list.clear()
        for attempt in attempts:
            if attempt in self._attempts:
                continue
            row = bisect_right(self._attempts, _order(attempt), key=_order)
            self._attempts.insert(row, attempt)
            reached = attempt.trial.percent if attempt.trial.has_accuracy else attempt.trial.state
            text = f"{reached}  {describe(attempt)}"
            item = QListWidgetItem(QIcon(self._curve(attempt.trial, highest)), text)
            item.setToolTip(f"<p>{text} ({attempt.trial.state}, {attempt.trial.seconds:.1f} s)</p>")
            self._list.insertItem(row, item)

    def _curve(self, trial: Trial, highest: float) -> QPixmap:
        """The loss over the steps, on one scale for all runs."""
        picture = QPixmap(CURVE)
        picture.fill(QColor(self._theme.base))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.border))
        painter.drawRect(0, 0, CURVE.width() - 1, CURVE.height() - 1)
        if len(trial.losses) > 1 and 0.0 < highest < math.inf:
            last = max(1, trial.steps[-1])
            points = [
                QPointF(
                    2 + (CURVE.width() - 4) * step / last, 2 + (CURVE.height() - 4) * (1 - min(loss / highest, 1.0))
                )
                for step, loss in zip(trial.steps, trial.losses, strict=True)
                if loss == loss  # not nan
            ]
            painter.setPen(QPen(QColor(self._theme.train), 1.5))
            painter.drawPolyline(QPolygonF(points))
        painter.end()
        return picture


def _highest(losses: Sequence[float]) -> float:
    """Of those that are numbers, as those of a run that diverges are not in the end; inf if none is."""
    return max(filter(math.isfinite, losses), default=math.inf)


def _order(attempt: Attempt) -> tuple[float, float]:
    """The smaller, the better the network did."""
    accuracy, minus_loss = attempt.rank
    return -accuracy, -minus_loss
