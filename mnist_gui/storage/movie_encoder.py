"""Pictures as a GIF, encoded by Pillow, or as an MP4, encoded by the program ffmpeg through a pipe."""

import os
import select
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_gui.storage.atomic_file import write_atomically
from mnist_gui.system.printable import named

Frame = NDArray[np.uint8]

SUFFIXES = (".gif", ".mp4")

# Viewers slow down a GIF whose frames are shown for less than 0.02 s.
MOST_GIF_FRAMES_PER_SECOND = 50

# Seconds between two calls of should_cancel while ffmpeg works.
PATIENCE = 0.1

# What players take a film of these sizes to be, said once so that all of them show the same colours.
_COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")

_H264 = {
    "libx264": ("-preset", "veryfast", "-crf", "18"),
    "libopenh264": ("-b:v", "8M"),
}


class MovieError(Exception):
    """A movie could not be written; the text is a sentence for the user."""


class _Cancelled(Exception):  # noqa: N818  not an error
    """The caller has cancelled the movie."""


def write_movie(
    path: Path, frames: Iterable[Frame], frames_per_second: float, should_cancel: Callable[[], bool] = lambda: False
) -> bool:
    """Write frames, (rows, columns, 3) uint8 of one shape, into a .gif or .mp4. False if `should_cancel` returned True.

    frames are taken one at a time, so they can be drawn on demand. 0.1 <= frames_per_second <= 1000; a GIF
    shows 50 at most and leaves out the others. An MP4 of an odd height or width repeats its last row or column.
    `path` is the whole movie or what it was before. should_cancel is asked between frames and while ffmpeg works.
    MovieError if it cannot be made, OSError if the folder of `path` cannot be written to.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise MovieError(f"{named(path.name)}: a movie's name ends in .gif or .mp4")
    program = shutil.which("ffmpeg")
    if suffix == ".mp4" and program is None:
        raise MovieError(
            "an MP4 needs the program ffmpeg, which is not installed (on Debian and Ubuntu: sudo apt-get install "
            "ffmpeg); a name that ends in .gif needs nothing"
        )
    if not 0.1 <= frames_per_second <= 1000.0:
        raise MovieError(f"{frames_per_second} frames a second: expected a number from 0.1 to 1000")
    checked = _checked(frames)
    first = next(checked, None)
    if first is None:
        raise MovieError(f"{named(path.name)}: there are no frames to show")
    shown = chain([first], checked)

    def write(file: BinaryIO) -> None:
        if suffix == ".gif":
            _write_gif(file, shown, frames_per_second, should_cancel)
        else:
            assert program
            _run(_command(program, first.shape, frames_per_second), file, shown, should_cancel, path.name)

    try:
        write_atomically(path, write)
    except _Cancelled:
        return False
    return True


def _write_gif(
    file: BinaryIO, frames: Iterable[Frame], frames_per_second: float, should_cancel: Callable[[], bool]
) -> None:
    """Each frame has the 256 colours that suit it; no dithering, whose dots would differ from frame to frame."""
    images = (
        Image.fromarray(frame).convert("P", palette=Image.Palette.ADAPTIVE)
        for frame in _unless_cancelled(_slowed(frames, frames_per_second), should_cancel)
    )
    shown_ms = 1000 / min(frames_per_second, MOST_GIF_FRAMES_PER_SECOND)
    next(images).save(
        file, format="GIF", save_all=True, append_images=images, duration=round(shown_ms / 10) * 10, loop=0
    )


def _slowed(frames: Iterable[Frame], frames_per_second: float) -> Iterator[Frame]:
    """As many of the frames as a GIF can show."""
    last_place = -1
    for number, frame in enumerate(frames):
        place = int(number * min(1.0, MOST_GIF_FRAMES_PER_SECOND / frames_per_second))
        if place > last_place:
            yield frame
        last_place = place


def _unless_cancelled(frames: Iterable[Frame], should_cancel: Callable[[], bool]) -> Iterator[Frame]:
    for frame in frames:
        if should_cancel():
            raise _Cancelled
        yield frame


def _command(program: str, shape: tuple[int, ...], frames_per_second: float) -> list[str]:
    """Raw frames from standard input to the file behind standard output, which /dev/fd opens again.

    To complete an MP4 ffmpeg must seek to the beginning, which a pipe does not allow.
    """
    rows, columns = shape[:2]
    quiet = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"]
    raw = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{columns}x{rows}"]
    rate = ["-framerate", f"{frames_per_second:.6g}"]
    return [program, *quiet, *raw, *rate, "-i", "pipe:0", *_mp4(program, rows, columns), "/dev/fd/1"]


def _mp4(program: str, rows: int, columns: int) -> list[str]:
    """Players need 4:2:0, half the resolution for colours, which needs even sizes."""
    right, bottom = columns % 2, rows % 2
    filters = ["scale=out_color_matrix=bt709:out_range=tv", "format=yuv444p"]
    if right or bottom:
        filters += [f"pad={columns + right}:{rows + bottom}", f"fillborders=right={right}:bottom={bottom}:mode=smear"]
    graph = ",".join([*filters, "format=yuv420p"])
    # One thread: a network may be training.
    return [
        "-vf",
        graph,
        "-c:v",
        *_encoder(program),
        "-threads",
        "1",
        *_COLOURS,
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
    ]


def _encoder(program: str) -> tuple[str, ...]:
    """The best encoder that this ffmpeg was built with, and its options."""
    listing = subprocess.run(
        [program, "-hide_banner", "-encoders"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    known = {name for line in listing.stdout.splitlines() for name in line.split()[1:2]}
    for name, options in _H264.items():
        if name in known:
            return (name, *options)
    return "mpeg4", "-q:v", "3"


def _checked(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same frames; MovieError at one of another shape or dtype."""
    shape: tuple[int, ...] | None = None
    for number, frame in enumerate(frames, start=1):
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or not frame.size:
            raise MovieError(f"frame {number} is {frame.shape} {frame.dtype}, expected (rows, columns, 3) uint8")
        shape = shape or frame.shape
        if frame.shape != shape:
            raise MovieError(f"frame {number} is {_size(frame.shape)} pixels, the first is {_size(shape)}")
        yield frame


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


