"""The panel of the diagnosis: what keeps a network from learning, the most upstream cause first. Quiet when healthy."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.diagnosis.findings import Diagnosis
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.training.descriptions import counted
from mnist_gui.ui.panels.diagnosis.finding_card import FindingCard
from mnist_gui.ui.services.diagnosis_report import NOTHING
from mnist_gui.ui.widgets.collapsible_text import CollapsibleText, paragraphs
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.theme import LIGHT, Theme


class DiagnosisView(QWidget):
    """check_asked(): examine the form's settings before training. shown(rule), proof_asked(rule): of a finding."""

    check_asked = Signal()
    shown = Signal(str)
    proof_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diagnosis")
        self._theme = LIGHT
        self._cards: dict[str, FindingCard] = {}
        self._caption = FixedHeightLabel("diagnosis_caption", 3)
        self._check = QPushButton("Check before training")
        self._check.setObjectName("check_before_training")
        self._check.setToolTip(
            "<p>Look at what can be known before the first step: range of the inputs, labels, order and overlap of the "
            "digits, the loss of the starting weights, copies among the units, the gradient, and whether the network "
            "can learn 16 digits by heart. Whether the learning rate suits them shows only in training.</p>"
        )
        self._check.clicked.connect(self.check_asked)
        self._verdict = QLabel()
        self._verdict.setObjectName("diagnosis_verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setTextFormat(Qt.TextFormat.PlainText)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._harmless = CollapsibleText(
            "diagnosis_harmless", "What looks wrong in this program, and why it does no harm in it"
        )
        self._healthy = CollapsibleText("diagnosis_healthy", "What was looked at and found in order")
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        content = QWidget()
        policy = content.sizePolicy()
        policy.setHeightForWidth(True)  # as high as its wrapped texts are: cards are scrolled, not squeezed
        content.setSizePolicy(policy)
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(4)
        self._list.addWidget(self._harmless)
        self._list.addWidget(self._healthy)
        self._list.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        top = QHBoxLayout()
        top.addWidget(self._caption, 1)
        top.addWidget(self._check, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._verdict)
        layout.addWidget(area, 1)

    @property
    def caption(self) -> str:
        """What is said above the findings."""
        return self._caption.text()

    @property
    def cards(self) -> list[FindingCard]:
        """Of the findings that are shown, the most upstream first."""
        return list(self._cards.values())

    def card(self, rule: str) -> FindingCard | None:
        """That of one rule, if it found something."""
        return self._cards.get(rule)

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._theme = theme
        for card in self._cards.values():
            card.show_theme(theme)

    def allow_check(self, is_allowed: bool, *, returns_to: str = "") -> None:
        """Whether the form's settings can be examined now. returns_to: the run whose findings are to be shown again."""
        self._check.setEnabled(is_allowed)
        self._check.setText(f"Back to {returns_to}" if returns_to else "Check before training")

    def show_nothing(self, why: str = NOTHING) -> None:
        """There is nothing to diagnose, and why."""
        self._caption.setText(why)
        for rule in list(self._cards):
            self._drop(rule)
        self._harmless.show_text("", "")
        self._healthy.show_text("", "")
        self.show_verdict("")

    def show_diagnosis(
        self,
        diagnosis: Diagnosis,
        when: str,
        *,
        can_show: bool,
        can_prove: bool,
        is_early: bool = False,
        harmless: Sequence[str] = (),
    ) -> None:
        """Tell what was found. when: of which run and moment. can_show: whether it is of the run that is shown.
        is_early: whether much cannot be judged yet. harmless: what looks wrong and is not. A card that is being read
        stays where it is."""
        causes = {finding.rule: finding for finding in diagnosis.causes}
        for rule in [name for name in self._cards if name not in causes]:
            self._drop(rule)
        for place, (rule, finding) in enumerate(causes.items()):
            card = self._cards.get(rule) or self._make(rule)
            self._list.insertWidget(place, card)
            card.show_finding(finding, diagnosis.consequences(finding), can_show=can_show, can_prove=can_prove)
        self._cards = {rule: self._cards[rule] for rule in causes}
        nothing = "Nothing wrong that shows so early" if is_early else "Nothing wrong found"
        found = counted(len(causes), "finding") if causes else nothing
        errors = sum(finding.severity == "error" for finding in causes.values())
        found += f", {counted(errors, 'error')}" if 0 < errors < len(causes) else ""
        self._caption.setText(f"{found}, {len(diagnosis.healthy)} checks passed. {when}")
        self._harmless.show_text("Looks wrong, and is harmless here", paragraphs(map(escape, harmless)))
        self._healthy.show_text(
            "Checked and healthy", paragraphs(escape(BY_NAME[name].healthy) for name in diagnosis.healthy)
        )

    def mark_shown(self, rule: str | None) -> None:
        """Which finding is shown in curves and units now."""
        for name, card in self._cards.items():
            card.mark_shown(name == rule)

    @property
    def harmless(self) -> str:
        """What is said to be harmless, as rich text."""
        return self._harmless.text

    @property
    def healthy(self) -> str:
        """What is said to be in order, as rich text."""
        return self._healthy.text

    def show_verdict(self, text: str) -> None:
        """Tell what a change was worth; "" for nothing."""
        self._verdict.setText(text)
        self._verdict.setVisible(bool(text))

    @property
    def verdict(self) -> str:
        """What a change was worth, by the run that is shown."""
        return self._verdict.text()

    def _make(self, rule: str) -> FindingCard:
        card = self._cards[rule] = FindingCard(BY_NAME[rule])
        card.show_theme(self._theme)
        card.shown.connect(self.shown)
        card.proof_asked.connect(self.proof_asked)
        return card

    def _drop(self, rule: str) -> None:
        card = self._cards.pop(rule)
        self._list.removeWidget(card)
        card.hide()  # at once: it is deleted when there is time
        card.deleteLater()
