"""The command line: everything that runs without a window, and the way into the window.

Qt is imported only when a window is asked for, so that the rest needs neither a display nor Qt's system libraries.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnist_gui import __version__, exit_status
from mnist_gui.config import ConfigError, RunConfig, parse_assignments
from mnist_gui.display import display_problem
from mnist_gui.paths import whole_path
from mnist_gui.presets import preset, presets

DESCRIPTION = """\
Train a multilayer perceptron on MNIST and watch it learn. Without a command the window opens.
"""

EPILOG = """\
exit status: 0 finished, 1 the run failed or diverged, 2 bad input or usage, 3 errors were diagnosed, 130 interrupted.
Keys for --set and --config: mnist-gui settings. Names for --preset: mnist-gui presets
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return exit_status.INTERRUPTED
    except BrokenPipeError:  # the reader, such as head, has gone; flushing at exit must find another
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_status.FAILED
    except Exception as error:
        if not _is_bad_input(error):
            raise
        return _refuse(str(error))


def _is_bad_input(error: Exception) -> bool:
    from mnist_gui.data.idx import DatasetError
    from mnist_gui.runs.model_file import ModelError

    return isinstance(error, (ConfigError, DatasetError, ModelError))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mnist-gui",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mnist-gui {__version__}")
    _add_run_options(parser, assignments="set_before")
    parser.add_argument("--open", metavar="MODEL", type=Path, help="open a saved model in the window")
    parser.add_argument(
        "--screenshot", metavar="FILE.png", type=Path, help="train in an invisible window, save its picture"
    )
    parser.add_argument(
        "--size", metavar="WxH", type=_size, default=(1366, 768), help="size of the screenshot (1366x768)"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default=None, help="colours of the window")
    parser.add_argument("--self-test", action="store_true", help="check that window, data and training work here")
    parser.set_defaults(run=_run_window)

    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    train = commands.add_parser("train", help="train without a window", allow_abbrev=False)
    _add_run_options(train, assignments="set")
    train.add_argument("--save", metavar="MODEL.npz", type=Path, help="save the best weights here")
    train.add_argument("--json", action="store_true", help="one JSON record a line on standard output")
    train.add_argument("--bell", action="store_true", help="ring the terminal's bell at the end, good or bad")
    train.set_defaults(run=_run_train)

    evaluate = commands.add_parser("evaluate", help="measure a saved model", allow_abbrev=False)
    evaluate.add_argument("model", metavar="MODEL", type=Path)
    evaluate.add_argument("--data", metavar="DIR", help="dataset folder, if not the one it was trained on")
    evaluate.add_argument("--split", choices=("train", "validation", "test"), default="test", help="(%(default)s)")
    evaluate.add_argument(
        "--worst",
        metavar="N",
        type=_count,
        default=10,
        help="list so many digits of the largest loss (%(default)s)",
    )
    evaluate.add_argument(
        "--label-errors",
        metavar="N",
        type=_count,
        default=0,
        help="list so many digits whose labels look wrong (%(default)s)",
    )
    evaluate.add_argument(
        "--robustness", action="store_true", help="tell the accuracy on digits that are turned, moved, noisy and so on"
    )
    evaluate.add_argument("--json", action="store_true", help="the result as a JSON object")
    evaluate.set_defaults(run=_run_evaluate)

    predict = commands.add_parser("predict", help="say what a saved model reads in images", allow_abbrev=False)
    predict.add_argument("model", metavar="MODEL", type=Path)
    predict.add_argument("images", metavar="IMAGE", type=Path, nargs="+", help="PNG, JPEG or the like, any size")
    predict.add_argument("--json", action="store_true", help="one JSON object a line, with all probabilities")
    predict.add_argument(
        "--as-is", action="store_true", help="do not centre and scale images that have the network's size already"
    )
    predict.set_defaults(run=_run_predict)

    sweep = commands.add_parser("sweep", help="train many networks, one for each point of a grid", allow_abbrev=False)
    sweep.add_argument(
        "grid", metavar="GRID.toml", type=Path, help="tables [grid], [random], [repeat] and [base] of settings"
    )
    _add_run_options(sweep, assignments="set")
    _add_worker_options(sweep)
    sweep.add_argument("--out", metavar="FILE.jsonl", type=Path, help="where results go, and are gone on from")
    sweep.add_argument("--json", action="store_true", help="a JSON object for each run on standard output")
    sweep.set_defaults(run=_run_sweep)

    check = commands.add_parser(
        "gradient-check", help="compare the gradient with differences of the loss", allow_abbrev=False
    )
    _add_run_options(check, assignments="set")
    check.add_argument("--json", action="store_true", help="the result as a JSON object")
    check.set_defaults(run=_run_gradient_check)

    diagnosis = commands.add_parser("diagnose", help="say why a network does not learn", allow_abbrev=False)
    _add_run_options(diagnosis, assignments="set")
    diagnosis.add_argument(
        "--steps",
        metavar="N",
        type=_count,
        default=None,
        help="train so many steps, 0 for none; by default as many as it takes to know",
    )
    diagnosis.add_argument("--why", action="store_true", help="explain every finding at length")
    diagnosis.add_argument(
        "--fix", action="store_true", help="run what may help: the smallest set of changes that does"
    )
    diagnosis.add_argument("--fix-epochs", metavar="N", type=_positive, help="epochs of every run of the search (5)")
    _add_worker_options(diagnosis)
    diagnosis.add_argument("--json", action="store_true", help="the result as a JSON object")
    diagnosis.set_defaults(run=_run_diagnosis)

    listing = commands.add_parser("presets", help="list the runs that come with the program", allow_abbrev=False)
    listing.add_argument("name", metavar="NAME", nargs="?", help="only this one, as TOML that --config reads")
    listing.add_argument("--json", action="store_true", help="a JSON object a line")
    listing.set_defaults(run=_run_presets)

    faults = commands.add_parser(
        "faults", help="list the mistakes that lab.faults can put into a run", allow_abbrev=False
    )
    faults.add_argument("name", metavar="NAME", nargs="?", help="only this one")
    faults.add_argument("--json", action="store_true", help="a JSON object a line")
    faults.set_defaults(run=_run_faults)

    settings = commands.add_parser("settings", help="list every key with its default and meaning", allow_abbrev=False)
    settings.set_defaults(run=_run_settings)
    return parser


