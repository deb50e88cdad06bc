"""What a stress run tried and what did not survive it."""

import sys
from dataclasses import dataclass, field


@dataclass
class Tally:
    """One kind of attempts: each either survives or is told, with what shows it again."""

    kind: str
    tried: int = 0
    failures: list[str] = field(default_factory=list)

    def survived(self) -> None:
        """One more attempt, and nothing to say of it."""
        self.tried += 1

    def failed(self, what: str) -> None:
        """One more attempt, which did not end as it should; `what` says how, and how to repeat it."""
        self.tried += 1
        self.failures.append(what)
        print(f"  {self.kind}: {what}", file=sys.stderr)

    def __str__(self) -> str:
        survived = self.tried - len(self.failures)
        return f"{self.kind}: {self.tried:,} tried, {survived:,} survived, {len(self.failures):,} failed"
