"""Names of files and other texts of unknown content as they are shown: on one line, and obeyed by no terminal."""

from pathlib import Path

# Of a name, in letters: the path of most files, but not all that a file system allows.
LONGEST_NAME = 200

# Control characters, ends of lines and paragraphs, what turns the direction of a text, and the half surrogate pairs in
# a file name that is no UTF-8: as Python writes them.
_WRITTEN_OUT = {
    code: chr(code).encode("unicode_escape").decode()
    for code in (*range(32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))
}


def on_one_line(text: str) -> str:
    """The same text with all that a terminal or a box would obey, instead of show, written out."""
    return text.translate(_WRITTEN_OUT)


def shortened(text: str, most: int = LONGEST_NAME) -> str:
    """A text of at most `most` letters: of a longer one the middle is left out, for both ends tell most of a path."""
    if len(text) <= most:
        return text
    kept = most - len("...")
    return f"{text[: kept // 2]}...{text[len(text) - (kept - kept // 2) :]}"


def named(path: Path | str) -> str:
    """A file or folder, or what was given for one, as a part of a sentence that refuses it."""
    return shortened(on_one_line(str(path)))
