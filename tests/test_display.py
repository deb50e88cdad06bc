"""Whether a window can be opened: asked without Qt, and answered in one sentence."""

import sys
from pathlib import Path

import pytest

from mnist_gui.display import X11_LIBRARIES, display_problem

LIST = Path(__file__).parent.parent / "packaging" / "system-dependencies.txt"


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


def test_missing_x11_libraries_are_named_by_their_packages(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DISPLAY", ":31999")
    bare.setitem(X11_LIBRARIES, "libnowhere.so.9", "libnowhere9")
    assert str(display_problem()).endswith("apt-get install libnowhere9")


def test_the_x11_libraries_are_those_that_make_installs() -> None:
    rows = [line.split() for line in LIST.read_text().splitlines() if line.startswith("x11 ")]
    installed = {row[1].removeprefix("library:"): row[2] for row in rows}
    assert X11_LIBRARIES.items() <= installed.items()
