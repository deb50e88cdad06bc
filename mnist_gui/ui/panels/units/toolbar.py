"""What to see of the units: which layer, weights or change, on which scale, in which order. A row of quiet controls."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QWidget

from mnist_gui.ui.panels.units.facts import Sorting
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box, offer

PROJECTED = (
    "Units above the first hidden layer see units, not pixels. Shown is what they would look for in pixels if the "
    "network were linear: the product of the weight matrices from the pixels up. It leaves out activations and biases."
)
PICTURES = {
    "weights": "The weights as they are",
    "change since start": "The weights less those before the first step: what was learned. Needs the weights of the "
    "start, which a network from a file has not.",
}
SCALES = {
    "one scale for all": "The same colours mean the same weights in every unit: strong and weak units compare.",
    "each unit its own": "Every unit uses all colours, so that weak ones show their shape too; units do not compare.",
}
SORTINGS: dict[Sorting, tuple[str, str]] = {
    "number": ("by number", "As they lie in the network"),
    "norm": ("by weight norm", "The largest incoming weights first"),
    "change": ("by change", "What has moved farthest from its start first. Needs the weights of the start."),
    "activity": ("by activity", "Dead units first: those that answer the fewest training digits"),
    "class": ("by class", "By the class that a unit speaks most for, the strongest first: outgoing weights, multiplied "
    "through the layers above"),
}  # fmt: skip


class UnitsToolbar(QWidget):
    """layer_chosen(): other units are wanted. picture_chosen(): other pictures of them. scale_chosen(): other colours.
    sorting_chosen(): an order is wanted, be it the same once more."""

    layer_chosen = Signal()
    picture_chosen = Signal()
    scale_chosen = Signal()
    sorting_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._layer = choice_box("weights_layer", "Layer of the units", {})
        self._layer.setToolTip(f"<p>Whose units are shown. {PROJECTED}</p>")
        self._picture = choice_box("weights_picture", "What the pictures show", PICTURES)
        self._scale = choice_box("weights_scale", "Scale of the colours", SCALES)
        self._sorting = choice_box("weights_sorting", "Order of the units", dict(SORTINGS.values()))
        self._again = QToolButton()
        self._again.setObjectName("weights_sort_again")
        self._again.setText("\N{CLOCKWISE OPEN CIRCLE ARROW}")
        self._again.setToolTip("Sort again: the order stays as it was when you chose it, so that nothing jumps")
        self._again.setAccessibleName("Sort again")
        self._again.setAutoRaise(True)
        for box, signal in (
            (self._layer, self.layer_chosen),
            (self._picture, self.picture_chosen),
            (self._scale, self.scale_chosen),
            (self._sorting, self.sorting_chosen),
        ):
            box.currentIndexChanged.connect(lambda _, signal=signal: signal.emit())
        self._sorting.currentIndexChanged.connect(self._on_sorting_current_index_changed)
        self._again.clicked.connect(self.sorting_chosen)
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        order = QHBoxLayout()
        order.setSpacing(2)
        order.addWidget(self._sorting, 1)
        order.addWidget(self._again)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._layer, 0, 0)
        layout.addWidget(self._picture, 0, 1)
        layout.addWidget(self._scale, 1, 0)
        layout.addLayout(order, 1, 1)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)

    @property
    def layer(self) -> int:
        """0 for the first hidden layer; the last is the output."""
        return max(self._layer.currentIndex(), 0)

    def choose_layer(self, layer: int) -> None:
        """As if the user chose it; a layer that the network has not is not chosen."""
        if layer < self._layer.count():
            self._layer.setCurrentIndex(layer)

    @property
    def is_change(self) -> bool:
        """Whether the change since the start is wanted, and known."""
        return self._picture.currentIndex() == 1

    @property
    def is_own_scale(self) -> bool:
        """Whether each unit should have its own range."""
        return self._scale.currentIndex() == 1

    @property
    def sorting(self) -> Sorting:
        """In which order the units are wanted."""
        return list(SORTINGS)[self._sorting.currentIndex()]

    def show_nothing(self) -> None:
        """There is no network to choose of; what was chosen stays for the next."""
        self.setEnabled(False)

    def show_network(self, sizes: Sequence[int], *, has_start: bool, has_probe: bool) -> None:
        """Offer what makes sense for a network of these sizes, from the pixels to the classes.

        Of what was chosen stays what this network has; no signal is sent, whatever has to change.
        """
        self.setEnabled(True)
        self._show_layers(len(sizes) - 1)
        is_output = self.layer == len(sizes) - 2
        offer(self._picture, {1: has_start})
        offer(self._sorting, {2: has_start, 3: has_probe and not is_output, 4: not is_output})
        self._again.setEnabled(self._sorting.currentIndex() > 0)

    def _show_layers(self, layers: int) -> None:
        names = [f"hidden layer {layer + 1}{' (projected)' if layer else ''}" for layer in range(layers - 1)]
        names.append("output (projected)" if layers > 1 else "output")
        if names == [self._layer.itemText(index) for index in range(self._layer.count())]:
            return
        before = self._layer.currentText()
        with QSignalBlocker(self._layer):
            self._layer.clear()
            self._layer.addItems(names)
            self._layer.setCurrentIndex(names.index(before) if before in names else 0)
        self._layer.setEnabled(layers > 1)

    @Slot(int)
    def _on_sorting_current_index_changed(self, index: int) -> None:
        self._again.setEnabled(index > 0)
