"""Units that are outlined in their mosaic, what the outline means, and a way to take it off."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from mnist_gui.ui.widgets.theme import LIGHT, Theme

LINE = 2  # screen pixels


class HighlightLegend(QWidget):
    """A line: the outline, its meaning, and a button that takes it off, which emits removed()."""

    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._swatch = _Swatch()
        self._text = QLabel()
        self._text.setObjectName("weights_marked")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._off = QToolButton()
        self._off.setObjectName("weights_unmark")
        self._off.setText("\N{MULTIPLICATION SIGN}")
        self._off.setToolTip("Take the outlines off")
        self._off.setAccessibleName("Take the outlines off")
        self._off.setAutoRaise(True)
        self._off.clicked.connect(self.removed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._swatch)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._off, 0, Qt.AlignmentFlag.AlignTop)
        self.show_text("")

    @property
    def text(self) -> str:
        """What the outline is said to mean; "" where there is none."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Say what the outline means; "": there is none."""
        self._text.setText(text)
        self.setVisible(bool(text))

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._swatch.colour = QColor(theme.validation)
        self._swatch.update()


class _Swatch(QWidget):
    """The outline, as it is drawn around units."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = QColor(LIGHT.validation)
        self.setFixedSize(QSize(14, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self.colour, LINE))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
