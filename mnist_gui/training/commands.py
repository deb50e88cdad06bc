"""Commands to a run: values that are sent to the training thread through its inbox."""

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
    """Train until `epoch` epochs are done in all, then hold; hold at once if they are."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run now. keep: if no weights were kept yet, validate and keep the present ones, which takes some time."""

    keep: bool = True


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Use another value, legal for the key, of a setting that acts at once, from the next minibatch on."""

    key: str
    value: float


@dataclass(frozen=True, slots=True)
class SetPace:
    """Train at most this many minibatches a second (> 0), to watch them one by one; None: at full speed."""

    minibatches_per_second: float | None


@dataclass(frozen=True, slots=True)
class At:
    """Carry out a command when `step` steps are made; several for one step in the order they were sent."""

    step: int
    command: "Command"


Command = Pause | Resume | StepBatch | StepEpoch | RunToEpoch | Stop | ChangeSetting | SetPace | At
