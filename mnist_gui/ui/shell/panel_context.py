"""What a panel is built from, and what the window knows of one that was built."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from mnist_gui.ui.plotting.curves_view import CurvesView
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.playhead import Playhead
from mnist_gui.ui.services.posted_numbers import PostedNumbers
from mnist_gui.ui.services.prediction_service import PredictionService
from mnist_gui.ui.services.process_use import ProcessUse
from mnist_gui.ui.services.refresh_scheduler import Panel
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.run_diagnosis import RunDiagnosis
from mnist_gui.ui.services.run_overlays import RunOverlays
from mnist_gui.ui.services.tag_store import TagStore
from mnist_gui.ui.services.unit_selection import UnitSelection
from mnist_gui.ui.services.user_digits import UserDigits
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import Preferences
from mnist_gui.ui.widgets.theme import Theme

# Where a dock is at first: beside the curves on the left, or on the right in the upper or the lower half.
Place = Literal["left", "upper right", "lower right"]


@dataclass(frozen=True, slots=True)
class PanelContext:
    """The services of the window, which are there from the start, and what else a panel may use.

    form: the settings of the next run. show_message(text): in the status bar. bring(title): show the dock of another
    panel.
    """

    run_controller: RunController
    playhead: Playhead
    digit_selection: DigitSelection
    unit_selection: UnitSelection
    prediction_service: PredictionService
    diagnosis: RunDiagnosis
    overlays: RunOverlays
    posted_numbers: PostedNumbers
    tags: TagStore
    user_digits: UserDigits
    processes: ProcessUse
    form: SettingsForm
    curves: CurvesView
    dialogs: Dialogs
    preferences: Preferences
    show_message: Callable[[str], None]
    bring: Callable[[str], None]


class Themed(Protocol):
    """Something that paints itself in the colours of the theme."""

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""


@dataclass(frozen=True, slots=True)
class BuiltPanel:
    """view: what its dock holds. presenter: the one that fills it. refreshed: what is drawn anew as training goes on,
    each at its turn. themed: what follows the theme. commit(): take what the user typed and did not enter, as before
    the window closes. close(): end what is under way; whether nothing is left of it."""

    view: QWidget
    presenter: QObject | None = None
    refreshed: tuple[Panel, ...] = ()
    themed: tuple[Themed, ...] = ()
    commit: Callable[[], None] | None = None
    close: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """A panel that the window has. key: its folder's name, and that of its page in the manual. factory: builds it when
    it is first shown. is_at_start: whether it is in sight when the window is first opened, and so built at once."""

    key: str
    title: str
    place: Place
    factory: Callable[[PanelContext], BuiltPanel]
    is_at_start: bool = False
