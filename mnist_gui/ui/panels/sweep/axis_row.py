"""One setting of a sweep in the form: which it is, the values to try, and what is wrong with them."""

from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from mnist_gui.config.run_config import ConfigError
from mnist_gui.config.schema import SETTINGS
from mnist_gui.experiments.sweep_plan import OFFERED
from mnist_gui.experiments.sweep_values import source_of, source_text, values_of
from mnist_gui.ui.widgets.application_style import TextRole, set_text_role
from mnist_gui.ui.widgets.no_wheel_inputs import NoWheelComboBox

GRID_TIP = (
    "The values to try, with a comma and a blank between them, or a semicolon: 0.01, 0.1, 1. Hidden layers are written "
    "128-64, and none for no hidden layer; several faults at once first+second."
)
RANDOM_TIP = (
    "What to draw from at random: a range such as 0.01 .. 1, or values with commas between them. Rates and the like "
    "are drawn by their logarithms; log or linear behind the range says otherwise."
)


class SweepAxisRow(QWidget):
    """edited(): other values. key_chosen(): another setting. removed(): the user wants the row no more."""

    edited = Signal()
    key_chosen = Signal()
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_random = False
        self._keys = NoWheelComboBox()
        self._keys.setAccessibleName("Setting to try")
        self._keys.setToolTip("<p>A setting to try, by the name that it has in the form at the left.</p>")
        for key in OFFERED:
            self._keys.addItem(SETTINGS[key].label, key)
            tip = f"<p><b>{key}</b>: {SETTINGS[key].help}</p>"
            self._keys.setItemData(self._keys.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._keys.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._line = QLineEdit()
        self._line.setAccessibleName("Values to try")
        self._remove = QToolButton()
        self._remove.setText("\N{MULTIPLICATION SIGN}")
        self._remove.setAccessibleName("Remove this setting")
        self._remove.setToolTip("<p>Try this setting no more: all runs have it as the form says.</p>")
        self._note = QLabel()
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._keys.activated.connect(self.key_chosen)
        self._line.textEdited.connect(self._on_line_text_edited)
        self._remove.clicked.connect(self.removed)
        self.number(1)
        self.show_random(False)

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(0)
        layout.addWidget(self._keys, 0, 0)
        layout.addWidget(self._line, 0, 1)
        layout.addWidget(self._remove, 0, 2)
        layout.addWidget(self._note, 1, 0, 1, 3)
        layout.setColumnStretch(0, 2)
        layout.setColumnStretch(1, 3)

    @property
    def key(self) -> str:
        """The setting."""
        return str(self._keys.currentData())

    @property
    def text(self) -> str:
        """Its values, as they were typed."""
        return self._line.text()

    @property
    def note(self) -> str:
        """What the row says about them."""
        return self._note.text()

    def number(self, number: int) -> None:
        """Make it findable: the first row of the form, the second, ..."""
        self._keys.setObjectName(f"sweep_setting_{number}")
        self._line.setObjectName(f"sweep_values_{number}")
        self._remove.setObjectName(f"sweep_remove_{number}")
        self._note.setObjectName(f"sweep_said_{number}")

    def show_random(self, is_random: bool) -> None:
        """Whether values are drawn."""
        self._is_random = is_random
        self._line.setToolTip(f"<p>{RANDOM_TIP if is_random else GRID_TIP}</p>")
        self._check()

    def show_axis(self, key: str, text: str) -> None:
        """Put a setting and its values in, without telling."""
        self._keys.setCurrentIndex(OFFERED.index(key))
        self._line.setText(text)
        self._check()

    @Slot()
    def _on_line_text_edited(self) -> None:
        self._check()
        self.edited.emit()

    def _check(self) -> None:
        role: TextRole = "muted"
        try:
            said = self._meaning()
        except ConfigError as error:
            said, role = error.complaint, "error"
        self._note.setText(said)
        self._note.setToolTip(f"<p>{escape(said)}</p>" if role == "error" else "")
        set_text_role(self._note, role)

    def _meaning(self) -> str:
        """What will be tried. ConfigError."""
        if not self._is_random:
            count = len(values_of(self.key, self.text))
            return "1 value" if count == 1 else f"{count:,} values"
        source = source_of(self.key, self.text)
        if "choices" in source:
            return f"one of {len(source['choices']):,}, drawn for each run"
        scale = "on a log scale" if source["log"] else "evenly"
        shown = source_text(self.key, source).removesuffix(" log").removesuffix(" linear")
        return f"{shown}, drawn {scale} for each run"
