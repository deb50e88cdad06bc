"""Errors that are not the program's fault, and the sentences that report them."""

import errno
import locale
import logging

NO_MEMORY = "there is not enough memory for this: close other programs, or use fewer digits or a smaller network"


# Texts of other errors that a lack of memory causes: in the loader of libraries, in threading, and in C code of Python
# that has lost its MemoryError.
SYMPTOMS = ("failed to map segment", "can't start new thread", "error return without exception set")


class RefusedError(Exception):
    """Input that the program cannot use. Its text states what was found, what was expected and what to do."""


def use_english_system_messages() -> None:
    """Make the system's error messages English, as all other texts are. Call after Qt has set the locale's language."""
    if hasattr(locale, "LC_MESSAGES"):
        locale.setlocale(locale.LC_MESSAGES, "C")


def failure_of(error: Exception, log: logging.Logger, what: str) -> str:
    """The text to show for an unexpected error; its traceback goes to the log.

    A lack of memory is not the program's fault: it is logged at level INFO, so that a terminal shows the text only.
    """
    is_usual = is_lack_of_memory(error)
    log.log(logging.INFO if is_usual else logging.ERROR, what, exc_info=error)
    named = f"{type(error).__name__}: {error}"
    if is_usual:
        return f"{NO_MEMORY} ({named})" if str(error) else NO_MEMORY
    return named


def user_facing_error(error: BaseException, log: logging.Logger, what: str) -> BaseException:
    """Log an error of a background task and return it in a form whose text alone can be shown to the user.

    An error that is neither the program's own nor an OSError was not expected: its text then begins with its class.
    """
    if isinstance(error, Exception) and (is_lack_of_memory(error) or _is_unexpected(error)):
        shown: BaseException = RefusedError(failure_of(error, log, what))
        shown.__cause__ = error
        return shown
    log.info("%s: %s", what, error)
    return error


def _is_unexpected(error: Exception) -> bool:
    return not (isinstance(error, OSError) or type(error).__module__.startswith("mnist_gui."))


def is_lack_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that caused it, is due to a lack of memory, threads or memory mappings."""
    cause: BaseException | None = error
    while cause is not None:
        is_so = isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno == errno.ENOMEM)
        if is_so or any(text in str(cause) for text in SYMPTOMS):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
