"""A few of the environments of `make stress ARGS=environments`."""

import sys
from dataclasses import replace

import pytest

from tests.stress.environments import environments, try_all
from tests.stress.tally import Tally


@pytest.mark.skipif(sys.platform != "linux", reason="shells and devices as on Linux")
@pytest.mark.parametrize(
    ("name", "command"), [("plain ASCII", "train"), ("no home", "train"), ("2>&1 | true", "predict")]
)
def test_a_command_does_its_work_or_says_in_a_sentence_why_it_cannot(name: str, command: str) -> None:
    tally = Tally("environments")
    try_all(tally, name, replace(dict(environments())[name], commands=(command,)))
    assert (tally.tried, tally.failures) == (1, [])
