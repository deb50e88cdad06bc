"""Builds panels when they are first wanted, and passes on to those that are there what concerns all."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from mnist_gui.ui.services.refresh_scheduler import RefreshScheduler
from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext, PanelEntry
from mnist_gui.ui.widgets.theme import LIGHT, Theme


class PanelHost:
    """The panels of one window, by their keys."""

    def __init__(self, entries: Sequence[PanelEntry], context: PanelContext, scheduler: RefreshScheduler) -> None:
        self._entries = {entry.key: entry for entry in entries}
        self._context, self._scheduler = context, scheduler
        self._built: dict[str, BuiltPanel] = {}
        self._theme: Theme = LIGHT

    def get(self, key: str) -> BuiltPanel:
        """A panel, built now if it was not there yet."""
        if key not in self._built:
            built = self._built[key] = self._entries[key].factory(self._context)
            for themed in built.themed:
                themed.show_theme(self._theme)
            for panel in built.refreshed:
                self._scheduler.add(panel)
        return self._built[key]

    def view(self, key: str) -> QWidget:
        """What the dock of a panel holds."""
        return self.get(key).view

    def has(self, key: str) -> bool:
        """Whether a panel was built."""
        return key in self._built

    def show_theme(self, theme: Theme) -> None:
        """Colours to match, in all panels that are there and those to come."""
        self._theme = theme
        for built in self._built.values():
            for themed in built.themed:
                themed.show_theme(theme)

    def commit(self) -> None:
        """Take what the user typed and did not enter."""
        for built in self._built.values():
            if built.commit is not None:
                built.commit()

    def close(self) -> bool:
        """End what is under way in the panels; whether nothing is left of it."""
        have_ended = [built.close() for built in self._built.values() if built.close is not None]
        return all(have_ended)
