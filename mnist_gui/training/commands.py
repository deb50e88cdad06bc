"""What a run can be told while it lives. Commands are values that cross into the training thread through its inbox."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold after the current minibatch."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on until the run is finished."""


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Train one minibatch, then hold."""


@dataclass(frozen=True, slots=True)
class StepEpoch:
    """Train to the end of the epoch and validate, then hold."""


@dataclass(frozen=True, slots=True)
class RunToEpoch:
    """Train until so many epochs are done in all, then hold; at once if they are."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run now. keep: measure and keep its weights if it has kept none yet, which may take a moment."""

    keep: bool = True


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Use another value of a setting that acts at once, from the next minibatch on; the value is legal for the key."""

    key: str
    value: float


@dataclass(frozen=True, slots=True)
class SetPace:
    """Train at most so many minibatches a second (> 0), to watch them one by one; None: as fast as it goes."""

    minibatches_per_second: float | None


@dataclass(frozen=True, slots=True)
class At:
    """Obey a command as soon as so many steps are made; several for one step in the order they were sent."""

    step: int
    command: "Command"


Command = Pause | Resume | StepBatch | StepEpoch | RunToEpoch | Stop | ChangeSetting | SetPace | At
