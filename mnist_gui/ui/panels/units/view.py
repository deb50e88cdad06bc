"""The panel of units: what each unit of a layer looks for, as one live mosaic, and what is known of a chosen one."""

import dataclasses
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from mnist_gui.inspection.weight_images import Mosaic, mosaic, own_scales, shared_scale
from mnist_gui.training.snapshot import Snapshot
from mnist_gui.ui.panels.units.caption import UnitCaption
from mnist_gui.ui.panels.units.colorbar import Colorbar
from mnist_gui.ui.panels.units.facts import ActivityMeter, UnitFacts
from mnist_gui.ui.panels.units.highlight import HighlightLegend
from mnist_gui.ui.panels.units.image_builder import ImageBuilder, UnitImages
from mnist_gui.ui.panels.units.mosaic import UnitMosaic
from mnist_gui.ui.panels.units.toolbar import UnitsToolbar
from mnist_gui.ui.services.panel_protocols import HighlightedUnits
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.theme import Theme

# More pictures than this cannot be told apart, and would take more than a frame to make.
MOST_PIXELS = 1_000_000

# Where the user waits for pictures: work for so long, then let others work.
HURRY_SECONDS = 0.008
HURRY_PAUSE_MS = 2

NOTHING = "No network yet: click Train new network, and its units' weights appear here as pictures."