def _run(
    command: list[str], file: BinaryIO, frames: Iterable[Frame], should_cancel: Callable[[], bool], name: str
) -> None:
    """Let ffmpeg fill `file`. Its messages go to a file, since a pipe that is not read would block it."""
    with (
        TemporaryFile() as complaints,
        subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=file, stderr=complaints) as process,
    ):
        try:
            assert process.stdin
            took_all = _feed(process.stdin.fileno(), frames, should_cancel)
            process.stdin.close()
            _wait(process, should_cancel)
        except BaseException:
            process.kill()
            raise
        if process.returncode != 0 or not took_all or not os.fstat(file.fileno()).st_size:
            raise MovieError(f"ffmpeg could not make {name}: {_last_line(complaints) or _ending(process.returncode)}")


def _feed(pipe: int, frames: Iterable[Frame], should_cancel: Callable[[], bool]) -> bool:
    """Write all frames; False if the reader has gone. Obeys `should_cancel` even if the reader is slow."""
    os.set_blocking(pipe, False)
    for frame in _unless_cancelled(frames, should_cancel):
        left = np.ascontiguousarray(frame).data.cast("B")
        while left:
            _, ready, _ = select.select([], [pipe], [], PATIENCE)
            if not ready and should_cancel():
                raise _Cancelled
            try:
                left = left[os.write(pipe, left) :] if ready else left
            except BrokenPipeError:
                return False
    return True


def _wait(process: "subprocess.Popen[bytes]", should_cancel: Callable[[], bool]) -> None:
    while True:
        try:
            process.wait(PATIENCE)
            return
        except subprocess.TimeoutExpired:
            if should_cancel():
                raise _Cancelled from None


def _last_line(complaints: BinaryIO) -> str:
    size = complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, size - 4096))
    lines = complaints.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _ending(status: int) -> str:
    """The error text for a program without messages."""
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
