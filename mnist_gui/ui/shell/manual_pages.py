"""The pages of the manual: the Markdown files of resources/help, in the order in which the index links them."""

import re

from mnist_gui.system.paths import help_folder

INDEX = "index"
MISSING = "# {}\n\nThe manual has no page of this name. See the [list of all pages](index.md).\n"

_LINK = re.compile(r"\]\(([a-z][a-z-]*)\.md\)")


def page_text(name: str) -> str:
    """A page as Markdown; a sentence that names the page where there is none."""
    try:
        return (help_folder() / f"{name}.md").read_text(encoding="utf-8")
    except OSError:
        return MISSING.format(name)


def page_names() -> list[str]:
    """The names of all pages: the index, then those that it links, in its order."""
    return list(dict.fromkeys([INDEX, *_LINK.findall(page_text(INDEX))]))


def page_title(text: str) -> str:
    """The heading of a page, without its mark."""
    return text.partition("\n")[0].removeprefix("# ")


def has_words(text: str, words: str) -> bool:
    """Whether a page has all words, whatever their case."""
    return all(word in text.casefold() for word in words.casefold().split())
