"""Test accuracy on the real MNIST: the untouched defaults, and the closest peer's settings, three seeds each."""

from statistics import mean

from mnist_gui.config.run_config import RunConfig
from mnist_gui.data.loading import open_dataset, split_dataset
from mnist_gui.training.loop import Inbox, train
from mnist_gui.training.records import RunEnded
from mnist_gui.training.run_output import RunOutput
from mnist_gui.training.trainer import Trainer
from tests.benchmarks.report import report

SEEDS = (0, 1, 2)
PEER = {"network.hidden": (128,), "training.batch_size": 32, "training.learning_rate": 0.05, "training.epochs": 3}


def main() -> None:
    accuracies, seconds = zip(*(run({"training.seed": seed}) for seed in SEEDS), strict=True)
    report("accuracy defaults, worst of 3 seeds", min(accuracies), "test accuracy", ">= 0.980", each=accuracies)
    report("time defaults, longest of 3 seeds", max(seconds), "seconds of training", "<= 20", each=seconds)
    accuracies, seconds = zip(*(run({**PEER, "training.seed": seed}) for seed in SEEDS), strict=True)
    report("accuracy peer's settings, mean of 3 seeds", mean(accuracies), "test accuracy", ">= 0.976", each=accuracies)


def run(settings: dict[str, object]) -> tuple[float, float]:
    """Test accuracy of the best weights, and seconds of training."""
    config = RunConfig().with_settings(settings)
    trainer = Trainer(config, split_dataset(open_dataset(config.data), config.data))
    run_output = RunOutput()
    train(trainer, Inbox(), run_output)
    ended = run_output.take_records()[-1]
    assert isinstance(ended, RunEnded)
    assert trainer.best
    test = trainer.best.predict(trainer.splits.test)
    assert test
    return round(test.accuracy, 4), round(ended.seconds, 2)


if __name__ == "__main__":
    main()
