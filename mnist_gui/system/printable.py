"""Names of files and other texts of unknown content made safe to show: on one line, without control characters."""

from pathlib import Path

# Characters of a name that is shown: enough for the path of most files.
LONGEST_NAME = 200

# Control characters, ends of lines and paragraphs, what turns the direction of a text, and the half surrogate pairs in
# a file name that is no UTF-8: as Python writes them.
_WRITTEN_OUT = {
    code: chr(code).encode("unicode_escape").decode()
    for code in (*range(32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))
}


def on_one_line(text: str) -> str:
    """The same text with every control character written as an escape sequence."""
    return text.translate(_WRITTEN_OUT)


def shortened(text: str, most: int = LONGEST_NAME) -> str:
    """A text of at most `most` characters. The middle of a longer one is left out: both ends of a path matter most."""
    if len(text) <= most:
        return text
    kept = most - len("...")
    return f"{text[: kept // 2]}...{text[len(text) - (kept - kept // 2) :]}"


def named(path: Path | str) -> str:
    """The name of a file or folder, as given, in the form for an error message."""
    return shortened(on_one_line(str(path)))
