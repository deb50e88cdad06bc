"""How widgets are drawn: Qt's Fusion style in the colours of a theme, and what a palette cannot say of a few of them.

The application has no style sheet: with one, Qt dresses each widget again each time that what it lies in is put into
something else, which took half of the time in which the window was built. The few widgets that need one have their own.
"""

from typing import Literal

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from mnist_gui.system import paths
from mnist_gui.ui.widgets.theme import THEMES, Theme

TextRole = Literal["plain", "muted", "error"]
Sheet = Literal["primary button", "pressed button", "indicator", "dock tabs"]

# The palette's name for each colour of a text, which follows the theme by itself.
_TEXT_ROLES: dict[TextRole, QPalette.ColorRole] = {
    "plain": QPalette.ColorRole.WindowText,
    "muted": QPalette.ColorRole.PlaceholderText,
    "error": QPalette.ColorRole.BrightText,
}

# The name of the property that says which style sheet a widget has.
_SHEET = "sheet"


def apply(theme: Theme, application: QApplication) -> None:
    """Draw the whole application in the colours of a theme. Plots made earlier follow by their own show_theme.

    Every widget there is is drawn anew, which takes a while: not done twice.
    """
    if application.property("theme") == theme.name:
        return
    application.setProperty("theme", theme.name)
    application.setStyle("Fusion")
    palette = _palette(theme)
    application.setPalette(palette)
    for window in application.topLevelWidgets():  # which Qt tells only while its event loop runs
        window.setPalette(palette)
    QToolTip.setPalette(palette)
    for widget in application.allWidgets():
        sheet = widget.property(_SHEET)
        if sheet:
            widget.setStyleSheet(_style_sheet(sheet, theme))
    pg.setConfigOptions(imageAxisOrder="row-major", background=theme.base, foreground=theme.text, antialias=False)


def set_text_role(label: QLabel, role: TextRole) -> None:
    """Write a text in the colour of what is of second importance, or of an error, in any theme."""
    label.setForegroundRole(_TEXT_ROLES[role])


def set_sheet(widget: QWidget, sheet: Sheet) -> None:
    """Draw a widget by one of the style sheets, in any theme."""
    application = QApplication.instance()
    assert application
    widget.setProperty(_SHEET, sheet)
    widget.setStyleSheet(_style_sheet(sheet, THEMES[application.property("theme") or "light"]))


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


def _style_sheet(sheet: Sheet, theme: Theme) -> str:
    match sheet:
        case "primary button":
            return f"""
                QPushButton {{ background: {theme.primary}; color: {theme.primary_text}; font-weight: 600;
                    border: 1px solid {theme.primary}; border-radius: 4px; padding: 7px 12px; }}
                QPushButton:disabled {{ background: {theme.button}; color: {theme.mark};
                    border-color: {theme.border}; }}
                QPushButton:hover {{ border-color: {theme.text}; }}
                QPushButton:focus {{ border: 2px solid {theme.text}; padding: 6px 11px; }}
            """
        case "pressed button":
            return f"""
                QToolButton {{ background: {theme.button}; border: 1px solid {theme.border}; border-radius: 3px;
                    padding: 2px 5px; }}
                QToolButton:checked {{ background: {theme.primary}; color: {theme.primary_text}; }}
                QToolButton:hover, QToolButton:focus {{ border-color: {theme.text}; }}
                QToolButton:disabled {{ color: {theme.mark}; }}
            """
        case "indicator":
            return f"""
                QCheckBox::indicator, QAbstractItemView::indicator {{ width: 12px; height: 12px;
                    border: 1px solid {theme.muted}; border-radius: 2px; background: {theme.base}; }}
                QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {theme.highlight};
                    border-color: {theme.highlight}; image: url("{_tick()}"); }}
                QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {theme.muted};
                    border-radius: 6px; background: {theme.base}; }}
                QRadioButton::indicator:checked {{ border: 4px solid {theme.highlight}; width: 6px; height: 6px;
                    border-radius: 7px; background: {theme.base}; }}
            """
        case "dock tabs":
            return f"""
                QTabBar::tab {{ padding: 4px 3px; border: 1px solid {theme.border}; border-top: none;
                    background: {theme.window}; color: {theme.muted}; }}
                QTabBar::tab:selected {{ background: {theme.base}; color: {theme.text}; }}
                QTabBar::tab:hover {{ color: {theme.text}; }}
            """


def _tick() -> str:
    """Where the tick of a checked box is drawn, as style sheets want it."""
    return (paths.resources() / "icons" / "tick.svg").as_posix()
