"""One finding of the diagnosis: what is wrong, what follows from it, why, and what would mend it."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from mnist_gui.diagnosis.findings import Finding, Severity
from mnist_gui.diagnosis.rule import Rule
from mnist_gui.diagnosis.rules import RULES
from mnist_gui.runs.compare import value_text
from mnist_gui.settings import SETTINGS
from mnist_gui.ui.theme import LIGHT, Theme

BY_NAME = {rule.name: rule for rule in RULES}
WORDS: dict[Severity, str] = {"error": "Error", "warning": "Warning", "note": "Note"}


class FindingCard(QFrame):
    """shown(rule): shade where it shows in the curves. proof_asked(rule): run the change and compare."""

    shown = Signal(str)
    proof_asked = Signal(str)

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule
        self.setObjectName(f"finding_{rule.name}")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._finding: Finding | None = None
        self._theme = LIGHT
        self._title, self._text, self._rest = (_label() for _ in range(3))
        self._rest.setProperty("role", "muted")
        self._why_text = _label()
        self._why_text.setText(escape(rule.why).replace("\n", "<br>"))
        self._why_text.setVisible(False)
        self._why = _button("Why?", f"why_{rule.name}", "Explain it, with the equation and where it is from")
        self._why.setCheckable(True)
        self._why.toggled.connect(self._why_text.setVisible)
        self._show = _button("Show", f"show_{rule.name}", "Shade the steps that show it in the curves")
        self._show.clicked.connect(lambda: self.shown.emit(rule.name))
        self._prove = _button("Fix and prove", f"prove_{rule.name}", "")
        self._prove.clicked.connect(lambda: self.proof_asked.emit(rule.name))
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._why, self._show, self._prove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(3)
        for label in (self._title, self._text, self._rest, self._why_text):
            layout.addWidget(label)
        layout.addLayout(buttons)

    @property
    def finding(self) -> Finding | None:
        """What is told."""
        return self._finding

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._theme = theme
        self._show_title()

    def show_finding(self, finding: Finding, consequences: Sequence[Finding], *, can_prove: bool) -> None:
        """Tell this, and which other findings it explains. can_prove: whether a change could be tried now."""
        self._finding = finding
        self._show_title()
        self._text.setText(escape(finding.text))
        follows = ", ".join(BY_NAME[each.rule].title.lower() for each in consequences)
        change = ", ".join(
            f"{SETTINGS[key].label.lower()} {value_text(value)}" for key, value in finding.changes.items()
        )
        lines = [f"It explains: {escape(follows)}."] if follows else []
        lines += [f"Change: <b>{escape(change)}</b>"] if change else []
        self._rest.setText("<br>".join(lines))
        self._rest.setToolTip("".join(f"<p>{escape(each.text)}</p>" for each in consequences))
        self._rest.setVisible(bool(lines))
        self._show.setVisible(finding.steps is not None)
        self._prove.setVisible(bool(change))
        self._prove.setEnabled(can_prove)
        self._prove.setToolTip(
            f"<p>Train a new network with {escape(change)}: the same digits, the same seed, the old curves as thin "
            "ghosts behind its own. Then it is told what the change was worth.</p>"
        )

    def _show_title(self) -> None:
        if self._finding is None:
            return
        colours = {"error": self._theme.error, "warning": self._theme.validation, "note": self._theme.muted}
        severity = self._finding.severity
        steps = self._finding.steps
        where = f", steps {steps[0]:,} to {steps[1]:,}" if steps else ", before the first step"
        self._title.setText(
            f"<span style='color:{colours[severity]}'><b>{WORDS[severity]}</b></span> &nbsp;"
            f"<b>{escape(self.rule.title)}</b>{where}"
        )


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setObjectName(name)
    button.setToolTip(f"<p>{tip}</p>" if tip else "")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
