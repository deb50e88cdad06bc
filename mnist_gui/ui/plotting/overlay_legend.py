"""Which curve is which other run's: one line of colours and texts, as many as there is room for."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from mnist_gui.ui.plotting.overlay_runs import OverlayRun, look_of
from mnist_gui.ui.widgets.theme import LIGHT, Theme

LONGEST_TEXT = 260  # pixels of one entry of many
BESIDE = 70  # pixels that an entry needs besides its text
SPACE = "&nbsp;&nbsp;&nbsp; "

# A piece of line as the curves have it: the three dashes of ui.ghosts.
STROKES = {
    Qt.PenStyle.SolidLine: "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 2,
    Qt.PenStyle.DashDotLine: "\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{MIDDLE DOT}",
    Qt.PenStyle.DotLine: "\N{MIDDLE DOT}" * 3,
}


class OverlayLegend(QLabel):
    """Colour and text of each ghost in one line; hidden without ghosts. The tooltip holds them all in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ghost_legend")
        self.setAccessibleName("Other runs in the curves")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setVisible(False)
        self._ghosts: Sequence[OverlayRun] = ()
        self._theme = LIGHT

    def show_ghosts(self, ghosts: Sequence[OverlayRun]) -> None:
        """Tell of these."""
        self._ghosts = ghosts
        self._write()
        self.setVisible(bool(ghosts))

    def show_theme(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        """As many entries as there is room for, and how many more there are."""
        metrics = self.fontMetrics()
        # Few entries share all the room there is.
        longest = max(LONGEST_TEXT, self.width() // max(1, len(self._ghosts)) - BESIDE)
        texts = [
            metrics.elidedText(_in_one_line(ghost.text), Qt.TextElideMode.ElideRight, longest) for ghost in self._ghosts
        ]
        fitting = _fitting(texts, self.width(), metrics)
        entries = [self._entry(index, text) for index, text in enumerate(texts[:fitting])]
        if fitting < len(texts):
            entries.append(f"and {len(texts) - fitting} more" if fitting else f"{len(texts)} other runs")
        self.setText(SPACE.join(entries))
        every = "<br>".join(self._entry(index, ghost.text) for index, ghost in enumerate(self._ghosts))
        self.setToolTip(f"<p>Other runs: running mean, and dashed their validation.</p><p>{every}</p>")
        self.setAccessibleDescription("; ".join(ghost.text for ghost in self._ghosts))

    def _entry(self, index: int, text: str) -> str:
        colour, dash = look_of(index, self._theme)
        return f"<span style='color:{colour}'><b>{STROKES[dash]}</b></span>&nbsp;{escape(text)}"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _fitting(texts: Sequence[str], width: int, metrics: QFontMetrics) -> int:
    """How many entries fit, with a note beside them if they are not all."""
    around = metrics.horizontalAdvance("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 3) + 4 * metrics.horizontalAdvance(" ")
    note = metrics.horizontalAdvance("and 99 more")
    used = 0
    for count, text in enumerate(texts):
        used += metrics.horizontalAdvance(text) + around
        if used + (note if count < len(texts) - 1 else 0) > width:
            return count
    return len(texts)
