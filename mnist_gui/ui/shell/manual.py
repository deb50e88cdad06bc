"""The window of the manual: pages are found by name, by link or by the words in them."""

from functools import cached_property
from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.manual_pages import INDEX, has_words, page_names, page_text, page_title
from mnist_gui.ui.shell.title_bar import TitleBar
from mnist_gui.ui.widgets.buttons import tool_button

CURVES = "curves"  # the page of what stands in the centre of the window, in no dock
NONE_FOUND = "No page has all of these words"


def _name(url: QUrl) -> str:
    return url.fileName().removesuffix(".md")


class ManualBrowser(QTextBrowser):
    """Shows pages by name. Links between them work; what links elsewhere is opened by the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("manual_page")
        self.setAccessibleName("Page of the manual")
        self.setOpenExternalLinks(True)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """The text of a page; nothing else is loaded."""
        if kind != QTextDocument.ResourceType.MarkdownResource.value:
            return None
        return page_text(_name(QUrl(name)))


class ManualWindow(QDialog):
    """The pages in a list, which the search field narrows, beside the page that is read."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Manual")
        self.resize(860, 640)
        self.browser = ManualBrowser()
        self._texts = {name: page_text(name) for name in page_names()}
        self._search = QLineEdit()
        self._search.setObjectName("manual_search")
        self._search.setAccessibleName("Search the manual")
        self._search.setPlaceholderText("Search all pages")
        self._search.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setObjectName("manual_pages")
        self._list.setAccessibleName("Pages of the manual")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # long titles are shortened
        self._back = tool_button("manual_back", "\N{LEFTWARDS ARROW}", "Back to the page before (Alt+Left)")
        self._back.setAccessibleName("Back")
        self._back.setEnabled(False)
        self._lay_out()
        self._search.textChanged.connect(self._list_pages)
        self._list.currentItemChanged.connect(self._on_page_chosen)
        self._back.clicked.connect(self.browser.backward)
        QShortcut(QKeySequence.StandardKey.Back, self, self.browser.backward)
        self.browser.backwardAvailable.connect(self._back.setEnabled)
        self.browser.sourceChanged.connect(self._on_source_changed)
        self._list_pages("")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._back)
        top.addWidget(self._search, 1)
        left = QVBoxLayout()
        left.addLayout(top)
        left.addWidget(self._list, 1)
        layout = QHBoxLayout(self)
        layout.addLayout(left, 1)
        layout.addWidget(self.browser, 3)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return _name(self.browser.source())

    def show_page(self, name: str) -> None:
        """Show a page by its name, such as "digit", with the window in front."""
        self._search.clear()
        self.browser.setSource(QUrl(f"{name}.md"))
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(str)
    def _list_pages(self, words: str) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for name, text in self._texts.items():
            if has_words(text, words):
                item = QListWidgetItem(page_title(text), self._list)
                item.setData(Qt.ItemDataRole.UserRole, name)
        if not self._list.count():
            QListWidgetItem(NONE_FOUND, self._list).setFlags(Qt.ItemFlag.NoItemFlags)
        self._list.blockSignals(False)
        self._select(self.page)

    @Slot(QListWidgetItem)
    def _on_page_chosen(self, item: QListWidgetItem | None) -> None:
        name = item.data(Qt.ItemDataRole.UserRole) if item else None
        if not name:
            return
        self.browser.setSource(QUrl(f"{name}.md"))
        if words := self._search.text().split():
            self.browser.moveCursor(QTextCursor.MoveOperation.Start)
            self.browser.find(words[0])

    @Slot(QUrl)
    def _on_source_changed(self, url: QUrl) -> None:
        self._select(_name(url))  # which `page` is only after this signal

    def _select(self, page: str) -> None:
        """Mark a page in the list, if it is there."""
        names = [self._list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self._list.count())]
        self._list.blockSignals(True)
        self._list.setCurrentRow(names.index(page) if page in names else -1)
        self._list.blockSignals(False)


class Manual(QObject):
    """Opens the manual: from the Help menu, and at the page of a panel from its title bar or the keyboard."""

    def __init__(self, actions: Actions, docks: tuple[QDockWidget, ...], window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        for dock in docks:
            bar = TitleBar(dock)
            bar.help_asked.connect(lambda dock=dock: self.view.show_page(page_of(dock)))
            dock.setTitleBarWidget(bar)
        actions.manual.triggered.connect(lambda: self.view.show_page(INDEX))
        actions.panel_help.triggered.connect(self._on_panel_help_triggered)

    @cached_property
    def view(self) -> ManualWindow:
        """The window, made when it is first wanted."""
        return ManualWindow(self._window)

    @Slot()
    def _on_panel_help_triggered(self) -> None:
        self.view.show_page(page_of(QApplication.focusWidget()))


def page_of(widget: QWidget | None) -> str:
    """The name of the page about the panel that a widget belongs to: a dock's name, or that of the curves."""
    while widget is not None and not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget.objectName().removeprefix("dock_") if widget is not None else CURVES
