"""The table of all settings of a run: every key with its legal values, label and explanation.

Forms, command line, TOML files and error sentences all read this table, so a limit is stated once.
"""

from collections.abc import Mapping

from mnist_gui.config.field_types import (
    Choice,
    CountOrFraction,
    IndexSet,
    Int,
    NameList,
    Number,
    Setting,
    SizeList,
    Text,
)

LARGEST_SEED = 2**31 - 1
MOST_DIGITS = 10_000_000
MOST_LEFT_OUT = 50_000  # more than a user tags by hand; they fit into a model file

# Legal names of `lab.faults`, in the order in which they are applied: replacing a part comes before altering it.
FAULTS = (
    *("raw_pixels", "few_digits", "shuffled_labels", "sorted_data", "test_digits_in_training", "trains_on_validation"),
    *("zero_init", "alike_init", "init_times_20", "one_unit"),
    *("unshifted_softmax", "derivative_without_softmax", "relu_on_output", "wrong_relu_derivative"),
    *("overwritten_preactivations", "missing_bias_gradient", "flipped_gradient", "summed_gradient"),
    *("momentum_on_weights", "climbs_uphill", "frozen_layer", "rate_times_30", "rate_over_1000", "huge_penalty"),
    *("five_steps", "softmax_over_batch", "best_by_reference"),
)

