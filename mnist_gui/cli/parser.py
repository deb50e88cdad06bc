"""The command line's commands and options, and the errors for illegal values."""

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from mnist_gui import __version__
from mnist_gui.system import terminal
from mnist_gui.system.printable import named, on_one_line, shortened

DESCRIPTION = """\
Train a multilayer perceptron on MNIST and watch it learn. Without a command the window opens.
"""

EPILOG = """\
exit status: 0 finished, 1 the run failed or diverged, 2 bad input or usage, 3 errors were diagnosed, 130 interrupted.
Keys for --set and --config: mnist-gui settings. Names for --preset: mnist-gui presets
"""


# Characters of an error message, which may quote the argument.
LONGEST_REFUSAL = 500


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, without control characters, and whose help goes where results go."""

    def error(self, message: str) -> NoReturn:
        """End with a usage error."""
        super().error(shortened(on_one_line(message), LONGEST_REFUSAL))

    def _print_message(self, message: str, file: Any = None) -> None:
        """What argparse prints, of which it does not say whether it could be printed."""
        if message and file is sys.stdout:
            terminal.write_lines(message.removesuffix("\n"))
        else:
            super()._print_message(message, file)


Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line. Its namespace has command (name, "" for the window), the options by name, and in
    set_before the assignments of --set before a command."""
    parser = _Parser(
        prog="mnist-gui",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mnist-gui {__version__}")
    _add_run_options(parser, assignments="set_before")
    parser.add_argument("--open", metavar="MODEL", type=_path, help="open a saved model in the window")
    parser.add_argument(
        "--screenshot", metavar="FILE.png", type=_path, help="train in an invisible window, save its picture"
    )
    parser.add_argument(
        "--size", metavar="WxH", type=_size, default=(1366, 768), help="size of the screenshot (1366x768)"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default=None, help="colours of the window")
    parser.add_argument(
        "--any-platform", action="store_true", help="take QT_QPA_PLATFORM as it is, even where that opens the network"
    )
    parser.add_argument("--self-test", action="store_true", help="check that window, data and training work here")
    parser.set_defaults(command="")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_train(commands)
    _add_evaluate(commands)
    _add_predict(commands)
    _add_sweep(commands)
    _add_gradient_check(commands)
    _add_diagnose(commands)
    _add_presets(commands)
    _add_faults(commands)
    _add_settings(commands)
    return parser


def _add_train(commands: Commands) -> None:
    command = commands.add_parser("train", help="train without a window", allow_abbrev=False)
    _add_run_options(command, assignments="set")
    command.add_argument("--save", metavar="MODEL.npz", type=_path, help="save the best weights here")
    command.add_argument("--json", action="store_true", help="one JSON record a line on standard output")
    command.add_argument("--bell", action="store_true", help="ring the terminal's bell at the end, good or bad")
    command.set_defaults(command="train")


def _add_evaluate(commands: Commands) -> None:
    command = commands.add_parser("evaluate", help="measure a saved model", allow_abbrev=False)
    command.add_argument("model", metavar="MODEL", type=_path)
    command.add_argument("--data", metavar="DIR", type=_name, help="dataset folder, if not the one it was trained on")
    command.add_argument("--split", choices=("train", "validation", "test"), default="test", help="(%(default)s)")
    command.add_argument(
        "--worst",
        metavar="N",
        type=_count,
        default=10,
        help="list this many digits with the largest loss (%(default)s)",
    )
    command.add_argument(
        "--label-errors",
        metavar="N",
        type=_count,
        default=0,
        help="list this many digits whose labels look wrong (%(default)s)",
    )
    command.add_argument(
        "--robustness",
        action="store_true",
        help="report the accuracy on corrupted digits (rotated, noisy, ...)",
    )
    command.add_argument("--json", action="store_true", help="the result as a JSON object")
    command.set_defaults(command="evaluate")


def _add_predict(commands: Commands) -> None:
    command = commands.add_parser("predict", help="classify images with a saved model", allow_abbrev=False)
    command.add_argument("model", metavar="MODEL", type=_path)
    command.add_argument("images", metavar="IMAGE", type=_path, nargs="+", help="PNG, JPEG or the like, any size")
    command.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")
    command.add_argument(
        "--as-is", action="store_true", help="do not centre and scale images that have the network's size already"
    )
    command.set_defaults(command="predict")


def _add_sweep(commands: Commands) -> None:
    command = commands.add_parser("sweep", help="train many networks, one for each point of a grid", allow_abbrev=False)
    command.add_argument(
        "grid", metavar="GRID.toml", type=_path, help="tables [grid], [random], [repeat] and [base] of settings"
    )
    _add_run_options(command, assignments="set")
    _add_worker_options(command)
    command.add_argument("--out", metavar="FILE.jsonl", type=_path, help="file of the results, to continue from")
    command.add_argument("--json", action="store_true", help="a JSON object for each run on standard output")
    command.set_defaults(command="sweep")


def _add_gradient_check(commands: Commands) -> None:
    command = commands.add_parser(
        "gradient-check", help="compare the gradient with differences of the loss", allow_abbrev=False
    )
    _add_run_options(command, assignments="set")
    command.add_argument("--json", action="store_true", help="the result as a JSON object")
    command.set_defaults(command="gradient-check")


def _add_diagnose(commands: Commands) -> None:
    command = commands.add_parser("diagnose", help="find out why a network does not learn", allow_abbrev=False)
    _add_run_options(command, assignments="set")
    command.add_argument(
        "--steps",
        metavar="N",
        type=_count,
        default=None,
        help="train this many steps, 0 for none; by default as many as needed",
    )
    command.add_argument("--why", action="store_true", help="explain every finding at length")
    command.add_argument("--fix", action="store_true", help="search for the smallest change that makes it learn")
    command.add_argument("--fix-epochs", metavar="N", type=_positive, help="epochs of every run of the search (5)")
    _add_worker_options(command)
    command.add_argument("--json", action="store_true", help="the result as a JSON object")
    command.set_defaults(command="diagnose")


def _add_presets(commands: Commands) -> None:
    command = commands.add_parser("presets", help="list the runs that come with the program", allow_abbrev=False)
    command.add_argument("name", metavar="NAME", nargs="?", help="only this one, as TOML that --config reads")
    command.add_argument("--json", action="store_true", help="a JSON object a line")
    command.set_defaults(command="presets")


def _add_faults(commands: Commands) -> None:
    command = commands.add_parser(
        "faults", help="list the mistakes that lab.faults can put into a run", allow_abbrev=False
    )
    command.add_argument("name", metavar="NAME", nargs="?", help="only this one")
    command.add_argument("--json", action="store_true", help="a JSON object a line")
    command.set_defaults(command="faults")


def _add_settings(commands: Commands) -> None:
    command = commands.add_parser("settings", help="list every key with its default and meaning", allow_abbrev=False)
    command.set_defaults(command="settings")


def _add_worker_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, default=-1, help="number of runs at a time (one for each core)"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", type=_name, help="runs on a Dask cluster, such as tcp://10.0.0.1:8786"
    )


