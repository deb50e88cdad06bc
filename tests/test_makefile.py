"""Setting up: which interpreter the virtual environment is made with, and when it is made anew."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = f"{sys.implementation.name} {platform.python_version()}{sys.abiflags}"
OTHER = "cpython 3.99.1"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout that is set up with the interpreter of the tests, as far as make can see."""
    stamps = tmp_path / ".venv" / "stamps"
    stamps.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging")
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (stamps / "venv").write_text(f"{OURS}\n")
    return tmp_path


def an_interpreter(folder: Path, which: str) -> Path:
    """A program that says of itself which interpreter it is, and that it is new enough."""
    path = folder / "python3.99"
    path.write_text(f'#!/bin/sh\necho "{which}"\n')
    path.chmod(0o755)
    return path


def is_made_anew(project: Path, *arguments: str) -> bool:
    """Whether make would make the virtual environment, which is only asked."""
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments, ".venv/stamps/venv"],
        cwd=project,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return "-m venv --clear .venv" in done.stdout


def test_a_virtual_environment_is_kept_whether_its_interpreter_is_named_or_none_is(project: Path) -> None:
    assert not is_made_anew(project)
    assert not is_made_anew(project, f"PYTHON={sys.executable}")


def test_another_interpreter_that_is_named_gets_a_virtual_environment_of_its_own(project: Path) -> None:
    assert is_made_anew(project, f"PYTHON={an_interpreter(project, OTHER)}")


def test_an_interpreter_that_is_gone_or_became_another_is_noticed(project: Path) -> None:
    interpreter = project / ".venv" / "bin" / "python"
    interpreter.unlink()
    assert is_made_anew(project)
    an_interpreter(project, OTHER).rename(interpreter)
    assert is_made_anew(project)
    interpreter.unlink()
    an_interpreter(project, OURS).rename(interpreter)
    assert not is_made_anew(project)


def test_what_is_no_interpreter_or_too_old_is_refused_and_leaves_what_there_is(project: Path) -> None:
    old = project / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for named in ("/nowhere/python3", str(old)):
        done = subprocess.run(
            ["make", f"PYTHON={named}", ".venv/stamps/venv"], cwd=project, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert f"{named} is no Python 3.11 or newer, which is needed" in done.stderr
        assert (project / ".venv" / "stamps" / "venv").read_text() == f"{OURS}\n"
