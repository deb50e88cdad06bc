"""What a wrong gradient is the gradient of."""

import pytest

from mnist_gui.diagnosis.gradient_origin import ORIGINS, gradient_origin
from mnist_gui.diagnosis.preflight import preflight
from mnist_gui.diagnosis.ranking import diagnose
from tests.diagnosis.recorded import recorded
from tests.support import make_trainer


@pytest.mark.parametrize(
    ("faults", "origin"),
    [
        (["derivative_without_softmax"], "squared_error_of_logits"),
        (["derivative_without_softmax", "momentum_on_weights"], "squared_error_of_logits"),
        (["flipped_gradient"], "negative_loss"),
        ([], ""),
        (["missing_bias_gradient"], ""),
        (["flipped_gradient", "derivative_without_softmax"], ""),
        (["missing_bias_gradient", "derivative_without_softmax"], ""),
    ],
)
@pytest.mark.parametrize("hidden", [[], [16], [8, 8]])
def test_a_gradient_is_told_by_the_one_mistake_that_reproduces_it(
    faults: list[str], origin: str, hidden: list[int]
) -> None:
    trainer = make_trainer({"network.hidden": hidden, "network.bias_init": "as_weights", "lab.faults": faults})
    assert gradient_origin(trainer.snapshot(), trainer.splits.train) == origin


@pytest.mark.parametrize("settings", [{"network.loss": "binary_cross_entropy"}, {"network.activation": "sigmoid"}])
def test_a_flipped_gradient_is_told_with_other_losses_and_activations(settings: dict[str, str]) -> None:
    trainer = make_trainer({**settings, "lab.faults": ["flipped_gradient"]})
    assert gradient_origin(trainer.snapshot(), trainer.splits.train) == "negative_loss"


def test_only_a_wrong_gradient_is_asked_for_its_origin() -> None:
    right = preflight(make_trainer())
    wrong = preflight(make_trainer({"lab.faults": ["derivative_without_softmax"]}))
    assert (right.gradient_of, wrong.gradient_of) == ("", "squared_error_of_logits")


def test_the_diagnosis_says_how_the_gradient_is_wrong_where_that_is_known() -> None:
    known, unknown = (
        diagnose(recorded(f"fault-{name}")).finding("gradient_is_wrong")
        for name in ("derivative_without_softmax", "missing_bias_gradient")
    )
    assert known is not None
    assert unknown is not None
    assert ORIGINS["squared_error_of_logits"].text in known.text
    assert "z - t" in known.text
    assert not any(origin.text in unknown.text for origin in ORIGINS.values())
