"""Fix and prove: runs what was run, with what a finding proposes, and says what the change was worth."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal

from mnist_gui.config.run_config import ConfigError
from mnist_gui.config.schema import SETTINGS
from mnist_gui.diagnosis.evidence import Evidence
from mnist_gui.diagnosis.findings import Finding
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.diagnosis.run_comparison import compare
from mnist_gui.engine.components import check_size
from mnist_gui.faults.run_factory import split_dataset
from mnist_gui.runs.run import Run
from mnist_gui.training.replay import altered, changed_during_training
from mnist_gui.ui.services.run_controller import RunController

NO_WEIGHTS = (
    "This network began with weights that were trained before, and a change of {} needs new ones. "
    "Train a new network with it instead."
)
# A verdict compares two runs of the same length: how the longer one goes on is another question.
OF_BEFORE = "Until step {:,}, before it was trained on: {}"
ELSEWHERE = " Search for the fix tries several changes together."


@dataclass(slots=True, eq=False)
class _Proof:
    """What a run is to show. planned: what is changed on its way, because it was in the run before. text: the verdict
    so far; is_settled: it will be no other; settled_at: the step that it speaks of."""

    rule: str
    before: Evidence
    planned: tuple[str, ...]
    text: str
    is_settled: bool = False
    settled_at: int = 0


class FixProofs(QObject):
    """Proofs of the session, each known by its run. begun(run): the run before, to be seen behind its proof.
    told(verdict): what a change was worth, by the run that is shown."""

    begun = Signal(object)
    message = Signal(str)

    def __init__(self, run_controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._proofs: WeakKeyDictionary[Run, _Proof] = WeakKeyDictionary()

    def begin(self, run: Run, finding: Finding, before: Evidence) -> None:
        """Train from the same weights or seed, on the same digits and with all that was changed on the way, a network
        that differs in what the finding proposes."""
        try:
            if run.start and (keys := [key for key in finding.changes if _shapes_weights(key)]):
                self._refuse(NO_WEIGHTS.format(SETTINGS[keys[0]].label.lower()))
                return
            splits = split_dataset(run.dataset, run.begun_as.with_settings(finding.changes))
            batch = run.begun_as.with_settings(finding.changes).training.batch_size
            digits = len(splits.train)
            steps_per_epoch = -(-digits // (min(batch, digits) or digits))
            stretch = steps_per_epoch / run.history.starts[0].steps_per_epoch
            first, *others = altered(run.segments, finding.changes, stretch)
            check_size(first.config, splits.inputs, splits.classes)
        except ConfigError as error:
            self._refuse(str(error))
            return
        proof = self._run_controller.runs.begin(first.config, run.dataset, splits, run.start)
        proof.to_replay.extend(others)
        title = BY_NAME[finding.rule].title
        text = f"{title}: the change is being tried, up to step {before.last_step:,} for a verdict."
        self._proofs[proof] = _Proof(finding.rule, before, changed_during_training([first, *others]), text)
        self._run_controller.train_new(proof, *first.commands)
        self._run_controller.settings_shown.emit(first.config)
        self.begun.emit(run)

    def _refuse(self, why: str) -> None:
        self._run_controller.failed.emit("The change cannot be proved", why)

    def settle(self, run: Run, after: Evidence) -> None:
        """Tell what the change was worth, once its run has come as far as the one before it; of a run that proves
        nothing, nothing. To be called when it is known what `after` was before its first step."""
        proof = self._proofs.get(run)
        if proof is None:
            return
        has_ended = not self._run_controller.is_live(run) and not run.to_replay
        is_as_far = after.steps >= proof.before.steps and len(after.epochs) >= len(proof.before.epochs)
        if not proof.is_settled and (is_as_far or has_ended):
            proof.text, proof.is_settled = self._judge(run, proof, after), has_ended
            proof.settled_at = after.last_step
        has_gone_on = proof.is_settled and after.last_step != proof.settled_at
        self.message.emit(OF_BEFORE.format(proof.settled_at, proof.text) if has_gone_on else proof.text)

    def _judge(self, run: Run, proof: _Proof, after: Evidence) -> str:
        title = BY_NAME[proof.rule].title
        if after.is_early or not after.steps:
            return f"{title}: the run with the change ended after {after.steps:,} steps, too early for a verdict."
        verdict = compare(proof.before, after, proof.rule)
        others = [key for key in changed_during_training(run.segments) if key not in proof.planned]
        if others:
            labels = " and ".join(SETTINGS[key].label.lower() for key in others)
            return f"{title}: not proved, as {labels} was changed on the way, too. {verdict.numbers}."
        return f"{title}: {verdict.text}." + ELSEWHERE * (verdict.outcome in ("no effect", "worse"))


def _shapes_weights(key: str) -> bool:
    """Whether weights that were trained with one value of this setting make no sense with another."""
    return key.startswith("network.") or key == "data.scaling"
