"""Processes killed at random moments: no file may be torn, no process may go on, and nothing may be left behind.

Each attempt has folders and temporary files of its own, and marks all its processes in their environment. A kind is
started, killed, and started once more: after that, nothing of the first must be left. By a seed the moments are the
same in each run, though what a program is doing then is not.
"""

import configparser
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from uuid import uuid4

import numpy as np

from mnist_gui.storage.model_file import ModelError, load_model
from tests.cli.test_main import write_stripes
from tests.stress.tally import Tally

# One, or the two of the end of a session, which come together.
Signals = tuple[signal.Signals, ...]
SIGNALS: tuple[Signals, ...] = (
    (signal.SIGKILL,),
    (signal.SIGTERM,),
    (signal.SIGINT,),
    (signal.SIGHUP,),
    (signal.SIGTERM, signal.SIGHUP),
    (signal.SIGHUP, signal.SIGTERM),
)
ATTEMPTS = 18  # of each kind
SEED = 20

# In seconds: to end when asked to, to be gone after that, and for the second start.
END_SECONDS, GONE_SECONDS, AGAIN_SECONDS = 15.0, 5.0, 60.0
LOOK_SECONDS = 0.02

MARK = "MNIST_GUI_STRESS"

# The window, which trains and writes all the time. Imported as the program itself does it.
WINDOW = """
import sys
from pathlib import Path
from mnist_gui.cli import main as cli
from mnist_gui.system import signals
with signals.ended_by_ctrl_c():
    from mnist_gui.ui.main_window import MainWindow
show = MainWindow.show
def show_train_and_save(window):
    show(window)
    files = window.run_controller.file_service
    window.run_controller.snapshot_taken.connect(lambda best: files.save_model(Path("m.npz"), best))
    files.model_saved.connect(lambda *_: print("saved", flush=True))
    window.controls_actions.primary.trigger()
MainWindow.show = show_train_and_save
sys.exit(cli.main(sys.argv[1:]))
"""

