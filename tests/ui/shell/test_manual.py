"""The manual: every dock has a page, every link leads to one, and the window finds them by name, link and word."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QTextDocument
from PySide6.QtWidgets import QApplication, QDockWidget, QLineEdit, QListWidget, QToolButton
from pytestqt.qtbot import QtBot

from mnist_gui.system.paths import help_folder
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.shell.manual import ManualWindow, page_of
from mnist_gui.ui.shell.manual_pages import has_words, page_names, page_text, page_title
from mnist_gui.ui.shell.title_bar import TitleBar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)

PAGES = sorted(path.stem for path in help_folder().glob("*.md"))
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


@pytest.fixture
def manual(qtbot: QtBot) -> ManualWindow:
    window = ManualWindow(None)
    qtbot.addWidget(window)
    return window


class Desktop(QObject):
    """Keeps what it is asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url)


@pytest.fixture
def elsewhere() -> Iterator[list[QUrl]]:
    """The addresses that the desktop is asked to open."""
    desktop = Desktop()
    QDesktopServices.setUrlHandler("https", desktop, "open")
    yield desktop.opened
    QDesktopServices.unsetUrlHandler("https")


def listed(manual: ManualWindow) -> list[str]:
    pages = manual.findChild(QListWidget)
    return [pages.item(row).data(Qt.ItemDataRole.UserRole) for row in range(pages.count())]


def test_the_index_links_every_page() -> None:
    assert sorted(page_names()) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_to_a_page_that_is_there(name: str) -> None:
    for target in LINK.findall(page_text(name)):
        if not target.startswith("https://"):
            assert (help_folder() / target).is_file(), target


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_and_is_text_and_tables_once_qt_has_read_it(name: str, qapp: QApplication) -> None:
    text = page_text(name)
    assert re.findall("^# .+", text, re.MULTILINE) == [f"# {page_title(text)}"]
    document = QTextDocument()
    document.setMarkdown(text)
    plain = document.toPlainText()
    assert plain.startswith(page_title(text).replace("*", ""))
    for mark in ("](", "**", "|---"):
        assert mark not in plain, "a link, strong text or a table is shown as it is written"


def test_every_dock_has_a_button_that_opens_a_page_about_it(qtbot: QtBot, whole_window: MainWindow) -> None:
    docks = whole_window.findChildren(QDockWidget)
    assert docks
    for dock in docks:
        button = dock.titleBarWidget().findChild(QToolButton, f"help_{dock.objectName()}")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert whole_window.manual.view.page == dock.objectName().removeprefix("dock_") in PAGES
        assert whole_window.manual.view.isVisible()


def test_the_help_menu_opens_the_index_and_the_page_of_the_panel_with_the_focus(whole_window: MainWindow) -> None:
    actions, view = whole_window.controls_actions, whole_window.manual.view
    whole_window.activateWindow()
    whole_window.controls.primary.setFocus()
    actions.panel_help.trigger()
    assert view.page == "controls"
    actions.manual.trigger()
    assert view.page == "index"


def test_what_is_in_no_dock_is_explained_with_the_curves(whole_window: MainWindow) -> None:
    assert page_of(whole_window.timeline) == page_of(None) == "curves"
    assert page_of(whole_window.view("map")) == "map"


def test_a_page_that_is_missing_is_named_in_a_sentence_that_links_the_index(manual: ManualWindow) -> None:
    manual.show_page("nowhere")
    assert "no page of this name" in manual.browser.toPlainText()
    assert manual.browser.toPlainText().startswith("nowhere")
    assert LINK.findall(page_text("nowhere")) == ["index.md"]


def test_links_between_pages_are_followed_and_the_way_back_is_known(qtbot: QtBot, manual: ManualWindow) -> None:
    back = manual.findChild(QToolButton, "manual_back")
    manual.show_page("lab")
    assert not back.isEnabled()
    manual.browser.setSource(QUrl("case-a.md"))
    assert manual.browser.toPlainText().startswith("Case A")
    assert manual.findChild(QListWidget).currentItem().text().startswith("Case A")
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert manual.page == "lab"


def test_searching_lists_the_pages_with_all_words_and_shows_the_first_of_them(
    qtbot: QtBot, manual: ManualWindow
) -> None:
    manual.show_page("index")
    assert listed(manual) == page_names()
    manual.findChild(QLineEdit).setText("neighbours T-SNE")
    assert listed(manual) == [name for name in page_names() if has_words(page_text(name), "t-sne neighbours")]
    assert listed(manual)[0] == "map"
    manual.findChild(QListWidget).setCurrentRow(0)
    assert manual.page == "map"
    assert manual.browser.textCursor().selectedText().casefold() == "neighbours"
    manual.findChild(QLineEdit).setText("no such words anywhere")
    assert listed(manual) == [None]


def test_links_elsewhere_are_opened_by_the_desktop_and_files_by_nobody(
    qtbot: QtBot, manual: ManualWindow, elsewhere: list[QUrl], tmp_path: Path
) -> None:
    manual.show_page("index")
    address = "https://example.org/page"
    manual.browser.setMarkdown(f"[there]({address})")
    manual.browser.setFocus()
    qtbot.keyClick(manual.browser, Qt.Key.Key_Tab)
    qtbot.keyClick(manual.browser, Qt.Key.Key_Return)
    assert elsewhere == [QUrl(address)]
    (tmp_path / "secret.png").write_bytes(b"pixels")
    wanted = QTextDocument.ResourceType.ImageResource.value
    assert manual.browser.loadResource(wanted, QUrl.fromLocalFile(str(tmp_path / "secret.png"))) is None


def test_a_title_bar_floats_and_closes_its_dock_and_says_what_it_would_do(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    dock = whole_window.findChild(QDockWidget, "dock_units")
    bar = dock.titleBarWidget()
    assert isinstance(bar, TitleBar)
    buttons = {button.objectName(): button for button in bar.findChildren(QToolButton)}
    qtbot.mouseClick(buttons["float_dock_units"], Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(buttons["float_dock_units"], Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    qtbot.mouseClick(buttons["close_dock_units"], Qt.MouseButton.LeftButton)
    assert dock.isHidden()
    assert {button.accessibleName() for button in buttons.values()} == {
        "Explain Units",
        "Detach Units from the window, or put it back",
        "Close Units; the View menu opens it again",
    }
