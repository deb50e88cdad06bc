"""The lab: networks that people posted, and classic bugs to put into a run."""

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from mnist_gui.ui.panels.lab.describe_page import DescribePage
from mnist_gui.ui.panels.lab.faults_page import FaultsPage
from mnist_gui.ui.panels.lab.posted_page import PostedPage
from mnist_gui.ui.widgets.theme import Theme


class LabView(QWidget):
    """Its pages, one behind the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lab")
        self.cases, self.bugs, self.describe = PostedPage(), FaultsPage(), DescribePage()
        tabs = QTabWidget()
        tabs.setObjectName("lab_tabs")
        tabs.setDocumentMode(True)
        tabs.addTab(self.cases, "Posted networks")
        tabs.addTab(self.bugs, "Classic bugs")
        tabs.addTab(self.describe, "Describe yours")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 6)
        layout.addWidget(tabs)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self.bugs.show_theme(theme)
