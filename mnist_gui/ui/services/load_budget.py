"""The time that panels may take from a network in training: none of them often, and all together a small share."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

# Who waits for spare time and has not asked for it so long, in seconds, waits no more: its panel is out of sight.
PATIENCE = 3.0

# Networks of more weights and biases answer in a helper thread: reading four million numbers takes some milliseconds.
MOST_AT_ONCE = 4_000_000

# Of the time, what all panels together may have worked for them while a network trains.
SHARE = 0.08


class LoadBudget:
    """What the panels of a window have taken together. is_training: asked whenever it matters."""

    def __init__(self, is_training: Callable[[], bool], clock: Callable[[], float] = perf_counter) -> None:
        self.is_training, self.clock = is_training, clock
        self._there_at = 0.0
        self._waiting: dict[object, tuple[float, float]] = {}  # who -> since when, and when it asked last

    @property
    def is_there(self) -> bool:
        """Whether what was taken has been made up for."""
        return self.clock() >= self._there_at

    def is_turn_of(self, who: object) -> bool:
        """Whether there is some for this panel, which asks for it: whoever waits longest comes first."""
        now = self.clock()
        since, _ = self._waiting.get(who, (now, now))
        self._waiting[who] = since, now
        if not self.is_there:
            return False
        self._waiting = {each: times for each, times in self._waiting.items() if now - times[1] <= PATIENCE}
        if min(self._waiting, key=lambda each: self._waiting[each][0]) is not who:
            return False
        del self._waiting[who]  # whether it makes use of it or not
        return True

    def spend(self, seconds: float) -> None:
        """So long a helper thread was at work for a panel."""
        self._there_at = max(self._there_at, self.clock()) + seconds * (1.0 / SHARE - 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ThrottleToken:
    """The token of one piece of work. began: when, by the clock of the spare time."""

    began: float


class Throttle:
    """When one panel may have work begun for it: at most every so many seconds, and never before the last has ended.

    Where no network trains, always; and once, whatever was taken, after `hurry`, since the user waits. Only the newest
    turn counts: an earlier one that ends late, or after `hurry`, changes nothing.
    """

    def __init__(self, spare: LoadBudget, seconds: float) -> None:
        self._spare, self._seconds = spare, seconds
        self._next_time = 0.0
        self._is_urgent = False
        self._turn: ThrottleToken | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether work has begun and not ended."""
        return self._turn is not None

    @property
    def is_due(self) -> bool:
        """Whether work may begin now. Only to be asked where there is work: whoever asks in vain is waiting."""
        if not self._spare.is_training() or self._is_urgent:
            return True
        if self.is_under_way or self._spare.clock() < self._next_time:
            return False
        return self._spare.is_turn_of(self)

    def start(self) -> ThrottleToken:
        """Work begins; what it is to be ended by."""
        self._turn, self._is_urgent = ThrottleToken(self._spare.clock()), False
        return self._turn

    def finish(self, turn: ThrottleToken, seconds: float | None = None) -> None:
        """It has ended, however. seconds: how long it took, where that is known better."""
        if turn is not self._turn:
            return
        taken = self._spare.clock() - turn.began if seconds is None else seconds
        self._turn = None
        if self._spare.is_training():
            self._spare.spend(taken)
        self.cool_down()

    def cool_down(self) -> None:
        """Something new was just shown: nothing newer for a while."""
        self._next_time = max(self._next_time, self._spare.clock() + self._seconds)

    def force(self) -> None:
        """The user waits; what is under way is nothing to wait for."""
        self._next_time, self._turn, self._is_urgent = 0.0, None, True
