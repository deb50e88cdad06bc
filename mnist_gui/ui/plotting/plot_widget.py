"""A plot widget that is drawn on request, with axes in our manner. What is drawn in it is run_plot's.

Of what stands in a plot only few items change in every frame. The others are kept as a picture, on which those few are
painted without the graphics view's own machinery: half the time of a frame.
"""

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintDevice, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem

from mnist_gui.ui.plotting.axes import CurveBox, LogAxis
from mnist_gui.ui.widgets.theme import Theme

AXIS_WIDTH = 54
RIGHT_MARGIN = 12


class PlotWidget(pg.PlotWidget):
    """Two axes, no menus, no ranges but those it is given."""

    def __init__(self, name: str, *, percent: bool) -> None:
        super().__init__(viewBox=CurveBox(enableMenu=False), enableMenu=False, axisItems={"left": LogAxis("left")})
        self._still: QPixmap | None = None  # all but the live items
        self._picture: QPixmap | None = None  # with them
        self._live: list[QGraphicsItem] = []
        self.setObjectName(name)
        # Drawn when refresh says so and when the window system asks, not at each change of an item.
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        item = self.getPlotItem()
        item.layout.setContentsMargins(0, 8, RIGHT_MARGIN, 0)  # the last label of an axis reaches beyond it
        item.hideButtons()
        item.disableAutoRange()
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        left.setWidth(AXIS_WIDTH)
        left.enableAutoSIPrefix(False)
        bottom.enableAutoSIPrefix(False)
        bottom.setStyle(hideOverlappingLabels=False)  # else the last one, which reaches into the margin, is left out
        if percent:
            left.setScale(100.0)
            item.setLabel("left", "%")

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self.setBackground(theme.base)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)

    def add_live(self, *items: QGraphicsItem) -> None:
        """Items of the plot that change in every frame, in the order in which they are painted, over all others."""
        for item in items:
            item.setVisible(False)  # to the graphics view
        self._live += items

    def paint_now(self, *, anew: bool) -> None:
        """Paint at once, while the training thread gives way. anew: more has changed than the live items."""
        self._picture = None
        if anew:
            self._still = None
        self.viewport().repaint()

    def paint_soon(self) -> None:
        """Paint all anew when the window is painted next."""
        self._picture = self._still = None
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        size = self.viewport().size() * self.devicePixelRatioF()
        if self._still is None or self._still.size() != size:
            self._still, self._picture = self._paint_still(), None
        is_frame = event.rect() == self.viewport().rect()
        if self._picture is None and not is_frame:
            # A line moves over the plot, and will uncover it time and again.
            self._picture = self._still.copy()
            self._paint_live(self._picture)
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._picture or self._still)
        painter.end()
        if self._picture is None:
            self._paint_live(self.viewport())

    def _paint_still(self) -> QPixmap:
        area, ratio = self.viewport().rect(), self.devicePixelRatioF()
        picture = QPixmap(area.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        self.render(painter, QRectF(area), area)
        painter.end()
        return picture

    def _paint_live(self, on: QPaintDevice) -> None:
        painter = QPainter(on)
        # Into the margin on the right, where the newest point would else be cut in half.
        painter.setClipRect(self.getPlotItem().vb.sceneBoundingRect().adjusted(0, 0, RIGHT_MARGIN - 4, 0))
        option, to_viewport = QStyleOptionGraphicsItem(), self.viewportTransform()
        for item in self._live:
            painter.setWorldTransform(item.sceneTransform() * to_viewport)
            item.paint(painter, option, self.viewport())
        painter.end()