def _add_worker_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, default=-1, help="so many runs at a time (one for each core)"
    )
    parser.add_argument("--dask", metavar="ADDRESS", help="runs on a Dask cluster, such as tcp://10.0.0.1:8786")


def _add_run_options(parser: argparse.ArgumentParser, *, assignments: str) -> None:
    """assignments: where --set goes: before and after the command apart, so that one does not replace the other."""
    # SUPPRESS: an option given before a command is not overwritten by the command's own default.
    parser.add_argument(
        "--config", metavar="FILE.toml", type=Path, default=argparse.SUPPRESS, help="settings of the run"
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
    parser.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="folder of a dataset in IDX files")


def _config(options: argparse.Namespace) -> RunConfig:
    """Defaults or the preset or the file, then --set, then --data."""
    path: Path | None = getattr(options, "config", None)
    name: str | None = getattr(options, "preset", None)
    if path and name:
        raise ConfigError("--preset", name, "no --config beside it: each says what the run begins with")
    config = RunConfig.load(path) if path else preset(name).config if name else RunConfig()
    config = config.with_settings(_asked(options))
    return config.with_settings({"data.folder": whole_path(config.data.folder)})


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that --set and --data name."""
    asked = parse_assignments([*options.set_before, *getattr(options, "set", [])])
    folder: str | None = getattr(options, "data", None)
    return asked | {"data.folder": whole_path(folder)} if folder else asked


def _run_train(options: argparse.Namespace) -> int:
    from mnist_gui.headless import run_training

    try:
        return run_training(_config(options), save_to=options.save, as_records=options.json)
    finally:  # whether it has ended well, ended ill or was refused
        if options.bell:
            _ring()


def _ring() -> None:
    """On standard error, since standard output may be a file of records."""
    with suppress(OSError):
        print("\a", end="", file=sys.stderr, flush=True)


def _run_evaluate(options: argparse.Namespace) -> int:
    from mnist_gui.headless_evaluation import run_evaluation

    return run_evaluation(
        options.model,
        folder=options.data,
        split_name=options.split,
        worst=options.worst,
        label_errors=options.label_errors,
        has_robustness=options.robustness,
        as_records=options.json,
    )


def _run_predict(options: argparse.Namespace) -> int:
    from mnist_gui.headless_predict import run_predict

    return run_predict(options.model, options.images, as_is=options.as_is, as_records=options.json)


def _run_sweep(options: argparse.Namespace) -> int:
    from mnist_gui.headless_sweep import run_sweep

    return run_sweep(
        _config(options),
        _asked(options),
        options.grid,
        out=options.out,
        jobs=options.jobs,
        cluster=options.dask,
        as_records=options.json,
    )


def _run_gradient_check(options: argparse.Namespace) -> int:
    from mnist_gui.headless import run_gradient_check

    return run_gradient_check(_config(options), as_records=options.json)


def _run_diagnosis(options: argparse.Namespace) -> int:
    from mnist_gui.headless_diagnose import Fix, run_diagnosis

    if options.fix_epochs and not options.fix:
        raise ConfigError("--fix-epochs", options.fix_epochs, "--fix beside it, which searches")
    fix = Fix(options.fix_epochs, options.jobs, options.dask) if options.fix else None
    return run_diagnosis(_config(options), steps=options.steps, explains=options.why, as_records=options.json, fix=fix)


def _run_presets(options: argparse.Namespace) -> int:
    import json
    import textwrap

    if options.name and not options.json:
        print(preset(options.name).config.to_toml(), end="")
        return exit_status.FINISHED
    for each in [preset(options.name)] if options.name else presets():
        if options.json:
            facts = {"preset": each.name, "title": each.title, "about": each.about}
            print(json.dumps({**facts, "settings": each.config.settings()}))
        else:
            print(f"{each.name}   ({each.title})")
            print(textwrap.indent(textwrap.fill(each.about, 100), "    "))
    return exit_status.FINISHED


def _run_faults(options: argparse.Namespace) -> int:
    from mnist_gui.headless_faults import run_faults

    return run_faults(options.name, as_records=options.json)


def _run_settings(options: argparse.Namespace) -> int:
    import json
    import textwrap

    from mnist_gui.settings import SETTINGS

    defaults = RunConfig()
    for key, setting in SETTINGS.items():
        print(f"{key} = {json.dumps(defaults[key])}   ({setting.legal})")
        print(textwrap.indent(textwrap.fill(setting.help, 100), "    "))
    return 0


def _run_window(options: argparse.Namespace) -> int:
    config = _config(options)
    is_unattended = options.screenshot is not None or options.self_test
    if is_unattended and options.open is not None:
        return _refuse("--open shows a model in the window; --screenshot and --self-test train a network of their own")
    if options.self_test and config != RunConfig():
        return _refuse("--self-test has settings of its own: leave out --preset, --config, --set and --data")
    if is_unattended:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    problem = display_problem()
    if problem:
        return _refuse(problem)
    try:
        from mnist_gui import app
        from mnist_gui.ui.theme import THEMES
    except ImportError as error:  # a shared library of Qt's, or Qt itself
        if (error.name or "").startswith("mnist_gui"):
            raise
        return _refuse(f"the window needs Qt, which cannot be loaded here: {error}")
    theme = THEMES.get(options.theme)
    if is_unattended:
        return app.run_unattended(config, screenshot=options.screenshot, size=options.size, theme=theme)
    return app.run(config, model=options.open, theme=theme)


def _size(text: str) -> tuple[int, int]:
    """(width, height) of a text such as 1366x768."""
    width, _, height = (int(part) if part.isdecimal() else 0 for part in text.lower().partition("x"))
    if not (400 <= width <= 8000 and 300 <= height <= 8000):
        raise argparse.ArgumentTypeError(f"{text}: expected a size from 400x300 to 8000x8000")
    return width, height


def _count(text: str) -> int:
    """How many of something: 0 or more."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 0 to 999,999,999")
    return int(text)


def _positive(text: str) -> int:
    """How many of something: 1 or more."""
    count = _count(text)
    if not count:
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 1 to 999,999,999")
    return count


def _jobs(text: str) -> int:
    """How many processes: 1 to 1,000, or -1 for one a core."""
    count = int(text) if text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 5 else 0
    if count != -1 and not 1 <= count <= 1000:
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 1 to 1,000, or -1 for one a core")
    return count


def _refuse(sentence: str) -> int:
    print(f"mnist-gui: {sentence}", file=sys.stderr)
    return exit_status.USAGE
