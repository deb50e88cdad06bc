"""The sliders of the panel Robust: one for each way to disturb a digit, and which of them has its curve shown."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from mnist_gui.inspection.corruptions import CORRUPTIONS, Corruption, Scale
from mnist_gui.ui.widgets.application_style import set_sheet
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelSlider

SHORT_UNITS = {"pixels": " px", "degrees": "\N{DEGREE SIGN}", "grey levels": ""}
# Of pictures that nobody has seen yet.
FIRST_SHAPE = (28, 28)


class RobustSliders(QWidget):
    """changed(): another strength. chosen(): another disturbance's curve is wanted; moving a slider wants its own."""

    changed = Signal()
    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scales: dict[str, Scale] = {}
        self._names = QButtonGroup(self)
        self._sliders: dict[str, NoWheelSlider] = {}
        self._values: dict[str, QLabel] = {}
        self._keys = list(CORRUPTIONS)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(1)
        layout.setColumnStretch(1, 1)
        for row, (key, corruption) in enumerate(CORRUPTIONS.items()):
            self._names.addButton(_name_button(key, corruption), row)
            self._sliders[key], self._values[key] = self._make_slider(key, corruption), self._make_value()
            layout.addWidget(self._names.button(row), row, 0)
            layout.addWidget(self._sliders[key], row, 1)
            layout.addWidget(self._values[key], row, 2)
        self._names.button(self._keys.index("rotation")).setChecked(True)
        self._names.idToggled.connect(self._on_names_id_toggled)
        self.show_shape(FIRST_SHAPE)

    def _make_slider(self, key: str, corruption: Corruption) -> NoWheelSlider:
        slider = NoWheelSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(f"strength_{key}")
        slider.setAccessibleName(f"{corruption.title} in {corruption.unit}")
        slider.setMinimumWidth(40)
        slider.valueChanged.connect(lambda: self._on_slider_value_changed(key))
        return slider

    def _make_value(self) -> QLabel:
        label = QLabel()
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setMinimumWidth(self.fontMetrics().horizontalAdvance("-2.5 px") + 2)
        return label

    @property
    def choice(self) -> str:
        """The disturbance whose curve is wanted."""
        return self._keys[self._names.checkedId()]

    @property
    def strengths(self) -> Mapping[str, float]:
        """Those of all disturbances."""
        return {key: slider.value() * self._scales[key].step for key, slider in self._sliders.items()}

    def describe(self, key: str, strength: float) -> str:
        """A strength with its unit."""
        return f"{strength:g}{SHORT_UNITS[CORRUPTIONS[key].unit]}"

    def show_shape(self, shape: tuple[int, int]) -> None:
        """Offer the strengths that pictures (rows, cols) can have; those set stay as far as they can."""
        scales = {key: corruption.scale(shape) for key, corruption in CORRUPTIONS.items()}
        if scales == self._scales:
            return
        self._scales = scales
        for key, slider in self._sliders.items():
            scale = scales[key]
            with QSignalBlocker(slider):
                slider.setRange(round(scale.low / scale.step), round(scale.high / scale.step))
                slider.setPageStep(max(1, round((scale.high - scale.low) / scale.step / 10)))
            slider.setToolTip(_tip(CORRUPTIONS[key], scale))
            self._show_value(key)

    def set_strength(self, key: str, strength: float) -> None:
        """Put a slider to the strength nearest to this one, as if by hand."""
        self._sliders[key].setValue(round(strength / self._scales[key].step))

    def set_all_to_zero(self) -> None:
        """Disturb nothing; sends one signal."""
        for key, slider in self._sliders.items():
            with QSignalBlocker(slider):
                slider.setValue(0)
            self._show_value(key)
        self.changed.emit()

    def _on_slider_value_changed(self, key: str) -> None:
        self._show_value(key)
        self._names.button(self._keys.index(key)).setChecked(True)
        self.changed.emit()

    def _on_names_id_toggled(self, row: int, is_checked: bool) -> None:
        if is_checked:
            self.chosen.emit()

    def _show_value(self, key: str) -> None:
        self._values[key].setText(self.describe(key, self.strengths[key]))


def _name_button(key: str, corruption: Corruption) -> QRadioButton:
    button = QRadioButton(corruption.title)
    button.setObjectName(f"curve_{key}")
    set_sheet(button, "indicator")
    button.setAccessibleName(f"Show the curve of {corruption.title.lower()}")
    button.setToolTip(f"<p>Show below how the accuracy depends on this.</p><p>{escape(corruption.about)}.</p>")
    return button


def _tip(corruption: Corruption, scale: Scale) -> str:
    span = f"From {scale.low:g} to {scale.high:g} {corruption.unit}; 0 leaves the digit as it is."
    return f"<p>{escape(corruption.about)}.</p><p>{span} All five act together.</p>"
