"""One finding of the diagnosis: what is wrong, what follows from it, why, and what would mend it."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from mnist_gui.diagnosis.findings import Finding, Severity
from mnist_gui.diagnosis.rule import Rule
from mnist_gui.diagnosis.rules import BY_NAME
from mnist_gui.runs.run_differences import value_text
from mnist_gui.training.descriptions import counted
from mnist_gui.ui.plotting.event_markers import name_of
from mnist_gui.ui.widgets.application_style import set_sheet, set_text_role
from mnist_gui.ui.widgets.buttons import tool_button
from mnist_gui.ui.widgets.collapsible_text import CollapsibleText, paragraphs
from mnist_gui.ui.widgets.theme import LIGHT, Theme

WORDS: dict[Severity, str] = {"error": "Error", "warning": "Warning", "note": "Note"}


class FindingCard(QFrame):
    """shown(rule): show where it is, or no longer. proof_asked(rule): run the change and compare."""

    shown = Signal(str)
    proof_asked = Signal(str)

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule
        self.setObjectName(f"finding_{rule.name}")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._finding: Finding | None = None
        self._theme = LIGHT
        self._title, self._text, self._change, self._why_text = (_label() for _ in range(4))
        self._consequences = CollapsibleText(
            f"consequences_{rule.name}", "What was found beside it and follows from it"
        )
        self._consequences.link_followed.connect(self.shown)
        set_text_role(self._why_text, "muted")
        self._why_text.setText(_explanation(rule))
        self._why_text.setVisible(False)
        self._why = _button("Why?", f"why_{rule.name}", "Explain it, with the equation and where it is from")
        self._why.setCheckable(True)
        self._why.toggled.connect(self._why_text.setVisible)
        self._show = _button("Show", f"show_{rule.name}", "")
        self._show.setCheckable(True)
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
        for part in (self._title, self._text, self._change):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addWidget(self._why_text)
        layout.addWidget(self._consequences)

    @property
    def finding(self) -> Finding | None:
        """What is found."""
        return self._finding

    def show_theme(self, theme: Theme) -> None:
        """Colours to match."""
        self._theme = theme
        self._show_title()

    def show_finding(
        self, finding: Finding, consequences: Sequence[Finding], *, can_show: bool, can_prove: bool
    ) -> None:
        """Tell this, and which other findings it explains. can_show: whether it is of the run whose curves and units
        are to be seen; can_prove: whether a change could be tried now."""
        self._finding = finding
        self._show_title()
        self._text.setText(escape(finding.text))
        self._consequences.show_text(
            f"and {counted(len(consequences), 'consequence')}",
            paragraphs(_consequence(each, can_show=can_show) for each in consequences),
        )
        settings = (f"{name_of(key)} {value_text(value)}" for key, value in finding.changes.items())
        change = finding.in_words or ", ".join(settings)
        self._change.setText(f"Change: <b>{escape(change)}</b>")
        self._change.setVisible(bool(change))
        self._show.setVisible(can_show and _has_place(finding))
        places = ["shades the steps that show it in the curves"] if finding.steps else []
        places += ["outlines its units in Units"] if finding.units else []
        self._show.setToolTip(f"<p>It {' and '.join(places)}; pressed again, no longer</p>")
        self._prove.setVisible(bool(change))
        self._prove.setEnabled(can_prove)
        self._prove.setToolTip(
            f"<p>Train a new network, {escape(change)}: the same digits, the same seed, the old curves as thin "
            "ghosts behind its own. Then it says what the change was worth.</p>"
        )

    def mark_shown(self, is_shown: bool) -> None:
        """Whether it is shown in curves and units now."""
        self._show.setChecked(is_shown)

    def _show_title(self) -> None:
        if self._finding is None:
            return
        colours = {"error": self._theme.error, "warning": self._theme.validation, "note": self._theme.muted}
        severity = self._finding.severity
        self._title.setText(
            f"<span style='color:{colours[severity]}'><b>{WORDS[severity]}</b></span> &nbsp;"
            f"<b>{escape(self.rule.title)}</b><span style='color:{self._theme.muted}'>, {self._finding.when}</span>"
        )


def _explanation(rule: Rule) -> str:
    """Why it is so, what it rules out, and where that is from, as rich text."""
    explained, source = rule.why.rsplit("\nSource: ", 1)
    parts = [explained, f"Ruled out: {rule.excludes}", f"Source: {source}"]
    return "".join(f"<p style='margin:0 0 4px 0'>{escape(part)}</p>" for part in parts)


def _has_place(finding: Finding) -> bool:
    """Whether there is something to shade or to outline."""
    return finding.steps is not None or bool(finding.units)


def _consequence(finding: Finding, *, can_show: bool) -> str:
    link = f" <a href='{finding.rule}'>Show</a>" if can_show and _has_place(finding) else ""
    return f"<b>{escape(BY_NAME[finding.rule].title)}.</b> {escape(finding.text)}{link}"


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = tool_button(name, text, tip)
    set_sheet(button, "pressed button")  # whose colour says that it is pressed, in any theme
    return button
