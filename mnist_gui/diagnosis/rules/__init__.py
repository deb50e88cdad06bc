"""All rules, the most upstream cause first: digits, weights to start from, gradient and update, step size, units,

capacity and time, bookkeeping, and last the symptoms of everything. To add one: write its file and enter it here.
"""

from collections.abc import Mapping

from mnist_gui.diagnosis.rule import Rule
from mnist_gui.diagnosis.rules import (
    bad_start,
    best_is_not_kept,
    cannot_learn_a_few,
    dead_units,
    distortions_too_strong,
    dropout_too_strong,
    gradient_is_summed,
    gradient_is_wrong,
    gradient_vanishes,
    input_range,
    knows_only_base_rates,
    labels_do_not_match,
    labels_unbalanced,
    layer_is_frozen,
    loss_overflows,
    overfitting,
    penalty_dominates,
    rectified_output,
    saturated_units,
    sorted_data,
    start_variance,
    steps_too_large,
    steps_too_small,
    too_few_steps,
    too_few_units,
    units_are_copies,
    uphill,
    validation_is_trained_on,
    weights_decay_by_themselves,
)

RULES: tuple[Rule, ...] = (
    input_range.RULE,
    labels_do_not_match.RULE,
    labels_unbalanced.RULE,
    sorted_data.RULE,
    validation_is_trained_on.RULE,
    distortions_too_strong.RULE,
    units_are_copies.RULE,
    bad_start.RULE,
    start_variance.RULE,
    loss_overflows.RULE,
    gradient_is_wrong.RULE,
    gradient_is_summed.RULE,
    weights_decay_by_themselves.RULE,
    uphill.RULE,
    layer_is_frozen.RULE,
    rectified_output.RULE,
    penalty_dominates.RULE,
    steps_too_large.RULE,
    gradient_vanishes.RULE,
    steps_too_small.RULE,
    dropout_too_strong.RULE,
    dead_units.RULE,
    saturated_units.RULE,
    too_few_units.RULE,
    too_few_steps.RULE,
    overfitting.RULE,
    best_is_not_kept.RULE,
    cannot_learn_a_few.RULE,
    knows_only_base_rates.RULE,
)

BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
