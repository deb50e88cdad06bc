"""Errors that are no faults of the program, and the sentences that tell of them."""

import errno
import locale
import logging

NO_MEMORY = "there is not enough memory for this: close other programs, or use fewer digits or a smaller network"


# What else is raised where there is no memory: by the loader of libraries, by threading, and by C code of Python's that
# has lost its MemoryError.
SYMPTOMS = ("failed to map segment", "can't start new thread", "error return without exception set")


class RefusedError(Exception):
    """What somebody gave and the program cannot use. Its text says what was found, what was expected and what to do."""


def use_english_system_messages() -> None:
    """Have the system name its errors in English, as all other texts are. Qt, once it is there, has it use the language
    of the locale, and a sentence would be in two languages."""
    if hasattr(locale, "LC_MESSAGES"):
        locale.setlocale(locale.LC_MESSAGES, "C")


def failure_of(error: Exception, log: logging.Logger, what: str) -> str:
    """What to say of an error that nobody expected, which goes to the log with where it happened.

    A lack of memory is no fault of the program: of that, a terminal shows what is said only.
    """
    is_usual = is_lack_of_memory(error)
    log.log(logging.INFO if is_usual else logging.ERROR, what, exc_info=error)
    named = f"{type(error).__name__}: {error}"
    if is_usual:
        return f"{NO_MEMORY} ({named})" if str(error) else NO_MEMORY
    return named


def told_of(error: BaseException, log: logging.Logger, what: str) -> BaseException:
    """An error of long work as it can be told to a person by its text alone, after it went to the log.

    What is neither an error of this program nor one that the system tells of files was not expected: it tells its
    class, too, and the log where it happened.
    """
    if isinstance(error, Exception) and (is_lack_of_memory(error) or _is_unexpected(error)):
        told: BaseException = RefusedError(failure_of(error, log, what))
        told.__cause__ = error
        return told
    log.info("%s: %s", what, error)
    return error


def _is_unexpected(error: Exception) -> bool:
    return not (isinstance(error, OSError) or type(error).__module__.startswith("mnist_gui."))


def is_lack_of_memory(error: BaseException) -> bool:
    """Whether an error, or one that led to it, says that the system gives no more memory, threads or mappings."""
    cause: BaseException | None = error
    while cause is not None:
        is_so = isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno == errno.ENOMEM)
        if is_so or any(text in str(cause) for text in SYMPTOMS):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
