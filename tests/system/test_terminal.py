"""What goes to a terminal is shown by it, and not obeyed."""

import io

import pytest

from mnist_gui.system.terminal import begin, write, write_lines, write_message


def test_output_and_errors_hold_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    write("a\x1b[2J")
    write_message("b\x1b[2J")
    assert capsys.readouterr() == ("a\\x1b[2J\n", "b\\x1b[2J\n")


def test_a_name_with_an_end_of_a_line_in_it_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    write("a\nb: 7")
    write_message("a\nb: gone")
    write_lines("a\nb\r")
    assert capsys.readouterr() == ("a\\nb: 7\na\nb\\r\n", "a\\nb: gone\n")


def test_a_letter_that_the_output_cannot_hold_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr("sys.stdout", stream)
    begin()
    write("é → \udcff")
    assert stream.buffer.getvalue() == b"\xe9 \\u2192 \\udcff\n"  # type: ignore[attr-defined]
