"""The legend of a map: the mark and name of each class, in as many lines as there is need for."""

from html import escape

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.ui.panels.map.symbols import SIDE, mark
from mnist_gui.ui.widgets.theme import LIGHT, Theme

GAP = 4
LONGEST_NAME = 110  # screen pixels
MOST_LINES = 6
ABOUT = "Click a class to fade the others, and again to see all. With the keyboard: arrow keys, and Escape for all."


class MapLegend(QWidget):
    """class_chosen(label): the user wants to see this class among the others; None: all of them."""

    class_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_legend")
        self.setAccessibleName("Classes of the map")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chosen: int | None = None
        self._names: tuple[str, ...] = ()
        self._places: list[QRect] = []
        self.show_theme(LIGHT)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(100, self.height())

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._text, self._muted, self._chosen = QColor(theme.text), QColor(theme.muted), QColor(theme.highlight)
        self.update()

    def show_classes(self, names: tuple[str, ...]) -> None:
        """The classes by their names, in their order."""
        if names != self._names:
            self._names = names
            self._choose(None)
            self._arrange()

    def place_of(self, label: int) -> QPoint:
        """Where a class is in the legend."""
        return self._places[label].center()

    def _arrange(self) -> None:
        """Columns of equal width, and the height that they need."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        cell = int(SIDE) + 3 * GAP + min(widest, LONGEST_NAME)
        columns = max(1, self.width() // cell)
        cell, line = self.width() // columns if len(self._names) > columns else cell, metrics.height()
        corners = (divmod(place, columns) for place in range(len(self._names)))
        self._places = [QRect(column * cell, row * line, cell, line) for row, column in corners]
        lines = -(-len(self._names) // columns)
        self.setFixedHeight(max(1, min(lines, MOST_LINES)) * line)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio, metrics = self.devicePixelRatioF(), self.fontMetrics()
        for label, (name, place) in enumerate(zip(self._names, self._places, strict=True)):
            if place.top() >= self.height():
                break  # they do not fit: pointing at a mark shows its class
            painter.setOpacity(1.0 if self.chosen in (None, label) else 0.4)
            painter.drawPixmap(QPointF(place.left(), place.center().y() - SIDE / 2 + 1), mark(label, ratio))
            text = place.adjusted(int(SIDE) + GAP, 0, -GAP, 0)
            painter.setPen(self._chosen if label == self.chosen and self.hasFocus() else self._text)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if self.hasFocus() and self.chosen is None:
            painter.setOpacity(1.0)
            painter.setPen(self._chosen)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def class_at(self, at: QPoint) -> int | None:
        """The class that is written here."""
        return next((label for label, place in enumerate(self._places) if place.contains(at)), None)

    def _choose(self, label: int | None) -> None:
        if label != self.chosen:
            self.chosen = label
            self.setAccessibleDescription("all classes" if label is None else self._names[label])
            self.update()
            self.class_chosen.emit(label)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            label = self.class_at(event.pos())
            name = "" if label is None else f"<p><b>{escape(self._names[label])}</b></p>"
            QToolTip.showText(event.globalPos(), f"{name}<p>{ABOUT}</p>", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        label = self.class_at(event.position().toPoint())
        self._choose(None if label == self.chosen else label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        if event.key() == Qt.Key.Key_Escape:
            self._choose(None)
        elif event.key() in steps and self._names:
            step = steps[Qt.Key(event.key())]
            before = self.chosen if self.chosen is not None else (-1 if step > 0 else 0)
            self._choose((before + step) % len(self._names))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