SETTINGS: Mapping[str, Setting] = {
    "data.folder": Text(
        label="Dataset",
        help="Folder with the four IDX files, plain or gzipped. Empty: the MNIST digits that come with the program.",
    ),
    "data.digits": Int(
        label="Digits in all",
        low=0,
        zero="all",
        high=MOST_DIGITS,
        help="How many digits are used for training, validation and test together; shares are of this number. 0: all "
        "that the files hold.",
    ),
    "data.train": CountOrFraction(
        label="Training digits",
        low=1,
        high=MOST_DIGITS,
        help="Digits the network learns from: a number, or a share such as 0.7. More digits: better, and every "
        "epoch takes longer. With very few it overfits: it fails on new digits. The default shrinks to fit smaller "
        "files.",
    ),
    "data.validation": CountOrFraction(
        label="Validation digits",
        low=0,
        high=MOST_DIGITS,
        help="Digits, or a share, kept aside to measure each epoch and to choose the best weights; never trained on. "
        "Few: a noisy measure. 0: no measure at all, and the last weights are kept.",
    ),
    "data.validation_from": Choice(
        label="Validation from",
        choices=("train", "test"),
        help="Files that the validation digits come from. test: the test set shrinks by as many.",
    ),
    "data.test": CountOrFraction(
        label="Test digits",
        low=0,
        high=MOST_DIGITS,
        help="Digits, or a share, of the test files to measure the finished network on. 0: all that are left, "
        "or their part of a number of digits in all.",
    ),
    "data.left_out": IndexSet(
        label="Leave out",
        high=MOST_DIGITS - 1,
        most=MOST_LEFT_OUT,
        help="Digits that are not trained on, by their places in the training files, from 0: such as those tagged as "
        "wrongly labelled. No others take their places. Validation and test digits stay as they are.",
    ),
    "data.scaling": Choice(
        label="Pixel scaling",
        choices=("unit", "signed", "binary", "standard", "raw"),
        help="How grey levels 0..255 become inputs. unit: divided by 255, so 0..1. signed: -1..1. binary: any pixel "
        "that is not 0 is 1. standard: minus the mean of MNIST's pixels, divided by their standard deviation. raw: as "
        "they are, which is too large for most starting weights.",
    ),
    "data.seed": Int(
        label="Split seed",
        low=0,
        high=LARGEST_SEED,
        help="Chooses which digits are for training and which for validation. The same seed gives the same split.",
    ),
    "network.hidden": SizeList(
        label="Hidden layers",
        low=1,
        high=8192,
        most=20,
        help="Units in each hidden layer, first layer first: 256 or 128, 64. More units can separate more digits and "
        "take longer; one or two cannot separate ten digits. Empty: no hidden layer, a linear classifier (about 92 %).",
    ),
    "network.activation": Choice(
        label="Activation",
        choices=("relu", "tanh", "sigmoid", "leaky_relu", "elu", "identity"),
        help="What a hidden unit does with its weighted sum z. relu: max(0, z), learns fastest here. leaky_relu lets a "
        "hundredth of negative sums through, so that no unit dies. elu: falls smoothly to -1. tanh: -1..1. sigmoid: "
        "0..1, learns slowly in deep networks. identity: z itself, so that all layers together are a linear one.",
    ),
    "network.loss": Choice(
        label="Loss",
        choices=("cross_entropy", "binary_cross_entropy", "mse", "mse_sigmoid", "mse_tanh"),
        help="What training makes small, and what the output units do. cross_entropy: softmax outputs, minus the log "
        "of the probability of the right digit. binary_cross_entropy: sigmoid outputs, ten yes-or-no questions, their "
        "losses added. mse: mean squared error of linear outputs; mse_sigmoid, mse_tanh: of such outputs, which learn "
        "slowly where they are confidently wrong.",
    ),
    "network.init": Choice(
        label="Initialisation",
        choices=(
            "auto",
            "he_normal",
            "he_uniform",
            "glorot_normal",
            "glorot_uniform",
            "lecun_normal",
            "normal",
            "uniform",
            "zeros",
        ),
        aliases={"he": "he_normal", "glorot": "glorot_uniform", "xavier": "glorot_uniform", "lecun": "lecun_normal"},
        help="Spread of the random starting weights. he suits relu, glorot suits tanh and sigmoid; auto chooses. "
        "normal and uniform take numbers of your own: too small and nothing gets through, too large and units start "
        "saturated. zeros: all units of a layer stay copies of each other.",
    ),
    "network.init_mean": Number(
        label="Mean",
        low=-10.0,
        high=10.0,
        only_with=("network.init", ("normal",)),
        help="Mean of the normal distribution that starting weights are drawn from. Far from 0: units start alike.",
    ),
    "network.init_sd": Number(
        label="Deviation",
        low=0.0,
        high=100.0,
        only_with=("network.init", ("normal",)),
        help="Standard deviation of the normal distribution that starting weights are drawn from.",
    ),
    "network.init_low": Number(
        label="Lowest",
        low=-100.0,
        high=100.0,
        only_with=("network.init", ("uniform",)),
        help="Lower end of the uniform distribution that starting weights are drawn from.",
    ),
    "network.init_high": Number(
        label="Highest",
        low=-100.0,
        high=100.0,
        only_with=("network.init", ("uniform",)),
        help="Upper end of the uniform distribution that starting weights are drawn from.",
    ),
    "network.bias_init": Choice(
        label="Biases start",
        choices=("zeros", "as_weights"),
        help="zeros: at 0, as is usual. as_weights: drawn like the weights of their layer.",
    ),
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
    "augmentation.shift": Number(
        label="Shift",
        acts="next training",
        low=0.0,
        high=14.0,
        help="Training digits are moved by up to this many pixels, up or down and left or right. 0: not at all.",
    ),
    "augmentation.rotation": Number(
        label="Rotation",
        acts="next training",
        low=0.0,
        high=180.0,
        help="Training digits are turned by up to this many degrees either way. Large: a 6 becomes a 9.",
    ),
    "augmentation.scale": Number(
        label="Scale",
        acts="next training",
        low=0.0,
        high=0.5,
        help="Training digits are made larger or smaller by up to this share: 0.1 is 0.9 to 1.1 times.",
    ),
    "augmentation.elastic": Number(
        label="Elastic",
        acts="next training",
        low=0.0,
        high=200.0,
        help="Training digits are bent as if drawn on rubber: the strength alpha of Simard et al. (2003), in pixels "
        "before smoothing. 34 suits MNIST. Large: unreadable.",
    ),
    "augmentation.elastic_sigma": Number(
        label="Elastic sigma",
        acts="next training",
        low=1.0,
        high=20.0,
        help="Width of the smoothing of the elastic distortion, in pixels. Small: crumpled. Large: hardly bent.",
    ),
    "augmentation.noise": Number(
        label="Noise",
        acts="next training",
        low=0.0,
        high=1.0,
        help="Standard deviation of the noise added to each pixel of a training digit, as a share of full ink.",
    ),
    "lab.faults": NameList(
        label="Faults",
        names=FAULTS,
        help="Classic mistakes that are put into this run on purpose, to see what they do and how they show. Empty: no "
        "mistake.",
    ),
}
