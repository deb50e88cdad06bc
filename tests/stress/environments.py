"""The commands in environments that nobody wishes for: each does its work, or says in a sentence why it cannot.

No traceback, no crash, no hang; and a model that was to be saved is whole, whatever became of the output.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mnist_gui.storage.model_file import ModelError, load_model
from tests.cli.test_main import write_stripes
from tests.stress.tally import Tally

SECONDS = 60  # for one command

FINISHED, FAILED, REFUSED, FOUND = 0, 1, 2, 3

SMALL = ["--data", "digits", "--set", "network.hidden=[8]", "--set", "training.batch_size=10"]
SHORT = [*SMALL, "--set", "training.epochs=3"]
COMMANDS = {
    "settings": ["settings"],
    "preset": ["presets", "plain"],
    "train": ["train", *SHORT, "--save", "saved.npz"],
    "records": ["train", "--json", *SHORT, "--save", "saved.npz"],
    "evaluate": ["evaluate", "model.npz"],
    "predict": ["predict", "model.npz", "picture 数.pgm"],
    "gradient": ["gradient-check", *SMALL],
    "diagnose": ["diagnose", *SMALL, "--set", "training.batch_size=0"],
    "sweep": ["sweep", "grid.toml", "--jobs", "2"],
    "help": ["--help"],
    "window": ["--self-test"],
}
WITHOUT_WINDOW = tuple(name for name in COMMANDS if name != "window")


@dataclass(frozen=True, slots=True)
class Environment:
    """variables: set, or with None unset. folder: the name of the current one. redirection: of a shell's. prefix: in
    front of the command. read_only: whether the home folder is. depth: bits of a pixel of a display. statuses: with
    which the commands end well besides those for which that is their finding."""

    variables: dict[str, str | None] = field(default_factory=dict)
    folder: str = "work"
    redirection: str = ""
    prefix: tuple[str, ...] = ()
    read_only: bool = False
    depth: int = 0
    commands: tuple[str, ...] = ("train", "predict", "sweep")
    statuses: tuple[int, ...] = (FINISHED,)


# Another user for whom there is no entry, who owns the same files: a name space, since only root can change users.
STRANGER = ("unshare", "--user", "--map-user=12345", "--map-group=12345")

LOCALES = ("C", "POSIX", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP", "ar_EG", "no such locale")
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")
LOST = ("> /dev/full", "| true", "> /dev/full 2> /dev/full", "2>&1 | true", "2>&- | true", "2>&- > /dev/full")


def environments() -> Iterator[tuple[str, Environment]]:
    """Each with its name."""
    for locale in LOCALES:
        yield f"LC_ALL={locale}", Environment({"LC_ALL": locale, "LANG": locale}, commands=(*WITHOUT_WINDOW, "window"))
    no_coercion = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    yield "plain ASCII", Environment(no_coercion, folder="数字 é")
    for encoding in ("ascii", "latin-1", "utf-16", "cp1252"):
        yield f"streams in {encoding}", Environment({"PYTHONIOENCODING": encoding}, folder="数字 é")
    no_fonts = {"FONTCONFIG_FILE": "/dev/null", "FONTCONFIG_PATH": "/nowhere", "QT_QPA_FONTDIR": "/nowhere"}
    yield "no fonts", Environment(no_fonts, commands=("window",))
    for folder in ("a folder", "数字", "-rf", 'it\'s "quoted" $HOME `id`', "a\nb", "%s\\n#?*[a]", "x" * 200):
        yield f"in {folder[:30]!r}", Environment(folder=folder, commands=("train", "predict", "sweep", "evaluate"))
    every = (*WITHOUT_WINDOW, "window")
    yield "read-only home", Environment(prefix=STRANGER, read_only=True, commands=every)
    yield "no home", Environment({"HOME": "/proc/nowhere"}, commands=every)
    yield "home is a file", Environment({"HOME": "/dev/null"}, commands=every)
    yield "no user", Environment({"HOME": None}, prefix=STRANGER, commands=every, statuses=(FINISHED, REFUSED))
    yield "no HOME", Environment({"HOME": None, "USER": None, "LOGNAME": None}, commands=WITHOUT_WINDOW)
    yield "no temporary folder", Environment({"TMPDIR": "/proc/nowhere"}, commands=every)
    yield "nothing set", Environment({"LANG": None, "LC_ALL": None, "TERM": None, "TMPDIR": None}, commands=every)
    for redirection in CLOSED:
        statuses = (FINISHED,) if ">&-" not in redirection.replace("2>&-", "") else (FAILED,)
        yield redirection, Environment(redirection=redirection, commands=WITHOUT_WINDOW, statuses=statuses)
        yield f"window {redirection}", Environment(redirection=redirection, commands=("window",), statuses=statuses)
    for redirection in LOST:
        commands = (*WITHOUT_WINDOW, "window")
        yield redirection, Environment(redirection=redirection, commands=commands, statuses=(FAILED,))
    for redirection in ("2> /dev/full", "2> >(true)"):
        yield redirection, Environment(redirection=redirection, commands=(*WITHOUT_WINDOW, "window"))
    yield "8-bit display", Environment({"QT_QPA_PLATFORM": None}, depth=8, commands=("open",), statuses=(REFUSED,))
    yield "vnc", Environment({"QT_QPA_PLATFORM": "vnc"}, commands=("open",), statuses=(REFUSED,))


def main() -> int:
    tally = Tally("environments")
    for name, environment in environments():
        try_all(tally, name, environment)
    print(tally)
    return int(bool(tally.failures))


def try_all(tally: Tally, name: str, environment: Environment) -> None:
    """Run all commands that this environment is for."""
    base = Path(tempfile.mkdtemp(prefix="mnist-gui-stress-"))
    try:
        work = _furnish(base, environment)
        for command in environment.commands:
            problem = _problem(work, base, command, environment)
            if problem:
                tally.failed(f"{name}: {command}: {problem}")
            else:
                tally.survived()
    finally:
        (base / "home").chmod(0o755)
        shutil.rmtree(base)


def _furnish(base: Path, environment: Environment) -> Path:
    """A home, and a folder with digits, a model, a picture and a sweep in it."""
    (base / "home").mkdir()
    (base / "temporary").mkdir()
    work = base / environment.folder
    write_stripes(work / "digits")
    picture = np.zeros((28, 28), np.uint8)
    picture[5:23, 12:16] = 250
    (work / "picture 数.pgm").write_bytes(b"P5 28 28 255\n" + picture.tobytes())
    shared = 'training.epochs = 1\nnetwork.hidden = [8]\ndata.folder = "digits"'
    (work / "grid.toml").write_text(f"[grid]\ntraining.seed = [0, 1]\n[base]\n{shared}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mnist_gui", "train", *SHORT, "--save", "model.npz"]
    subprocess.run(command, cwd=work, capture_output=True, check=True)
    if environment.read_only:
        (base / "home").chmod(0o555)
    return work


def _problem(work: Path, base: Path, command: str, environment: Environment) -> str:
    """What went wrong; "" if nothing did."""
    saved, results = work / "saved.npz", work / "grid.results.jsonl"
    saved.unlink(missing_ok=True)
    results.unlink(missing_ok=True)
    words = [*environment.prefix, sys.executable, "-m", "mnist_gui", *COMMANDS.get(command, [])]
    shell = ["bash", "-o", "pipefail", "-c", f'"$@" {environment.redirection}', "bash", *words]
    streams = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": SECONDS}
    try:
        with _display(environment.depth) as display:
            done = subprocess.run(shell, cwd=work, env=_variables(base, environment, display), check=False, **streams)
    except subprocess.TimeoutExpired:
        return f"it has not ended after {SECONDS} s"
    said = (done.stdout + done.stderr).decode(errors="replace")
    statuses = set(environment.statuses)
    if command == "diagnose" and FINISHED in statuses:
        statuses.add(FOUND)
    if "Traceback" in said or "Exception ignored" in said:
        return said[-600:]
    if done.returncode not in statuses:
        return f"ended with {done.returncode}: {said[-300:]}"
    if done.returncode == REFUSED and said.count("\n") != 1:
        return f"a refusal of more than a sentence: {said[-300:]}"
    left = [path.name for path in (base / "temporary").iterdir()]
    return f"left among the temporary files: {left}" if left else _damage(command, done.returncode, saved, results)


def _variables(base: Path, environment: Environment, display: dict[str, str]) -> dict[str, str]:
    unset = ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "DISPLAY", "WAYLAND_DISPLAY")
    changes = {
        "HOME": str(base / "home"),
        "TMPDIR": str(base / "temporary"),
        "QT_QPA_PLATFORM": "offscreen",
        **dict.fromkeys(unset),
    }
    wanted = {**os.environ, **changes, **environment.variables, **display}
    return {name: value for name, value in wanted.items() if value is not None}


def _damage(command: str, status: int, saved: Path, results: Path) -> str:
    """What should have been written and was not."""
    if command in ("train", "records") and status != REFUSED:
        try:
            load_model(saved)
        except ModelError as error:
            return str(error)
    if command == "sweep" and status != REFUSED and len(results.read_text(encoding="utf-8").splitlines()) != 2:
        return "not all runs of the sweep are in its results"
    return ""


@contextmanager
def _display(depth: int) -> Iterator[dict[str, str]]:
    """The variable that names a virtual X server of so many bits of a pixel; none for 0."""
    if not depth:
        yield {}
        return
    reading, writing = os.pipe()
    screen = ["-screen", "0", f"1366x768x{depth}", "-noreset", "-nolisten", "tcp"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), *screen], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        name = f":{number.readline().strip()}"
    try:
        yield {"DISPLAY": name}
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
