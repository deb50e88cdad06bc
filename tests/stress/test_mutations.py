"""A few of the mutated inputs of `make stress`, and that it tells one that fails."""

import sys
from pathlib import Path

import pytest

from tests.stress import damaged, mutations
from tests.stress.damaged import KINDS, Samples
from tests.stress.mutants import Random
from tests.stress.mutations import Attempts, Measured, run_kind
from tests.stress.tally import Tally

FEW = 8

# Failed once: by an assertion of Pillow's.
FAILED_ONCE = {"image": [268]}


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_inputs_are_used_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    attempts = Attempts(kind, tmp_path)
    measured = {number: attempts.measure(number) for number in (*range(FEW), *FAILED_ONCE.get(kind, []))}
    assert {number: each.error for number, each in measured.items() if each.error} == {}


def test_an_error_that_nobody_caught_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(samples: Samples, rng: Random, folder: Path) -> damaged.Iterator[None]:
        yield
        raise ZeroDivisionError("as it happens")

    monkeypatch.setitem(KINDS, "model", fails)
    assert "as it happens" in Attempts("model", tmp_path).measure(0).complaint


def test_a_command_that_ends_with_a_traceback_or_an_escape_code_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = Samples(tmp_path)
    samples.run("presets")
    for text in ("Traceback (most recent call last)", "\x1b[2J"):
        monkeypatch.setitem(samples.long_work, "train", lambda options, text=text: sys.stdout.write(text) * 0)
        with pytest.raises(AssertionError):
            samples.run("train")


def test_what_takes_long_or_much_memory_is_a_failure() -> None:
    assert Measured(0.1, 10.0).complaint == ""
    assert "6.0 s" in Measured(6.0, 10.0).complaint
    assert "600 MB" in Measured(0.1, 600.0).complaint


def test_a_worker_that_dies_is_told_with_its_number_and_the_others_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes as small as can be: the second of three numbers ends its process."""
    script = (
        "import sys; first, count = int(sys.argv[-3]), int(sys.argv[-1])\n"
        "for n in range(first, first + count):\n"
        "    if n == 1: sys.exit(3)\n"
        "    print([n, 0.1, 1.0, 0], flush=True)\n"
    )
    monkeypatch.setattr(mutations, "WORKER", ("-c", script))
    tally = Tally("mutations of model")
    run_kind("model", 0, 3, tally)
    assert tally.tried == 3
    assert [failure.split(":")[0] for failure in tally.failures] == ["model 1"]
