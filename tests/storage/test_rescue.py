"""Weights that are in no file are saved where nobody can be asked, and each time it is said where."""

import errno
import os
from pathlib import Path

import pytest

from mnist_gui.runs.run import Run
from mnist_gui.storage.model_file import load_model, save_model
from mnist_gui.storage.rescue import rescue
from tests.support import dataset, make_trainer


def make_run(number: int = 1) -> Run:
    trainer = make_trainer()
    run = Run(number, trainer.config, dataset(), trainer.splits)
    run.best = trainer.snapshot()
    return run


def test_each_network_that_is_in_no_file_gets_one_named_by_its_run_and_epoch(tmp_path: Path) -> None:
    saved, empty = make_run(2), make_run(3)
    saved.saved, empty.best = saved.best, None
    (sentence,) = rescue([make_run(1), saved, empty], tmp_path / "rescued")
    (path,) = (tmp_path / "rescued").iterdir()
    assert sentence == f"the weights of run 1, epoch 0, which were in no file, are now in {path}"
    assert path.match("????-??-??-??????-run-1-epoch-0.npz")
    best = make_run().best
    assert best is not None
    assert load_model(path).parameters.tobytes() == best.parameters.tobytes()


def test_no_rescued_network_takes_the_place_of_another(tmp_path: Path) -> None:
    run, again = make_run(), make_run()
    assert len([*rescue([run, again], tmp_path), *rescue([make_run()], tmp_path)]) == 3
    assert len(list(tmp_path.iterdir())) == 3
    assert not run.has_unsaved


def test_where_the_folder_cannot_be_written_they_go_among_the_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "home").write_text("no folder")
    (sentence,) = rescue([make_run()], tmp_path / "home" / "rescued")
    (path,) = tmp_path.glob("mnist-gui-rescued-*/*-run-1-epoch-0.npz")
    assert sentence.endswith(f"are now in {path}")


def test_weights_that_can_be_saved_nowhere_are_told_of_and_the_others_are_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, kept = make_run(1), make_run(2)

    def full(path: Path, snapshot: object) -> None:
        if snapshot is lost.best:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        assert kept.best is not None
        save_model(path, kept.best)

    monkeypatch.setattr("mnist_gui.storage.rescue.save_model", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = rescue([lost, kept], tmp_path / "rescued")
    assert first.endswith("could not be saved: No space left on device")
    assert "run 2" in second
    assert (lost.has_unsaved, kept.has_unsaved) == (True, False)
