"""What all input fields of the form have in common. Labels and help come from the table of settings."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mnist_gui.config.schema import SETTINGS

ACTS_TEXT = {
    "at once": "Acts at the next minibatch.",
    "next training": "Acts when training is started or continued.",
    "new network": "Acts on a new network.",
}


# Keys whose last part is also the name of another setting or of a button.
TWICE = ("data.seed", "data.test")


class SettingField(QWidget):
    """A field for one setting. edited(): the user changes it. committed(key): and is done with it, for now."""

    edited = Signal()
    committed = Signal(str)

    def __init__(self, key: str) -> None:
        super().__init__()
        setting = SETTINGS[key]
        self.key = key
        self.setToolTip(f"<p>{setting.help}</p><p><i>{ACTS_TEXT[setting.acts]}</i></p>")

    @property
    def focus_widget(self) -> QWidget:
        """Where a click on the label should go."""
        return self

    @property
    def is_of_use(self) -> bool:
        """Whether there is anything to choose."""
        return True

    def inputs(self) -> list[QWidget]:
        """What the Tab key stops at, in its order."""
        own = self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [widget for widget in own if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def value(self) -> Any:
        """What the field says, unchecked."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Put a legal value in, without a signal."""
        raise NotImplementedError

    def commit(self) -> None:
        """Take what is being typed as entered."""

    def _name(self, widget: QWidget) -> None:
        """Make a widget findable: by tests through its objectName, by screen readers through its name."""
        section, name = self.key.split(".")
        widget.setObjectName(f"{section}_{name}" if self.key in TWICE else name)
        widget.setAccessibleName(SETTINGS[self.key].label)
        widget.setToolTip(self.toolTip())

    def _fill_with(self, widget: QWidget) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(widget)
