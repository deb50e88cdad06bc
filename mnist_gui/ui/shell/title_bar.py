"""The title bar of a dock: its title as Qt draws it, and buttons that explain, float and close the panel."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionDockWidget,
    QToolButton,
    QWidget,
)

SPACE = 2


class TitleBar(QWidget):
    """In place of Qt's own, which has no room for another button. Moving and double clicks are still the dock's.

    help_asked(): the panel is to be explained.
    """

    help_asked = Signal()

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._help = self._make_button("help", "?")
        self._help.clicked.connect(self.help_asked)
        self._float = self._make_button("float", "\N{NORTH EAST ARROW}")
        self._float.clicked.connect(self._on_float_clicked)
        self._close = self._make_button("close", "\N{MULTIPLICATION SIGN}")
        self._close.clicked.connect(dock.close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(0)
        layout.addStretch(1)
        for button in (self._help, self._float, self._close):
            layout.addWidget(button)
        dock.windowTitleChanged.connect(self._on_title_changed)
        self._show_title()

    def _make_button(self, deed: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{deed}_{self._dock.objectName()}")
        button.setText(text)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # as Qt's own: the panels' widgets are what Tab visits
        side = self.fontMetrics().height() + SPACE
        button.setFixedSize(side, side)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        """The title where the buttons leave room, shortened if need be."""
        option = QStyleOptionDockWidget()
        option.initFrom(self)
        option.rect = self.rect().adjusted(0, 0, self._help.x() - self.width(), 0)
        option.title = self._dock.windowTitle().rstrip()
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_DockWidgetTitle, option, painter, self._dock)

    @Slot(str)
    def _on_title_changed(self, title: str) -> None:
        self._show_title()
        self.update()

    def _show_title(self) -> None:
        title = self._dock.windowTitle().rstrip()
        for button, tip in (
            (self._help, "Explain {}: open its page of the manual (Shift+F1 for the panel with the focus)"),
            (self._float, "Detach {} from the window, or put it back"),
            (self._close, "Close {}; the View menu opens it again"),
        ):
            button.setToolTip(tip.format(title))
            button.setAccessibleName(tip.format(title).partition(":")[0])

    @Slot()
    def _on_float_clicked(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())
