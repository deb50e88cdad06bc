"""The row of tools under the canvas: pen or eraser, how thick, and what else can be done with a drawing."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from mnist_gui.ui.panels.draw.canvas import Tool
from mnist_gui.ui.widgets.buttons import tool_button
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSlider

THINNEST, THICKNESS, THICKEST = 4, 20, 60

TOOLS: dict[Tool, tuple[str, str]] = {
    "pen": ("Pen", "Draw light ink, with the left mouse button or a pen of a tablet"),
    "eraser": ("Eraser", "Take ink away. The right mouse button and the other end of a tablet's pen always do"),
}


class DrawToolbar(QWidget):
    """tool_chosen(tool), thickness_chosen(pixels), and one signal for each of the other buttons."""

    tool_chosen = Signal(str)
    thickness_chosen = Signal(float)
    undo_asked = Signal()
    clear_asked = Signal()
    paste_asked = Signal()
    open_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for tool, (text, tip) in TOOLS.items():
            button = tool_button(tool, text, tip)
            button.setCheckable(True)
            button.setChecked(tool == "pen")
            button.toggled.connect(lambda is_on, tool=tool: self.tool_chosen.emit(tool) if is_on else None)
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addWidget(self._make_slider(), 1)
        self._undo = tool_button("undo_stroke", "Undo", "Take back the last stroke, picture or clearing (Ctrl+Z)")
        self._clear = tool_button("clear_drawing", "Clear", "Wipe the canvas. Undo brings the drawing back")
        paste = tool_button("paste_picture", "Paste", "Put a copied picture or image file on the canvas (Ctrl+V)")
        open_button = tool_button(
            "open_picture",
            "Open...",
            "Put an image file on the canvas: any size, light on dark or dark on light. Or drop it there",
        )
        for button, signal in (
            (self._undo, self.undo_asked),
            (self._clear, self.clear_asked),
            (paste, self.paste_asked),
            (open_button, self.open_asked),
        ):
            button.clicked.connect(signal)
            layout.addWidget(button)

    def _make_slider(self) -> NoWheelSlider:
        self._slider = NoWheelSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("pen_thickness")
        self._slider.setAccessibleName("Thickness of pen and eraser")
        self._slider.setToolTip(
            "<p>How thick pen and eraser are. Strokes of MNIST are about a tenth of the digit; much thinner ones are "
            "strange to a network, much thicker ones close its loops.</p>"
        )
        self._slider.setRange(THINNEST, THICKEST)
        self._slider.setValue(THICKNESS)
        self._slider.setMinimumWidth(40)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        return self._slider

    def show_state(self, *, can_undo: bool, is_blank: bool) -> None:
        """Enable what can be done."""
        self._undo.setEnabled(can_undo)
        self._clear.setEnabled(not is_blank)

    @Slot(int)
    def _on_slider_value_changed(self, value: int) -> None:
        self.thickness_chosen.emit(float(value))
