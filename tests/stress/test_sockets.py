"""That nothing of ours can be reached from elsewhere is looked for in /proc: here, that it would be found there."""

import os
import socket
import sys
from ipaddress import ip_address

import pytest

from tests.stress.sockets import family, listeners, listening

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sockets are looked for in /proc")

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F91 0100007F:0051 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4714 1
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the tables are those of such a machine")
def test_only_sockets_that_listen_are_listeners_at_their_address() -> None:
    assert list(listeners(TCP)) == [(ip_address("0.0.0.0"), "4711"), (ip_address("127.0.0.1"), "4712")]
    assert list(listeners(TCP6)) == [(ip_address("::1"), "4714")]


def test_a_socket_that_this_process_listens_at_is_found_while_it_does() -> None:
    before = listening(family(os.getpid()))
    with socket.create_server(("127.0.0.1", 0)):
        assert sorted(listening([os.getpid()])) == sorted([*before, ip_address("127.0.0.1")])
    assert listening([os.getpid()]) == before
