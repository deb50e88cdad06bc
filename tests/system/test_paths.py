"""The resources are found from the source tree and from a wheel; logs go where XDG says."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mnist_gui.system.paths import (
    NoFolderError,
    bundled_mnist,
    data_dir,
    drawings_folder,
    log_file,
    resources,
    state_dir,
    whole_path,
)
from tests.support import lose_current_folder

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def test_the_source_tree_uses_the_top_level_resources() -> None:
    assert resources() == ROOT / "resources"


@pytest.mark.parametrize("name", FILES)
def test_a_bundled_file_unpacks_to_the_bytes_its_source_note_promises(name: str) -> None:
    content = gzip.decompress((bundled_mnist() / f"{name}.gz").read_bytes())
    note = (bundled_mnist() / "SOURCE.md").read_text(encoding="utf-8")
    row = re.search(rf"{name} *\| *([\d,]+) \| (\w+) \| (\w+)", note)
    assert row is not None
    assert row.groups() == (
        f"{len(content):,}",
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        hashlib.sha256(content).hexdigest(),
    )


def test_the_icon_is_there_as_a_drawing_and_as_pixels() -> None:
    assert (resources() / "icons" / "mnist-gui.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (resources() / "icons" / "mnist-gui.png").read_bytes().startswith(b"\x89PNG")


def test_logs_go_to_the_state_folder_that_xdg_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert log_file().parent == state_dir() == tmp_path / "mnist-gui"


@pytest.mark.parametrize("value", [None, "", "relative/state"])
def test_without_an_absolute_xdg_folder_logs_go_to_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("XDG_STATE_HOME", value)
    assert state_dir() == tmp_path / ".local" / "state" / "mnist-gui"


def test_drawings_go_to_the_data_folder_that_xdg_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert drawings_folder().parent == data_dir() == tmp_path / "mnist-gui"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "relative/data")
    assert data_dir() == tmp_path / ".local" / "share" / "mnist-gui"


def test_asking_for_a_path_makes_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    log_file()
    drawings_folder()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    build("sdist", ROOT, folder)
    subprocess.run(["tar", "-xzf", next(folder.glob("*.tar.gz"))], cwd=folder, check=True)
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def wheel(source_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel made from the source archive, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build("wheel", source_archive, folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def build(target: str, source: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def test_a_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    top_level = {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"}
    assert top_level == {"mnist_gui"}


def test_a_wheel_finds_the_digits_inside_itself(wheel: Path, tmp_path: Path) -> None:
    script = "from mnist_gui.system import paths; print(paths.bundled_mnist())"
    ended = run_installed(wheel, tmp_path, "-c", script)
    assert ended.stdout.strip() == str(wheel / "mnist_gui" / "resources" / "mnist")


def test_a_wheel_trains_without_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    small = ("--set", "training.epochs=1", "--set", "data.train=2000", "--set", "network.hidden=[16]")
    ended = run_installed(wheel, tmp_path, "-m", "mnist_gui", "train", "--json", *small)
    assert '"run_ended"' in ended.stdout.splitlines()[-1]


def run_installed(wheel: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the wheel's package, in an empty folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(wheel)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)


def test_a_user_without_a_home_folder_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    with pytest.raises(NoFolderError, match="set HOME"):
        log_file()


def test_a_relative_folder_in_a_deleted_one_is_refused_and_a_whole_path_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lose_current_folder(monkeypatch)
    with pytest.raises(NoFolderError, match="current folder"):
        whole_path(".")
    assert whole_path(str(tmp_path)) == str(tmp_path)
