"""Errors of long work: what a person is told by their text, and what goes to the log."""

import locale
import logging

import numpy as np
import pytest

from mnist_gui.config.run_config import ConfigError
from mnist_gui.system.user_errors import NO_MEMORY, RefusedError, use_english_system_messages, user_facing_error

LOG = logging.getLogger("long work")


@pytest.mark.parametrize("error", [ConfigError("x", 1, "2"), FileNotFoundError(2, "No such file", "x")])
def test_what_tells_all_by_itself_stays_as_it_is_and_leaves_a_line(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert user_facing_error(error, LOG, "reading failed") is error
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.exc_info) == ("INFO", f"reading failed: {error}", None)


@pytest.mark.parametrize("error", [KeyError("weights"), np.exceptions.AxisError("no axis"), np.linalg.LinAlgError("?")])
def test_what_nobody_expected_tells_its_class_and_where_it_happened_is_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    told = user_facing_error(error, LOG, "reading failed")
    assert isinstance(told, RefusedError)
    assert str(told) == f"{type(error).__name__}: {error}"
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.exc_info
    assert record.exc_info[1] is error


@pytest.mark.parametrize("error", [MemoryError(), OSError(12, "Cannot allocate memory")])
def test_want_of_memory_is_told_in_a_sentence(error: Exception) -> None:
    assert NO_MEMORY in str(user_facing_error(error, LOG, "reading failed"))


@pytest.mark.skipif(not hasattr(locale, "LC_MESSAGES"), reason="the system's messages have one language")
def test_the_system_s_messages_are_english_whatever_language_a_library_has_chosen() -> None:
    before = locale.setlocale(locale.LC_MESSAGES)
    try:
        locale.setlocale(locale.LC_MESSAGES, "C.UTF-8")
        use_english_system_messages()
        assert locale.setlocale(locale.LC_MESSAGES) == "C"
    finally:
        locale.setlocale(locale.LC_MESSAGES, before)
