"""The wrong lines of a bug beside the right ones, with signs and tints on those that differ."""

from collections.abc import Sequence

from PySide6.QtGui import QColor, QFontDatabase, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from mnist_gui.faults.code_diff import Line, compare
from mnist_gui.faults.fault import Fault
from mnist_gui.ui.widgets.theme import LIGHT, Theme

WRONG, RIGHT = "-", "+"
TINT = 56  # of 255


class CodeDiffView(QPlainTextEdit):
    """One version below the other, so that whole lines fit a narrow panel; longer ones are scrolled to."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_lines")
        self.setAccessibleName("Its wrong lines, and the right ones")
        self.setToolTip(
            f"<p>What the bug is in NumPy. {WRONG} is a wrong line, {RIGHT} the right one in its place; lines without "
            "a sign are the same in both.</p>"
        )
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._signs: list[str] = []
        self._theme = LIGHT

    @property
    def tinted(self) -> list[str]:
        """The lines on another ground than the rest, as they stand."""
        return [selection.cursor.block().text() for selection in self.extraSelections()]

    def show_fault(self, fault: Fault) -> None:
        """Show the lines of a fault."""
        wrong, right = compare(fault.wrong, fault.right)
        lines = [("", "wrong"), *_signed(wrong, WRONG), ("", "right"), *_signed(right, RIGHT)]
        self._signs = [sign for sign, _ in lines]
        self.setPlainText("\n".join(text for _, text in lines))
        self._tint()

    def show_theme(self, theme: Theme) -> None:
        """Tint in the colours of a theme."""
        self._theme = theme
        self._tint()

    def _tint(self) -> None:
        colours = {WRONG: self._theme.error, RIGHT: self._theme.train}
        self.setExtraSelections(
            [self._ground(place, colours[sign]) for place, sign in enumerate(self._signs) if sign in colours]
        )

    def _ground(self, place: int, name: str) -> QTextEdit.ExtraSelection:
        """All of a line, to the edge."""
        colour = QColor(name)
        colour.setAlpha(TINT)
        selection = QTextEdit.ExtraSelection()
        shape: QTextFormat = selection.format
        shape.setBackground(colour)
        shape.setProperty(QTextFormat.Property.FullWidthSelection, True)
        selection.cursor = QTextCursor(self.document().findBlockByNumber(place))
        return selection


def _signed(lines: Sequence[Line], sign: str) -> list[tuple[str, str]]:
    """The sign of each line, and the line with it in its margin."""
    signs = [sign if line.differs else " " for line in lines]
    return [(mark, f"{mark} {line.text}") for mark, line in zip(signs, lines, strict=True)]
