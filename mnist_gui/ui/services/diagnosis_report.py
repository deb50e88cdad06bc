"""What is known of a network and shown of it: what was found, or why nothing is."""

from dataclasses import dataclass

from mnist_gui.diagnosis.findings import Diagnosis

NOTHING = "What is wrong with a network is shown here, once it trains."


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """text: of which run and moment; without a diagnosis, why there is none. can_show: whether steps and units of the
    findings can be pointed at, as of the run that is shown. can_prove: whether their changes can be tried. is_early:
    whether much cannot be judged yet. harmless: what looks wrong and is not."""

    diagnosis: Diagnosis | None = None
    text: str = NOTHING
    can_show: bool = False
    can_prove: bool = False
    is_early: bool = False
    harmless: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        """How many of the causes are errors."""
        causes = self.diagnosis.causes if self.diagnosis else ()
        return sum(finding.severity == "error" for finding in causes)