SMALL = ["--data", "digits", "--set", "network.hidden=[8]", "--set", "training.batch_size=10"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to use the program.

    latest: the last moment to kill at, in seconds from the start. again: what is started afterwards. until: a word
    on its standard output or error after which it is asked to end; "" if it ends by itself.
    """

    command: list[str]
    again: list[str]
    latest: float
    until: str = ""


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mnist_gui", *arguments]


TRAIN = ["train", *SMALL, "--save", "m.npz", "--set"]
WITH_WINDOW = [sys.executable, "-c", WINDOW, *SMALL, "--set", "training.epochs=100000"]
SLOW = ["--set", "training.learning_rate=0.000001"]
FIX = _program("diagnose", "--fix", "--fix-epochs", "3000", "--jobs", "2", *SMALL, *SLOW)
KINDS = {
    "train": Kind(_program(*TRAIN, "training.epochs=1500"), _program(*TRAIN, "training.epochs=1"), 2.5),
    "sweep": Kind(_program("sweep", "long.toml", "--jobs", "2"), _program("sweep", "short.toml", "--jobs", "2"), 3.5),
    "sweep with more processes than runs": Kind(
        _program("sweep", "long.toml", "--jobs", "4"), _program("sweep", "short.toml", "--jobs", "4"), 3.5
    ),
    "search for a fix": Kind(FIX, FIX, 4.0, until="as it is"),
    "window": Kind(WITH_WINDOW, WITH_WINDOW, 3.5, until="saved"),
}


def main() -> int:
    for number in (signal.SIGINT, signal.SIGHUP):  # a job in the background may ignore them, and so would all of these
        signal.signal(number, signal.SIG_DFL)
    tallies = [Tally(f"kills of: {name}") for name in KINDS]
    for tally, name in zip(tallies, KINDS, strict=True):
        for number in range(ATTEMPTS):
            try_once(tally, name, SIGNALS[number % len(SIGNALS)], SEED + number)
        print(tally, flush=True)
    return int(any(tally.failures for tally in tallies))


def try_once(
    tally: Tally, name: str, sent: Signals, seed: int, event: "Callable[[Attempt], bool] | None" = None
) -> None:
    """Start, kill, look, start again, look. By the seed: when, and whether all its processes get the signal or one.

    event: what to kill after, instead of after a time.
    """
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
    moment, is_for_all = float(rng.uniform(0.1, KINDS[name].latest)), bool(rng.integers(2))
    when = "an event" if event else f"{moment:.2f} s"
    how = (
        f"{' and '.join(number.name for number in sent)} to {'all' if is_for_all else 'one'} after {when} (seed {seed})"
    )
    home = Path(tempfile.mkdtemp(prefix="mnist-gui-stress-"))
    attempt = Attempt(home, KINDS[name])

    def wait(process: "subprocess.Popen[str]") -> None:
        """Until it is to be killed, or has ended."""
        if event:
            _wait(lambda: process.poll() is not None or event(attempt), AGAIN_SECONDS)
        else:
            with suppress(subprocess.TimeoutExpired):
                process.wait(moment)

    try:
        problems = [*_problems(attempt, sent, wait, is_for_all)]
    finally:
        shutil.rmtree(home)
    if problems:
        tally.failed(f"{how}: {'; '.join(problems)}")
    else:
        tally.survived()


class Attempt:
    """The folders of one attempt, and the processes that were started in them. said: what the first of them wrote."""

    def __init__(self, home: Path, kind: Kind) -> None:
        self.kind, self.mark = kind, uuid4().hex
        self.work, self.temporary, self.settings = (home / name for name in ("work", "temporary", "settings"))
        self.said = home / "said"
        for folder in (self.work, self.temporary, self.settings):
            folder.mkdir()
        write_stripes(self.work / "digits")
        for name, epochs in (("long", 1500), ("short", 1)):
            shared = f'training.epochs = {epochs}\nnetwork.hidden = [8]\ndata.folder = "digits"'
            (self.work / f"{name}.toml").write_text(f"[grid]\ntraining.seed = [0, 1, 2]\n[base]\n{shared}\n")

    def start(self, command: list[str], **streams: int) -> "subprocess.Popen[str]":
        folders = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(self.settings))
        environment = {**os.environ, **folders, "TMPDIR": str(self.temporary), MARK: self.mark}
        environment |= {"QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.Popen(
            command,
            cwd=self.work,
            env=environment,
            start_new_session=True,
            text=True,
            stderr=subprocess.STDOUT,
            **streams,
        )

    def living(self) -> list[tuple[int, str]]:
        """The numbers and commands of all processes that come from this attempt."""
        marked = f"{MARK}={self.mark}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    environment, command = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
                except OSError:  # ended meanwhile
                    continue
                if marked in environment.split(b"\0"):
                    found.append((int(folder.name), command.replace(b"\0", b" ").decode(errors="replace").strip()))
        return found

    def torn(self) -> Iterator[str]:
        """What is half written."""
        for path in [*self.work.glob("*.npz"), *self.settings.rglob("*.npz")]:
            if not path.name.startswith("."):
                try:
                    load_model(path)
                except ModelError as error:
                    yield f"torn: {error}"
        for path in self.work.glob("*.jsonl"):
            for line in path.read_text().splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    yield f"torn: {path.name}: {line[:60]}"
        for path in self.settings.rglob("*.ini"):
            try:
                configparser.RawConfigParser().read(path)
            except configparser.Error as error:
                yield f"torn: {error}"

    def left(self, pid: int) -> Iterator[str]:
        """What is left behind of a process."""
        for path in [*self.work.iterdir(), *self.settings.rglob("*")]:
            if path.name.startswith(".") or path.suffix in (".part", ".lock", ".pid"):
                yield f"left: {path.name}"
        yield from (f"left: {path.name}" for path in self.temporary.iterdir())
        yield from (f"left: /dev/shm/{path.name}" for path in Path("/dev/shm").iterdir() if f"-{pid}-" in path.name)
        yield from (f"left: {path.name}" for path in Path("/dev/shm").glob(f"joblib_memmapping_folder_{pid}_*"))


def _problems(
    attempt: Attempt, sent: Signals, wait: "Callable[[subprocess.Popen[str]], None]", is_for_all: bool
) -> Iterator[str]:
    with attempt.said.open("w") as file, attempt.start(attempt.kind.command, stdout=file.fileno()) as process:
        wait(process)
        if process.poll() is None:
            for number in sent:
                (os.killpg if is_for_all else os.kill)(process.pid, number)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            yield f"it has not ended after {END_SECONDS:.0f} s"
    if not _wait(lambda: not attempt.living(), GONE_SECONDS):
        for pid, command in attempt.living():
            yield f"goes on: {command[:90]}"
            os.kill(pid, signal.SIGKILL)
    yield from attempt.torn()
    told = attempt.said.read_text()
    if "Traceback" in told and signal.SIGINT not in sent:  # of which Python itself makes one at its start
        yield f"said: {told[-300:]}"
    yield from _start_again(attempt)
    yield from attempt.torn()
    yield from attempt.left(process.pid)


def _start_again(attempt: Attempt) -> Iterator[str]:
    """The same kind once more, to a good end."""
    with attempt.start(attempt.kind.again, stdout=subprocess.PIPE) as process:
        assert process.stdout
        lines = []
        if attempt.kind.until:
            for line in process.stdout:
                lines.append(line)
                if attempt.kind.until in line:
                    process.send_signal(signal.SIGTERM)
                    break
        try:
            rest, _ = process.communicate(timeout=AGAIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            yield "the next start does not end"
            return
    if process.returncode != (130 if attempt.kind.until else 0):
        yield f"the next start ended with {process.returncode}: {''.join([*lines, rest])[-300:]}"
    if not _wait(lambda: not attempt.living(), GONE_SECONDS):
        yield "the next start does not end all its processes"
    yield from attempt.left(process.pid)


def _wait(is_so: Callable[[], bool], seconds: float) -> bool:
    """Whether it is so within this time."""
    end = monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            return False
        Event().wait(LOOK_SECONDS)
    return True


if __name__ == "__main__":
    sys.exit(main())