class UnitsView(QWidget):
    """Shows what the units of a layer look for, and what the colours mean. unit_chosen(unit): the user chose one.
    marks_removed(): the user wants units outlined no longer."""

    unit_chosen = Signal(int)
    marks_removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None  # the newest
        self._start: Snapshot | None = None
        self._note = ""
        self._pictures: UnitImages | None = None  # those that are shown, or will be at the next refresh
        self._pictures_note = self._wanted_note = ""
        self._order: NDArray[np.intp] | None = None
        self._is_stale = False  # newer weights, or other pictures of them, are wanted
        self._is_ready = False  # they are made and not painted
        self._is_unpainted = False  # the painted ones are wanted in another way
        self._meter = ActivityMeter(None)
        self._facts: UnitFacts | None = None  # of the pictures
        self._maker = ImageBuilder()
        self._hurrying = QTimer(self)
        self._hurrying.setSingleShot(True)
        self._hurrying.timeout.connect(self._force)
        self._choices = UnitsToolbar()
        self._choices.layer_chosen.connect(self._on_choices_layer_chosen)
        self._choices.sorting_chosen.connect(self._on_choices_sorting_chosen)
        self._choices.picture_chosen.connect(self._make_anew)
        self._choices.scale_chosen.connect(self._paint_anew)
        self._caption = FixedHeightLabel("weights_caption", 2)
        self._mosaic = UnitMosaic()
        self._mosaic.zoomed.connect(self._paint_anew)
        self._mosaic.resized.connect(self._paint_anew)
        self._mosaic.unit_chosen.connect(self._on_mosaic_unit_chosen)
        self._marked: HighlightedUnits | None = None
        self._marks = HighlightLegend()
        self._marks.removed.connect(self.marks_removed)
        self._line = UnitCaption()
        self._legend = Colorbar()
        self._zoom_buttons: list[QToolButton] = []
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(2)
        below.addWidget(self._legend, 1)
        for name, text, tip, act in (
            ("weights_zoom_out", "\N{MINUS SIGN}", "Smaller pictures (Ctrl and the wheel)", self._mosaic.zoom_out),
            ("weights_zoom_in", "+", "Larger pictures (Ctrl and the wheel)", self._mosaic.zoom_in),
            ("weights_zoom_fit", "fit", "Pictures as large as lets all be seen at once", self._mosaic.zoom_to_fit),
        ):
            button = QToolButton()
            button.setObjectName(name)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setAutoRaise(True)
            button.clicked.connect(act)
            self._zoom_buttons.append(button)
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._choices)
        layout.addWidget(self._caption)
        layout.addWidget(self._mosaic, 1)
        layout.addWidget(self._marks)
        layout.addLayout(below)
        layout.addWidget(self._line)

    @property
    def mosaic(self) -> Mosaic | None:
        """The pictures that are shown."""
        return self._mosaic.mosaic

    @property
    def caption(self) -> str:
        """What is said of the pictures: of which layer, and of which weights."""
        return self._caption.text()

    @property
    def chosen_unit(self) -> int | None:
        """The unit that the user chose, of the layer that is shown."""
        return self._mosaic.chosen

    @property
    def layer(self) -> int:
        """Whose units are shown: 0 for the first hidden layer, the last for the output."""
        return self._pictures.layer if self._pictures else self._choices.layer

    def show_nothing(self) -> None:
        """The state before there is a network. What was chosen to be seen stays for the next one."""
        self._snapshot = self._start = self._pictures = self._facts = self._order = None
        self._is_stale = self._is_ready = self._is_unpainted = False
        self._maker.cancel()
        self._choices.show_nothing()
        self._mosaic.choose(None)
        self._mosaic.show_mosaic(None, str)
        self._show_marks()
        self._legend.show_scale(None)
        self._allow_zoom(False)
        self._caption.setText(NOTHING)
        self._line.show_nothing()

    def show_snapshot(self, snapshot: Snapshot, note: str = "", start: Snapshot | None = None) -> None:
        """Show these weights at the next `refresh`. note: what else to say of them, such as "best"; start: the same
        network's weights before its first step, where they are known."""
        if start is not None and start.sizes != snapshot.sizes:
            start = None
        if self._snapshot is None or not _is_same_network(self._snapshot, self._start, snapshot, start):
            self._order = None
            self._mosaic.choose(None)
            self._maker.cancel()
        has_start = start is not None
        if self._order is None or has_start != (self._start is not None):
            self._offer(snapshot, has_start=has_start)
        self._snapshot, self._start, self._note = snapshot, start, note
        self._is_stale = True

    def show_marked(self, marked: HighlightedUnits | None) -> None:
        """Outline these units, and say why, wherever their layer is shown; None for none."""
        if marked is not None and (self._marked is None or marked.layer != self._marked.layer):
            self._choices.choose_layer(marked.layer)
        self._marked = marked
        self._show_marks()

    def _show_marks(self) -> None:
        marked = self._marked
        is_in_sight = marked is not None and self._pictures is not None and self._pictures.layer == marked.layer
        self._mosaic.mark(marked.units if marked and is_in_sight else ())
        self._marks.show_text(marked.text if marked and is_in_sight else "")

    def show_probe(self, inputs: NDArray[np.float32] | None) -> None:
        """Some training digits, scaled as the network sees them, (B, D), to measure the units' activity with."""
        self._meter = ActivityMeter(inputs)
        if self._facts is not None:
            self._facts = dataclasses.replace(self._facts, meter=self._meter)
            self._mosaic.describe_units(self._facts.describe)
            self._show_chosen()
        if self._snapshot is not None:
            self._offer(self._snapshot, has_start=self._start is not None)

    def show_theme(self, theme: Theme) -> None:
        """Colours of gaps and legend to match."""
        self._mosaic.show_theme(theme)
        self._marks.show_theme(theme)
        self._paint_anew()

    def refresh(self) -> bool:
        """Draw the newest snapshot if there is one and it would be seen; whether anything was drawn or made for it."""
        if self._snapshot is None or self.visibleRegion().isEmpty():
            return False
        if self._line.is_dear and self._refresh_line():
            return True
        if self._is_ready or (self._is_unpainted and self._maker.is_at_work):
            self._paint()
            return True
        if not (self._is_stale or self._maker.is_at_work or self._is_unpainted):
            return self._refresh_line()
        if self._is_stale and not self._maker.is_at_work:
            self._is_stale = False
            self._begin(self._snapshot)
        if self._maker.is_at_work:
            made = self._maker.advance()
            if made is not None:
                self._show_pictures(made)
            if made is None or self._maker.was_dear:
                return True
        self._paint()
        if not self._line.is_dear:
            self._refresh_line()
        return True

    def draw_now(self) -> None:
        """Draw what `show_snapshot` was given before anything else: the user waits for it. What takes longer than a
        frame, as the pictures of deeper layers do, goes on between frames."""
        if self._snapshot is None or self.visibleRegion().isEmpty():
            return
        self._maker.cancel()
        self._is_stale = False
        self._begin(self._snapshot)
        self._force()

    @Slot()
    def _force(self) -> None:
        """Make pictures for as long as a frame may take, and again soon if they are not ready."""
        deadline = perf_counter() + HURRY_SECONDS
        while self._maker.is_at_work and perf_counter() < deadline:
            made = self._maker.advance()
            if made is not None:
                self._show_pictures(made)
                self._paint()
        if self._maker.is_at_work:
            self._hurrying.start(HURRY_PAUSE_MS)

    def _begin(self, snapshot: Snapshot) -> None:
        if self._order is None:
            facts = UnitFacts(snapshot, self._start, self._choices.layer, self._meter)
            self._order = facts.order(self._choices.sorting)
        rows, columns = snapshot.image_shape
        units = self._order[: max(1, MOST_PIXELS // (rows * columns))]
        self._wanted_note = self._note
        self._maker.begin(snapshot, self._choices.layer, units, self._start if self._choices.is_change else None)

    def _show_pictures(self, made: UnitImages) -> None:
        if self._pictures is not None and made.layer != self._pictures.layer:
            self._mosaic.choose(None)
        self._pictures, self._pictures_note = made, self._wanted_note
        self._facts = UnitFacts(made.snapshot, self._start, made.layer, self._meter)
        self._is_ready = True
        self._show_chosen()
        self._show_marks()

    def _paint(self) -> None:
        self._is_unpainted = self._is_ready = False
        pictures, facts = self._pictures, self._facts
        if pictures is None or facts is None:
            return
        image_shape = pictures.snapshot.image_shape
        is_own = self._choices.is_own_scale
        scale = own_scales(pictures.values) if is_own else shared_scale(pictures.values)
        columns = self._mosaic.columns_for(len(pictures.units), image_shape)
        picture = mosaic(pictures.values, image_shape, columns, scale, pictures.units)
        self._mosaic.show_mosaic(picture, facts.describe)
        self._legend.show_scale("own" if picture.scale is None else picture.scale)
        self._allow_zoom(True)
        self._caption.setText(_describe(pictures, self._pictures_note))

    def _allow_zoom(self, is_allowed: bool) -> None:
        for button in self._zoom_buttons:
            button.setEnabled(is_allowed and (button.objectName() != "weights_zoom_fit" or not self._mosaic.is_fitted))

    def _refresh_line(self) -> bool:
        """Say of the chosen unit what is true of the newest weights, if that is not too dear; whether it was said."""
        was_said = self._line.refresh()
        if was_said:
            self._mosaic.describe_chosen(self._line.toolTip())
        return was_said

    def _show_chosen(self) -> None:
        """Have the chosen unit described, as of the pictures that are shown."""
        facts, unit = self._facts, self._mosaic.chosen
        if facts is None or unit is None:
            self._line.show_unit(None)
            self._mosaic.describe_chosen("")
        else:
            self._line.show_unit(lambda: facts.describe(unit))

    def _offer(self, snapshot: Snapshot, *, has_start: bool) -> None:
        sorting, is_change = self._choices.sorting, self._choices.is_change
        has_probe = self._meter.fits(snapshot)
        self._choices.show_network(snapshot.sizes, has_start=has_start, has_probe=has_probe)
        if sorting != self._choices.sorting:
            self._order = None
        if (sorting, is_change) != (self._choices.sorting, self._choices.is_change):
            self._make_anew()

    @Slot()
    def _make_anew(self) -> None:
        self._maker.cancel()
        self._is_stale = self._snapshot is not None

    @Slot()
    def _paint_anew(self) -> None:
        self._is_unpainted = self._snapshot is not None

    @Slot()
    def _on_choices_layer_chosen(self) -> None:
        self._order = None
        if self._snapshot is not None:
            self._offer(self._snapshot, has_start=self._start is not None)
        self._make_anew()

    @Slot()
    def _on_choices_sorting_chosen(self) -> None:
        self._order = None
        self._make_anew()

    @Slot(int)
    def _on_mosaic_unit_chosen(self, unit: int) -> None:
        self._show_chosen()
        self._line.update_text()
        self._mosaic.describe_chosen(self._line.text())
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._mosaic, self._line.text()))
        self.unit_chosen.emit(unit)


