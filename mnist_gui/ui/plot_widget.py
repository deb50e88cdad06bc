"""A plot widget that is drawn when told, with axes in our manner. What is drawn in it is ui.plot's."""

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap

from mnist_gui.ui.theme import Theme

AXIS_WIDTH = 54


class PlotWidget(pg.PlotWidget):
    """Two axes, no menus, no ranges but those it is given."""

    def __init__(self, name: str, *, percent: bool) -> None:
        super().__init__()
        self._picture: QPixmap | None = None
        self._keeps_picture = False
        self.setObjectName(name)
        # Drawn when refresh says so and when the window system asks, not at each change of an item.
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        item = self.getPlotItem()
        item.layout.setContentsMargins(0, 8, 12, 0)  # the last label of an axis reaches beyond it
        item.setMenuEnabled(False)
        item.hideButtons()
        item.disableAutoRange()
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        left.setWidth(AXIS_WIDTH)
        left.enableAutoSIPrefix(False)
        bottom.enableAutoSIPrefix(False)
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

    def paint_now(self, *, with_axes: bool) -> None:
        """Paint at once, while the training thread gives way. The axes take most of the time, and seldom change."""
        self._picture = None
        area = self.getPlotItem().vb.sceneBoundingRect().toAlignedRect()
        self.viewport().repaint(self.viewport().rect() if with_axes else area)

    def paint_soon(self) -> None:
        """Paint all anew when the window is painted next."""
        self._picture = None
        self.viewport().update()

    def keep_picture(self) -> None:
        """Something moves over the plot: until the plot itself is painted anew, put a picture of it underneath."""
        self._keeps_picture = True

    def paintEvent(self, event: QPaintEvent) -> None:
        area, ratio = self.viewport().rect(), self.devicePixelRatioF()
        if self._picture is not None and self._picture.size() != area.size() * ratio:
            self._picture = None
        if self._picture is None and not self._keeps_picture:
            super().paintEvent(event)
            return
        self._keeps_picture = False
        if self._picture is None:
            self._picture = QPixmap(area.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            painter = QPainter(self._picture)
            self.render(painter, QRectF(area), area)
            painter.end()
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
