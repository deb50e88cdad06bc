"""What one panel may use of another without importing it: the form, and the units to be outlined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance

from mnist_gui.config.run_config import ConfigError, RunConfig


class SettingsForm(Protocol):
    """The settings of the next run. edited(): one of them changed."""

    @property
    def edited(self) -> SignalInstance: ...

    @property
    def config(self) -> RunConfig:
        """As they are in the form. ConfigError if a field holds something illegal."""

    @property
    def config_folder(self) -> str:
        """The dataset folder that `config` names, whatever the fields hold."""

    def show_config(self, config: RunConfig) -> None:
        """Fill the form."""

    def show_error(self, error: ConfigError) -> None:
        """Say which field holds something that cannot be used."""

    def follow(self, key: str, old: Any, new: Any) -> None:
        """Show the new value of a setting that changed during training, unless the user has typed another."""

    def offer_left_out(self, offered: Mapping[str, tuple[int, ...]]) -> None:
        """Digits that the next training could leave out, by what they have in common: places in the files."""


@dataclass(frozen=True, slots=True)
class HighlightedUnits:
    """Units of a layer that are outlined where they are shown.

    layer: 0 for the first hidden one. units: their numbers. text: why they are outlined.
    """

    layer: int
    units: tuple[int, ...]
    text: str
