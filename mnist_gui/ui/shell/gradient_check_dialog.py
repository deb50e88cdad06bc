"""The gradient check as a table: a line for the weights and the biases of every layer."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.engine.gradient_check import LARGEST_ERROR32, LARGEST_ERROR64, LayerCheck

COLUMNS = {
    "": "Weights or biases, layer by layer",
    "Tried": "How many parameters were compared",
    "Error, float64": "Largest |g - n| / (|g| + |n|): g the backward pass in double precision, n the differences",
    "Error, float32": "The same with the backward pass in the precision that training uses: rounding",
    "Worst parameter": "The one that disagrees most",
    "Backward pass": "Its gradient",
    "Differences": "What the loss really does there",
}


class GradientCheckDialog(QDialog):
    """asked_again(): the user wants the present network checked."""

    asked_again = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Gradient check")
        self._what = QLabel()
        self._what.setWordWrap(True)
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        self._verdict.setObjectName("gradient_verdict")
        self.table = QTableWidget(0, len(COLUMNS))
        for column, (title, tip) in enumerate(COLUMNS.items()):
            header = QTableWidgetItem(title)
            header.setToolTip(tip)
            self.table.setHorizontalHeaderItem(column, header)
        self.table.verticalHeader().setVisible(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setAccessibleName("Gradient errors by layer")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        again = buttons.addButton("Check &again", QDialogButtonBox.ButtonRole.ActionRole)
        again.setObjectName("check_again")
        again.clicked.connect(self.asked_again)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        for widget in (self._what, self.table, self._verdict, buttons):
            layout.addWidget(widget)
        self.resize(720, 330)

    @property
    def verdict(self) -> str:
        """The sentence under the table."""
        return self._verdict.text()

    def show_checking(self, what: str) -> None:
        """Open, and say which network is being checked."""
        self._what.setText(
            f"Checked: {what}. For some parameters of each layer, the gradient of the backward pass is compared with "
            "how the loss of 16 digits really changes when the parameter is moved a little."
        )
        self._verdict.setText("Checking...")
        self.table.setRowCount(0)
        self.show()

    @Slot(object)
    def show_checks(self, checks: list[LayerCheck]) -> None:
        """Fill the table, and say what follows from it."""
        self.table.setRowCount(len(checks))
        for row, check in enumerate(checks):
            texts = (
                check.name,
                f"{check.tried:,}",
                f"{check.error64:.1e}",
                f"{check.error32:.1e}",
                check.worst,
                f"{check.analytic:.6g}",
                f"{check.numerical:.6g}",
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column in (1, 2, 3, 5, 6):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self._verdict.setText(describe(checks))


def describe(checks: list[LayerCheck]) -> str:
    """What the checks say together."""
    wrong = [check.name for check in checks if not check.is_right]
    if wrong:
        return (
            f"The gradient is wrong: {', '.join(wrong)} disagree by more than rounding explains "
            f"({LARGEST_ERROR64:g} in float64, {LARGEST_ERROR32:g} in float32)."
        )
    largest = max(check.error64 for check in checks)
    return (
        f"The gradient is right: no parameter disagrees by more than {largest:.1e} in float64. "
        "A wrong formula shows as 0.1 or more."
    )
