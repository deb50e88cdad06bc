"""The arrows of the architecture: who may import whom, and where Qt may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mnist_gui"

# What a layer may import of ours, besides itself.
BASE = {
    *("shown", "refusals", "locks", "plain_files", "toml_text", "typed_numbers", "setting_kinds", "settings", "config"),
    *("paths", "presets", "display", "exit_status", "signals", "log"),
}
ALLOWED: dict[str, set[str]] = {
    "shown": set(),
    "refusals": set(),
    "locks": set(),
    "plain_files": set(),
    "typed_numbers": set(),
    "setting_kinds": {"shown", "refusals", "typed_numbers"},
    "settings": {"setting_kinds"},
    "toml_text": {"plain_files", "setting_kinds"},
    "config": {"shown", "setting_kinds", "settings", "toml_text"},
    "paths": {"shown", "refusals"},
    "exit_status": set(),
    "presets": {"config", "paths"},
    "display": set(),
    "signals": set(),
    "log": set(),
    "engine": {"setting_kinds", "settings", "config"},
    "data": BASE,
    "inspection": BASE | {"engine", "data"},
    "training": BASE | {"engine", "data"},
    "diagnosis": BASE | {"engine", "data", "training"},
    "lab": BASE | {"engine", "data", "training", "diagnosis"},
    "runs": BASE | {"engine", "data", "training", "lab"},
    "ui": BASE | {"engine", "data", "inspection", "training", "diagnosis", "lab", "runs", "terminal"},
    "app": BASE | {"engine", "data", "inspection", "training", "runs", "ui", "terminal"},
    "terminal": {"shown", "exit_status"},
    "headless": BASE | {"engine", "data", "inspection", "training", "lab", "runs", "terminal"},
    "headless_diagnose": {"headless_fix"}
    | BASE
    | {"engine", "data", "training", "diagnosis", "lab", "terminal", "headless"},
    "headless_evaluation": BASE
    | {"engine", "data", "inspection", "training", "lab", "runs", "terminal", "evaluated_digits", "evaluation_report"},
    "evaluated_digits": BASE | {"data", "training", "lab"},
    "evaluation_report": BASE | {"engine", "data", "inspection", "training", "evaluated_digits"},
    "headless_fix": BASE | {"lab", "terminal"},
    "headless_faults": BASE | {"lab", "terminal"},
    "headless_predict": BASE | {"engine", "data", "inspection", "training", "runs", "terminal"},
    "headless_sweep": BASE | {"engine", "data", "training", "lab", "terminal"},
    "arguments": {"shown"},
    "cli": BASE
    | {"arguments", "terminal"}
    | {"engine", "data", "inspection", "training", "lab", "runs", "app", "ui"}
    | {"headless", "headless_diagnose", "headless_evaluation", "headless_faults", "headless_predict", "headless_sweep"},
    "__init__": set(),
    "__main__": {"cli"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))
FREE_OF_QT = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in ("ui", "app.py")]


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def imported(path: Path) -> tuple[str, ...]:
    return tuple(imports(ast.parse(path.read_text())))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_above_its_own(path: Path) -> None:
    own = layer(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "mnist_gui" and parts[1] != "__version__":
            assert parts[1] in ALLOWED[own] | {own}, f"{own} must not import {name}"


@pytest.mark.parametrize("path", FREE_OF_QT, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_window_names_qt(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"PySide6", "shiboken6", "pyqtgraph"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_pickled_and_no_global_generator_is_used(path: Path) -> None:
    tree = ast.parse(path.read_text())
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"pickle", "marshal", "shelve", "random"}
    assert not {name for name in imported(path) if name.startswith("numpy.random.")}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False
        is_chain = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)
        if is_chain and ast.unparse(node).startswith("np.random."):
            assert node.attr in ("default_rng", "Generator")


def test_importing_everything_but_the_window_loads_no_qt() -> None:
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in FREE_OF_QT]
    wanted = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    script = f"""
import importlib, sys
for name in {wanted!r}:
    importlib.import_module(name)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph")))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stdout.strip() == "[]"
