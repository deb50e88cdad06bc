"""The arrows of the architecture: who may import whom, and where Qt may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mnist_gui"

# A layer imports only those above it.
LAYERS = (
    *("system", "config", "engine", "data", "inspection", "training", "faults", "diagnosis", "runs", "storage"),
    *("experiments", "casebook", "ui", "cli"),
)
# Nor may it import these, though they stand above it.
UNKNOWN: dict[str, set[str]] = {
    "engine": {"system"},  # arrays in, arrays out
    "inspection": {"system", "config"},
    "diagnosis": {"faults", "inspection"},  # what it finds, it finds by measuring
}
# The same within the window, whose own modules (`ui/app.py`, `ui/main_window.py`, ...) put all of it together. Panels
# stand beside each other and do not know each other.
WINDOW_LAYERS = ("widgets", "plotting", "services", "shell", "panels")
# The one module of the commands that knows the window.
OPENS_WINDOW = "cli/main.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
FREE_OF_QT = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] != "ui"]
IN_WINDOW = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] == "ui" and path.parent.name != "ui"]
IN_LAYERS = [path for path in MODULES if len(path.relative_to(PACKAGE).parts) > 1]


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


def test_every_folder_is_a_layer_and_nothing_else_stands_beside_them() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in MODULES} == {*LAYERS, "__init__.py", "__main__.py"}


@pytest.mark.parametrize("path", IN_LAYERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_above_its_own(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    allowed = {own, *LAYERS[: LAYERS.index(own)]} - UNKNOWN.get(own, set())
    if own == "cli" and not path.match(OPENS_WINDOW):
        allowed -= {"ui"}
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "mnist_gui" and parts[1] != "__version__":
            assert parts[1] in allowed, f"{own} must not import {name}"


@pytest.mark.parametrize("path", IN_WINDOW, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_part_of_the_window_imports_only_from_parts_above_its_own(path: Path) -> None:
    own, panel, *_ = path.relative_to(PACKAGE / "ui").parts
    allowed = WINDOW_LAYERS[: WINDOW_LAYERS.index(own) + 1]
    for name in imported(path):
        parts = name.split(".")
        if parts[:2] == ["mnist_gui", "ui"]:
            assert parts[2] in allowed, f"{own} must not import {name}"
            assert own != "panels" or parts[2] != "panels" or parts[3] == panel, f"{panel} must not import {name}"


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
