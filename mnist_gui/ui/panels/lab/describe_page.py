"""The form in which the user describes a network of their own, in the words of its code, and what came of it."""

from collections.abc import Mapping
from dataclasses import fields

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.casebook.description import POSTED, Description, DescriptionError
from mnist_gui.casebook.description_terms import WAYS
from mnist_gui.casebook.posted_networks import CASES
from mnist_gui.casebook.symptoms import SYMPTOMS
from mnist_gui.ui.widgets.application_style import TextRole, set_text_role
from mnist_gui.ui.widgets.buttons import push_button
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box

# Of each field of a description: what it is called, and where it is in one's code.
FIELDS: Mapping[str, tuple[str, str]] = {
    "hidden": ("Hidden layers", "Units in each hidden layer, such as 128 or 128, 64; or all layers: 784-128-10"),
    "activation": ("Hidden units", "The function that a hidden layer puts on its sums"),
    "output": ("Outputs, cost", "The function of the output layer, and what is made small"),
    "start": ("Weights start", "How the weights are made before training"),
    "biases": ("Biases start", "How the biases are made before training"),
    "pixels": ("Pixels", "What the grey levels of 0 to 255 become before they go in"),
    "batch": ("Digits a step", "How many digits one update of the weights is made from: 1, 32, or all"),
    "gradient": ("Gradient is", "Whether the gradients of the digits of a step are averaged or added up"),
    "rate": ("Learning rate", "What the gradient is multiplied by"),
    "update": ("Update", "How weights are changed by a gradient"),
    "momentum": ("m", "What keeps part of the last step, or of the weights"),
    "penalty": ("Lambda", "Of an L2 penalty, lambda / (2 n) times the sum of all squared weights; 0 for none"),
    "digits": ("Training digits", "How many different digits it learns from"),
    "epochs": ("Passes", "How often it goes through all of them"),
    "order": ("Order", "In which order digits come"),
}
HINT = (
    "For a network of your own that does not learn: say what stands in your code and what you see. It is built and "
    "trained here, watched by the diagnosis."
)
NOTHING = "nothing: I am curious"


