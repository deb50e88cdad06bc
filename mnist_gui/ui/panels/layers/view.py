"""How every layer fares over the run: one quantity at a time, a curve for each layer."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.training.history import History
from mnist_gui.training.records import LayersMeasured
from mnist_gui.ui.plotting.x_axis import LABELS, Unit, place, places, x_range
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import LIGHT, Theme

# Okabe and Ito's colours, which those who see few colours tell apart; further layers begin again, in dashes.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c8c")
SMALLEST = 1e-12
MOST_POINTS = 350  # of a curve: more would not be seen


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something measured in every layer. low, high: the range of what is always drawn."""

    name: str
    help: str
    of: Callable[[LayersMeasured], tuple[float, ...]]
    low: float
    high: float


def _logarithms(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(math.log10(max(value, SMALLEST)) for value in values)


QUANTITIES = (
    Quantity(
        "step by weight, log10",
        "How long the steps are beside the weights: healthy training reads about -3 to -2. Below -4 hardly anything "
        "moves; near -1 each step throws the weights about.",
        lambda each: each.update_ratios,
        -4.0,
        -2.0,
    ),
    Quantity(
        "gradient, log10 of RMS",
        "The size of each layer's gradient. A layer far below the others hardly learns.",
        lambda each: _logarithms(each.gradient_rms),
        -4.0,
        -2.0,
    ),
    Quantity("activation, mean", "What hidden units say on average.", lambda each: each.activation_means, 0.0, 1.0),
    Quantity(
        "activation, deviation",
        "How differently hidden units answer to different digits. Near 0: they say the same to everything.",
        lambda each: each.activation_sds,
        0.0,
        1.0,
    ),
    Quantity(
        "dead units, share", "Units that answer hardly any digit: they learn nothing.", lambda each: each.dead, 0.0, 1.0
    ),
    Quantity(
        "saturated units, share",
        "Sigmoid or tanh units that are always near either end, where their gradient is near 0.",
        lambda each: each.saturated,
        0.0,
        1.0,
    ),
)


class LayersView(QWidget):
    """The plot of one chosen quantity."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layers")
        self._history = History()
        self._theme = LIGHT
        self._drawn: tuple[int, int] | None = None
        self._ranges: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._curves: list[pg.PlotCurveItem] = []
        self._heading = QLabel("No network yet: click Train new network, and its layers appear here.")
        self._heading.setObjectName("layers_values")
        self._heading.setWordWrap(True)
        set_text_role(self._heading, "muted")
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._choice = NoWheelComboBox()
        self._choice.setObjectName("layers_quantity")
        self._choice.setAccessibleName("Quantity of the layers")
        for index, quantity in enumerate(QUANTITIES):
            self._choice.addItem(quantity.name)
            self._choice.setItemData(index, f"<p>{quantity.help}</p>", Qt.ItemDataRole.ToolTipRole)
        self._choice.currentIndexChanged.connect(self._on_choice_current_index_changed)
        self._plot = pg.PlotWidget(enableMenu=False)
        self._item = self._plot.getPlotItem()
        self._item.hideButtons()
        self._item.setMouseEnabled(x=False, y=False)
        self._item.disableAutoRange()
        self._unit: Unit = "epoch"
        self._x_range: tuple[float, float] | None = None
        self._shown_step: int | None = None
        self._line = pg.InfiniteLine()
        self._line.setVisible(False)
        self._item.addItem(self._line, ignoreBounds=True)
        self._item.setLabel("bottom", LABELS[self._unit])
        self._plot.setAccessibleName("The chosen quantity of every layer over the epochs")
        header = QHBoxLayout()
        header.addWidget(self._choice, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 4)
        layout.addLayout(header)
        layout.addWidget(self._heading)
        layout.addWidget(self._plot, 1)
        self._on_choice_current_index_changed(0)

    @property
    def quantity(self) -> Quantity:
        """What is drawn."""
        return QUANTITIES[self._choice.currentIndex()]

    def show_history(self, history: History) -> None:
        """Draw this history from now on."""
        self._history = history
        self._drawn = None
        self.refresh()

    def show_x(self, unit: Unit, x_range: tuple[float, float] | None) -> None:
        """Draw over the same part of the run as the curves; None: over all of it."""
        self._unit, self._x_range = unit, x_range
        self._item.setLabel("bottom", LABELS[unit])
        self._drawn = None
        self.refresh()

    def show_step(self, step: int | None) -> None:
        """Put a line at this step, and show the values measured last before it; None: no line, the newest values."""
        self._shown_step = step
        self._drawn = None
        self.refresh()

    def show_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._line.setPen(pg.mkPen(theme.text, width=1))
        self._plot.setBackground(theme.base)
        for name in ("left", "bottom"):
            self._item.getAxis(name).setPen(theme.border)
            self._item.getAxis(name).setTextPen(theme.muted)

    def refresh(self) -> bool:
        """Draw what is new, if it is in sight; whether anything was drawn."""
        history = self._history
        now = (len(history.layers), history.layers[-1].step if history.layers else 0)
        if now == self._drawn or self.visibleRegion().isEmpty():
            return False
        self._drawn = now
        spacing = 1 + len(history.layers) // MOST_POINTS
        measured = [*history.layers[:-1:spacing], *history.layers[-1:]]  # the newest in any case
        values = np.array([self.quantity.of(each) for each in measured], np.float64)
        self._draw(np.array([each.step for each in measured]), values if len(values) else np.empty((0, 0)))
        return True

    def _draw(self, steps: NDArray[np.int_], values: NDArray[np.float64]) -> None:
        """A curve for each column of values (n, layers), measured at steps (n,)."""
        count = values.shape[1] if len(values) else 0
        while len(self._curves) < count:
            self._add_curve()
        for layer, curve in enumerate(self._curves):
            curve.setVisible(layer < count)
        at = places(self._history, self._unit, steps.astype(np.float64))
        for curve, column in zip(self._curves, values.T, strict=False):
            curve.setData(at, np.where(np.isfinite(column), column, np.nan), connect="finite")
        self._fit(values)
        self._line.setVisible(self._shown_step is not None)
        if self._shown_step is not None:
            self._line.setValue(place(self._history, self._unit, self._shown_step))
            values = values[: max(1, int(np.searchsorted(steps, self._shown_step, side="right")))]
        self._show_values(values)

    def _add_curve(self) -> None:
        layer = len(self._curves)
        style = Qt.PenStyle.SolidLine if layer < len(COLOURS) else Qt.PenStyle.DashLine
        curve = pg.PlotCurveItem(pen=pg.mkPen(COLOURS[layer % len(COLOURS)], width=2, style=style))
        self._item.addItem(curve)
        self._curves.append(curve)

    def _fit(self, values: NDArray[np.float64]) -> None:
        finite = values[np.isfinite(values)]
        low, high = self.quantity.low, self.quantity.high
        if len(finite):
            low, high = min(low, math.floor(finite.min())), max(high, math.ceil(finite.max()))
        across = self._x_range or x_range(self._history, self._unit)
        wanted = (across, (low, high))
        if wanted != self._ranges:
            self._ranges = wanted
            self._item.setRange(xRange=across, yRange=(low, high), padding=0.02)

    def _show_values(self, values: NDArray[np.float64]) -> None:
        if not len(values):
            self._heading.setText("No network yet: click Train new network, and its layers appear here.")
            return
        names = [f"layer {layer + 1}" for layer in range(values.shape[1])]
        texts = [
            f"<span style='color:{COLOURS[layer % len(COLOURS)]}'>\N{BOX DRAWINGS HEAVY HORIZONTAL}</span> "
            f"{name} <b>{_text(value)}</b>"
            for layer, (name, value) in enumerate(zip(names, values[-1], strict=True))
        ]
        self._heading.setText(" &nbsp; ".join(texts) or "A network without hidden layers has none of these.")

    @Slot(int)
    def _on_choice_current_index_changed(self, index: int) -> None:
        self._choice.setToolTip(f"<p>{QUANTITIES[index].help}</p>")
        self._drawn = self._ranges = None
        self.refresh()


def _text(value: float) -> str:
    if math.isnan(value) or value == math.inf:
        return "not finite"
    if value == -math.inf:
        return "no step"
    return f"{value:.2f}" if abs(value) < 1e4 else f"{value:.2e}"
