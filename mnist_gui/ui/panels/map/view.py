"""The panel Map: which digits, of which layer, by which method; the map itself, and its legend."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.data.splits import Split, SplitName
from mnist_gui.inspection.digit_map import DigitMap, layer_names
from mnist_gui.ui.panels.map.canvas import MapCanvas
from mnist_gui.ui.panels.map.legend import MapLegend
from mnist_gui.ui.panels.map.map_data import Subject
from mnist_gui.ui.services.prediction_service import SPLITS
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box
from mnist_gui.ui.widgets.theme import Theme

NOTHING = "No map yet: train, or open a model."
LAYERS = (
    "Of which layer digits are neighbours: pixels are what the network is given, hidden layers what it makes of them, "
    "logits what it answers by"
)
Method = Literal["pca", "tsne"]
METHODS: dict[Method, tuple[str, str]] = {
    "pca": (
        "PCA",
        "Principal components: the flat view in which the digits are spread the most. Made in no time, so it goes "
        "along with training and with the timeline. Distances are real ones, seen from one side.",
    ),
    "tsne": (
        "t-SNE",
        "Keeps neighbours together, whatever becomes of longer distances: groups stand apart that PCA shows through "
        "each other. How large or how far apart they are says nothing. Takes some seconds, and shows the weights with "
        "which it began.",
    ),
}
ARROW = "\N{RIGHTWARDS ARROW}"


class MapView(QWidget):
    """subject_chosen(): another split, layer or method is wanted. make_asked(): a t-SNE map, cancel_asked(): not any
    more. digit_chosen(split, index): the user wants to see a digit. digits_gathered(split, indexes): to see some."""

    subject_chosen = Signal()
    make_asked = Signal()
    cancel_asked = Signal()
    digit_chosen = Signal(object, int)
    digits_gathered = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split_box = choice_box("map_split", "Split of the map", dict(SPLITS.values()))
        self._layer_box = choice_box("map_layer", "Layer of the map", {})
        self._layer_box.setToolTip(f"<p>{LAYERS}</p>")
        self._method_box = choice_box("map_method", "How the map is made", dict(METHODS.values()))
        self._caption = FixedHeightLabel("map_caption", 2)
        self.canvas = MapCanvas()
        self.legend = MapLegend()
        self._subject: Subject | None = None
        self._map: DigitMap | None = None
        self._names: tuple[str, ...] = ()
        self._has_chosen_layer = False
        self._make_tsne_row()
        self._lay_out()
        self._connect()
        self.offer_layers(0)
        self.show_nothing()

    def _make_tsne_row(self) -> None:
        self._progress = QProgressBar()
        self._progress.setObjectName("map_progress")
        self._progress.setAccessibleName("How much of the t-SNE map is made")
        self._progress.setToolTip("How many of the thousand steps of t-SNE are done")
        self._progress.setRange(0, 100)
        self._make = QPushButton("Make t-SNE map")
        self._make.setObjectName("map_make")
        self._make.setToolTip(
            "<p>Make a t-SNE map of the weights that are shown now. It takes some seconds in a process of its own; "
            "training goes on. Not while the map is of these very weights.</p>"
        )
        self._make.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName("map_cancel")
        self._cancel.setToolTip("Make no t-SNE map, at once; the one before stays")
        self._tsne_row = QWidget()
        row = QHBoxLayout(self._tsne_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._progress, 1)
        row.addWidget(self._make)
        row.addWidget(self._cancel)
        row.addStretch(0)  # a button alone stays as large as it is

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(4)
        for box, stretch in ((self._split_box, 3), (self._layer_box, 3), (self._method_box, 2)):
            box.setMinimumContentsLength(5)
            choices.addWidget(box, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(choices)
        layout.addWidget(self._caption)
        layout.addWidget(self._tsne_row)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.legend)

    def _connect(self) -> None:
        for box in (self._split_box, self._layer_box, self._method_box):
            box.currentIndexChanged.connect(self.subject_chosen)
        self._layer_box.activated.connect(self._on_layer_activated)
        self._make.clicked.connect(self.make_asked)
        self._cancel.clicked.connect(self.cancel_asked)
        self.legend.class_chosen.connect(self.canvas.emphasise)
        self.canvas.picture_of = self._picture_of
        self.canvas.describe = self.describe
        self.canvas.digit_chosen.connect(self._on_canvas_digit_chosen)
        self.canvas.digits_enclosed.connect(self._on_canvas_digits_enclosed)

    # What is wanted

    @property
    def split_name(self) -> SplitName:
        """Whose digits are wanted."""
        return list(SPLITS)[self._split_box.currentIndex()]

    @property
    def layer(self) -> int:
        """Of which layer, from 0, the pixels, up."""
        return self._layer_box.currentIndex()

    @property
    def method(self) -> Method:
        """How the map should be made."""
        return list(METHODS)[self._method_box.currentIndex()]

    def offer_layers(self, hidden: int) -> None:
        """Offer the layers of a network with so many hidden ones. A chosen one stays so, counted from the logits down.

        No signal is sent. Before the user has chosen, it is the last hidden layer, or what is in its place.
        """
        names, count = layer_names(hidden), self._layer_box.count()
        if len(names) == count:
            return
        down = count - self._layer_box.currentIndex() if count else 2
        was_pixels = self._has_chosen_layer and self._layer_box.currentIndex() == 0
        with QSignalBlocker(self._layer_box):
            self._layer_box.clear()
            self._layer_box.addItems(names)
            self._layer_box.setCurrentIndex(0 if was_pixels else max(len(names) - down, 0))

    # What is shown

    @property
    def caption(self) -> str:
        """What is said of the map."""
        return self._caption.text()

    @property
    def map(self) -> DigitMap | None:
        """The map that is shown."""
        return self._map

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.canvas.show_theme(theme)
        self.legend.show_theme(theme)

    def show_nothing(self, why: str = NOTHING) -> None:
        """There is no map, and why."""
        self._subject = self._map = None
        self._show_caption(why)
        self.canvas.show_map(None)
        self.legend.show_classes(())
        self.show_making(None, can_make=False)

    def show_map(self, subject: Subject, picture: DigitMap, names: tuple[str, ...], caption: str) -> None:
        """A map, the names of all classes, and what to say of it."""
        if self._subject is None or self._subject.split is not subject.split:
            self.canvas.forget_line()
            self.canvas.choose(None)
        self._subject, self._names = subject, names
        self._show_caption(caption)
        self.legend.show_classes(names)
        if picture is not self._map:
            self._map = picture
            self.canvas.show_map(picture, names)

    def show_making(self, share: float | None, *, is_offered: bool = True, can_make: bool) -> None:
        """How much of a t-SNE map is made, 0..1; None: none is being made.

        is_offered: whether there can be such maps at all. can_make: whether one can be asked for now.
        """
        is_making = share is not None
        self._tsne_row.setVisible(is_offered and self.method == "tsne")
        self._progress.setVisible(is_making)
        self._cancel.setVisible(is_making)
        self._make.setVisible(not is_making)
        self._make.setEnabled(can_make)
        self._progress.setValue(round(100 * (share or 0.0)))

    def choose_digit(self, split: Split, index: int) -> None:
        """A digit was chosen somewhere: outlined here too, if it is on the map."""
        is_ours = self._subject is not None and self._subject.split is split
        self.canvas.choose(index if is_ours else None)

    def forget_digit(self) -> None:
        """No digit is chosen any more."""
        self.canvas.choose(None)

    def describe(self, digit: int) -> str:
        """A digit of the map in a few words."""
        if self._map is None:
            return ""
        true, predicted = (self._names[each[digit]] for each in (self._map.labels, self._map.predicted))
        return f"{digit:,}: {true}" if true == predicted else f"{digit:,}: {true} {ARROW} {predicted}"

    def _show_caption(self, text: str) -> None:
        self._caption.setText(text)
        self._caption.setToolTip(f"<p>{text}</p>")  # all of it, where a narrow panel shows only the beginning

    def _picture_of(self, digit: int) -> NDArray[np.uint8]:
        assert self._subject
        return self._subject.split.image(digit)

    @Slot()
    def _on_layer_activated(self) -> None:
        self._has_chosen_layer = True

    @Slot(int)
    def _on_canvas_digit_chosen(self, digit: int) -> None:
        if self._subject:
            self.digit_chosen.emit(self._subject.split, digit)

    @Slot(object)
    def _on_canvas_digits_enclosed(self, digits: NDArray[np.intp]) -> None:
        if self._subject:
            self.digits_gathered.emit(self._subject.split, digits)
