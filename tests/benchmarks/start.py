"""Starting and memory: our window against a bare PySide6 + pyqtgraph plot window, from process start to painted."""

import subprocess
import sys
from time import perf_counter

from tests.benchmarks.report import medians, report

ROUNDS = 7

QUIT_WHEN_PAINTED = """
from PySide6.QtCore import QEvent, QObject, QTimer
class Quit(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: os._exit(0))
        return False
"""

BARE = f"""
import os, sys
from PySide6.QtWidgets import QApplication
import pyqtgraph
{QUIT_WHEN_PAINTED}
application = QApplication(sys.argv)
plot = pyqtgraph.PlotWidget()
plot.resize(1366, 768)
quit = Quit()
plot.viewport().installEventFilter(quit)
plot.show()
application.exec()
"""

OURS = f"""
import os, sys, tempfile
from mnist_gui.cli import main as cli
from PySide6.QtWidgets import QMainWindow
{QUIT_WHEN_PAINTED}
show = QMainWindow.show
def show_and_quit(window):
    window.painted = Quit()
    window.curves.accuracy.findChildren(QObject, "accuracy")[0].viewport().installEventFilter(window.painted)
    show(window)
QMainWindow.show = show_and_quit
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
sys.exit(cli.main([]))
"""

MEMORY = """
import resource, sys, tempfile
from mnist_gui.cli import main as cli
status = cli.main(["--screenshot", tempfile.mkdtemp() + "/x.png"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
sys.exit(status)
"""


def main() -> None:
    samples: dict[str, list[float]] = {"bare": [], "ours": []}
    for round_ in range(ROUNDS + 1):
        for name, script in {"bare": BARE, "ours": OURS}.items():
            started = perf_counter()
            subprocess.run([sys.executable, "-c", script], check=True, stderr=subprocess.DEVNULL)
            if round_:
                samples[name].append(perf_counter() - started)
    middle = medians(samples)
    report(
        "start, window painted, by a bare plot window",
        middle["ours"] / middle["bare"],
        "ratio",
        "<= 1.5",
        seconds={name: round(value, 3) for name, value in middle.items()},
    )
    memory = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True)
    report("peak memory, window trained for 10 epochs", float(memory.stdout), "MB", "<= 450")


if __name__ == "__main__":
    main()
