"""The controls of surgery: what the chosen unit should say instead, and what that does to the accuracy."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.inspection.unit_edits import Edit
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.buttons import push_button
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import FractionSpinBox, NoWheelSlider

LARGEST_SCALE = 3.0
SLIDER_STEPS = 60  # from the opposite of that to that
LARGEST_SHIFT = 1e5  # units with unscaled pixels say hundreds
HINT = "Change what this unit says. The network in training is not touched: changes are made to a copy."


class EditControls(QWidget):
    """scale_wanted(float), shift_wanted(float): of the chosen unit. off_wanted(bool): silent, or as it is. held(): at
    its mean. undo_asked(), restore_asked(): take back the last change, or all. save_asked(): the copy as a model."""

    scale_wanted = Signal(float)
    shift_wanted = Signal(float)
    off_wanted = Signal(bool)
    held = Signal()
    undo_asked = Signal()
    restore_asked = Signal()
    save_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._slider = NoWheelSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("surgery_scale_slider")
        self._slider.setAccessibleName("Scale of what the unit says")
        self._slider.setRange(-SLIDER_STEPS // 2, SLIDER_STEPS // 2)
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._slider.setToolTip("<p>Times as much as it says: 1 as it is, 0 nothing, below 0 the opposite.</p>")
        self._scale = _number("surgery_scale", "Scale", -100.0, 100.0, 0.1)
        self._scale.setToolTip(self._slider.toolTip())
        self._shift = _number("surgery_shift", "Shift", -LARGEST_SHIFT, LARGEST_SHIFT, 0.1)
        self._shift.setToolTip("<p>Added to what it says, whatever the digit.</p>")
        self._off = QCheckBox("Switch off")
        self._off.setObjectName("surgery_off")
        set_sheet(self._off, "indicator")
        self._off.setToolTip("<p>It says 0 to every digit: the network is then one without this unit.</p>")
        self._hold = push_button(
            "surgery_hold", "At its mean", "It says its mean to every digit, and tells none apart."
        )
        self._result = FixedHeightLabel("surgery_result", 2)
        self._edits = QLabel()
        self._edits.setObjectName("surgery_edits")
        set_text_role(self._edits, "muted")
        self._edits.setWordWrap(True)
        self._edits.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._undo = push_button("surgery_undo", "Undo", "Take back the last change")
        self._restore = push_button("surgery_restore", "Restore", "Take back all changes")
        self._save = push_button(
            "surgery_save", "Save copy...", "Save the edited copy as a model, which opens like any other"
        )
        self._connect()
        self._lay_out()
        self.show_unit(None)
        self.show_result("")
        self.show_edits([], can_undo=False)

    def _connect(self) -> None:
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._scale.valueChanged.connect(self.scale_wanted)
        self._shift.valueChanged.connect(self.shift_wanted)
        self._off.toggled.connect(self.off_wanted)
        self._hold.clicked.connect(self.held)
        self._undo.clicked.connect(self.undo_asked)
        self._restore.clicked.connect(self.restore_asked)
        self._save.clicked.connect(self.save_asked)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(4)
        for row, (text, field, other) in enumerate(
            (("Scale", self._scale, self._slider), ("Shift", self._shift, None))
        ):
            label = QLabel(text)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            if other is not None:
                grid.addWidget(other, row, 2)
        off = QHBoxLayout()
        off.addWidget(self._off)
        off.addWidget(self._hold)
        off.addStretch(1)
        grid.addLayout(off, 1, 2)
        grid.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._undo, self._restore, self._save):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 0)
        layout.setSpacing(3)
        layout.addLayout(grid)
        layout.addWidget(self._result)
        layout.addWidget(self._edits_area(), 1)
        layout.addLayout(buttons)

    def _edits_area(self) -> QScrollArea:
        """All changes, to be scrolled where there are many; with room for a line of them at least."""
        area = QScrollArea()
        area.setWidget(self._edits)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(self._edits.fontMetrics().lineSpacing())
        return area

    def show_unit(self, edit: Edit | None) -> None:
        """How the chosen unit is edited now; None: there is no unit."""
        for widget in (self._slider, self._scale, self._shift, self._off, self._hold):
            widget.setEnabled(edit is not None)
        scale, shift = (edit.scale, edit.shift) if edit else (1.0, 0.0)
        with QSignalBlocker(self._slider), QSignalBlocker(self._scale), QSignalBlocker(self._shift):
            self._slider.setValue(round(scale / LARGEST_SCALE * SLIDER_STEPS / 2))
            self._scale.setValue(scale)
            self._shift.setValue(shift)
        with QSignalBlocker(self._off):
            self._off.setChecked(edit is not None and (scale, shift) == (0.0, 0.0))

    def show_result(self, text: str) -> None:
        """What the edited copy is worth; "" for what this is about."""
        self._result.setText(text or HINT)

    def show_edits(self, edits: list[str], *, can_undo: bool) -> None:
        """What is changed in the copy, unit by unit, the newest change first."""
        self._edits.setText(f"Copy: {'; '.join(edits)}." if edits else "")
        self._edits.setToolTip(f"<p>{'<br>'.join(edits)}</p>" if edits else "")
        self._undo.setEnabled(can_undo)
        self._restore.setEnabled(bool(edits))
        self._save.setEnabled(bool(edits))

    @Slot(int)
    def _on_slider_value_changed(self, place: int) -> None:
        self._scale.setValue(round(LARGEST_SCALE * place / (SLIDER_STEPS / 2), 2))


def _number(name: str, text: str, low: float, high: float, step: float) -> FractionSpinBox:
    field = FractionSpinBox()
    field.setObjectName(name)
    field.setAccessibleName(text)
    field.setRange(low, high)
    field.setDecimals(3)
    field.setSingleStep(step)
    field.setKeyboardTracking(False)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.setFixedWidth(field.fontMetrics().horizontalAdvance("-88888.888") + 26)
    return field
