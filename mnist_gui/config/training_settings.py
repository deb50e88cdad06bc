"""The settings of training: update rule, schedule, regularisation and length."""

from collections.abc import Mapping

from mnist_gui.config.data_settings import LARGEST_SEED
from mnist_gui.config.field_types import Choice, Int, Number, Setting

TRAINING: Mapping[str, Setting] = {
    "training.optimizer": Choice(
        label="Optimizer",
        acts="next training",
        choices=("momentum", "nesterov", "adam"),
        help="The update rule. momentum: gradient descent that keeps part of its last step. nesterov: the same, "
        "looking one step ahead. adam: a step of its own size for every weight; needs a rate of about 0.001.",
    ),
    "training.learning_rate": Number(
        label="Learning rate",
        low=1e-7,
        high=100.0,
        acts="at once",
        help="Length of each step along the gradient. Too small: hardly moves. Too large: the loss jumps up, then "
        "becomes infinite. Acts at the next minibatch; the schedule multiplies it.",
    ),
    "training.momentum": Number(
        label="Momentum",
        low=0.0,
        high=0.9999,
        acts="at once",
        help="Share of the last step that is kept in the next one; for adam, of its running mean. 0: none. 0.9: steps "
        "add up to ten times as far. Close to 1: it overshoots and swings. Acts at the next minibatch.",
    ),
    "training.schedule": Choice(
        label="Schedule",
        acts="next training",
        choices=("cosine", "constant", "step"),
        help="How the learning rate changes over the run. cosine: falls smoothly to zero, which ends at better "
        "weights. constant: stays. step: is multiplied by a factor every few epochs.",
    ),
    "training.step_epochs": Number(
        label="Step every",
        acts="next training",
        low=0.01,
        high=100_000.0,
        only_with=("training.schedule", ("step",)),
        help="Epochs between two steps of the learning rate.",
    ),
    "training.step_factor": Number(
        label="Step factor",
        acts="next training",
        low=0.001,
        high=1.0,
        only_with=("training.schedule", ("step",)),
        help="What the learning rate is multiplied by at each step. 1: nothing changes.",
    ),
    "training.warm_up": Number(
        label="Warm-up epochs",
        acts="next training",
        low=0.0,
        high=100_000.0,
        help="Epochs in which the learning rate rises from near 0 to the schedule's value. Helps where the first "
        "steps are too large for fresh weights. 0: none.",
    ),
    "training.gradient": Choice(
        label="Gradient",
        acts="next training",
        choices=("mean", "sum"),
        help="mean: the gradients of a batch's digits are averaged. sum: they are added, so that the steps grow with "
        "the batch, and the learning rate must shrink with it.",
    ),
    "training.l2": Number(
        label="L2 penalty",
        acts="at once",
        low=0.0,
        high=1e6,
        help="Lambda: adds lambda / (2 n) times the sum of all squared weights to the loss, n being the number of "
        "training digits; biases are left out. Pulls weights towards 0, against overfitting. 0: none. Thousands: "
        "nothing is learned.",
    ),
    "training.dropout": Number(
        label="Dropout",
        acts="at once",
        low=0.0,
        high=0.95,
        help="Share of the hidden units switched off at random in every step, against overfitting. 0: none. "
        "0.5: strong, needs a larger network and more epochs. Measuring uses all units.",
    ),
    "training.clip": Number(
        label="Clip gradient",
        acts="at once",
        low=0.0,
        high=1e6,
        help="Longest gradient allowed: a longer one keeps its direction and gets this length. Prevents single wild "
        "steps. 0: never.",
    ),
    "training.batch_size": Int(
        label="Batch size",
        low=0,
        zero="all digits",
        high=10_000_000,
        help="Digits averaged for one step. 1: noisy and slow. Large: few steps in an epoch. 0: all training digits at "
        "once, a single step in each epoch.",
    ),
    "training.epochs": Int(
        label="Epochs",
        acts="next training",
        low=1,
        high=100_000,
        help="Passes over the training digits. Too few: still improving at the end. Too many: it begins to overfit.",
    ),
    "training.patience": Int(
        label="Patience",
        acts="next training",
        low=0,
        zero="off",
        high=100_000,
        help="Training ends after this many epochs in a row without a smaller validation loss. 0, or no validation "
        "digits: it never ends early.",
    ),
    "training.blas_threads": Int(
        label="BLAS threads",
        acts="next training",
        low=0,
        zero="as measured",
        high=64,
        help="Processor cores for the matrix products. 0: chooses by itself, which is one except for large layers "
        "and batches. Another number of threads rounds differently.",
    ),
    "training.seed": Int(
        label="Seed",
        low=0,
        high=LARGEST_SEED,
        help="Fixes the starting weights and the order of the digits. The same seed and settings, with the same number "
        "of BLAS threads, give exactly the same run; another seed shows how much was luck.",
    ),
}
