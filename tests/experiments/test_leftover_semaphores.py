"""What killed processes left is removed by the next one, and nothing of those that live."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_gui.experiments import leftover_semaphores as pool_leftovers
from mnist_gui.experiments.leftover_semaphores import clean_up, register
from mnist_gui.system.paths import state_dir

# A process that notes that it makes semaphores, makes one, and waits.
MAKE = """
import sys
from pathlib import Path
from mnist_gui.experiments import leftover_semaphores as pool_leftovers
import os
pool_leftovers.register()
Path(sys.argv[1], f"sem.loky-{os.getpid()}-abc").touch()
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pool_leftovers, "SHARED_MEMORY", tmp_path)
    return tmp_path


@pytest.fixture
def other(shared_memory: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", MAKE, str(shared_memory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def test_semaphores_of_a_process_that_lives_stay_and_go_when_it_was_killed(
    shared_memory: Path, other: "subprocess.Popen[str]"
) -> None:
    foreign = shared_memory / f"sem.loky-{other.pid}1-abc"
    foreign.touch()
    clean_up()
    assert len(list(shared_memory.iterdir())) == 2
    other.kill()
    other.wait()
    clean_up()
    assert list(shared_memory.iterdir()) == [foreign]
    assert list((state_dir() / "pools").iterdir()) == []


def test_a_note_whose_number_is_another_process_s_by_now_is_left_alone(shared_memory: Path) -> None:
    note = state_dir() / "pools" / f"{os.getpid()}.pid"
    note.parent.mkdir(parents=True)
    note.touch()
    ours = shared_memory / f"sem.loky-{os.getpid()}-abc"
    ours.touch()
    clean_up()
    assert ours.exists()
    assert note.exists()


def test_without_a_folder_for_notes_work_goes_on(
    shared_memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    register.cache_clear()
    register()
    clean_up()
