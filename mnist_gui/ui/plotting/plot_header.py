"""The line above a plot: title, legend, and values, the newest or those of one step."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtGui import QResizeEvent, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QSizePolicy

from mnist_gui.training.history import History
from mnist_gui.training.records import EpochDone
from mnist_gui.training.series import WINDOW, Series
from mnist_gui.ui.plotting.x_axis import place
from mnist_gui.ui.widgets.theme import LIGHT, Theme

Values = tuple[str, str, str]  # of training, of validation, and a note

# From here on decimals say nothing.
LARGE = 100_000.0
GAP = " &nbsp;&nbsp; "
BOLD = 1.05  # times as wide as all of it in the usual weight


class PlotHeader(QLabel):
    """Title, legend and values of one plot in one line."""

    def __init__(
        self,
        title: str,
        series_of: Callable[[History], Series],
        validation_of: Callable[[EpochDone], float],
        note_of: Callable[[History], str],
        *,
        percent: bool,
    ) -> None:
        super().__init__()
        self._title, self._series_of, self._validation_of = title, series_of, validation_of
        self._note_of, self._percent = note_of, percent
        self._theme = LIGHT
        self._values: Values = ("", "", "")
        self.setObjectName(f"{title.lower()}_values")
        # However much there is to read at a moment, it must not make the plot wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(
            f"Line: running mean of training minibatches, over a quarter of an epoch, at most {WINDOW}. Faint behind: "
            "the least and the greatest of single minibatches. Dashed: digits kept aside for validation, measured "
            "after each epoch; where epochs are many, the least and the greatest of each few."
        )

    @property
    def plain_text(self) -> str:
        """The line as the user reads it."""
        return QTextDocumentFragment.fromHtml(self.text()).toPlainText()

    def show_theme(self, theme: Theme) -> None:
        """Use the colours of a theme, from the next values on."""
        self._theme = theme

    def show_values(self, history: History, step: int | None) -> None:
        """The values of this step; None, or a step that was not made: the newest."""
        is_made = step is not None and history.first_step <= step <= history.last_step
        self._values = self._at(history, step) if step is not None and is_made else self._newest(history)
        self._show_what_fits()

    def _show_what_fits(self) -> None:
        """All of it, or as much as there is room for, in two lines at last: half a number would be another one."""
        training, validation, note = self._values
        mean = training.partition(" (")[0]
        for words in (
            ("training", training, "validation", note),
            ("training", mean, "validation", note),
            ("training", mean, "validation", ""),
            ("train", mean, "val.", ""),
        ):
            text = self._written(*words, validation)
            if self.fontMetrics().horizontalAdvance(_plain(text)) * BOLD <= self.width():
                self.setText(text)
                return
        if self.isVisible() and any(self._values):  # a window that is not shown yet gives it no width
            text = text.replace(GAP, "<br>").removesuffix("<br>").replace("<br>", GAP, 1)
        self.setText(text)

    def _written(self, training_name: str, training: str, validation_name: str, note: str, validation: str) -> str:
        line, dot = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BLACK CIRCLE}"
        return (
            f"<b>{self._title}</b>{GAP}"
            f"<span style='color:{self._theme.train}'>{line}</span> {training_name} {training}{GAP}"
            f"<span style='color:{self._theme.validation}'>{dot}</span> {validation_name} {validation}{GAP}{note}"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_what_fits()

    def _newest(self, history: History) -> Values:
        validation = self._validation_of(history.epochs[-1]) if history.epochs else math.nan
        series = self._series_of(history)
        mean = self._format(series.last_mean)
        most = min(series.window, len(history))
        mean += f" (mean of {most:,})" if mean and most > 1 else ""
        return mean, self._format(validation), self._note_of(history)

    def _at(self, history: History, step: int) -> Values:
        """Mean and single value of a step, the validation last measured before it, and where it is.

        The two plots share what there is to say of a step: one line holds no more.
        """
        series, index = self._series_of(history), step - history.first_step
        epoch = bisect_right(history.epochs, step, key=lambda epoch: epoch.step)
        validation = self._format(self._validation_of(history.epochs[epoch - 1]) if epoch else math.nan)
        where = f"epoch {place(history, 'epoch', step):.2f}" if self._percent else f"step {step:,}"
        if index == 0:  # before the first minibatch
            return "", validation, where
        single = self._format(float(series.values[index - 1]))
        rest = f", {history.seconds[index - 1]:.1f} s, rate {history.rates[index - 1]:.3g}"
        note = where + rest if self._percent else where
        return f"{self._format(series.mean_at(index))} ({single})", validation, note

    def _format(self, value: float) -> str:
        if math.isnan(value):
            return ""
        if self._percent:
            return f"<b>{value:.2%}</b>"
        return f"<b>{value:.4f}</b>" if abs(value) < LARGE else f"<b>{value:.4g}</b>"


def _plain(text: str) -> str:
    """The text without its tags; faster than a document, for every frame asks."""
    return re.sub(r"<[^>]*>", "", text).replace("&nbsp;", " ")
