"""Colours: two Fusion palettes of our own (the platform's hints fail on bare X11), and plot colours to match."""

from dataclasses import dataclass
from typing import Literal

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from mnist_gui.system import paths

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of the window, as #rrggbb. train and validation are Okabe and Ito's colour-blind-safe pairs."""

    name: ThemeName
    window: str
    base: str
    alternate: str
    button: str
    text: str
    muted: str
    border: str
    highlight: str
    highlighted_text: str
    primary: str
    primary_text: str
    train: str
    validation: str
    mark: str
    error: str


LIGHT = Theme(
    name="light",
    window="#f4f5f7",
    base="#ffffff",
    alternate="#eceef1",
    button="#fbfbfc",
    text="#1c2126",
    muted="#5d6770",
    border="#c9ced4",
    highlight="#0b63a5",
    highlighted_text="#ffffff",
    primary="#0b63a5",
    primary_text="#ffffff",
    train="#0072b2",
    validation="#d55e00",
    mark="#6b7480",
    error="#b3261e",
)
DARK = Theme(
    name="dark",
    window="#272c31",
    base="#181b1e",
    alternate="#2f353b",
    button="#3a4149",
    text="#e3e7ea",
    muted="#98a2ab",
    border="#4b545d",
    highlight="#2f81c4",
    highlighted_text="#ffffff",
    primary="#2a78b8",
    primary_text="#ffffff",
    train="#56b4e9",
    validation="#e69f00",
    mark="#8d98a2",
    error="#ff8a80",
)
THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}


def system_theme() -> Theme:
    """The theme that the desktop asks for; light where it says nothing."""
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply(theme: Theme, application: QApplication) -> None:
    """Dress the whole application. Plots made earlier are told by their own show_theme.

    Every widget there is gets dressed anew, which takes a while: not done twice.
    """
    if application.property("theme") == theme.name:
        return
    application.setProperty("theme", theme.name)
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))
    pg.setConfigOptions(imageAxisOrder="row-major", background=theme.base, foreground=theme.text, antialias=False)


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.alternate,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.button,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.base,
        role.ToolTipText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.highlight,
        role.HighlightedText: theme.highlighted_text,
        role.Link: theme.highlight,
        role.Light: theme.alternate,
        role.Midlight: theme.alternate,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
        role.Accent: theme.highlight,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.mark))
    return palette


def _tick() -> str:
    """Where the tick of a checked box is drawn, as style sheets want it."""
    return (paths.resources() / "icons" / "tick.svg").as_posix()


def _style_sheet(theme: Theme) -> str:
    """What a palette cannot say: the primary button, tags that are on, quiet headings, error text."""
    return f"""
        QPushButton#primary {{ background: {theme.primary}; color: {theme.primary_text}; font-weight: 600;
            border: 1px solid {theme.primary}; border-radius: 4px; padding: 7px 12px; }}
        QPushButton#primary:disabled {{ background: {theme.button}; color: {theme.mark};
            border-color: {theme.border}; }}
        QPushButton#primary:hover {{ border-color: {theme.text}; }}
        QPushButton#primary:focus {{ border: 2px solid {theme.text}; padding: 6px 11px; }}
        QLabel[role="muted"] {{ color: {theme.muted}; }}
        QLabel[role="heading"] {{ font-weight: 600; }}
        QLabel[role="error"] {{ color: {theme.error}; }}
        QCheckBox::indicator, QAbstractItemView::indicator {{ width: 12px; height: 12px;
            border: 1px solid {theme.muted}; border-radius: 2px; background: {theme.base}; }}
        QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {theme.highlight};
            border-color: {theme.highlight}; image: url("{_tick()}"); }}
        QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {theme.muted}; border-radius: 6px;
            background: {theme.base}; }}
        QRadioButton::indicator:checked {{ border: 4px solid {theme.highlight}; width: 6px; height: 6px;
            border-radius: 7px; background: {theme.base}; }}
        QToolButton[role="tag"] {{ background: {theme.button}; border: 1px solid {theme.border}; border-radius: 3px;
            padding: 2px 5px; }}
        QToolButton[role="tag"]:checked {{ background: {theme.primary}; color: {theme.primary_text}; }}
        QToolButton[role="tag"]:hover, QToolButton[role="tag"]:focus {{ border-color: {theme.text}; }}
        QToolButton[role="tag"]:disabled {{ color: {theme.mark}; }}
        QMainWindow > QTabBar::tab {{ padding: 4px 3px; border: 1px solid {theme.border}; border-top: none;
            background: {theme.window}; color: {theme.muted}; }}
        QMainWindow > QTabBar::tab:selected {{ background: {theme.base}; color: {theme.text}; }}
        QMainWindow > QTabBar::tab:hover {{ color: {theme.text}; }}
        QToolTip {{ background: {theme.base}; color: {theme.text}; border: 1px solid {theme.border}; padding: 3px; }}
        QSplitter::handle, QMainWindow::separator {{ background: {theme.window}; }}
        QMainWindow::separator {{ width: 5px; height: 5px; }}
    """
