"""The log: a head that says what ran, a bounded size, and no word about what cannot be written."""

import faulthandler
import logging
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mnist_gui import __version__
from mnist_gui.cli import main as cli
from mnist_gui.system import paths
from mnist_gui.system.log import LARGEST, Log

HERE = logging.getLogger("here")


@pytest.fixture
def begin() -> Iterator[Callable[..., Log]]:
    """Makes logs, which are closed after the test."""
    made: list[Log] = []

    def begin(*arguments: object, **options: bool) -> Log:
        made.append(Log(*arguments, **options))  # type: ignore[arg-type]
        return made[-1]

    yield begin
    for log in made:
        log.close()


def test_a_log_begins_with_versions_and_facts(begin: Callable[..., Log], tmp_path: Path) -> None:
    begin(tmp_path / "state" / "log", ["platform: test"])
    HERE.info("hello")
    first, second, third = (tmp_path / "state" / "log").read_text().splitlines()
    for version in (f"mnist_gui {__version__}", f"Python {platform.python_version()}", f"NumPy {np.__version__}"):
        assert version in first
    assert second.endswith("platform: test")
    assert third.endswith("INFO here: hello")


def test_a_command_with_thousands_of_arguments_leaves_room_for_what_happens(
    begin: Callable[..., Log], tmp_path: Path
) -> None:
    begin(tmp_path / "log", ["x" * 1_100_000])
    HERE.info("hello")
    text = (tmp_path / "log").read_text()
    assert len(text) < 6_000
    assert "hello" in text


def test_a_log_goes_on_where_it_was(begin: Callable[..., Log], tmp_path: Path) -> None:
    for _ in range(2):
        begin(tmp_path / "log").close()
    assert (tmp_path / "log").read_text().count("NumPy") == 2


def test_a_log_that_has_grown_large_becomes_the_earlier_one_while_the_program_runs(
    begin: Callable[..., Log], tmp_path: Path
) -> None:
    log = begin(tmp_path / "log", ["fact"])
    for number in range(30):
        HERE.info("%d %s", number, "x" * 100_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]
    assert all(path.stat().st_size <= LARGEST for path in tmp_path.iterdir())
    assert (tmp_path / "log").read_text().count("fact") == 1
    assert log.crashes
    faulthandler.dump_traceback(log.crashes)  # as in a crash: into the present file
    assert "test_a_log_that_has_grown_large" in (tmp_path / "log").read_text()


def test_what_comes_again_and_again_is_written_ever_less_often_and_counted(
    begin: Callable[..., Log], tmp_path: Path
) -> None:
    begin(tmp_path / "log")
    for _ in range(100):
        try:
            raise ValueError("again")
        except ValueError:
            HERE.exception("failed")
        HERE.info("also this")
    text = (tmp_path / "log").read_text()
    assert text.count("Traceback") == 1
    assert [f"failed: ValueError('again') ({times} times by now)" in text for times in (2, 3, 64)] == [
        True,
        False,
        True,
    ]
    assert text.count("also this") == 7


def test_errors_of_one_text_that_were_raised_elsewhere_are_others(begin: Callable[..., Log], tmp_path: Path) -> None:
    begin(tmp_path / "log")
    for fail in (lambda: int("x"), lambda: float("x"), lambda: [][0]):
        try:
            fail()
        except (ValueError, IndexError):
            HERE.exception("failed")
    assert (tmp_path / "log").read_text().count("Traceback") == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_on_a_full_disk_nothing_is_said(
    begin: Callable[..., Log], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = begin(tmp_path / "log")
    assert log.crashes
    (handler,) = log._handlers
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, handler.stream.fileno())  # type: ignore[attr-defined]
    os.close(full)
    HERE.error("lost")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("is_pipe", [False, True], ids=["no folder", "a pipe"])
def test_where_no_log_can_be_written_warnings_go_to_standard_error(
    begin: Callable[..., Log],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    is_pipe: bool,
) -> None:
    path = tmp_path / "file" / "log"
    if is_pipe:
        path = tmp_path / "pipe"
        os.mkfifo(path)
    else:
        (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    begin(path)
    HERE.warning("hello")
    HERE.info("not this")
    assert "hello" in capfd.readouterr().err


def test_a_command_writes_a_log_and_leaves_logging_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers.copy(), root.level
    assert cli.main(["presets"]) == 0
    assert (root.handlers, root.level) == before
    assert paths.log_file().read_text().endswith("arguments: presets\n")


def test_the_log_of_a_command_has_the_settings_from_wherever_they_come(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "run.toml").write_text("training.epochs = 3")
    arguments = ["--set", "training.seed=7", "--config", str(tmp_path / "run.toml"), "--data", str(tmp_path / "none")]
    assert cli.main(["train", *arguments]) == 2
    _, second, third, *_ = paths.log_file().read_text().splitlines()
    assert "arguments: train" in second
    assert "beside the defaults: {" in third
    for setting in ("'training.epochs': 3", "'training.seed': 7", f"'data.folder': '{tmp_path / 'none'}'"):
        assert setting in third


def test_what_a_command_did_not_catch_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(options: object) -> int:
        raise LookupError("a mistake of ours")

    monkeypatch.setitem(cli.RUNS, "presets", fail)  # type: ignore[misc]
    with pytest.raises(LookupError):
        cli.main(["presets"])
    text = paths.log_file().read_text()
    assert "Traceback" in text
    assert "LookupError: a mistake of ours" in text
