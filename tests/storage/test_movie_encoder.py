"""Movies: a GIF that shows the frames; what ffmpeg is asked for, with a program of the test in its place; failures."""

import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from mnist_gui.storage import movie_encoder as movie
from mnist_gui.storage.movie_encoder import MovieError, write_movie
from tests.support import StopsAfter

Pictures = list[NDArray[np.uint8]]

REAL_FFMPEG = shutil.which("ffmpeg") is not None

# Its "movie" is a line of JSON with its arguments, and then what it was sent.
FAKE = """\
import json, os, signal, sys
arguments, mode = sys.argv[1:], os.environ.get("FAKE_MODE", "")
if "-encoders" in arguments:
    print(" V..... = Video\\n ------")
    for name in os.environ.get("FAKE_ENCODERS", "gif mpeg4 libx264").split():
        print(f" V....D {name}           some encoder (codec h264)")
    sys.exit()
if mode == "gone":
    sys.stderr.write("Unknown encoder\\n")
    sys.exit(1)
if mode == "deaf":
    signal.pause()
sent = sys.stdin.buffer.read()
if mode == "fails":
    sys.stderr.write("noise " * 200_000 + "\\nNo space left on device\\n\\n")
    sys.exit(1)
if mode == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if mode == "never done":
    signal.pause()
if mode != "writes nothing":
    with open(arguments[-1], "wb") as file:
        file.write(json.dumps(arguments).encode() + b"\\n" + sent)
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named ffmpeg that is found first."""
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable} -IS\n{FAKE}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the movie goes, and nothing else."""
    folder = tmp_path / "movies"
    folder.mkdir()
    return folder


def frames(count: int = 3, rows: int = 4, columns: int = 6) -> Pictures:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (rows, columns, 3), dtype=np.uint8) for _ in range(count)]


def never() -> bool:
    return False


def taken_apart(path: Path) -> tuple[list[str], bytes]:
    """The arguments that the fake was called with, and the bytes that it was sent."""
    arguments, _, sent = path.read_bytes().partition(b"\n")
    return json.loads(arguments), sent


def value_of(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


# What ffmpeg is given


@pytest.mark.parametrize("name", ["run.mp4", "RUN.MP4", "a run: ä, 100 %.mp4"])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (8, 8), (100, 300)])
def test_every_frame_is_sent_as_it_is_and_in_order(
    fake: Path, folder: Path, name: str, rows: int, columns: int
) -> None:
    sent = frames(4, rows, columns)
    assert write_movie(folder / name, iter(sent), 12.5, never)
    arguments, received = taken_apart(folder / name)
    assert received == b"".join(frame.tobytes() for frame in sent)
    source = arguments[: arguments.index("-i") + 2]
    assert value_of(source, "-f") == "rawvideo"
    assert value_of(source, "-pixel_format") == "rgb24"
    assert value_of(source, "-video_size") == f"{columns}x{rows}"
    assert value_of(source, "-framerate") == "12.5"
    assert [path.name for path in folder.iterdir()] == [name]


def test_frames_that_are_views_of_something_else_are_sent_row_by_row(fake: Path, folder: Path) -> None:
    (whole,) = frames(1, 10, 10)
    views = [whole[2:6, 1:7], whole[::-2, ::2], whole.transpose(1, 0, 2)]
    for view in views:
        assert write_movie(folder / "run.mp4", [view], 10, never)
        assert taken_apart(folder / "run.mp4")[1] == np.ascontiguousarray(view).tobytes()


def test_frames_are_taken_as_they_are_needed_and_not_kept(fake: Path, folder: Path) -> None:
    def drawn() -> Iterator[NDArray[np.uint8]]:
        for shade in range(50):
            yield np.full((200, 500, 3), shade, np.uint8)

    tracemalloc.start()
    try:
        assert write_movie(folder / "run.mp4", drawn(), 10, never)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(taken_apart(folder / "run.mp4")[1]) == 50 * 300_000
    assert peak < 5 * 300_000


@pytest.mark.parametrize(
    ("encoders", "chosen"),
    [("mpeg4 libopenh264 libx264", "libx264"), ("mpeg4 libopenh264", "libopenh264"), ("gif mpeg4 libx264rgb", "mpeg4")],
)
def test_an_mp4_has_the_best_encoder_there_is_and_colours_that_every_player_knows(
    fake: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, encoders: str, chosen: str
) -> None:
    monkeypatch.setenv("FAKE_ENCODERS", encoders)
    assert write_movie(folder / "run.mp4", frames(), 10, never)
    arguments, _ = taken_apart(folder / "run.mp4")
    assert value_of(arguments, "-c:v") == chosen
    assert value_of(arguments, "-vf").endswith(",format=yuv420p")
    assert arguments[-3:-1] == ["-f", "mp4"]


@pytest.mark.parametrize(
    ("rows", "columns", "padded"), [(3, 5, "pad=6:4,"), (3, 6, "pad=6:4,"), (4, 5, "pad=6:4,"), (4, 6, "")]
)
def test_odd_sizes_of_an_mp4_are_made_even(fake: Path, folder: Path, rows: int, columns: int, padded: str) -> None:
    assert write_movie(folder / "run.mp4", frames(1, rows, columns), 10, never)
    graph = value_of(taken_apart(folder / "run.mp4")[0], "-vf")
    assert padded in graph
    assert ("pad=" in graph) == bool(padded)


# A GIF


def seen_in(path: Path) -> list[tuple[NDArray[np.uint8], int]]:
    """The frames of a GIF, as a viewer shows them, and for how many milliseconds."""
    with Image.open(path) as movie:
        return [(np.asarray(image.convert("RGB")), image.info["duration"]) for image in ImageSequence.Iterator(movie)]


@pytest.mark.parametrize("name", ["run.gif", "RUN.GIF", "a run: ä, 100 %.gif"])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (16, 16)])
def test_a_gif_shows_every_frame_as_it_is_and_repeats_for_ever(
    folder: Path, name: str, rows: int, columns: int
) -> None:
    shown = frames(4, rows, columns)  # of no more than 256 colours
    assert write_movie(folder / name, iter(shown), 12.5, never)
    seen = seen_in(folder / name)
    for (image, milliseconds), frame in zip(seen, shown, strict=True):
        np.testing.assert_array_equal(image, frame)
        assert milliseconds == 80
    with Image.open(folder / name) as movie:
        assert movie.info["loop"] == 0
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_frame_like_the_one_before_is_shown_for_as_long_as_both(folder: Path) -> None:
    (frame,) = frames(1)
    assert write_movie(folder / "run.gif", [frame, frame, 255 - frame], 10, never)
    assert [milliseconds for _, milliseconds in seen_in(folder / "run.gif")] == [200, 100]


@pytest.mark.parametrize(("rate", "left"), [(50, 12), (60, 10), (100, 6), (1000, 1)])
def test_a_gif_of_more_frames_than_viewers_show_leaves_some_out(folder: Path, rate: int, left: int) -> None:
    shown = [np.full((2, 2, 3), shade, np.uint8) for shade in range(12)]
    assert write_movie(folder / "run.gif", shown, rate, never)
    seen = seen_in(folder / "run.gif")
    assert len(seen) == left
    assert {milliseconds for _, milliseconds in seen} == {20} or left == 1
    np.testing.assert_array_equal(seen[0][0], shown[0])


def test_a_gif_that_is_cancelled_between_two_frames_leaves_what_was_there(folder: Path) -> None:
    (folder / "run.gif").write_bytes(b"an older movie")
    assert write_movie(folder / "run.gif", frames(10), 10, StopsAfter(3)) is False
    assert [path.name for path in folder.iterdir()] == ["run.gif"]
    assert (folder / "run.gif").read_bytes() == b"an older movie"


# What is refused


def refusal(path: Path, shown: Pictures, rate: float = 10.0, should_cancel: Callable[[], bool] = never) -> str:
    """The sentence of a movie that cannot be made; nothing is left of it."""
    before = sorted(path.parent.iterdir())
    with pytest.raises(MovieError) as refused:
        write_movie(path, shown, rate, should_cancel)
    assert sorted(path.parent.iterdir()) == before
    return str(refused.value)


def test_without_ffmpeg_a_gif_is_written_and_of_an_mp4_it_is_said_what_it_needs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert "an MP4 needs the program ffmpeg, which is not installed" in refusal(folder / "run.mp4", frames())
    assert write_movie(folder / "run.gif", frames(), 10, never)


@pytest.mark.parametrize("name", ["run.avi", "run", "gif"])
def test_another_kind_of_file_is_refused(fake: Path, folder: Path, name: str) -> None:
    assert refusal(folder / name, frames()) == f"{name}: a movie's name ends in .gif or .mp4"


def test_a_movie_without_frames_is_refused(fake: Path, folder: Path) -> None:
    assert refusal(folder / "run.gif", []) == "run.gif: there are no frames to show"


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf"), 1e308, 0.05])
def test_a_rate_that_is_none_is_refused(fake: Path, folder: Path, rate: float) -> None:
    assert "expected a number from 0.1 to 1000" in refusal(folder / "run.gif", frames(), rate)


def test_a_frame_of_another_size_is_named(fake: Path, folder: Path) -> None:
    shown = [*frames(2, 4, 6), *frames(1, 6, 4)]
    assert refusal(folder / "run.mp4", shown) == "frame 3 is 4x6 pixels, the first is 6x4"


@pytest.mark.parametrize(
    ("shape", "dtype"), [((4, 6), "uint8"), ((4, 6, 4), "uint8"), ((4, 6, 3), "float32"), ((0, 6, 3), "uint8")]
)
def test_what_is_no_picture_is_refused(fake: Path, folder: Path, shape: tuple[int, ...], dtype: str) -> None:
    assert "expected (rows, columns, 3) uint8" in refusal(folder / "run.mp4", [np.zeros(shape, dtype)])


# What goes wrong


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("fails", "No space left on device"),
        ("gone", "Unknown encoder"),
        ("killed", "it was ended by signal 9"),
        ("writes nothing", "it ended with status 0"),
    ],
)
def test_a_failure_is_told_in_ffmpegs_last_words_and_the_old_movie_stays(
    fake: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str, said: str
) -> None:
    path = folder / "run.mp4"
    path.write_bytes(b"an older movie")
    monkeypatch.setenv("FAKE_MODE", mode)
    assert refusal(path, frames(20, 200, 200)) == f"ffmpeg could not make run.mp4: {said}"
    assert path.read_bytes() == b"an older movie"


def test_a_folder_that_is_not_there_is_an_error_of_the_file_system(fake: Path, folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_movie(folder / "none" / "run.gif", frames(), 10, never)


def test_an_error_in_drawing_a_frame_ends_ffmpeg_and_leaves_nothing(
    fake: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn() -> Iterator[NDArray[np.uint8]]:
        yield from frames(2)
        raise LookupError("the panel is gone")

    monkeypatch.setenv("FAKE_MODE", "never done")
    for name in ("run.gif", "run.mp4"):
        with pytest.raises(LookupError):
            write_movie(folder / name, drawn(), 10, never)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("mode", ["", "deaf", "never done"])
def test_an_abandoned_movie_leaves_nothing_however_far_ffmpeg_is(
    fake: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """After three frames: between two of them, while one is not taken, or while the end is waited for."""
    asked = 0

    def should_cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    monkeypatch.setattr(movie, "PATIENCE", 0.01)
    monkeypatch.setenv("FAKE_MODE", mode)
    shown = frames(5 if not mode else 3, 200, 200)
    assert write_movie(folder / "run.mp4", shown, 10, should_cancel) is False
    assert list(folder.iterdir()) == []


# The real program


@pytest.mark.skipif(not REAL_FFMPEG, reason="ffmpeg is not installed")
@pytest.mark.parametrize(("name", "size"), [("run.gif", (31, 45)), ("run.mp4", (32, 46))])
def test_the_real_program_makes_movies_that_show_the_frames(folder: Path, name: str, size: tuple[int, int]) -> None:
    shades = [(200, 30, 40), (30, 200, 40), (30, 40, 200), (240, 240, 240)]
    shown = [np.full((31, 45, 3), shade, np.uint8) for shade in shades]
    assert write_movie(folder / name, shown, 10, never)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(folder / name), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    seen = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
    seen = seen.reshape(-1, *size, 3)
    assert len(seen) == len(shown)
    for frame, shade in zip(seen, shades, strict=True):
        assert np.abs(frame.astype(int) - shade).max() <= 6


@pytest.mark.skipif(not REAL_FFMPEG, reason="ffmpeg is not installed")
@pytest.mark.parametrize("name", ["run.gif", "run.mp4"])
@pytest.mark.parametrize("size", [1, 8])
def test_the_real_program_takes_the_smallest_pictures_and_the_fastest_rates(folder: Path, name: str, size: int) -> None:
    assert write_movie(folder / name, frames(5, size, size), 1000, never)
    assert (folder / name).stat().st_size > 100
