"""All threads share few heaps, so that what is freed can be used by others."""

import subprocess
import sys

import pytest

# Threads allocate some MB in small pieces at the same time, of which each leaves a few in use.
PROGRAM = """
import ctypes, os, threading
from mnist_gui.system.heap import bound_heaps

if {is_bounded}:
    bound_heaps()
kept = []
barrier = threading.Barrier(8)

def work():
    barrier.wait()
    pieces = [bytearray(60_000) for _ in range(200)]
    barrier.wait()
    kept.extend(pieces[::40])

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc has what is bounded")
def test_threads_share_two_heaps_once_they_are_bounded() -> None:
    assert heaps(is_bounded=False) > 2
    assert heaps(is_bounded=True) <= 2


def heaps(*, is_bounded: bool) -> int:
    program = PROGRAM.format(is_bounded=is_bounded)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")
