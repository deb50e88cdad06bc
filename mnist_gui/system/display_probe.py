"""Whether a window can be opened. Checked before Qt is loaded: without a display Qt aborts the process."""

import ctypes
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

# What Qt's X11 plugin needs besides what its wheel brings: library -> Debian package.
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


# Bits of a pixel's colour; on a display of fewer, Qt's X11 plugin crashes.
LEAST_DEPTH = 15

# Qt platforms that show the window on this machine only; vnc, for one, listens on the whole network.
PLATFORMS = ("xcb", "wayland", "offscreen", "minimal")


def display_problem(*, any_platform: bool = False) -> str | None:
    """One sentence on why no window can be opened, or None. Only Linux and other X11 systems can lack a display.

    any_platform: whether QT_QPA_PLATFORM may name one besides PLATFORMS.
    """
    if sys.platform in ("win32", "darwin"):
        return None
    # Qt tries several in turn, as in "wayland;xcb"; what follows a colon are options of one.
    asked = [each.partition(":")[0] for each in os.environ.get("QT_QPA_PLATFORM", "").split(";")]
    named = ["wayland" if each.startswith("wayland-") else each for each in asked if each]
    others = [each for each in named if each not in PLATFORMS]
    if others and not any_platform:
        names = ", ".join(PLATFORMS)
        return (
            f"QT_QPA_PLATFORM is {others[0]}, expected one of {names}; another one may show the window to the whole "
            "network, as vnc does: if you mean it, --any-platform"
        )
    if not set(named) <= {"xcb", "wayland"}:  # one that needs no display
        return None
    if "wayland" in (named or ["wayland"]) and _wayland_answers():
        return None
    if named and "xcb" not in named:
        return "no display: QT_QPA_PLATFORM is wayland, but no Wayland server answers"
    if not os.environ.get("DISPLAY"):
        return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set (mnist-gui train works without one)"
    return _x11_problem(os.environ["DISPLAY"])


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))
        except OSError:
            return False
    return True


def _x11_problem(display: str) -> str | None:
    if not getattr(sys, "frozen", False):  # the bundle brings these libraries
        missing = [package for library, package in X11_LIBRARIES.items() if not _loads(library)]
        if missing:
            return f"system libraries are missing; as root: apt-get install {' '.join(missing)}"
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return None  # Qt reports what is missing
    xcb.xcb_connect.restype = xcb.xcb_get_setup.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_setup_roots_iterator.restype = _Screens
    for function in (
        xcb.xcb_connection_has_error,
        xcb.xcb_disconnect,
        xcb.xcb_get_setup,
        xcb.xcb_setup_roots_iterator,
    ):
        function.argtypes = [ctypes.c_void_p]
    preferred = ctypes.c_int(0)
    connection = xcb.xcb_connect(None, preferred)
    try:
        if xcb.xcb_connection_has_error(connection):
            return f"no display: DISPLAY is {display}, but nothing answers there"
        return _depth_problem(_depths(xcb, connection)[preferred.value :], display)
    finally:
        xcb.xcb_disconnect(connection)


class _Screens(ctypes.Structure):
    """xcb_screen_iterator_t of libxcb's xproto.h. data: the present xcb_screen_t; rem: the number still to come, this
    one included."""

    _fields_ = (("data", ctypes.c_void_p), ("rem", ctypes.c_int), ("index", ctypes.c_int))


# Where xcb_screen_t has root_depth, in bytes.
ROOT_DEPTH = 38


def _depths(xcb: ctypes.CDLL, connection: int) -> list[int]:
    """The colour depth of each screen, in bits per pixel."""
    screens, depths = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection)), []
    while screens.rem > 0:
        depths.append(ctypes.string_at(screens.data + ROOT_DEPTH, 1)[0])
        xcb.xcb_screen_next(ctypes.byref(screens))
    return depths


def _depth_problem(depths: Sequence[int], display: str) -> str | None:
    """depths: of the preferred screen and those after it."""
    if depths and depths[0] < LEAST_DEPTH:
        return f"the display {display} shows {2 ** depths[0]} colours; the window needs {2**LEAST_DEPTH:,} or more"
    return None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
