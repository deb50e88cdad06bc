"""The program as a process with a sweep under way: however it is closed, no worker outlives it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support import said_until_end

PROJECT = Path(__file__).parent.parent.parent.parent.parent

SWEEP_AND_TELL = """
import sys
from PySide6.QtCore import QTimer
from joblib.externals.loky import reusable_executor
from mnist_gui.cli import main as cli
from mnist_gui.experiments.sweep_plan import Plan
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_sweep_and_tell(window):
    show(window)
    window.run_controller.dataset_loaded.connect(lambda: sweep(window))
def sweep(window):
    view, presenter = window.view("sweep"), window.presenter("sweep")
    view.plan.show_plan(Plan((("training.epochs", "1, 100000"), ("network.hidden", "4, 5"))))
    presenter.start()
    timer = QTimer(window)
    timer.timeout.connect(lambda: tell(window, timer))
    timer.start(20)
def tell(window, timer):
    runs = window.presenter("sweep").runs
    if runs and len(runs.left) <= 2:
        timer.stop()
        print(*reusable_executor._executor._processes, flush=True)
        if sys.argv[1] == "close":
            window.close()
MainWindow.show = show_sweep_and_tell
sys.exit(cli.main(["--set", "data.train=500", "--set", "data.validation=100"]))
"""


def is_alive(pid: int) -> bool:
    """Whether it runs: what only waits for its parent to take notice of its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(("how", "status"), [("close", 0), ("terminate", 130), ("kill", -9)])
def test_no_worker_outlives_the_program_and_what_is_done_is_kept(
    qtbot: QtBot, how: str, status: int, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SWEEP_AND_TELL, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
        cwd=PROJECT,
    )
    assert process.stdout
    pids = [int(word) for word in process.stdout.readline().split()]
    assert pids
    if how != "close":
        process.send_signal(signal.SIGTERM if how == "terminate" else signal.SIGKILL)
    _, errors = said_until_end(process, 30)
    assert process.returncode == status
    assert how == "kill" or errors == ""
    qtbot.waitUntil(lambda: not any(map(is_alive, pids)), timeout=60_000)
    (results,) = (tmp_path / "mnist-gui" / "sweeps").glob("*.results.jsonl")
    kept = [json.loads(line)["settings"] for line in results.read_text(encoding="utf-8").splitlines()]
    assert [settings["training.epochs"] for settings in kept] == [1, 1]