class DescribePage(QScrollArea):
    """build_asked(description): the user wants this network. symptom_changed(): sees something else in theirs.
    diagnosis_asked(), search_asked(): wants to see more."""

    build_asked = Signal(object)
    symptom_changed = Signal()
    diagnosis_asked = Signal()
    search_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_describe")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._boxes: dict[str, QComboBox] = {}
        self._lines: dict[str, QLineEdit] = {}
        self._labels: dict[str, QLabel] = {}
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setVerticalSpacing(4)
        self._template = choice_box(
            "describe_template",
            "Fill the form as for",
            {"choose...": "The form stays as it is"}
            | {case.title: "As its author posted it" for case in CASES.values()},
        )
        self._template.activated.connect(self._on_template_activated)
        self._form.addRow("As in", self._template)
        for what in FIELDS:
            self._add_field(what)
        curious = {NOTHING: "The network is built and diagnosed"}
        self._sees = choice_box("describe_sees", "What you see", curious | {k: s.text for k, s in SYMPTOMS.items()})
        self._sees.currentIndexChanged.connect(self.symptom_changed)
        self._form.addRow("You see", self._sees)
        self._error = _text("describe_error", "error")
        self._answer = _text("describe_answer", "plain")
        self._notes = _text("describe_notes", "muted")
        self._build = push_button(
            "describe_build", "Build and diagnose", "Train this network here, and say what is wrong"
        )
        self._diagnosis = push_button("describe_diagnosis", "Diagnosis", "All findings, with Why?, Show, Fix and prove")
        self._search = push_button("describe_search", "Search for a fix", "Find the smallest set of changes that helps")
        self._build.setDefault(True)
        self._build.clicked.connect(self._on_build_clicked)
        self._diagnosis.clicked.connect(self.diagnosis_asked)
        self._search.clicked.connect(self.search_asked)
        self._is_answer_new = False
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._lay_out()
        self.show_description(Description())
        self.show_answer("", ())

    def _add_field(self, what: str) -> None:
        name, tip = FIELDS[what]
        label = QLabel(name)
        if what in WAYS:
            box = choice_box(f"describe_{what}", name, {key: way.tip for key, way in WAYS[what].items()})
            box.setToolTip(f"<p>{tip}</p>{box.toolTip()}")
            box.currentIndexChanged.connect(self._on_edited)
            self._boxes[what] = box
        else:
            line = QLineEdit()
            line.setObjectName(f"describe_{what}")
            line.setAccessibleName(name)
            line.setToolTip(f"<p>{tip}</p>")
            line.textEdited.connect(self._on_edited)
            line.returnPressed.connect(self._on_build_clicked)
            self._lines[what] = line
        field = self._boxes.get(what) or self._lines[what]
        label.setBuddy(field)
        label.setToolTip(f"<p>{tip}</p>")
        self._labels[what] = label
        self._form.addRow(label, field)

    def _lay_out(self) -> None:
        hint = QLabel(HINT)
        hint.setWordWrap(True)
        set_text_role(hint, "muted")
        after = QHBoxLayout()
        after.addWidget(self._diagnosis)
        after.addWidget(self._search)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 4, 6, 4)
        layout.setSpacing(6)
        layout.addWidget(hint)
        layout.addLayout(self._form)
        layout.addWidget(self._error)
        layout.addWidget(self._build)
        layout.addWidget(self._answer)
        layout.addLayout(after)
        layout.addWidget(self._notes)
        layout.addStretch(1)
        self.setWidget(page)

    @property
    def description(self) -> Description:
        """What the form says."""
        chosen = {what: box.currentText() for what, box in self._boxes.items()}
        return Description(**chosen, **{what: line.text() for what, line in self._lines.items()})

    @property
    def symptom(self) -> str | None:
        """What the user sees; None: nothing that is wrong."""
        return self._sees.currentText() if self._sees.currentIndex() else None

    @property
    def answer(self) -> str:
        """What is said of the network that was built."""
        return self._answer.text()

    @property
    def error(self) -> str:
        """What cannot be understood."""
        return self._error.text()

    def show_description(self, description: Description) -> None:
        """Fill the form."""
        for each in fields(description):
            value = getattr(description, each.name)
            if each.name in self._boxes:
                self._boxes[each.name].setCurrentText(value)
            else:
                self._lines[each.name].setText(value)
        self._on_edited()

    def show_error(self, error: DescriptionError) -> None:
        """Say what cannot be understood, and go to its field."""
        self._error.setText(f"{FIELDS[error.what][0]}: {error}")
        self._error.show()
        field = self._lines[error.what]
        field.setFocus()
        field.selectAll()
        self.ensureWidgetVisible(self._error)

    def show_answer(self, text: str, notes: tuple[str, ...]) -> None:
        """What the network shows, "" for none; notes: what could not be built exactly."""
        self._is_answer_new |= bool(text) and not self._answer.text()
        self._answer.setText(text)
        self._notes.setText(" ".join(notes))
        for widget in (self._answer, self._diagnosis, self._search):
            widget.setVisible(bool(text))
        self._notes.setVisible(bool(text and notes))

    @Slot()
    def _on_range_changed(self) -> None:
        """There is room for a new answer now: go to it."""
        if self._is_answer_new:
            self._is_answer_new = False
            self.ensureWidgetVisible(self._diagnosis)

    @Slot()
    def _on_edited(self) -> None:
        self._error.hide()
        has_momentum = "training.momentum" not in WAYS["update"][self._boxes["update"].currentText()].settings
        self._form.setRowVisible(self._lines["momentum"], has_momentum)

    @Slot(int)
    def _on_template_activated(self, place: int) -> None:
        if place:
            self.show_description(POSTED[list(CASES)[place - 1]])
            self._template.setCurrentIndex(0)

    @Slot()
    def _on_build_clicked(self) -> None:
        self._error.hide()
        self.build_asked.emit(self.description)


def _text(name: str, role: TextRole) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    set_text_role(label, role)
    label.hide()
    return label
