"""The program with its real dialogs, in a process of its own: what it leaves behind, and that signals always end it."""

import configparser
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mnist_gui.storage.model_file import load_model
from mnist_gui.storage.rescue import save_somewhere
from mnist_gui.system import paths
from mnist_gui.system.paths import rescued_folder
from tests.support import make_trainer, said_until_end

PROJECT = Path(__file__).parent.parent.parent
SMALL = ["--set", "data.train=600", "--set", "data.validation=200"]

# Trains, asks to close as a person would, and tells when a question or a box stands open over the window.
ASK = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_and_ask(window):
    show(window)
    window.run_controller.record_taken.connect(lambda record: QTimer.singleShot(0, window.close))
    window.controls_actions.primary.trigger()
    timer = QTimer(window)
    timer.timeout.connect(lambda: QApplication.activeModalWidget() and (timer.stop(), print("asked", flush=True)))
    timer.start(10)
MainWindow.show = show_and_ask
sys.exit(cli.main(sys.argv[1:]))
"""

SHOW_AND_CLOSE = """
import gc
import sys
from PySide6.QtCore import QTimer
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_and_close(window):
    show(window)
    window.run_controller.dataset_loaded.connect(lambda *_: QTimer.singleShot(0, tell_and_close))
    def tell_and_close():
        print("collects by itself:", gc.isenabled(), flush=True)
        window.close()
MainWindow.show = show_and_close
sys.exit(cli.main(sys.argv[1:]))
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )


# Holds up the interpreter itself, in which no handler of Python's then runs.
HANG = """
import sys
from PySide6.QtCore import QTimer
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def hang():
    print("hung", flush=True)
    sum(range(10 ** 12))
def show_and_hang(window):
    show(window)
    QTimer.singleShot(0, hang)
MainWindow.show = show_and_hang
sys.exit(cli.main(sys.argv[1:]))
"""


# Ends the process as Qt's Wayland plugin does, in the middle of training.
LOSE = """
import os, sys
from PySide6.QtCore import qWarning
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def lose(*_):
    qWarning("The Wayland connection broke. Did the Wayland compositor die?")
    os._exit(255)
def show_and_lose(window):
    show(window)
    window.run_controller.snapshot_taken.connect(lose)
    window.controls_actions.primary.trigger()
MainWindow.show = show_and_lose
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_program_though_a_question_stands_open_and_saves_what_is_in_no_file(
    number: signal.Signals,
) -> None:
    process = start(ASK, *SMALL, "--set", "training.epochs=100000")
    assert process.stdout
    assert process.stdout.readline() == "asked\n"
    process.send_signal(number)
    _, errors = said_until_end(process, 20)
    (path,) = rescued_folder().iterdir()
    what = f"the weights of run 1, epoch {load_model(path).epoch}, which were in no file,"
    said = f"mnist-gui: {number.name} ended the program; {what} are now in {path}\n"
    assert (process.returncode, errors) == (130, said)


def test_a_second_signal_ends_at_once_even_a_window_that_hangs() -> None:
    process = start(HANG)
    assert process.stdout
    assert process.stdout.readline() == "hung\n"
    for _ in range(100):  # until the first has arrived, a second is one with it
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGTERM


def test_a_wayland_compositor_that_has_gone_ends_the_program_but_not_what_is_in_no_file() -> None:
    process = start(LOSE, *SMALL, "--set", "training.epochs=100000")
    _, errors = said_until_end(process, 20)
    (path,) = rescued_folder().iterdir()
    what = f"the weights of run 1, epoch {load_model(path).epoch}, which were in no file,"
    assert (process.returncode, errors) == (1, f"mnist-gui: the display has gone; {what} are now in {path}\n")


def test_a_model_that_cannot_be_opened_is_told_in_a_box_and_a_signal_still_ends_the_program(tmp_path: Path) -> None:
    process = start(ASK, *SMALL, "--open", str(tmp_path / "gone.npz"), "--set", "training.epochs=100000")
    assert process.stdout
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGTERM)
    _, errors = said_until_end(process, 20)
    assert (process.returncode, errors.count("\n")) == (130, 1)
    assert errors.startswith("mnist-gui: SIGTERM ended the program; the weights of run 1")


def test_the_program_leaves_its_layout_theme_and_log_in_the_persons_folders() -> None:
    process = start(SHOW_AND_CLOSE, "--theme", "dark")
    output, errors = said_until_end(process, 30)
    assert (process.returncode, output, errors) == (
        0,
        "collects by itself: False\n",
        "",
        # See ui/shell/garbage_collection.py.
    )
    settings = configparser.RawConfigParser()
    assert settings.read(Path(os.environ["XDG_CONFIG_HOME"]) / "mnist_gui" / "mnist_gui.ini")
    assert settings["General"]["theme"] == "dark"
    assert {"version", "geometry", "state"} <= set(settings["layout"])
    log = Path(os.environ["XDG_STATE_HOME"]) / "mnist-gui" / "mnist-gui.log"
    versions, qt, given = (line for line in log.read_text().splitlines() if "propagateSizeHints" not in line)
    assert "NumPy" in versions
    assert "platform offscreen" in qt
    assert given.endswith("settings beside the defaults: none")


RESCUED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_and_tell(window):
    show(window)
    window.run_controller.run_shown.connect(lambda: (print("opened", flush=True), QTimer.singleShot(0, window.close)))
    window.run_controller.dataset_loaded.connect(lambda *_: QTimer.singleShot(0, tell))
    def tell():
        boxes = window.findChildren(QMessageBox)
        for box in boxes:
            print(box.text(), flush=True)
            box.buttons()[0].click()
        if not boxes:
            window.close()
MainWindow.show = show_and_tell
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_rescued_network_is_offered_at_the_next_start_and_only_then() -> None:
    trainer = make_trainer()
    trainer.validate()
    assert trainer.best
    path = save_somewhere(trainer.best, paths.rescued_folder(), "run-1")
    outputs = [said_until_end(start(RESCUED), 50) for _ in range(2)]
    assert outputs == [("<b>A network rescued</b>\nopened\n", ""), ("", "")]
    assert path.exists()
