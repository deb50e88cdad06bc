"""The hidden units' weight pictures: one mosaic, live. The picture is made by inspection.units."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QScrollArea, QToolTip, QVBoxLayout, QWidget

from mnist_gui.inspection.units import ZERO_INDEX, Mosaic, mosaic, shared_scale
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.theme import Theme

# More pictures than this cannot be told apart, and would take more than a frame to make.
MOST_PIXELS = 1_000_000

SMALLEST_CELL = 26  # screen pixels; below it the mosaic scrolls instead of shrinking
LARGEST_CELL = 160

COLOUR_MAP = "CET-D1A"  # diverging: blue negative, white zero, red positive


class WeightsView(QWidget):
    """Shows the incoming weights of the first layer's units, and what the colours mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = QLabel("")
        self._caption.setProperty("role", "muted")
        self._caption.setWordWrap(True)
        self._caption.setMinimumHeight(2 * self._caption.fontMetrics().lineSpacing())
        self._caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._canvas = _Canvas()
        self._scroll = _FittingScrollArea(self._canvas)
        self._legend = _Legend()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._legend)
        self._snapshot: Snapshot | None = None
        self._is_stale = False
        self._note = ""
        self.show_nothing()

    @property
    def mosaic(self) -> Mosaic | None:
        """The pictures that are shown."""
        return self._canvas.mosaic

    def show_nothing(self) -> None:
        """The state before there is a network."""
        self._snapshot = None
        self._is_stale = False
        self._canvas.show_mosaic(None, str)
        self._legend.show_scale(None)
        self._caption.setText("No network yet: click Train, and its units' weights appear here as pictures.")

    def show_snapshot(self, snapshot: Snapshot, note: str = "") -> None:
        """Show these weights at the next `refresh`. note: what else to say of them, such as "best"."""
        self._snapshot, self._note = snapshot, note
        self._is_stale = True

    def show_theme(self, theme: Theme) -> None:
        """Colours of gaps and legend to match."""
        self._canvas.show_theme(theme)
        self._is_stale = self._snapshot is not None

    def refresh(self) -> bool:
        """Draw the newest snapshot if there is one and it would be seen; whether anything was drawn."""
        if not self._is_stale or self._snapshot is None or self.visibleRegion().isEmpty():
            return False
        self._is_stale = False
        snapshot = self._snapshot
        weights = snapshot.weights[0]
        height, width = snapshot.image_shape
        shown = max(1, min(weights.shape[1], MOST_PIXELS // (height * width)))
        picture = mosaic(
            weights[:, :shown],
            snapshot.image_shape,
            self._scroll.best_columns(shown, snapshot.image_shape),
            shared_scale(weights),
        )
        self._canvas.show_mosaic(picture, self._describe_unit)
        self._legend.show_scale(picture.scale)
        self._caption.setText(self._describe(weights.shape[1], shown))
        return True

    def _describe_unit(self, unit: int) -> str:
        """What hovering over a picture tells."""
        snapshot = self._snapshot
        assert snapshot
        name = f"class {snapshot.class_names[unit]}" if len(snapshot.weights) == 1 else f"unit {unit}"
        norm, bias = np.linalg.norm(snapshot.weights[0][:, unit]), snapshot.biases[0][unit]
        return f"{name}: weight norm {norm:.2f}, bias {bias:+.3f}"

    def _describe(self, units: int, shown: int) -> str:
        assert self._snapshot
        is_output = len(self._snapshot.weights) == 1
        what = f"{units:,} classes (no hidden layer)" if is_output else f"{units:,} units of the first hidden layer"
        if shown < units:
            what = f"First {shown:,} of {what}"
        when = f"epoch {self._snapshot.epoch}, step {self._snapshot.step:,}"
        return f"{what}. Weights of {when}{self._note}."

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._is_stale = self._snapshot is not None


class _Canvas(QWidget):
    """Paints the mosaic as one indexed image, scaled to whole cells."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("weights")
        self.setAccessibleName("Weight pictures of the hidden units")
        self._image = QImage()
        self.mosaic: Mosaic | None = None
        self._describe_unit: Callable[[int], str] = str
        self._colours = _colour_table("#ffffff")

    def show_theme(self, theme: Theme) -> None:
        self._colours = _colour_table(theme.base)

    def show_mosaic(self, picture: Mosaic | None, describe_unit: Callable[[int], str]) -> None:
        """Paint this mosaic, None for nothing. describe_unit(unit): the text of its tool tip."""
        self.mosaic, self._describe_unit = picture, describe_unit
        if picture is not None:
            rows, columns = picture.indices.shape
            view = QImage(picture.indices.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            view.setColorTable(self._colours)
            self._image = view.copy()  # Qt would read the array's memory after it is gone
        self.repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.mosaic is None:
            return
        painter = QPainter(self)
        target = self._target()
        # Shrunken pictures need smoothing to keep their strokes; enlarged ones should show their pixels.
        is_shrunk = target.width() < self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_shrunk)
        painter.drawImage(target, self._image)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            unit = self._unit_at(event.pos())
            if unit is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._describe_unit(unit), self)
            return True
        return super().event(event)

    def _unit_at(self, position: QPoint) -> int | None:
        target = self._target()
        if self.mosaic is None or not target.contains(position):
            return None
        rows, columns = self.mosaic.indices.shape
        inside = position - target.topLeft()
        return self.mosaic.unit_at(inside.y() * rows // target.height(), inside.x() * columns // target.width())

    def _target(self) -> QRect:
        """Where the image lies: as large as fits, its proportions kept."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(QPoint(0, 0), size)


class _FittingScrollArea(QScrollArea):
    """Gives the canvas the width there is, and the height its cells need."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__()
        self._canvas = canvas
        self.setWidget(canvas)
        self.setWidgetResizable(False)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def best_columns(self, units: int, image_shape: tuple[int, int]) -> int:
        """The number of columns that makes the cells largest, and the canvas sized to hold them."""
        width, height = self._room()
        ratio = image_shape[0] / image_shape[1]
        best, best_cell = 1, 0.0
        for columns in range(1, units + 1):
            cell = min(width / columns, height / (-(-units // columns)) / ratio, LARGEST_CELL)
            if cell > best_cell:
                best, best_cell = columns, cell
        if best_cell < SMALLEST_CELL:
            best = max(1, min(units, width // SMALLEST_CELL))
            best_cell = width / best
        rows = -(-units // best)
        size = QSize(round(best * best_cell), round(rows * best_cell * ratio))
        if self._canvas.size() != size:
            self._canvas.resize(size)
        return best

    def _room(self) -> tuple[int, int]:
        bar = self.verticalScrollBar().sizeHint().width()
        return max(self.width() - bar, 20), max(self.height() - 2, 20)


class _Legend(QWidget):
    """The colour bar: what the strongest colours mean."""

    def __init__(self) -> None:
        super().__init__()
        self._scale: float | None = None
        self.setFixedHeight(QFontMetrics(self.font()).height() + 4)
        self.setToolTip(
            "One scale for all units: blue pixels speak against the unit, red ones excite it. The ends are the "
            "99.8th percentile of the weights' size."
        )

    def show_scale(self, scale: float | None) -> None:
        if scale != self._scale:
            self._scale = scale
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scale is None:
            return
        painter = QPainter(self)
        text = f"{self._scale:.2g}"
        room = painter.fontMetrics().horizontalAdvance("-0.00000 ")
        bar = self.rect().adjusted(room, 3, -room, -3)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        table = _colour_table("#000000")
        for stop in range(11):
            gradient.setColorAt(stop / 10, QColor.fromRgb(table[1 + round(stop / 10 * 254)]))
        painter.fillRect(bar, gradient)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"-{text}")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"+{text}")


@cache
def _colour_table(gap: str) -> list[int]:
    """256 colours for a mosaic's indices."""
    colours = pg.colormap.get(COLOUR_MAP).getLookupTable(nPts=255, alpha=False)
    table = [QColor(gap).rgb()] + [QColor(int(red), int(green), int(blue)).rgb() for red, green, blue in colours]
    assert len(table) == 2 * ZERO_INDEX
    return table
