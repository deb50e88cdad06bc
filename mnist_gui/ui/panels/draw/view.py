"""The panel Draw: a canvas, what the network sees of it and says to it, and the drawings that were kept behind it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from mnist_gui.inspection.top_two import Verdict
from mnist_gui.ui.panels.draw.canvas import DrawCanvas
from mnist_gui.ui.panels.draw.input_preview import InputPreview
from mnist_gui.ui.panels.draw.save_row import SaveRow
from mnist_gui.ui.panels.draw.test_set_view import TestSetView
from mnist_gui.ui.panels.draw.toolbar import DrawToolbar
from mnist_gui.ui.widgets.application_style import set_text_role
from mnist_gui.ui.widgets.class_bars import ClassBars, Shares
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox
from mnist_gui.ui.widgets.theme import Theme

NOTHING = "Draw a digit. There is no network yet to read it: click Train new network, and it answers while it learns."
ALONE = "no other"


class DrawView(QWidget):
    """picture_given(mime_data): pasted or dropped. open_asked(): an image file is wanted. rival_chosen(place): the
    network at this place of those offered should answer too, -1 for none."""

    picture_given = Signal(object)
    open_asked = Signal()
    comparison_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw")
        self._caption = FixedHeightLabel("draw_caption", 2)
        self.canvas = DrawCanvas()
        self.seen = InputPreview()
        self.bars = ClassBars()
        self.tools = DrawToolbar()
        self.keep = SaveRow()
        self.kept = TestSetView()
        self._comparisons = self._make_comparisons()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._make_drawing_page())
        self._pages.addWidget(_page(self.kept))
        self.canvas.dropped.connect(self.picture_given)
        self.canvas.changed.connect(self._on_canvas_changed)
        self.tools.tool_chosen.connect(self._on_tools_tool_chosen)
        self.tools.thickness_chosen.connect(self._on_tools_thickness_chosen)
        self.tools.undo_asked.connect(self.canvas.undo)
        self.tools.clear_asked.connect(self.canvas.clear)
        self.tools.paste_asked.connect(self._paste)
        self.tools.open_asked.connect(self.open_asked)
        self.keep.look_asked.connect(lambda: self.show_kept_page(True))
        self.kept.back_asked.connect(lambda: self.show_kept_page(False))
        self._on_canvas_changed()
        self.show_comparisons([], -1)
        self.show_caption(NOTHING)

    def _make_comparisons(self) -> NoWheelComboBox:
        box = NoWheelComboBox()
        box.setObjectName("rival")
        box.setAccessibleName("Second network for the same drawing")
        box.setToolTip(
            "<p>Let a second network of the panel Runs answer beside the one that is shown: its best weights, in the "
            "lower bars. It must tell apart the same classes in pictures of the same size.</p>"
        )
        box.setMinimumContentsLength(4)
        box.currentIndexChanged.connect(lambda index: self.comparison_chosen.emit(index - 1))
        return box

    def _make_drawing_page(self) -> QWidget:
        self._scroller = QScrollArea()
        self._scroller.setObjectName("class_bars_area")
        self._scroller.setWidget(self.bars)
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroller.setMinimumWidth(110)
        middle = QGridLayout()
        middle.setSpacing(6)
        middle.addWidget(self.canvas, 0, 0, 2, 1)
        middle.addWidget(self.seen, 0, 1, 2, 1)
        middle.addWidget(self._comparisons, 0, 2)
        middle.addWidget(self._scroller, 1, 2)
        middle.setColumnStretch(0, 3)
        middle.setColumnStretch(2, 2)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addLayout(middle, 1)
        layout.addWidget(self.tools)
        layout.addWidget(self.keep)
        return page

    @property
    def caption(self) -> str:
        """What is said of the network, or what went wrong."""
        return self._caption.text()

    @property
    def is_kept_page(self) -> bool:
        """Whether the kept drawings are looked through."""
        return self._pages.currentIndex() == 1

    def show_theme(self, theme: Theme) -> None:
        """Colours to match, in all that paint themselves."""
        for part in (self.canvas, self.seen, self.bars, self.kept.curve):
            part.show_theme(theme)

    def show_caption(self, text: str, *, is_problem: bool = False) -> None:
        """Say which weights answer, or what went wrong."""
        set_text_role(self._caption, "error" if is_problem else "muted")
        self._caption.setText(text)
        self._caption.setToolTip(text if is_problem else "")

    def show_answer(
        self,
        pixels: NDArray[np.uint8] | None,
        names: tuple[str, ...],
        shares: Sequence[Shares],
        verdicts: Sequence[Verdict | None],
    ) -> None:
        """What the network sees, and what it says to it and perhaps a second one; pixels None: nothing is drawn."""
        if pixels is None:
            self.seen.show_nothing()
        else:
            self.seen.show_picture(pixels)
            if verdicts:
                self.seen.show_verdict(verdicts[0], names, verdicts[1] if len(verdicts) > 1 else None)
        self.bars.show_shares(names, shares)

    def show_comparisons(self, texts: Sequence[str], chosen: int) -> None:
        """Offer these as second networks. chosen: the place of the one that answers, -1 for none."""
        wanted = [ALONE, *texts]
        with QSignalBlocker(self._comparisons):
            if wanted != [self._comparisons.itemText(index) for index in range(self._comparisons.count())]:
                self._comparisons.clear()
                self._comparisons.addItems(wanted)
                for index, text in enumerate(wanted):
                    self._comparisons.setItemData(index, text, Qt.ItemDataRole.ToolTipRole)
            self._comparisons.setCurrentIndex(chosen + 1)
        view = self._comparisons.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * view.frameWidth())  # the box is narrower than its texts
        self._comparisons.setEnabled(bool(texts))

    def show_kept_page(self, is_wanted: bool) -> None:
        """Go to the kept drawings, or back to the canvas."""
        self._pages.setCurrentIndex(1 if is_wanted else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_kept_page:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.canvas.undo()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _paste(self) -> None:
        self.picture_given.emit(QGuiApplication.clipboard().mimeData())

    @Slot(str)
    def _on_tools_tool_chosen(self, tool: str) -> None:
        self.canvas.tool = "eraser" if tool == "eraser" else "pen"

    @Slot(float)
    def _on_tools_thickness_chosen(self, thickness: float) -> None:
        self.canvas.thickness = thickness

    @Slot()
    def _on_canvas_changed(self) -> None:
        self.tools.show_state(can_undo=self.canvas.can_undo, is_blank=self.canvas.is_blank)


def _page(widget: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(6, 4, 6, 6)
    layout.addWidget(widget)
    return page
