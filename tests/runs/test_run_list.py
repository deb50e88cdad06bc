"""The runs of a session: numbered, kept, deleted and brought back, and all their keyframes within one budget."""

from pathlib import Path

import numpy as np

from mnist_gui.data.datasets import load_dataset
from mnist_gui.data.loading import split_dataset
from mnist_gui.runs import run_list as kept_runs
from mnist_gui.runs.run import Run
from mnist_gui.runs.run_list import MOST_DELETED, RunList
from mnist_gui.training.records import MinibatchesDone, RunEnded, RunStarted
from mnist_gui.training.snapshot import Snapshot
from tests.data.test_datasets import write_dataset
from tests.support import dataset, make_trainer, small_config

CONFIG = small_config({"network.hidden": [3]})
SPLITS = split_dataset(dataset(), CONFIG.data)


def begin(runs: RunList, start: Snapshot | None = None) -> Run:
    return runs.begin(CONFIG, dataset(), SPLITS, start)


def snapshot(step: int) -> Snapshot:
    return Snapshot.of(
        np.zeros(785 * 3 + 4 * 10, np.float32),
        config=CONFIG,
        image_shape=(28, 28),
        class_names=SPLITS.class_names,
        step=step,
        epoch=0,
    )


def test_runs_are_numbered_and_a_number_is_never_given_twice() -> None:
    runs = RunList()
    first, second = begin(runs), begin(runs)
    runs.delete(second)
    runs.drop(first)
    assert begin(runs).number == 3


def test_a_deleted_run_comes_back_to_its_place_and_the_last_deleted_first() -> None:
    runs = RunList()
    made = [begin(runs) for _ in range(4)]
    runs.delete(made[1])
    runs.delete(made[3])
    assert list(runs) == [made[0], made[2]]
    assert runs.undo_delete() is made[3]
    assert runs.undo_delete() is made[1]
    assert list(runs) == made
    assert not runs.can_undo
    assert runs.undo_delete() is None


def test_only_so_many_deleted_runs_are_kept() -> None:
    runs = RunList()
    for run in [begin(runs) for _ in range(MOST_DELETED + 3)]:
        runs.delete(run)
    assert sum(1 for _ in iter(runs.undo_delete, None)) == MOST_DELETED


def test_the_keyframes_of_all_runs_share_one_budget_deleted_ones_included() -> None:
    runs = RunList()
    made = [begin(runs) for _ in range(3)]
    for run in made:
        for step in range(20):
            run.timeline.add(snapshot(step))
    size = made[0].timeline.nbytes // 20
    runs.delete(made[0])
    assert runs.nbytes == 60 * size
    runs.budget = 30 * size
    runs.fit()
    assert runs.nbytes <= 30 * size
    assert [run.timeline.steps[0] for run in made] == [0, 0, 0]
    assert [run.timeline.steps[-1] for run in made] == [19, 19, 19]


def test_networks_to_train_on_and_a_second_dataset_count_as_kept(tmp_path: Path) -> None:
    runs = RunList()
    first, second = begin(runs), begin(runs)
    assert runs.nbytes == 0
    first.trainer = make_trainer()
    assert runs.nbytes == first.trainer.nbytes > 3 * 4 * first.trainer.parameter_count
    second.history.add(MinibatchesDone(1, *(np.ones(10, np.float32) for _ in range(4))))
    assert runs.nbytes == first.trainer.nbytes + 170
    second.dataset = load_dataset(write_dataset(tmp_path))
    assert second.dataset.nbytes == (6 + 3) * (4 * 3 + 1)
    assert runs.nbytes == first.trainer.nbytes + 170 + second.dataset.nbytes  # the larger one is the program's own


def test_pictures_that_runs_have_beside_their_datasets_count_once() -> None:
    runs, trainer = RunList(), make_trainer({"lab.faults": ["test_digits_in_training"]})
    for _ in range(2):
        runs.begin(trainer.config, dataset(), trainer.splits)
    assert runs.nbytes == trainer.splits.train.source.nbytes == 70_000 * 784


def test_the_budget_is_256_megabytes_unless_chosen_otherwise() -> None:
    assert RunList().budget == kept_runs.BUDGET_BYTES == 256_000_000


def test_a_run_that_never_made_a_step_is_empty_one_from_a_file_is_not() -> None:
    runs = RunList()
    assert begin(runs).is_empty
    opened = begin(runs, make_trainer({"network.hidden": [3]}).snapshot())
    assert not opened.is_empty
    assert opened.timeline.steps == [0]


def test_a_run_knows_how_long_it_was_trained_and_how_it_ended() -> None:
    run = begin(RunList())
    assert (run.seconds, run.ended, run.epoch, run.planned_epoch) == (0.0, None, 0, 0)
    run.add(RunStarted(CONFIG, 0, 0, 24, 12, 600, 200, 2395, 1))
    values = np.float32([1.0, 0.5])
    run.add(MinibatchesDone(1, values, values, values, np.float32([0.25, 0.5])))
    ended = RunEnded("stopped", 2, 0, None, float("nan"), float("nan"), 0.5)
    run.add(ended)
    assert (run.seconds, run.ended, run.planned_epoch) == (0.5, ended, 2)
    assert run.begun_as is CONFIG
