"""A real window for each test, with answers in place of dialogs, and its end."""

import gc
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_gui.casebook import hidden_fault as hidden_fault
from mnist_gui.data.datasets import Dataset
from mnist_gui.diagnosis.preflight import Preflight, preflight
from mnist_gui.storage.tags import file_for
from mnist_gui.system.user_errors import use_english_system_messages
from mnist_gui.training.trainer import Trainer
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.panel_registry import PANELS
from mnist_gui.ui.services import judgement
from mnist_gui.ui.services import refresh_scheduler as frames
from mnist_gui.ui.services import tag_store as tag_book
from mnist_gui.ui.services.run_controller import RunState
from mnist_gui.ui.shell.dialogs import Dialogs, Unsaved
from mnist_gui.ui.shell.preferences import Preferences
from tests.support import dataset, small_config

MakeWindow = Callable[..., MainWindow]
MakeWindowOf = Callable[..., MakeWindow]

PATIENCE_MS = 60_000


class AnsweringDialogs(Dialogs):
    """Answers at once what a person would be asked, and keeps what they would be told."""

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.unsaved: Unsaved = "discard"
        self.epoch: int | None = None
        self.may_lose = True
        self.test_evaluation: list[str] = []
        self.errors: list[str] = []
        self.saving: list[str] = []

    def ask_folder(self, start: Path) -> Path | None:
        return self.path

    def ask_model_to_open(self, start: Path) -> Path | None:
        return self.path

    def ask_model_to_save(self, start: Path, what: str) -> Path | None:
        self.saving.append(what)
        return self.path

    def ask_picture_to_open(self, start: Path) -> Path | None:
        return self.path

    def ask_movie_to_save(self, start: Path) -> Path | None:
        return self.path

    def ask_table_to_save(self, start: Path) -> Path | None:
        return self.path

    def ask_sweep_to_open(self, start: Path) -> Path | None:
        return self.path

    def ask_sweep_to_save(self, start: Path) -> Path | None:
        return self.path

    def ask_unsaved(self, what: str, *, can_save: bool) -> Unsaved:
        self.test_evaluation.append(what)
        return self.unsaved

    def ask_lost(self) -> bool:
        self.test_evaluation.append("lost")
        return self.may_lose

    def ask_epoch(self, done: int, planned: int) -> int | None:
        self.test_evaluation.append(f"{done} of {planned} epochs done")
        return self.epoch

    def show_error(self, title: str, text: str) -> None:
        self.errors.append(f"{title}: {text}")


class PatientBot(QtBot):
    """Waits long enough for a machine that is busy with other things: the time only ends what hangs.

    It looks every millisecond, not every ten: there are some ten thousand waits.
    """

    def wait(self, ms: int) -> None:
        super().wait(min(ms, 1))

    def waitUntil(self, callback: Callable[[], Any], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **more)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """As in the program (ui/shell/garbage_collection.py), Python looks for what can be deleted between Qt's calls:
    here, after a test."""
    gc.disable()
    try:
        return (yield)
    finally:
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        gc.collect(max((generation for generation, (count, most) in enumerate(counts) if count > most), default=0))
        gc.enable()


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """As the program makes it."""
    use_english_system_messages()
    return qapp


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """In place of pytest-qt's, whose waits end after five seconds."""
    return PatientBot(request)


@pytest.fixture(autouse=True, scope="session")
def bundled_digits_read_once() -> None:
    """Windows open the bundled digits in the background as ever, but the files are unpacked once for all tests."""
    dataset()


@pytest.fixture(autouse=True)
def frames_follow_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that does not train looks for news more often than a person could see: each wait of a test is for one.

    While it trains, drawing gives way to training as ever.
    """
    monkeypatch.setattr(frames, "FRAME_MS", 8)


@pytest.fixture(autouse=True)
def equal_networks_examined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a run its network is examined as ever, but those of most tests begin alike on the same digits."""
    monkeypatch.setattr(judgement, "preflight", examine_once)


EXAMINED: dict[tuple[object, ...], Preflight] = {}


