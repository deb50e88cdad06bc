"""How a layer's weights are spread, now against the start. Binned by inspection.histograms."""

import math

import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.inspection.histograms import HELD, Floats, Spread, edges, shares, spread
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.plotting.auto_range import nice_ceiling
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import LIGHT, Theme

NOTHING = "No network yet: click Train new network, and how its weights are spread appears here."
ALL = "all layers together"

# A range is kept until the values leave it, or until they would fill less than this share of it.
LEAST_FILLED = 0.4


class WeightsView(QWidget):
    """The plot of one layer's weights: filled as they are, an outline as they were at the start."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histograms")
        self._theme = LIGHT
        self._snapshot: Snapshot | None = None
        self._start: Snapshot | None = None
        self._start_spread: tuple[Snapshot, int, Spread] | None = None
        self._note = ""
        self._is_stale = False
        self._limit = self._height = 0.0
        self._layer = NoWheelComboBox()
        self._layer.setObjectName("histograms_layer")
        self._layer.setAccessibleName("Layer of the weights")
        self._layer.setToolTip("Whose weights are counted. Layer 1 leads from the pixels to the first units.")
        self._layer.currentIndexChanged.connect(self._on_layer_current_index_changed)
        self._heading = _label("histograms_values")
        self._heading.setToolTip(
            "<p>Filled: the weights now. Outline: before the first step, or as the network was opened. Counted is an "
            f"even sample of at most 50,000 weights. The range holds {HELD} % of them; those beyond it are in the bars "
            "at both ends.</p><p>Healthy layers widen a little. A layer that stays as it began has learned nothing; "
            "weights far out on both sides speak for a learning rate that is too high.</p>"
        )
        self._caption = _label("histograms_caption")
        self._plot = pg.PlotWidget(enableMenu=False)
        self._item = self._plot.getPlotItem()
        self._now = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", fillLevel=0.0, skipFiniteCheck=True)
        self._before = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", skipFiniteCheck=True)
        self._set_up_plot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 4)
        layout.setSpacing(4)
        for widget in (self._layer, self._caption, self._heading):
            layout.addWidget(widget)
        layout.addWidget(self._plot, 1)
        self.show_theme(LIGHT)
        self.show_nothing()

    def _set_up_plot(self) -> None:
        self._plot.setAccessibleName("Histogram of the weights of the chosen layer, now and at the start")
        self._item.hideButtons()
        self._item.setMouseEnabled(x=False, y=False)
        self._item.disableAutoRange()
        self._item.setLabel("bottom", "weight")
        self._item.setLabel("left", "share of the weights")
        for name in ("left", "bottom"):
            self._item.getAxis(name).enableAutoSIPrefix(False)
        for curve in (self._now, self._before):
            self._item.addItem(curve)

    @property
    def caption(self) -> str:
        """Which weights are drawn."""
        return self._caption.text()

    def show_nothing(self) -> None:
        """The state before there is a network."""
        self._snapshot = self._start = self._start_spread = None
        self._is_stale = False
        self._layer.setEnabled(False)
        self._plot.setVisible(False)
        self._heading.setText("")
        self._caption.setText(NOTHING)

    def show_snapshot(self, snapshot: Snapshot, note: str = "", start: Snapshot | None = None) -> None:
        """Draw these weights at the next `refresh`. note: what else to say of them, such as "best"; start: the same
        network's weights before its first step, where they are known."""
        self._snapshot, self._note = snapshot, note
        self._start = start if start is not None and start.sizes == snapshot.sizes else None
        self._show_layers(len(snapshot.weights))
        self._is_stale = True

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        fill = QColor(theme.train)
        fill.setAlphaF(0.55)
        self._now.setPen(pg.mkPen(theme.train))
        self._now.setBrush(pg.mkBrush(fill))
        self._before.setPen(pg.mkPen(theme.validation, width=2))
        self._plot.setBackground(theme.base)
        for name in ("left", "bottom"):
            self._item.getAxis(name).setPen(theme.border)
            self._item.getAxis(name).setTextPen(theme.muted)
        self._is_stale = self._snapshot is not None  # the legend has the colours too

    def draw_now(self) -> None:
        """Draw what `show_snapshot` was given at once: the user waits for it."""
        self.refresh()

    def refresh(self) -> bool:
        """Draw the newest weights if there are any and they would be seen; whether anything was drawn."""
        if not self._is_stale or self._snapshot is None or self.visibleRegion().isEmpty():
            return False
        self._is_stale = False
        now = spread(self._chosen_weights(self._snapshot))
        before = self._spread_at_start()
        self._draw(now, before)
        self._heading.setText(self._legend(now, before))
        when = f"epoch {self._snapshot.epoch}, step {self._snapshot.step:,}"
        self._caption.setText(f"Weights of {when}{self._note}.")
        return True

    def _chosen_weights(self, snapshot: Snapshot) -> list[Floats]:
        index, weights = max(self._layer.currentIndex(), 0), snapshot.weights
        return [weights[index]] if index < len(weights) else weights

    def _spread_at_start(self) -> Spread | None:
        start, index = self._start, self._layer.currentIndex()
        if start is None:
            return None
        if self._start_spread is None or self._start_spread[0] is not start or self._start_spread[1] != index:
            self._start_spread = start, index, spread(self._chosen_weights(start))
        return self._start_spread[2]

    def _draw(self, now: Spread, before: Spread | None) -> None:
        self._plot.setVisible(True)
        limit = _kept(self._limit, max(now.limit, before.limit if before else 0.0))
        bins = edges(limit)
        heights = shares(now.values, limit)
        self._now.setData(bins, heights)
        highest = heights.max()
        self._before.setVisible(before is not None)
        if before is not None:
            heights = shares(before.values, limit)
            self._before.setData(bins, heights)
            highest = max(highest, heights.max())
        height = _kept(self._height, float(highest))
        if (limit, height) != (self._limit, self._height):
            self._limit, self._height = limit, height
            self._item.setRange(xRange=(-limit, limit), yRange=(0.0, height), padding=0.02)

    def _legend(self, now: Spread, before: Spread | None) -> str:
        """What the colours mean, with the numbers; rich text."""
        outline = "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
        lines = [
            _line("\N{BLACK SQUARE}", self._theme.train, "now", now),
            _line(outline, self._theme.validation, "start", before) if before else "at the start: not known",
        ]
        counted = now.not_finite + len(now.values)
        notes = [f"{now.zeros:.1%} of the weights are exactly 0"] if len(now.values) else []
        notes += [f"{now.not_finite:,} of {counted:,} are not finite"] if now.not_finite else []
        return "<br>".join([*lines, ", ".join(notes)])

    def _show_layers(self, layers: int) -> None:
        """Offer these layers; the choice stays if it can."""
        names = [f"layer {layer + 1}" for layer in range(layers)]
        names += [ALL] if layers > 1 else []
        self._layer.setEnabled(layers > 1)
        if names == [self._layer.itemText(index) for index in range(self._layer.count())]:
            return
        before = self._layer.currentText()
        with QSignalBlocker(self._layer):
            self._layer.clear()
            self._layer.addItems(names)
            self._layer.setCurrentIndex(names.index(before) if before in names else 0)
        self._limit = self._height = 0.0

    @Slot(int)
    def _on_layer_current_index_changed(self, index: int) -> None:
        self._limit = self._height = 0.0
        self._is_stale = self._snapshot is not None
        self.refresh()


def _label(name: str) -> QLabel:
    """A muted text that makes nothing wider."""
    label = QLabel()
    label.setObjectName(name)
    set_text_role(label, "muted")
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _line(sign: str, colour: str, name: str, found: Spread) -> str:
    shown = f"{name}: nothing to count"
    if len(found.values):
        style = _number_format(found.deviation)
        shown = f"{name}: mean <b>{found.mean:{style}}</b>, deviation <b>{found.deviation:{style}}</b>"
    return f"<span style='color:{colour}'>{sign}</span> {shown}"


def _number_format(deviation: float) -> str:
    """Three digits of the deviation; the mean as fine as that, since its further digits say nothing."""
    if not 1e-6 < deviation < 1e4:
        return ".2e"
    return f"z.{max(0, 2 - math.floor(math.log10(deviation)))}f"


def _kept(limit: float, value: float) -> float:
    """A round limit for a value: the present one while it serves, so that the axis does not move all the time."""
    return limit if LEAST_FILLED * limit <= value <= limit else nice_ceiling(value * 1.05)
