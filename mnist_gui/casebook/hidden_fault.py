"""Hidden faults: which ones can be hidden in a run, and how many the user has named."""

from dataclasses import dataclass, replace

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS


def suspects(config: RunConfig) -> tuple[Fault, ...]:
    """The faults that can be hidden in a run of these settings: those with an effect that are not settings, which the
    form would show."""
    return tuple(fault for fault in FAULTS.values() if fault.settings is None and fault.lacks(config) is None)


def chance() -> np.random.Generator:
    """The generator that hidden faults are drawn with: not seeded, so that they cannot be predicted."""
    return np.random.default_rng()


@dataclass(frozen=True, slots=True)
class Score:
    """The results of hidden faults: named rightly, named wrongly, or given up. An open one counts as given up, as it is
    when the window is closed."""

    named: int = 0
    wrong: int = 0
    given_up: int = 0

    def begun(self) -> "Score":
        """The score with one more open fault."""
        return replace(self, given_up=self.given_up + 1)

    def answered(self, *, is_right: bool) -> "Score":
        """The score after an answer to the open fault."""
        return Score(self.named + is_right, self.wrong + (not is_right), self.given_up - 1)

    def text(self, *, is_open: bool) -> str:
        """Such as "Named 2, wrong 1, given up 0", without the one that is open."""
        return f"Named {self.named:,}, wrong {self.wrong:,}, given up {self.given_up - is_open:,}"
