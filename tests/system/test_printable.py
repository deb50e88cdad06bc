"""Names of files: shown on one line, not obeyed, and not at any length."""

from pathlib import Path

from mnist_gui.system.printable import LONGEST_NAME, named, on_one_line, shortened


def test_what_a_terminal_would_obey_is_written_out() -> None:
    assert on_one_line("\x1b]0;title\x07 \x9b31m \u202e") == "\\x1b]0;title\\x07 \\x9b31m \\u202e"
    assert on_one_line("line\r\n\u2029\ttab é 手") == "line\\r\\n\\u2029\\ttab é 手"


def test_a_byte_of_a_file_name_that_is_no_utf_8_is_written_out() -> None:
    assert on_one_line("a\udcff") == "a\\udcff"


def test_a_long_text_keeps_both_of_its_ends() -> None:
    assert shortened("0123456789", 10) == "0123456789"
    assert shortened("0123456789a", 10) == "012...789a"


def test_a_file_is_named_with_its_folder_and_its_ending_however_long_its_name_is() -> None:
    name = named(Path("/home/me") / ("n" * 300 + "\n.png"))
    assert len(name) == LONGEST_NAME
    assert name.startswith("/home/me/nn")
    assert name.endswith("n\\n.png")
