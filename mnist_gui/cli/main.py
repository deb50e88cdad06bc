"""The command line: everything that runs without a window, and the way into the window.

Qt is imported only to open a window, so that the rest needs neither a display nor Qt's system libraries.
"""

import argparse
import gc
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mnist_gui.cli.parser import make_parser
from mnist_gui.config.presets import preset, presets
from mnist_gui.config.run_config import ConfigError, RunConfig, parse_assignments
from mnist_gui.system import exit_status, terminal
from mnist_gui.system.address_space import OF_COMMAND, OF_WINDOW, address_space_problem
from mnist_gui.system.display_probe import display_problem
from mnist_gui.system.paths import NoFolderError, log_file, whole_path
from mnist_gui.system.signals import ended_by_ctrl_c
from mnist_gui.system.user_errors import NO_MEMORY, RefusedError, is_lack_of_memory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    terminal.begin()
    try:
        options = make_parser().parse_args(arguments)
        if options.command in COMPUTING and (problem := address_space_problem(OF_COMMAND)):
            return _refuse(problem)
        with _logging(options.command, arguments):
            return terminal.end(int(RUNS[options.command](options)))
    except SystemExit as end:  # --help, or wrong usage
        raise SystemExit(terminal.end(end.code if isinstance(end.code, int) else exit_status.FINISHED)) from None
    except KeyboardInterrupt:
        terminal.write_message("mnist-gui: interrupted")
        return exit_status.INTERRUPTED
    except RefusedError as error:
        return _refuse(str(error))
    except Exception as error:
        if not is_lack_of_memory(error):
            raise
        _refuse(NO_MEMORY)
        return exit_status.FAILED


@contextmanager
def _logging(command: str, arguments: Sequence[str] | None) -> Iterator[None]:
    """Context in which a command has the log; the window opens its own."""
    if not command:
        yield
        return
    from mnist_gui.system.log import Log

    given = sys.argv[1:] if arguments is None else arguments
    try:
        log = Log(log_file(), [f"arguments: {shlex.join(map(str, given))}"], shows_warnings=True)
    except NoFolderError:  # no home folder, so no place for a log
        yield
        return
    try:
        yield
    except Exception as error:
        if not isinstance(error, RefusedError):
            logging.getLogger(__name__).info("not caught", exc_info=True)  # the interpreter shows it
        raise
    finally:
        log.close()


def _config(options: argparse.Namespace) -> RunConfig:
    """Defaults or the preset or the file, then --set, then --data."""
    path: Path | None = getattr(options, "config", None)
    name: str | None = getattr(options, "preset", None)
    if path is not None and name is not None:
        raise ConfigError("--preset", name, "no --config beside it: use only one of them")
    config = RunConfig.load(path) if path is not None else RunConfig() if name is None else preset(name).config
    config = config.with_settings(_given_settings(options))
    config = config.with_settings({"data.folder": whole_path(config.data.folder)})
    if options.command:  # the window writes it in the head of its log
        logging.getLogger(__name__).info(config.beside_defaults())
    return config


def _given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings given by --set and --data."""
    asked = parse_assignments([*options.set_before, *getattr(options, "set", [])])
    folder: str | None = getattr(options, "data", None)
    return asked if folder is None else asked | {"data.folder": whole_path(folder)}


def _run_train(options: argparse.Namespace) -> int:
    from mnist_gui.cli.train import run_training

    try:
        return run_training(_config(options), save_to=options.save, as_records=options.json)
    finally:  # also after an error
        if options.bell:
            _ring()


def _ring() -> None:
    """Ring the bell on standard error, since standard output may be a file of records."""
    terminal.show("\a")


def _run_evaluate(options: argparse.Namespace) -> int:
    from mnist_gui.cli.evaluate import run_evaluation

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
    from mnist_gui.cli.predict import run_predict

    return run_predict(options.model, options.images, as_is=options.as_is, as_records=options.json)


def _run_sweep(options: argparse.Namespace) -> int:
    from mnist_gui.cli.sweep import run_sweep

    return run_sweep(
        _config(options),
        _given_settings(options),
        options.grid,
        out=options.out,
        jobs=options.jobs,
        cluster=options.dask,
        as_records=options.json,
    )


def _run_gradient_check(options: argparse.Namespace) -> int:
    from mnist_gui.cli.train import run_gradient_check

    return run_gradient_check(_config(options), as_records=options.json)


def _run_diagnosis(options: argparse.Namespace) -> int:
    from mnist_gui.cli.diagnose import Fix, run_diagnosis

    if options.fix_epochs and not options.fix:
        raise ConfigError("--fix-epochs", options.fix_epochs, "--fix beside it, which searches")
    fix = Fix(options.fix_epochs, options.jobs, options.dask) if options.fix else None
    return run_diagnosis(_config(options), steps=options.steps, explains=options.why, as_records=options.json, fix=fix)


def _run_presets(options: argparse.Namespace) -> int:
    import json
    import textwrap

    if options.name is not None and not options.json:
        terminal.write_lines(preset(options.name).config.to_toml().rstrip("\n"))
        return exit_status.FINISHED
    for each in [preset(options.name)] if options.name is not None else presets():
        if options.json:
            facts = {"preset": each.name, "title": each.title, "about": each.about}
            terminal.write(json.dumps({**facts, "settings": each.config.settings()}))
        else:
            terminal.write(f"{each.name}   ({each.title})")
            terminal.write_lines(textwrap.indent(textwrap.fill(each.about, 100), "    "))
    return exit_status.FINISHED


def _run_faults(options: argparse.Namespace) -> int:
    from mnist_gui.cli.faults import run_faults

    return run_faults(options.name, as_records=options.json)


def _run_settings(options: argparse.Namespace) -> int:
    import json
    import textwrap

    from mnist_gui.config.schema import SETTINGS

    defaults = RunConfig()
    for key, setting in SETTINGS.items():
        terminal.write(f"{key} = {json.dumps(defaults[key])}   ({setting.legal})")
        terminal.write_lines(textwrap.indent(textwrap.fill(setting.help, 100), "    "))
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
    problem = address_space_problem(OF_WINDOW) or display_problem(any_platform=options.any_platform)
    if problem:
        return _refuse(problem)
    with ended_by_ctrl_c():
        return _open_window(options, config)


def _open_window(options: argparse.Namespace, config: RunConfig) -> int:
    gc.disable()  # until there is a window: nothing of what is imported can be deleted, and to look for it takes long
    try:
        from mnist_gui.ui import app
        from mnist_gui.ui.widgets.theme import THEMES
    except ImportError as error:  # Qt or one of its shared libraries
        if (error.name or "").startswith("mnist_gui"):
            raise
        return _refuse(f"the window needs Qt, which cannot be loaded here: {error}")
    theme = THEMES.get(options.theme)
    if options.screenshot is not None or options.self_test:
        return app.run_unattended(config, screenshot=options.screenshot, size=options.size, theme=theme)
    return app.run(config, model=options.open, theme=theme)


def _refuse(sentence: str) -> int:
    terminal.write_message(f"mnist-gui: {sentence}")
    return exit_status.USAGE


# The function of each command; without one, the window is opened.
RUNS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "": _run_window,
    "train": _run_train,
    "evaluate": _run_evaluate,
    "predict": _run_predict,
    "sweep": _run_sweep,
    "gradient-check": _run_gradient_check,
    "diagnose": _run_diagnosis,
    "presets": _run_presets,
    "faults": _run_faults,
    "settings": _run_settings,
}

# Commands that load NumPy.
COMPUTING = ("train", "evaluate", "predict", "sweep", "gradient-check", "diagnose")
