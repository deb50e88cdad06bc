"""All panels of the window. A new one has a folder in `panels`, whose `panel.py` builds it, and a line here."""

from importlib import import_module

from mnist_gui.ui.shell.panel_context import BuiltPanel, PanelContext, PanelEntry, Place


def panel(key: str, place: Place, *, is_at_start: bool = False) -> PanelEntry:
    """The entry of a panel with a folder of its own, which is imported when the panel is built."""

    def build(context: PanelContext) -> BuiltPanel:
        built = import_module(f"mnist_gui.ui.panels.{key}.panel").build(context)
        assert isinstance(built, BuiltPanel)
        return built

    return PanelEntry(key, key.capitalize(), place, build, is_at_start)


# In the order of their tabs; in each place the first is in front.
# A click in one place opens what it is about in the other: a unit below its mosaic, a digit above its gallery.
PANELS: tuple[PanelEntry, ...] = (
    panel("units", "upper right", is_at_start=True),
    panel("layers", "upper right"),
    panel("weights", "upper right"),
    panel("digit", "upper right"),
    panel("draw", "upper right"),
    panel("robust", "upper right"),
    panel("search", "upper right"),
    panel("sweep", "upper right"),
    panel("mistakes", "lower right", is_at_start=True),
    panel("diagnosis", "lower right"),
    panel("scores", "lower right"),
    panel("unit", "lower right"),
    panel("map", "lower right"),
    panel("lab", "lower right"),
    panel("runs", "lower right"),
)