def _is_same_network(old: Snapshot, old_start: Snapshot | None, new: Snapshot, new_start: Snapshot | None) -> bool:
    """Whether both are snapshots of one network: by its start where that is known, else as far as can be told."""
    if old.sizes != new.sizes or old.config.network != new.config.network:
        return False
    if old_start is not None and new_start is not None:
        return old_start.parameters is new_start.parameters
    return new.step >= old.step


def _describe(pictures: UnitImages, note: str) -> str:
    """Which units are shown, and which weights of theirs."""
    snapshot, layer = pictures.snapshot, pictures.layer
    units, layers = snapshot.sizes[layer + 1], len(snapshot.weights)
    counted = "1 unit" if units == 1 else f"{units:,} units"
    if layers == 1:
        what = f"{units:,} classes (no hidden layer)"
    elif layer == layers - 1:
        what = f"{units:,} classes, projected through the layers below"
    elif layer > 0:
        what = f"{counted} of hidden layer {layer + 1}, projected through the layers below"
    else:
        what = f"{counted} of the first hidden layer"
    if len(pictures.units) < units:
        what = f"First {len(pictures.units):,} of {what}"
    when = f"epoch {snapshot.epoch}, step {snapshot.step:,}"
    since = f"step {pictures.since:,}" if pictures.since else "the start"
    which = f"Change from {since} to" if pictures.is_change else "Weights of"
    return f"{what}. {which} {when}{note}."
