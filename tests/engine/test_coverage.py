"""The engine's own tests reach every line of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.timeout(240)  # all tests of the engine run in it
def test_no_line_of_the_engine_is_left_untested(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/engine", "tests/training/test_gradient_check.py", f"--ignore={Path(__file__).relative_to(ROOT)}"),
            *("--cov=mnist_gui/engine", "--cov-report=term-missing", "--cov-fail-under=100"),
        ],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "100%" in done.stdout
