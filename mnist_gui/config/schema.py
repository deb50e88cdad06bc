"""The table of all settings of a run: every key with its legal values, label and explanation.

Forms, command line, TOML files and error sentences all read this table, so a limit is stated once.
"""

from collections.abc import Mapping

from mnist_gui.config.data_settings import AUGMENTATION, DATA
from mnist_gui.config.field_types import NameList, Setting
from mnist_gui.config.network_settings import NETWORK
from mnist_gui.config.training_settings import TRAINING

# Legal names of `lab.faults`, in the order in which they are applied: replacing a part comes before altering it.
FAULTS = (
    *("raw_pixels", "few_digits", "shuffled_labels", "sorted_data", "test_digits_in_training", "trains_on_validation"),
    *("zero_init", "alike_init", "init_times_20", "one_unit"),
    *("unshifted_softmax", "derivative_without_softmax", "relu_on_output", "wrong_relu_derivative"),
    *("overwritten_preactivations", "missing_bias_gradient", "flipped_gradient", "summed_gradient"),
    *("momentum_on_weights", "climbs_uphill", "frozen_layer", "rate_times_30", "rate_over_1000", "huge_penalty"),
    *("five_steps", "softmax_over_batch", "best_by_reference"),
)

LAB: Mapping[str, Setting] = {
    "lab.faults": NameList(
        label="Faults",
        names=FAULTS,
        help="Classic mistakes that are put into this run on purpose, to see what they do and how they show. Empty: no "
        "mistake.",
    ),
}

# In the order of the sections in TOML files.
SETTINGS: Mapping[str, Setting] = {**DATA, **NETWORK, **TRAINING, **AUGMENTATION, **LAB}
