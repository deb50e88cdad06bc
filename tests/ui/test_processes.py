"""The program as a process: closed at any moment, unattended, and on a real X server."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from mnist_gui.storage.model_file import load_model
from mnist_gui.system.paths import rescued_folder
from tests.support import said_until_end

SMALL = ["--set", "data.train=2000", "--set", "data.validation=500", "--set", "training.epochs=1"]
PROJECT = Path(__file__).parent.parent.parent

CLOSE_SOON = """
import sys
from PySide6.QtCore import QTimer
from mnist_gui.ui import app
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_train_and_close(window):
    show(window)
    QTimer.singleShot(int(sys.argv[1]) // 3, window.controls_actions.primary.trigger)
    QTimer.singleShot(int(sys.argv[1]), window.close_without_asking)
MainWindow.show = show_train_and_close
sys.exit(cli.main(sys.argv[2:]))
"""


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=PROJECT,
        env={**os.environ, **environment},
        check=False,
    )


def test_closing_at_any_moment_ends_well_and_says_nothing() -> None:
    # ms: before the digits are read, in the first minibatches, in an epoch or a validation; `make stress` tries many
    moments = [str(30 + 500 * number) for number in range(2)]
    large = ["--set", "network.hidden=[2048,2048]", "--set", "training.batch_size=0"]
    calls = [("-c", CLOSE_SOON, moment) for moment in moments] + [("-c", CLOSE_SOON, "1500", *large)]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda call: start(*call), calls))
    assert [(done.returncode, done.stdout, done.stderr) for done in ended] == [(0, "", "")] * len(calls)


def test_a_screenshot_shows_the_trained_window(tmp_path: Path) -> None:
    path = tmp_path / "window.png"
    done = start("-m", "mnist_gui", "--screenshot", str(path), "--size", "1000x700", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (1000, 700)
    assert len({picture.pixel(x, y) for x in range(0, 1000, 5) for y in range(0, 700, 5)}) > 50


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--screenshot", "/proc/nowhere/x.png"], "no such folder"),
        (["--screenshot", ""], "argument --screenshot: "),
        (["--screenshot", "x.png", "--data", "/proc/nowhere"], "/proc/nowhere"),
        (["--screenshot", "x.png", "--size", "10"], "--size"),
        (["--self-test", "--set", "training.epochs=1"], "leave out"),
        (["--open", "x.npz", "--self-test"], "--open"),
    ],
)
def test_what_cannot_work_unattended_is_refused_in_a_sentence(arguments: list[str], said: str) -> None:
    done = start("-m", "mnist_gui", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_self_test_passes_whatever_qt_was_chosen_for_other_programs_and_leaves_no_temporary_file(
    tmp_path: Path,
) -> None:
    others = {"PYQTGRAPH_QT_LIB": "PyQt5", "QT_API": "pyqt5"}
    done = start("-m", "mnist_gui", "--self-test", TMPDIR=str(tmp_path), **others)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mnist-gui: self-test passed\n", "")
    assert list(tmp_path.iterdir()) == []


def test_the_self_test_fails_when_the_window_does() -> None:
    script = """
import sys
from mnist_gui.cli import main as cli
from mnist_gui.ui.shell.status_bar import StatusBar
StatusBar.count_frame = lambda self, seconds: 1 / 0
sys.exit(cli.main(["--self-test"]))
"""
    done = start("-c", script)
    assert (done.returncode, done.stdout) == (1, "mnist-gui: self-test failed\n")
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize("locale", ["de_DE.UTF-8", "ar_EG.UTF-8"])
def test_numbers_in_fields_look_as_in_all_other_texts_whatever_the_locale(locale: str) -> None:
    script = """
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QSpinBox
from mnist_gui.ui.panels.controls.setting_fields import make_field
from mnist_gui.ui.panels.unit.edit_controls import EditControls
application = QApplication([])
field, unit_edits = make_field("training.epochs"), EditControls()
field.show_value(55000)
scale = unit_edits.findChild(QDoubleSpinBox, "surgery_scale")
scale.setValue(0.5)
print(field.findChild(QSpinBox).text(), scale.text(), scale.valueFromText("1.5"))
"""
    done = start("-c", script, LANG=locale, LC_NUMERIC=locale, LC_ALL="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "55,000 0.500 1.5\n", "")


def test_qt_may_speak_after_the_interpreter_has_ended() -> None:
    done = start("-m", "mnist_gui", "--self-test", QT_DEBUG_PLUGINS="1")
    assert (done.returncode, done.stdout) == (0, "mnist-gui: self-test passed\n")


class Server:
    """A virtual X server of a test's own. depth: bits of a pixel."""

    def __init__(self, depth: int) -> None:
        program = shutil.which("Xvfb")
        if program is None:
            pytest.skip("Xvfb is not installed; make test installs it")
        reading, writing = os.pipe()
        screen = ["-screen", "0", f"1366x768x{depth}", "-noreset", "-nolisten", "tcp"]
        self.process = subprocess.Popen(
            [program, "-displayfd", str(writing), *screen], pass_fds=[writing], stderr=subprocess.DEVNULL
        )
        os.close(writing)
        with os.fdopen(reading) as number:
            self.name = f":{number.readline().strip()}"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "DISPLAY": self.name}
        environment.pop("QT_QPA_PLATFORM")
        environment.pop("WAYLAND_DISPLAY", None)
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=PROJECT,
        )


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(getattr(request, "param", 24))
    yield server
    server.process.terminate()
    server.process.wait(20)


TRAIN = """
import sys
from PySide6.QtCore import QTimer
from mnist_gui.cli import main as cli
from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_train_and_tell(window):
    show(window)
    window.controls_actions.primary.trigger()
    window.run_controller.snapshot_taken.connect(lambda snapshot: print("training", flush=True))
MainWindow.show = show_train_and_tell
sys.exit(cli.main([]))
"""


@pytest.mark.parametrize("ends", ["signal", "display"])
def test_on_a_real_x_server_what_ends_the_window_at_once_loses_no_network(server: Server, ends: str) -> None:
    process = server.start("-c", TRAIN)
    assert process.stdout
    assert process.stdout.readline() == "training\n"
    if ends == "signal":
        process.send_signal(signal.SIGTERM)
    else:
        server.process.kill()
    _, errors = said_until_end(process, 20)
    (path,) = rescued_folder().iterdir()
    assert load_model(path).step > 0
    status, why = (130, "SIGTERM ended the program") if ends == "signal" else (1, "the display has gone")
    what = f"the weights of run 1, epoch {load_model(path).epoch}, which were in no file,"
    assert (process.returncode, errors) == (status, f"mnist-gui: {why}; {what} are now in {path}\n")


@pytest.mark.parametrize("server", [8], indirect=True)
def test_a_display_of_too_few_colours_is_refused_in_a_sentence(server: Server) -> None:
    process = server.start("-m", "mnist_gui")
    said = f"mnist-gui: the display {server.name} shows 256 colours; the window needs 32,768 or more\n"
    assert (said_until_end(process, 20), process.returncode) == (("", said), 2)
