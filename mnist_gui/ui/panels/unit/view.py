"""The panel of one unit: what it looks for, which digits excite it, what the network is without it, and surgery."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.inspection.unit_report import AblationReport, WeightImage, histogram
from mnist_gui.inspection.weight_images import mosaic, own_scales
from mnist_gui.ui.panels.unit.edit_controls import EditControls
from mnist_gui.ui.widgets.digit_gallery import DigitGallery
from mnist_gui.ui.widgets.digit_image import DigitImage
from mnist_gui.ui.widgets.diverging_bars import DivergingBars, scrolling
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box
from mnist_gui.ui.widgets.theme import Theme
from mnist_gui.ui.widgets.value_histogram import ValueHistogram
from mnist_gui.ui.widgets.weight_colormap import colour_table

NOTHING = "No unit chosen: click a picture in Units."
PICTURE = 84  # screen pixels
LEAST_HEIGHT = 200
WHICH = {
    "excite it most": "The digits for which the most comes in at this unit",
    "excite it least": "The digits for which the least comes in at it",
}


class UnitView(QWidget):
    """digit_chosen(split, index): the user wants to see this digit."""

    digit_chosen = Signal(object, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unit")
        self._caption = FixedHeightLabel("unit_caption", 3)
        self._weights, self._change = _picture("unit_weights", "What it looks for"), _picture("unit_change", "Change")
        self.speaks = DivergingBars("unit_speaks", "How much it speaks for each class")
        self.speaks.setToolTip("<p>How much it speaks for each class, or against it: its outgoing weights.</p>")
        self.means = DivergingBars("unit_means", "Its mean activity for the digits of each class")
        self.histogram = ValueHistogram("unit_histogram", "How often it says what")
        self._which = choice_box("unit_which", "Which digits", WHICH)
        self._which.currentIndexChanged.connect(self._show_digits)
        self._gallery = DigitGallery("unit_digits", "Digits that excite this unit most or least")
        self._gallery.digit_chosen.connect(self._on_gallery_digit_chosen)
        self._activity_text = FixedHeightLabel("unit_activity", 2)
        self.unit_edits = EditControls()
        self._split: Split | None = None
        self._study: AblationReport | None = None
        self._colours = colour_table("#000000")
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        for picture in (self._weights, self._change):
            top.addWidget(picture)
        top.addWidget(scrolling(self.speaks), 1)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("unit_tabs")
        self._tabs.setDocumentMode(True)
        for title, page in (("Digits", self._digits_page()), ("Activity", self._activity_page())):
            self._tabs.addTab(page, title)
        self._tabs.addTab(self.unit_edits, "Surgery")
        self._content = content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(3)
        layout.addWidget(self._caption)
        layout.addLayout(top)
        layout.addWidget(self._tabs, 1)
        # On a low screen the panel is scrolled, so that the window still fits.
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumSize(content.minimumSizeHint().width(), LEAST_HEIGHT)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def _digits_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._which)
        layout.addWidget(self._gallery, 1)
        return page

    def _activity_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._activity_text)
        row = QHBoxLayout()
        row.addWidget(self.histogram, 1)
        row.addWidget(scrolling(self.means), 1)
        layout.addLayout(row, 1)
        return page

    @property
    def is_in_sight(self) -> bool:
        """Whether any of it would be seen; the panel itself lies wholly behind what it scrolls."""
        return not self._content.visibleRegion().isEmpty()

    @property
    def caption(self) -> str:
        """What is said of the unit."""
        return self._caption.text()

    @property
    def digits(self) -> list[int]:
        """The digits that are shown, in their order: indexes in the split."""
        return self._gallery.digits

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._colours = colour_table(theme.base)
        for part in (self.speaks, self.means, self.histogram):
            part.show_theme(theme)

    def show_nothing(self, why: str = NOTHING) -> None:
        """No unit is chosen, or it cannot be studied, and why."""
        self._show_caption(why)
        self._split = self._study = None
        for picture in (self._weights, self._change):
            picture.show_image(None)
        for bars in (self.speaks, self.means):
            bars.show_values((), np.empty(0))
        self.histogram.show_counts(np.empty(0, np.int64), np.empty(0))
        self._activity_text.setText("")
        self._gallery.show_nothing()

    def show_unit(
        self,
        text: str,
        portrait: WeightImage,
        study: AblationReport,
        split: Split,
        names: tuple[str, ...],
        shape: tuple[int, int],
    ) -> None:
        """A unit, what to say of it, and the digits of a split that it was studied with. names: of the classes; shape:
        of the pictures, (rows, columns)."""
        self._show_caption(text)
        self._weights.show_image(self._image(portrait.picture, shape))
        self._change.show_image(None if portrait.change is None else self._image(portrait.change, shape))
        if portrait.class_weights is None:
            self.speaks.show_values((), np.empty(0))
        else:
            self.speaks.show_values(names, portrait.class_weights)
        self.means.show_values(names, study.class_means)
        counts, edges = histogram(study.outputs)
        self.histogram.show_counts(counts, edges)
        self._activity_text.setText(_describe_activity(study))
        if split is not self._split:
            self._gallery.choose(None)
        self._split, self._study = split, study
        self._show_digits()

    @Slot()
    def _show_digits(self) -> None:
        study, split = self._study, self._split
        if study is None or split is None:
            return
        digits = study.most if self._which.currentIndex() == 0 else study.least
        self._gallery.show_digits(
            split,
            digits,
            lambda digit: f"{study.net_inputs[digit]:.2f}",
            lambda digit: (
                f"{split.title.capitalize()} digit {digit:,}: {study.net_inputs[digit]:.3g} comes in, it says "
                f"{study.outputs[digit]:.3g}"
            ),
        )

    @Slot(int)
    def _on_gallery_digit_chosen(self, digit: int) -> None:
        if self._split is not None:
            self.digit_chosen.emit(self._split, digit)

    def _image(self, values: NDArray[np.float32], shape: tuple[int, int]) -> QImage:
        """Weights (D,) in the colours of the mosaic, on a scale of their own."""
        column = values[:, None]
        indexes = np.ascontiguousarray(mosaic(column, shape, 1, own_scales(column)).indices[1:-1, 1:-1])
        rows, columns = indexes.shape
        image = QImage(indexes.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        image.setColorTable(self._colours)
        return image.copy()

    def _show_caption(self, text: str) -> None:
        self._caption.setText(text)
        self._caption.setToolTip(f"<p>{text}</p>")


def _describe_activity(study: AblationReport) -> str:
    count = len(study.outputs)
    silent = int(np.count_nonzero(study.outputs == 0.0))
    if silent == count:
        return f"It says 0 to all {count:,} digits: a dead unit, or one that was switched off."
    text = f"Says 0 to {silent:,} of {count:,} digits" if silent else f"Says something to all {count:,} digits"
    return f"{text}; mean {study.mean:.3g}. Left: how often what (without 0). Right: its mean for each class."


def _picture(name: str, text: str) -> DigitImage:
    picture = DigitImage(PICTURE)
    picture.setObjectName(name)
    picture.setAccessibleName(text)
    picture.setToolTip(
        "<p>In the colours of Units, on a scale of its own. Left: its weights, in deeper layers projected through "
        "those below. Right: these less those of the start.</p>"
    )
    return picture