def _add_run_options(parser: argparse.ArgumentParser, *, assignments: str) -> None:
    """assignments: the attribute for --set, different before and after the command, so that one does not replace the
    other."""
    # SUPPRESS: an option given before a command is not overwritten by the command's own default.
    parser.add_argument(
        "--config", metavar="FILE.toml", type=_path, default=argparse.SUPPRESS, help="settings of the run"
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        dest=assignments,
        default=[],
        help="one setting, such as training.learning_rate=0.05; may be repeated",
    )
    parser.add_argument(
        "--preset", metavar="NAME", default=argparse.SUPPRESS, help="settings that come with the program"
    )
    parser.add_argument(
        "--data", metavar="DIR", type=_name, default=argparse.SUPPRESS, help="folder of a dataset in IDX files"
    )


def _name(text: str) -> str:
    """A name that is not empty, as from an unset variable in a script."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: leave the option out, or name one")
    return text


def _path(text: str) -> Path:
    """A file or folder: an empty one would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: expected the name of a file")
    return Path(text)


def _size(text: str) -> tuple[int, int]:
    """(width, height) of a text such as 1366x768."""
    width, _, height = (int(part) if part.isdecimal() else 0 for part in text.lower().partition("x"))
    if not (400 <= width <= 8000 and 300 <= height <= 8000):
        raise argparse.ArgumentTypeError(f"{named(text)}: expected a size from 400x300 to 8000x8000")
    return width, height


def _count(text: str) -> int:
    """A whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{named(text)}: expected a whole number from 0 to 999,999,999")
    return int(text)


def _positive(text: str) -> int:
    """A whole number from 1."""
    count = _count(text)
    if not count:
        raise argparse.ArgumentTypeError(f"{named(text)}: expected a whole number from 1 to 999,999,999")
    return count


def _jobs(text: str) -> int:
    """A number of processes: 1 to 1,000, or -1 for one a core."""
    count = int(text) if text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 5 else 0
    if count != -1 and not 1 <= count <= 1000:
        raise argparse.ArgumentTypeError(
            f"{named(text)}: expected a whole number from 1 to 1,000, or -1 for one a core"
        )
    return count
