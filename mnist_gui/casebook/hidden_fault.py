"""Hidden bugs: which ones can be hidden in a run, and how many a person has named."""

from dataclasses import dataclass, replace

import numpy as np

from mnist_gui.config.run_config import RunConfig
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.registry import FAULTS


def suspects(config: RunConfig) -> tuple[Fault, ...]:
    """The faults that can be hidden in a run of these settings: those that change something in it, and that are not
    themselves a setting, which the form would show."""
    return tuple(fault for fault in FAULTS.values() if fault.settings is None and fault.lacks(config) is None)


def chance() -> np.random.Generator:
    """What hidden bugs are drawn with: nobody can know beforehand which."""
    return np.random.default_rng()


@dataclass(frozen=True, slots=True)
class Score:
    """How hidden bugs ended: named rightly, named wrongly, or given up. One that is still open counts as given up, so
    that it is when the window is closed."""

    named: int = 0
    wrong: int = 0
    given_up: int = 0

    def begun(self) -> "Score":
        """With one more, not answered yet."""
        return replace(self, given_up=self.given_up + 1)

    def answered(self, *, is_right: bool) -> "Score":
        """With an answer to the one that is open."""
        return Score(self.named + is_right, self.wrong + (not is_right), self.given_up - 1)

    def text(self, *, is_open: bool) -> str:
        """Such as "Named 2, wrong 1, given up 0", without the one that is open."""
        return f"Named {self.named:,}, wrong {self.wrong:,}, given up {self.given_up - is_open:,}"
