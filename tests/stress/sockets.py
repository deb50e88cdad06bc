"""Where processes wait for connections, as Linux tells it in /proc: only this machine may reach any of ours."""

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

LISTENS = "0A"  # of the states of a TCP socket


def family(pid: int) -> list[int]:
    """A process and all that come from it."""
    children = [int(child) for text in _found(f"{pid}/task/*/children", Path.read_text) for child in text.split()]
    return [pid, *(each for child in children for each in family(child))]


def listening(pids: Iterable[int]) -> list[IPv4Address | IPv6Address]:
    """The addresses at which these processes wait for TCP connections."""
    inodes = {inode for pid in pids for inode in _sockets(pid)}
    tables = _found("self/net/tcp*", Path.read_text)
    return [address for table in tables for address, inode in listeners(table) if inode in inodes]


def listeners(table: str) -> Iterator[tuple[IPv4Address | IPv6Address, str]]:
    """Address and inode of each socket that listens, of the text of /proc/net/tcp or tcp6."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        local, state = fields[1], fields[3]
        if state == LISTENS:
            words = bytes.fromhex(local.partition(":")[0])
            # Each 32 bits are written as a number of this machine.
            address = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
            yield (IPv4Address(address) if len(address) == 4 else IPv6Address(address)), fields[9]


def _sockets(pid: int) -> Iterator[str]:
    """The inodes of all sockets that a process has open."""
    for target in _found(f"{pid}/fd/*", lambda path: str(path.readlink())):
        if target.startswith("socket:["):
            yield target[len("socket:[") : -1]


def _found(pattern: str, read: Callable[[Path], str]) -> Iterator[str]:
    """What is read of the files of this pattern in /proc, but for those that are gone meanwhile."""
    paths = Path("/proc").glob(pattern)
    while True:
        try:
            yield read(next(paths))
        except StopIteration:
            return
        except OSError:
            continue
