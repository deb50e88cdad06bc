"""What goes to a terminal is shown by it, and not obeyed."""

import io

import pytest

from mnist_gui.terminal import begin, printable, say, write


def test_what_a_terminal_would_obey_is_written_out() -> None:
    assert printable("\x1b]0;title\x07 \x9b31m \u202e") == "\\x1b]0;title\\x07 \\x9b31m \\u202e"
    assert printable("line\n\ttab é 手") == "line\n\ttab é 手"


def test_output_and_errors_hold_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    write("a\x1b[2J")
    say("b\x1b[2J")
    assert capsys.readouterr() == ("a\\x1b[2J\n", "b\\x1b[2J\n")


def test_a_letter_that_the_output_cannot_hold_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr("sys.stdout", stream)
    begin()
    write("é → \udcff")
    assert stream.buffer.getvalue() == b"\xe9 \\u2192 \\udcff\n"  # type: ignore[attr-defined]
