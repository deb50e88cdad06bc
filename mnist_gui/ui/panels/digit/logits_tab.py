"""The answer of a network to one digit in numbers: confidence and logit of every class, and how far they are apart."""

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.top_two import verdict
from mnist_gui.ui.widgets.fixed_height_label import FixedHeightLabel

COLUMNS = {
    "class": "The class; the one on the digit's label is called true",
    "sure": "How sure the network is of the class",
    "logit": "What the last layer says for the class, before outputs are made of all logits together",
    "behind": "How far the logit is behind the largest",
}


class LogitsTab(QWidget):
    """A row for each class, in the order of the classes, which stay where they are as the answer changes."""

    def __init__(self) -> None:
        super().__init__()
        self._margin = FixedHeightLabel("digit_margin", 2)
        self._margin.setAccessibleName("Margin")
        self._margin.setToolTip(
            "<p>Of a right answer: how far the second choice is behind the first, 0 where the network cannot decide, "
            "100 % where it is sure of one class alone. Of a mistake: how far the true class is behind the one that "
            "the digit is taken for.</p>"
        )
        self._table = _make_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._margin)
        layout.addWidget(self._table, 1)

    @property
    def rows(self) -> list[list[str]]:
        """What is written in the table, from the top."""
        return [
            [item.text() if (item := self._table.item(row, column)) else "" for column in range(len(COLUMNS))]
            for row in range(self._table.rowCount())
        ]

    @property
    def margin(self) -> str:
        """What is said of the margin."""
        return self._margin.text()

    def show_nothing(self) -> None:
        """No answer."""
        self._margin.clear()
        self._table.setRowCount(0)

    def show_answer(self, names: tuple[str, ...], label: int, answer: Answer) -> None:
        """The answer to one picture of this label, of a network for classes of these names."""
        logits, confidences = answer.logits[0].astype(np.float64), answer.confidences[0]
        largest = float(logits.max()) if np.isfinite(logits).all() else math.nan
        self._margin.setText(_describe_margin(names, label, answer))
        self._set_rows(len(names))
        for row, name in enumerate(names):
            texts = (
                f"{name} (true)" if row == label else name,
                _number(100.0 * float(confidences[row]), 1, " %"),
                _number(float(logits[row]), 3),
                _number(largest - float(logits[row]), 3),
            )
            for column, text in enumerate(texts):
                item = self._table.item(row, column)
                assert item
                item.setText(text)

    def _set_rows(self, count: int) -> None:
        if self._table.rowCount() == count:
            return
        self._table.setRowCount(count)
        for row in range(count):
            for column in range(len(COLUMNS)):
                item = QTableWidgetItem()
                item.setTextAlignment(_alignment(column))
                self._table.setItem(row, column, item)


def _make_table() -> QTableWidget:
    table = QTableWidget(0, len(COLUMNS))
    table.setObjectName("digit_logits")
    table.setAccessibleName("Confidence and logit of each class")
    lines = "<br>".join(f"<b>{heading}</b>: {tip}" for heading, tip in COLUMNS.items())
    table.setToolTip(f"<p>{lines}</p>")
    for column, (heading, tip) in enumerate(COLUMNS.items()):
        item = QTableWidgetItem(heading)
        item.setToolTip(f"<p>{tip}</p>")
        item.setTextAlignment(_alignment(column))
        table.setHorizontalHeaderItem(column, item)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setMinimumSectionSize(table.fontMetrics().height() + 3)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 3)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _describe_margin(names: tuple[str, ...], label: int, answer: Answer) -> str:
    found = verdict(answer)
    if found is None:
        return "The network's outputs are no finite numbers."
    logits = answer.logits[0].astype(np.float64)
    is_right = found.first == label
    comparison = found.second if is_right else label
    apart = float(logits[found.first] - logits[comparison])
    margin = found.confidence - float(answer.confidences[0][comparison])
    return (
        f"{names[found.first]} over {names[comparison]}{'' if is_right else ', the true class'}: "
        f"{margin:.1%} of confidence, {_number(apart, 3)} between logits."
    )


def _number(value: float, digits: int, unit: str = "") -> str:
    if not math.isfinite(value):
        return "\N{EN DASH}"
    return f"{value:.{digits}f}{unit}" if abs(value) < 1e5 else f"{value:.3g}{unit}"
