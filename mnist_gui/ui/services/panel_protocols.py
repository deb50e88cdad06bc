"""What one panel may use of another without importing it: the form, the lists of digits, the units, the diagnosis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import SignalInstance

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.data.splits import Split
from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.training.snapshot import Snapshot


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


class DigitLists(Protocol):
    """Lists of digits of one split, each under a key. list_wanted(key): the user chose one that is not filled."""

    @property
    def list_wanted(self) -> SignalInstance: ...

    @property
    def split(self) -> Split | None:
        """Whose digits are listed; None where there are none."""

    @property
    def list_key(self) -> str:
        """Which list the user has chosen."""

    def offer_list(self, key: str, title: str, tip: str) -> None:
        """Offer a list that somebody else fills, or offer it by another title."""

    def show_list(self, digits: NDArray[np.intp], note: Callable[[int], str], about: str = "") -> None:
        """Fill the chosen list: indexes in the split (N,), in order, and what to say of each and of all."""


@dataclass(frozen=True, slots=True)
class HighlightedUnits:
    """Units of a layer that are outlined where they are shown.

    layer: 0 for the first hidden one. units: their numbers. text: why they are outlined.
    """

    layer: int
    units: tuple[int, ...]
    text: str


class UnitsPicture(Protocol):
    """The weight images of one layer's units. unit_chosen(unit); marks_removed(): the user wants no outlines."""

    @property
    def unit_chosen(self) -> SignalInstance: ...

    @property
    def marks_removed(self) -> SignalInstance: ...

    @property
    def layer(self) -> int:
        """Whose units are shown: 0 for the first hidden layer, the last for the output."""

    def show_marked(self, marked: HighlightedUnits | None) -> None:
        """Outline these units; None for none."""


class SnapshotPanel(Protocol):
    """A panel that draws the weights of one moment."""

    def show_snapshot(self, snapshot: Snapshot, note: str = "", start: Snapshot | None = None) -> None:
        """Draw these weights when it is next refreshed. note: what to say of them; start: those before the first step,
        where they are known."""

    def show_nothing(self) -> None:
        """There is no network."""

    def draw_now(self) -> None:
        """Draw what was given last without waiting for the next refresh."""


class DiagnosisSource(Protocol):
    """What is known of the run that is shown. counted(errors): it was judged anew."""

    @property
    def counted(self) -> SignalInstance: ...

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found last; None before the first judgement."""
