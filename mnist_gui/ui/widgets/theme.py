"""The colours of the window and of its plots, light and dark: its own, since a desktop's hints fail on bare X11."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

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
