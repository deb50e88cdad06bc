"""The settings of the digits: dataset, splits, scaling and distortions."""

from collections.abc import Mapping

from mnist_gui.config.field_types import Choice, CountOrFraction, IndexSet, Int, Number, Setting, Text

LARGEST_SEED = 2**31 - 1
MOST_DIGITS = 10_000_000
MOST_LEFT_OUT = 50_000  # more than a user tags by hand; they fit into a model file

DATA: Mapping[str, Setting] = {
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
}

AUGMENTATION: Mapping[str, Setting] = {
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
}
