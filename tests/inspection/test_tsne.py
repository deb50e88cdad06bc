"""t-SNE in a process of its own: neighbours stay neighbours, and the process is gone whenever it is not wanted."""

import contextlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from mnist_gui.inspection import tsne, tsne_worker
from mnist_gui.inspection.tsne import TsneError
from mnist_gui.training.snapshot import never


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """Those that are started."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: object, **more: object) -> None:
            super().__init__(*arguments, **more)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(tsne.subprocess, "Popen", Noted)
    return started


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same computation without a process for it, which takes a second to begin."""

    def embed(vectors: np.ndarray, *_: object) -> np.ndarray:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            return tsne_worker.embed(vectors)

    monkeypatch.setattr(tsne, "_run_worker", embed)


def groups(count: int = 90, width: int = 20) -> np.ndarray:
    """Vectors around three far-off middles."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(count, width)) + 20 * (np.arange(count) % 3)[:, None]).astype(np.float32)


def test_neighbours_stay_neighbours_and_progress_is_told(processes: list["subprocess.Popen[bytes]"]) -> None:
    shares: list[float] = []
    vectors = groups()
    places = tsne.tsne(vectors, never, shares.append)
    assert places is not None
    assert places.shape == (90, 2)
    assert trustworthiness(vectors, places) > 0.9  # scikit-learn's measure; about 0.5 for random places
    (wide, across), (_, high) = np.cov(places.T)
    assert wide >= high
    assert abs(across) < 1e-6 * wide
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1
    assert shares[-1] == 1
    assert processes[0].returncode is not None


@pytest.mark.usefixtures("in_this_process")
def test_the_same_vectors_get_the_same_places_those_not_finite_none() -> None:
    vectors = groups(30)
    holed = np.insert(vectors, 4, np.float32(np.inf), axis=0)
    places, plain = tsne.tsne(holed, never, lambda share: None), tsne.tsne(vectors, never, lambda share: None)
    assert places is not None
    assert plain is not None
    assert np.isnan(places[4]).all()
    np.testing.assert_array_equal(np.delete(places, 4, axis=0), plain)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((8, 3)),
        np.zeros((6, 1)),
        np.linspace(-3e38, 3e38, 24).reshape(8, 3),
        np.random.default_rng(0).normal(size=(5, 2)),
    ],
    ids=["equal", "one dead unit", "huge", "five digits"],
)
def test_odd_vectors_get_finite_places(vectors: np.ndarray) -> None:
    places = tsne.tsne(vectors.astype(np.float32), never, lambda share: None)
    assert places is not None
    assert np.isfinite(places).all()


def test_too_few_finite_vectors_are_refused_with_a_sentence(processes: list["subprocess.Popen[bytes]"]) -> None:
    vectors = np.full((10, 3), np.nan, np.float32)
    vectors[:4] = 1
    with pytest.raises(TsneError, match="needs 5 digits with finite values, there are 4"):
        tsne.tsne(vectors, never, lambda share: None)
    assert not processes


def abandon_after(calls: int) -> Callable[[], bool]:
    left = iter(range(calls))
    return lambda: next(left, None) is None


@pytest.mark.parametrize("calls", [0, 1, 3], ids=["before it is asked", "before it answers", "while it computes"])
def test_a_map_that_is_given_up_leaves_no_process(processes: list["subprocess.Popen[bytes]"], calls: int) -> None:
    assert tsne.tsne(groups(300, 64), abandon_after(calls), lambda share: None) is None
    assert processes[0].returncode == -9


def test_a_map_is_given_up_in_the_midst_of_its_steps(processes: list["subprocess.Popen[bytes]"]) -> None:
    shares: list[float] = []
    assert tsne.tsne(groups(300), lambda: bool(shares), shares.append) is None
    assert shares[-1] < 1
    assert processes[0].returncode == -9


def test_the_process_ends_when_whoever_started_it_is_gone() -> None:
    """As after a kill, when nobody is left to end it: its standard input is closed."""
    vectors = groups(300, 64)
    with subprocess.Popen(
        [sys.executable, "-P", str(Path(tsne_worker.__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"300 64\n" + vectors.tobytes())
        process.stdin.flush()
        assert process.stdout.readline() == b"50\n"  # it computes
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait() == 1
        assert b"done" not in rest


def test_a_process_that_fails_is_told_by_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text("import sys; print('50'); sys.exit('no scikit-learn here')")
    monkeypatch.setattr(tsne_worker, "__file__", str(worker))
    with pytest.raises(TsneError, match="no scikit-learn here"):
        tsne.tsne(groups(), never, lambda share: None)
    worker.write_text("import sys; sys.stdin.buffer.readline(); print('done')")
    with pytest.raises(TsneError, match="answered with 0 bytes, expected 720"):
        tsne.tsne(groups(), never, lambda share: None)


def test_a_frozen_program_has_no_t_sne(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tsne.is_available()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert not tsne.is_available()
    monkeypatch.undo()
    monkeypatch.setattr(tsne, "find_spec", lambda name: None)
    assert not tsne.is_available()


def test_what_scikit_learn_says_becomes_numbers_of_steps() -> None:
    out = io.BytesIO()
    tsne_worker.Progress(out).write("[t-SNE] Iteration 50: error = 77.8, gradient norm = 0.01 (50 iterations in 0.5s)")
    tsne_worker.Progress(out).write("[t-SNE] Mean sigma: 2.5")
    assert out.getvalue() == b"50\n"
