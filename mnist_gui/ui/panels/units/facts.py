"""What is known of the units of one layer, in words and in order. The numbers are inspection's."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_gui.inspection import unit_order
from mnist_gui.inspection.projection import class_weights
from mnist_gui.inspection.unit_activity import Activity, measure_activity
from mnist_gui.training.layer_statistics import SMALLEST_ANSWER
from mnist_gui.training.snapshot import Snapshot

Sorting = Literal["number", "norm", "change", "activity", "class"]


class ActivityMeter:
    """Measures hidden units on a probe, scaled inputs (B, D), None for none; remembers the last answer."""

    def __init__(self, probe: NDArray[np.float32] | None) -> None:
        self._probe = probe if probe is not None and len(probe) else None
        self._of: tuple[Snapshot, int] | None = None
        self._found: Activity | None = None

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether there is a probe, of digits as large as this network sees."""
        return self._probe is not None and self._probe.shape[1] == snapshot.sizes[0]

    def measure(self, snapshot: Snapshot, layer: int) -> Activity | None:
        """The activity of a hidden layer; None without a probe that fits the network."""
        if self._probe is None or not self.fits(snapshot):
            return None
        if self._of is None or self._of[0] is not snapshot or self._of[1] != layer:
            weights, biases = snapshot.weights[: layer + 1], snapshot.biases[: layer + 1]
            activation = snapshot.parts.activation
            self._found = measure_activity(weights, biases, activation, self._probe, SMALLEST_ANSWER)
            self._of = snapshot, layer
        return self._found


@dataclass(frozen=True, slots=True, eq=False)
class UnitFacts:
    """The units of one layer of a snapshot: 0 is the first hidden one, the last the classes.

    start: the same network's weights before its first step, or as it was opened; None where they are not known.
    """

    snapshot: Snapshot
    start: Snapshot | None
    layer: int
    meter: ActivityMeter

    @property
    def is_output(self) -> bool:
        """Whether the units are the classes."""
        return self.layer == len(self.snapshot.weights) - 1

    def order(self, sorting: Sorting) -> NDArray[np.intp]:
        """The numbers of all units, sorted; by number if what to sort by is not known."""
        weights = self.snapshot.weights[self.layer]
        if sorting == "norm":
            return unit_order.by_size(unit_order.norms(weights))
        if sorting == "change" and self.start is not None:
            return unit_order.by_size(unit_order.change_norms(weights, self.start.weights[self.layer]))
        if sorting == "class" and not self.is_output:
            return unit_order.by_class(class_weights(self.snapshot.weights[self.layer + 1 :]))
        activity = self._activity() if sorting == "activity" else None
        return unit_order.by_activity(activity) if activity else np.arange(weights.shape[1])

    def describe(self, unit: int) -> str:
        """A line about a unit."""
        weights, bias = self.snapshot.weights[self.layer][:, unit : unit + 1], self.snapshot.biases[self.layer][unit]
        name = f"class {self.snapshot.class_names[unit]}" if self.is_output else f"unit {unit}"
        said = [f"{name}: weight norm {_plain(unit_order.norms(weights)[0])}, bias {_signed(bias)}"]
        said += [] if self.is_output else self._describe_class(unit)
        if self.start is not None:
            change = unit_order.change_norms(weights, self.start.weights[self.layer][:, unit : unit + 1])[0]
            since = f"step {self.start.step:,}" if self.start.step else "the start"
            said.append(f"change since {since} {_plain(change)}")
        activity = self._activity()
        if activity is not None:
            share = f"{activity.answered[unit]:.0%} of {activity.digits} digits"
            said.append(f"mean activity {_plain(activity.mean[unit])}, answers {share}")
        return ", ".join(said)

    def _describe_class(self, unit: int) -> list[str]:
        speaks = class_weights(self.snapshot.weights[self.layer + 1 :], np.array([unit]))[0]
        if not np.isfinite(speaks).all():
            return []
        best = int(speaks.argmax())
        return [f"speaks most for {self.snapshot.class_names[best]} ({_signed(speaks[best])})"]

    def _activity(self) -> Activity | None:
        return None if self.is_output else self.meter.measure(self.snapshot, self.layer)


def _plain(value: float) -> str:
    return f"{value:.2f}" if value < 1e4 else f"{value:.3g}"


def _signed(value: float) -> str:
    return f"{value:+.3f}" if abs(value) < 1e4 else f"{value:+.3g}"
