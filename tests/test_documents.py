"""What README and manual say of the program: files that they name exist, and texts in italics are on the screen."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from mnist_gui import __version__
from mnist_gui.faults.registry import FAULTS
from mnist_gui.system.paths import help_folder
from tests.test_layers import LAYERS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MANUAL = sorted(help_folder().glob("*.md"))
# The pages of posted networks are shown by the lab; italics say there where a number is from.
OF_PROGRAM = [path for path in MANUAL if not path.name.startswith("case-")]

IN_ROOT = re.compile(r"(mnist_gui|resources|tests|packaging)/[\w./-]+|[\w.-]+\.(md|cff|toml)|Makefile|LICENSE")
CODE_BLOCK = re.compile(r"^    \S.*$|^```[^`]*```$", re.MULTILINE)
ITALIC = re.compile(r"(?<![*\w])\*(?!\*)([^*\n]+(?:\n[^*\n]+)?)\*(?![*\w])")
# What the examples call files of the reader's own.
EXAMPLES = {"grid.toml", "FILE.toml", "GRID.toml"}


def prose(path: Path) -> str:
    return CODE_BLOCK.sub("", path.read_text(encoding="utf-8"))


@cache
def texts_of_program() -> str:
    """All texts in the code but docstrings, without the marks of shortcuts, in small letters."""
    found = []
    for path in sorted((ROOT / "mnist_gui").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in alone]
        found += [node.value for node in texts if isinstance(node.value, str)]
    return "\n".join(found).replace("&", "").casefold()


@pytest.mark.parametrize("path", [README, *MANUAL], ids=lambda path: path.name)
def test_files_that_a_document_names_in_backticks_exist(path: Path) -> None:
    named = {quoted for quoted in re.findall(r"`([^`\n]+)`", prose(path)) if IN_ROOT.fullmatch(quoted)} - EXAMPLES
    assert not {name for name in named if not (ROOT / name).exists()}


@pytest.mark.parametrize("path", OF_PROGRAM, ids=lambda path: path.name)
def test_what_a_page_of_the_manual_puts_in_italics_is_a_text_of_the_program(path: Path) -> None:
    marked = {" ".join(part.split()) for text in ITALIC.findall(prose(path)) for part in text.split(" > ")}
    assert not {text for text in marked if text.casefold() not in texts_of_program()}


def test_links_and_pictures_of_the_readme_are_there_and_small() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    local = [ROOT / target for target in targets if "://" not in target]
    assert not [target for target in local if not target.exists()]
    pictures = [target for target in local if target.suffix in (".png", ".gif")]
    assert len(pictures) >= 4
    assert sum(picture.stat().st_size for picture in pictures) < 2_000_000


def test_the_readme_is_short_and_links_the_manual() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "(resources/help/index.md)" in text


def test_the_readme_lists_all_layers_in_their_order() -> None:
    text = README.read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == LAYERS


@pytest.mark.parametrize("path", [README, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_the_classic_bugs_are_counted(path: Path) -> None:
    assert f"{len(FAULTS)} classic bugs" in path.read_text(encoding="utf-8")


def test_make_targets_that_documents_name_exist() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [README, *MANUAL, *(ROOT / ".github" / "workflows").glob("*.yml")]
    for path in documents:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"(?:`|^ +|run: )make (?:PYTHON=\S+ )?([a-z]+)", text, re.MULTILINE)
        assert set(named) <= rules, path.name


def test_citation_and_changelog_speak_of_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [__version__]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"license: {project['license']}\n" in citation
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