def examine_once(trainer: Trainer) -> Preflight:
    """What `preflight` finds, which depends on nothing but what is compared here."""
    splits = trainer.splits
    digits = [
        part
        for split in (splits.train, splits.validation)  # the test digits are seen by nobody
        for part in (split.labels.tobytes(), split.images(np.arange(min(len(split), 50))).tobytes())
    ]
    weights, order = trainer.snapshot().parameters.tobytes(), trainer.coming_order().tobytes()
    key = trainer.config, weights, order, splits.class_names, *digits
    if key not in EXAMINED:
        EXAMINED[key] = preflight(trainer)
    return EXAMINED[key]


@pytest.fixture(autouse=True)
def bundled_digits_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window looks for the tags of its digits, under a name that is a hash of all their pixels."""
    monkeypatch.setattr(tag_book, "file_for", lambda of, folder: tags_file(of, folder))


def tags_file(of: Dataset, folder: Path) -> Path:
    """Where the tags of a dataset are kept."""
    return folder / name_of_tags() if of is dataset() else file_for(of, folder)


@cache
def name_of_tags() -> str:
    """The name of the file with the tags of the bundled digits."""
    return file_for(dataset(), Path()).name


@pytest.fixture
def dialogs() -> AnsweringDialogs:
    return AnsweringDialogs()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def make_window_of(qtbot: QtBot, dialogs: AnsweringDialogs, preferences: Preferences) -> Iterator[MakeWindowOf]:
    """Makers of windows with their digits loaded: of the whole window, or of one with only the panels that are named by
    their keys, and the curves if "curves" is named, which cost most to draw; "none" is no panel. All panels are built
    at once, unless is_fresh.

    `settings` change the small run that the form begins with.
    """
    windows: list[MainWindow] = []

    def make_of(*keys: str) -> MakeWindow:
        def make(
            settings: Mapping[str, Any] | None = None, *, loaded: bool = True, is_fresh: bool = False
        ) -> MainWindow:
            given = small_config(settings), preferences, dialogs
            entries = [entry for entry in PANELS if not keys or entry.key in keys]
            window = MainWindow(*given, entries)
            for entry in entries if not is_fresh else []:
                window.view(entry.key)
            windows.append(window)
            window.curves.setVisible(not keys or "curves" in keys)
            window.show()
            if loaded:
                qtbot.waitUntil(lambda: window.run_controller.dataset is not None, timeout=20_000)
            return window

        return make

    yield make_of
    for window in windows:
        window.close_without_asking()
        assert window.run_controller.close()
        window.deleteLater()
    # Now, and not in the midst of the next test: a thousand widgets fewer to dress when the theme changes there.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def make_whole_window(make_window_of: MakeWindowOf) -> MakeWindow:
    return make_window_of()


@pytest.fixture
def make_fresh_window(make_whole_window: MakeWindow) -> MakeWindow:
    """The window as the program opens it: panels that were not in sight yet are not built."""
    return partial(make_whole_window, is_fresh=True)


@pytest.fixture
def make_window(make_whole_window: MakeWindow) -> MakeWindow:
    """The whole window, where a module does not say which parts are enough for its tests."""
    return make_whole_window


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window()


@pytest.fixture
def whole_window(make_whole_window: MakeWindow) -> MainWindow:
    return make_whole_window()


def wait_for_end(qtbot: QtBot, window: MainWindow) -> None:
    """Until a run that was started has ended and everything of it is drawn."""
    qtbot.waitUntil(
        lambda: window.run_controller.state is RunState.ENDED and not window.run_controller.is_busy, timeout=30_000
    )
    window.refresh_scheduler.draw_everything()


def wait_for(qtbot: QtBot, window: MainWindow, state: RunState) -> None:
    qtbot.waitUntil(lambda: window.run_controller.state is state, timeout=20_000)


@pytest.fixture(autouse=True)
def hidden_bugs_drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab draws the same hidden bugs in every run of a test."""
    monkeypatch.setattr(hidden_fault, "chance", lambda: np.random.default_rng(0))
