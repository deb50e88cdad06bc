"""How the C library keeps freed memory for reuse, which glibc does without a bound that would suit a window."""

import ctypes
import sys

# The numbers by which mallopt(3) knows what it sets.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8

HEAPS = 2

# Bytes. With 256 KiB the temporary arrays of a minibatch would be mapped anew in each step: a third slower.
LARGEST_IN_HEAP = 4_000_000


def bound_heaps() -> None:
    """Give large arrays back to the system as soon as they are freed, and let all threads share a few heaps.

    By default glibc makes up to eight heaps per processor, one for each thread that allocates, and after the first
    large array that is freed it takes even arrays of 32 MB from them. What lives long between them then holds hundreds
    of MB that nobody uses. For the main thread, before others are started; other C libraries have no such function, and
    nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, HEAPS)
        mallopt(_M_MMAP_THRESHOLD, LARGEST_IN_HEAP)
