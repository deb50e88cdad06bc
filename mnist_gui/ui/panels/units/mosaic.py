"""A mosaic of units on the screen: laid out, scrolled, zoomed. Painted by mosaic_canvas, made by inspection.units."""

import math
from collections.abc import Callable, Collection

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea

from mnist_gui.inspection.weight_images import Mosaic
from mnist_gui.ui.panels.units.mosaic_canvas import MosaicCanvas
from mnist_gui.ui.widgets.theme import Theme

SMALLEST_CELL = 26  # screen pixels; below it the mosaic scrolls instead of shrinking
LARGEST_CELL = 160
SMALLEST_ZOOMED_CELL = 8
ZOOM_STEP = 1.25


class UnitMosaic(QScrollArea):
    """unit_chosen(unit): the user clicked a unit or moved to it by key. zoomed(), resized(): the mosaic is
    wanted in other columns, see `columns_for`."""

    unit_chosen = Signal(int)
    zoomed = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._canvas = MosaicCanvas()
        self._canvas.moved_to.connect(self._on_canvas_moved_to)
        self._canvas.wheel_turned.connect(self._on_canvas_wheel_turned)
        self._across: int | None = None  # cells beside each other, chosen by zooming; None: as many as fit
        self._cell = float(LARGEST_CELL)
        self._fitted_to = QSize()
        self._kept: tuple[int, int] | None = None  # a unit, and at which height in sight it should stay
        self.setWidget(self._canvas)
        self.setWidgetResizable(False)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the canvas takes it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(60)

    @property
    def mosaic(self) -> Mosaic | None:
        """What is shown."""
        return self._canvas.mosaic

    @property
    def chosen(self) -> int | None:
        """The unit that is chosen."""
        return self._canvas.chosen

    @property
    def is_fitted(self) -> bool:
        """Whether the cells are as large as fit, and not as the user zoomed them."""
        return self._across is None

    def show_mosaic(self, picture: Mosaic | None, describe_unit: Callable[[int], str]) -> None:
        """Paint this mosaic, None for nothing. describe_unit(unit): the text of its tool tip."""
        self.describe_units(describe_unit)
        self._canvas.show_mosaic(picture)
        if self._kept is not None:
            unit, height = self._kept
            self._kept = None
            self.verticalScrollBar().setValue(self._canvas.middle_of(unit).y() - height)

    def describe_units(self, describe_unit: Callable[[int], str]) -> None:
        """From now on, tool tips say this."""
        self._canvas.describe_unit = describe_unit

    def show_theme(self, theme: Theme) -> None:
        """Colours to match; the gaps from the next mosaic on."""
        self._canvas.show_theme(theme)

    def choose(self, unit: int | None) -> None:
        """Outline this unit, None for none."""
        self._canvas.chosen = unit
        self._canvas.update()

    def mark(self, units: Collection[int]) -> None:
        """Outline these too, in another colour."""
        self._canvas.marked = frozenset(units)
        self._canvas.update()

    def describe_chosen(self, text: str) -> None:
        """What a screen reader says of the canvas."""
        if text != self._canvas.accessibleDescription():
            self._canvas.setAccessibleDescription(text)

    def columns_for(self, units: int, image_shape: tuple[int, int]) -> int:
        """In how many columns to lay out a mosaic, with the canvas sized to hold it.

        As many as make the cells largest, or as many as the user zoomed to.
        """
        width, height = self._room()
        down, right = image_shape[0] + 1, image_shape[1] + 1  # an image and its gap
        if self._across is None:
            columns, self._cell = self._fitting(units, down / right)
        else:
            across = max(1, min(self._across, width // SMALLEST_ZOOMED_CELL))
            columns, self._cell = min(units, across), width / across
        rows = -(-units // columns)
        size = QSize(columns * right + 1, rows * down + 1) * (columns * self._cell / (columns * right + 1))
        if self._across is None and rows * self._cell * down / right <= height:
            size = size.boundedTo(QSize(width, height))  # what fits but for the last gap should not scroll
        size = size.expandedTo(QSize(1, 1))
        if self._canvas.size() != size:
            self._canvas.resize(size)
        return columns

    def _fitting(self, units: int, ratio: float) -> tuple[int, float]:
        """Columns and the width of a cell, as large as lets all be seen, but readable."""
        width, height = self._room()
        best, best_cell = 1, 0.0
        for columns in range(1, min(units, max(1, width // SMALLEST_CELL)) + 1):
            cell = min(width / columns, height / (-(-units // columns)) / ratio, LARGEST_CELL)
            if cell > best_cell:
                best, best_cell = columns, cell
        if best_cell < SMALLEST_CELL:
            best = max(1, min(units, width // SMALLEST_CELL))
            best_cell = width / best
        return best, best_cell

    def _room(self) -> tuple[int, int]:
        bar = self.verticalScrollBar().sizeHint().width()
        return max(self.width() - bar, 20), max(self.height() - 2, 20)

    @Slot()
    def zoom_in(self) -> None:
        """Larger cells, fewer beside each other."""
        self._zoom(1, self._middle())

    @Slot()
    def zoom_out(self) -> None:
        """Smaller cells, more beside each other."""
        self._zoom(-1, self._middle())

    @Slot()
    def zoom_to_fit(self) -> None:
        """As large as fits, from now on."""
        self._across = None
        self.zoomed.emit()

    def _zoom(self, steps: int, at: QPoint) -> None:
        """So many steps closer, < 0 farther off; the unit at this place of the canvas stays at its height."""
        width, _ = self._room()
        across = max(1, round(width / self._cell))
        for _ in range(abs(steps)):
            across = _fewer(across) if steps > 0 else _more(across)
        self._across = max(1, min(across, width // SMALLEST_ZOOMED_CELL))
        unit = self._canvas.unit_at(at)
        self._kept = None if unit is None else (unit, at.y() - self.verticalScrollBar().value())
        self.zoomed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.size() != self._fitted_to:  # and not only its viewport, by a scroll bar that came or went
            self._fitted_to = self.size()
            self.resized.emit()

    def _middle(self) -> QPoint:
        """The chosen unit if there is one, else the middle of what is in sight; a place of the canvas."""
        if self.chosen is not None and self.mosaic and self.mosaic.position_of(self.chosen) is not None:
            return self._canvas.middle_of(self.chosen)
        return self._canvas.mapFrom(self.viewport(), self.viewport().rect().center())

    @Slot(int, QPoint)
    def _on_canvas_wheel_turned(self, notches: int, at: QPoint) -> None:
        self._zoom(notches, at)

    @Slot(int)
    def _on_canvas_moved_to(self, unit: int) -> None:
        self.choose(unit)
        middle = self._canvas.middle_of(unit)
        half = round(self._cell / 2) + 2
        self.ensureVisible(middle.x(), middle.y(), half, half)
        self.unit_chosen.emit(unit)


def _fewer(across: int) -> int:
    return max(1, min(across - 1, int(across / ZOOM_STEP)))


def _more(across: int) -> int:
    return max(across + 1, math.ceil(across * ZOOM_STEP))
