"""What is remembered between starts, and that a settings file may hold anything."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from mnist_gui.casebook.hidden_fault import Score
from mnist_gui.ui.main_window import MainWindow
from mnist_gui.ui.shell.dialogs import Dialogs
from mnist_gui.ui.shell.preferences import (
    DEFAULT_TIMELINE_MB,
    LAYOUT_VERSION,
    Preferences,
    keep_readable,
    user_settings,
)
from mnist_gui.ui.widgets.theme import DARK, LIGHT, Theme
from tests.support import small_config


def opened(path: Path) -> Preferences:
    """Preferences as a new start of the program would read them."""
    return Preferences(QSettings(str(path), QSettings.Format.IniFormat))


def written(path: Path, text: str) -> Preferences:
    path.write_text(text, encoding="utf-8")
    return opened(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mnist_gui.ini"


@pytest.mark.parametrize("theme", [DARK, LIGHT, None])
def test_a_chosen_theme_is_there_at_the_next_start(path: Path, theme: Theme | None) -> None:
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    Preferences(settings).theme = theme
    settings.sync()
    assert opened(path).theme is theme


def test_a_layout_and_folders_are_there_at_the_next_start(path: Path, tmp_path: Path) -> None:
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    preferences = Preferences(settings)
    folder = tmp_path / "mes modèles, 2"
    folder.mkdir()
    preferences.layout = (QByteArray(b"\x00geometry\xff"), QByteArray(b"state"))
    preferences.remember_folder("model", folder)
    settings.sync()
    assert opened(path).layout == (QByteArray(b"\x00geometry\xff"), QByteArray(b"state"))
    assert opened(path).folder("model") == folder


def test_a_layout_that_is_taken_back_is_gone(path: Path) -> None:
    preferences = opened(path)
    preferences.layout = (QByteArray(b"geometry"), QByteArray(b"state"))
    preferences.layout = None
    assert preferences.layout is None


def test_without_a_file_nothing_is_remembered(path: Path) -> None:
    preferences = opened(path)
    assert (preferences.theme, preferences.layout, preferences.folder("model")) == (None, None, Path.home())


@pytest.mark.parametrize("value", ["17", "purple", "", "light, dark", "@ByteArray(dark)", "@Invalid()", "true", "Dark"])
def test_a_theme_that_does_not_exist_counts_as_none(path: Path, value: str) -> None:
    assert written(path, f"[General]\ntheme={value}\n").theme is None


@pytest.mark.parametrize(
    "layout",
    [
        f"version={LAYOUT_VERSION + 1}\ngeometry=@ByteArray(a)\nstate=@ByteArray(b)",
        f"version={LAYOUT_VERSION}, 2\ngeometry=@ByteArray(a)\nstate=@ByteArray(b)",
        f"version={LAYOUT_VERSION}\ngeometry=5\nstate=true",
        f"version={LAYOUT_VERSION}\ngeometry=@ByteArray(a)",
        "geometry=@ByteArray(a)\nstate=@ByteArray(b)",
        "version=new\ngeometry=\nstate=",
    ],
)
def test_a_layout_of_another_version_or_of_wrong_types_counts_as_none(path: Path, layout: str) -> None:
    assert written(path, f"[layout]\n{layout}\n").layout is None


@pytest.mark.parametrize("value", ["/nowhere/at/all", "", "17", "a, b", "@ByteArray(/tmp)", "/etc/passwd", r"\0"])
def test_a_folder_that_is_none_gives_way_to_the_home_folder(path: Path, value: str) -> None:
    assert written(path, f"[folder]\nmodel={value}\n").folder("model") == Path.home()


@pytest.mark.parametrize(
    "text",
    [
        f"[layout]\nversion={LAYOUT_VERSION}\ngeometry=@ByteArray(a)\nstate=@ByteArray(b)\n[General]\ntheme=17\n",
        "[General]\ntheme=dark, light\n[layout]\nversion=1\ngeometry=5\nstate=true\n",
        "no settings file at all\x00\xff[[[",
    ],
)
def test_a_window_opens_whatever_the_settings_file_holds(qtbot: object, path: Path, text: str) -> None:
    window = MainWindow(small_config(), written(path, text), Dialogs())
    window.show()
    assert window.controls.primary.isVisible()
    window.close_without_asking()
    window.deleteLater()


def test_two_windows_count_mysteries_together(path: Path) -> None:
    first, second = opened(path), opened(path)
    for _ in range(3):
        first.count_hidden_fault(Score.begun)
        second.count_hidden_fault(Score.begun)
    assert opened(path).hidden_faults.given_up == 6


def test_mysteries_are_counted_where_nothing_can_be_locked_or_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    preferences = opened(tmp_path / "file" / "settings.ini")
    preferences.count_hidden_fault(Score.begun)
    assert preferences.hidden_faults.given_up == 1


@pytest.mark.parametrize("folder", ["x" * 5000, "null\0"])
def test_a_folder_that_cannot_be_is_forgotten(path: Path, folder: str) -> None:
    preferences = opened(path)
    preferences.remember_folder("model", Path(folder))
    assert preferences.folder("model") == Path.home()


@pytest.mark.parametrize("stored", ["9" * 5000, "256.0", "-64", "٢٥٦"])
def test_an_amount_of_memory_that_is_none_of_the_choices_is_the_default(path: Path, stored: str) -> None:
    assert written(path, f"[General]\ntimeline_mb={stored}\n").timeline_mb == DEFAULT_TIMELINE_MB


def test_a_settings_file_that_qt_would_wait_for_or_read_for_long_is_set_aside(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_gui.ui.shell.preferences.MOST_BYTES", 100)
    os.mkfifo(path)
    keep_readable(path)
    assert path.with_name("mnist_gui.damaged-1.ini").is_fifo()
    path.write_text("x" * 101)
    keep_readable(path)
    assert path.with_name("mnist_gui.damaged-2.ini").is_file()
    path.write_text("x" * 100)
    keep_readable(path)
    assert path.is_file()


def test_what_is_set_aside_is_the_file_that_qt_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[Path] = []
    monkeypatch.setattr("mnist_gui.ui.shell.preferences.keep_readable", checked.append)
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda location: str(Path(os.environ["XDG_CONFIG_HOME"])))
    assert user_settings().fileName().endswith(str(Path("mnist_gui", "mnist_gui.ini")))
    assert checked == [Path(os.environ["XDG_CONFIG_HOME"], "mnist_gui", "mnist_gui.ini")]
