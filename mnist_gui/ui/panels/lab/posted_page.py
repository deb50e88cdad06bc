"""The posted networks in the lab: what was asked, run as posted or repaired, and the posted numbers as dots."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from mnist_gui.casebook.posted_networks import CASES, Case
from mnist_gui.config.presets import Preset
from mnist_gui.ui.widgets.buttons import push_button
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel
from mnist_gui.ui.widgets.no_wheel_inputs import choice_box


class PostedPage(QWidget):
    """run_asked(preset): train a new network as it says."""

    run_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        titles = {case.title: "A network whose author asked about it, or showed it" for case in CASES.values()}
        self._choice = choice_box("lab_case", "Posted network", titles)
        self._choice.currentIndexChanged.connect(self._show_case)
        self._page = QTextBrowser()
        self._page.setObjectName("lab_page")
        self._page.setAccessibleName("What was asked, what was answered, and what the runs show")
        self._page.setOpenLinks(False)
        self._posted = push_button(
            "lab_run_posted", "Run as posted", "Train it with all its bugs; posted numbers are dots"
        )
        self._repaired = push_button("lab_run_repaired", "Run repaired", "Train what it could have been")
        self._posted.clicked.connect(lambda: self._ask(self.case.posted))
        self._repaired.clicked.connect(lambda: self._ask(self.case.repaired))
        self._dots = FixedHeightLabel("lab_dots", 2)
        buttons = QHBoxLayout()
        for button in (self._posted, self._repaired):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._choice)
        layout.addLayout(buttons)
        layout.addWidget(self._dots)
        layout.addWidget(self._page, 1)
        self._show_case()
        self.show_run(None)

    @property
    def case(self) -> Case:
        """The one that is read."""
        return list(CASES.values())[self._choice.currentIndex()]

    def show_run(self, case: Case | None, later: Sequence[float] = ()) -> None:
        """Say what the dots in the curves are; None: the run that is shown is no posted network.

        later: the epochs of dots that lie beyond its plan, ascending.
        """
        text = "The dots in the curves are the numbers that belong to this run: rest on one with the mouse to read it."
        if later:
            epochs = " and ".join(f"{epoch:g}" for epoch in later)
            text = f"Of this run's numbers, those of epoch {epochs} lie beyond its end: Continue goes on to them."
        self._dots.setText(text if case else "")
        self._dots.setVisible(case is not None)

    @Slot()
    def _show_case(self) -> None:
        case = self.case
        remarks = (
            f"* **{remark.title}** ({'matters' if remark.matters else 'harmless here'}): {remark.text}"
            for remark in case.remarks
        )
        # Without the title, which stands above, and with headings that leave room for the text.
        _, _, page = case.page().replace("\n## ", "\n#### ").partition("\n\n")
        self._page.setMarkdown("\n\n".join([page, "#### What is wrong in it", "\n".join(remarks)]))

    def _ask(self, preset: Preset) -> None:
        self.run_asked.emit(preset)
