"""Whether a window can be opened: asked without Qt, and answered in one sentence."""

import socket
import sys
from pathlib import Path

import pytest

from mnist_gui.cli.main import main
from mnist_gui.system.display_probe import X11_LIBRARIES, display_problem

LIST = Path(__file__).parent.parent.parent / "packaging" / "system-dependencies.txt"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a display")


def test_no_display_at_all_is_said_with_the_names_of_the_variables(bare: pytest.MonkeyPatch) -> None:
    assert "neither DISPLAY nor WAYLAND_DISPLAY" in str(display_problem())


def test_a_display_where_nothing_answers_is_named(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DISPLAY", ":31999")
    assert ":31999" in str(display_problem())


def test_the_offscreen_platform_needs_no_display(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display_problem() is None


@pytest.mark.parametrize("platform", ["vnc", "vnc:size=800x600", "linuxfb", "xcb;vnc", "nonsense"])
def test_a_platform_that_may_open_the_network_is_used_only_if_it_is_asked_for(
    bare: pytest.MonkeyPatch, platform: str
) -> None:
    bare.setenv("QT_QPA_PLATFORM", platform)
    assert "--any-platform" in str(display_problem())
    assert display_problem(any_platform=True) is None


@pytest.mark.parametrize("platforms", ["wayland;xcb", "xcb;wayland", "wayland-egl", "xcb:option=1;wayland-egl"])
def test_of_several_platforms_one_that_is_there_is_enough(
    bare: pytest.MonkeyPatch, tmp_path: Path, platforms: str
) -> None:
    bare.setenv("QT_QPA_PLATFORM", platforms)
    assert "no display" in str(display_problem())
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        bare.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        bare.setenv("WAYLAND_DISPLAY", "w")
        assert display_problem() is None


def test_the_window_is_not_opened_to_the_network_unasked(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare.setenv("QT_QPA_PLATFORM", "vnc")
    assert main([]) == 2
    assert "QT_QPA_PLATFORM is vnc, expected one of xcb, wayland, offscreen, minimal" in capsys.readouterr().err


def test_missing_x11_libraries_are_named_by_their_packages(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DISPLAY", ":31999")
    bare.setitem(X11_LIBRARIES, "libnowhere.so.9", "libnowhere9")
    assert str(display_problem()).endswith("apt-get install libnowhere9")


def test_the_x11_libraries_are_those_that_make_installs() -> None:
    rows = [line.split() for line in LIST.read_text().splitlines() if line.startswith("x11 ")]
    installed = {row[1].removeprefix("library:"): row[2] for row in rows}
    assert X11_LIBRARIES.items() <= installed.items()
