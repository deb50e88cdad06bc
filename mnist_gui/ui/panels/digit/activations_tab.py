"""What every unit of every layer says to one digit: a cell for each unit, painted."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QWidget

from mnist_gui.inspection.digit_activations import LayerActivations, cells
from mnist_gui.ui.widgets.theme import LIGHT, Theme
from mnist_gui.ui.widgets.weight_colormap import colour_table

ABOUT = (
    "A cell for each unit, unit 0 first, row by row: red where it says something above 0, blue below, white where it "
    "says nothing; strongest where its layer says most. Point at a cell for its number."
)
LAYER_HEIGHT = 64  # screen pixels that the cells of a layer take, if there is room for cells of a size to be seen
SMALLEST_CELL, LARGEST_CELL = 3, 14
GAP = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where the cells of a layer are."""

    name: str
    answer: LayerActivations
    area: QRect
    cell: int

    @property
    def columns(self) -> int:
        return max(1, self.area.width() // self.cell)

    def unit_at(self, place: QPoint) -> int | None:
        if not self.area.contains(place):
            return None
        inside = place - self.area.topLeft()
        unit = inside.y() // self.cell * self.columns + inside.x() // self.cell
        return unit if unit < len(self.answer.values) else None


class ActivationsTab(QScrollArea):
    """Scrolls where layers are many or large."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else cells would move with it
        self.canvas = ActivationsCanvas()
        self.setWidget(self.canvas)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.canvas.show_theme(theme)

    def show_layers(self, layers: list[tuple[str, LayerActivations]]) -> None:
        """The layers from the first up, each with its name; none: nothing."""
        self.canvas.show_layers(layers)


class ActivationsCanvas(QWidget):
    """One block of cells below the other, each with a line of text above."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("digit_activations")
        self.setAccessibleName("What the units of every layer say to the digit")
        self.setToolTip(f"<p>{ABOUT}</p>")
        self._layers: list[tuple[str, LayerActivations]] = []
        self._places: list[_Place] = []
        self.show_theme(LIGHT)

    def show_theme(self, theme: Theme) -> None:
        self._colours = colour_table(theme.base)
        self.update()

    @property
    def layers(self) -> list[tuple[str, LayerActivations]]:
        """What is shown."""
        return self._layers

    def show_layers(self, layers: list[tuple[str, LayerActivations]]) -> None:
        self._layers = layers
        self.setAccessibleDescription("; ".join(describe(name, answer) for name, answer in layers))
        self._arrange()
        self.update()

    def describe_at(self, place: QPoint) -> str | None:
        """What is to be said of the unit at a place; None where there is none."""
        for at in self._places:
            unit = at.unit_at(place)
            if unit is not None:
                return f"{at.name}, unit {unit}: {at.answer.values[unit]:.4g}{_most(at.answer)}"
        return None

    def centre_of(self, layer: int, unit: int) -> QPoint:
        """The middle of a unit's cell."""
        at = self._places[layer]
        row, column = divmod(unit, at.columns)
        return at.area.topLeft() + QPoint(column * at.cell + at.cell // 2, row * at.cell + at.cell // 2)

    def _arrange(self) -> None:
        self._places = []
        top, line = 0, self.fontMetrics().height()
        for name, answer in self._layers:
            units = len(answer.values)
            ideal = int((max(self.width(), 1) * LAYER_HEIGHT / units) ** 0.5)
            cell = max(SMALLEST_CELL, min(ideal, LARGEST_CELL))
            columns = max(1, min(units, self.width() // cell))
            rows = -(-units // columns)
            area = QRect(0, top + line + 2, columns * cell, rows * cell)
            self._places.append(_Place(name, answer, area, cell))
            top = area.bottom() + 1 + GAP
        self.setMinimumHeight(max(0, top - GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.fontMetrics().height()
        for at in self._places:
            if not event.rect().intersects(at.area.adjusted(0, -line - 2, self.width(), 0)):
                continue
            text = self.fontMetrics().elidedText(
                describe(at.name, at.answer), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(QRect(0, at.area.top() - line - 2, self.width(), line), 0, text)
            picture = cells(at.answer, at.columns)
            rows, columns = picture.shape
            image = QImage(picture.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            image.setColorTable(self._colours)
            painter.drawImage(at.area, image)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.describe_at(event.pos()) or self.toolTip(), self)
            return True
        return super().event(event)


def describe(name: str, answer: LayerActivations) -> str:
    """A layer in a line."""
    units = len(answer.values)
    if answer.largest is None:
        return f"{name}: none of {units:,} active"
    return f"{name}: {answer.active:,} of {units:,} active"


def _most(answer: LayerActivations) -> str:
    if answer.largest is None:
        return ""
    return f" (most says unit {answer.largest}: {answer.values[answer.largest]:.4g})"
