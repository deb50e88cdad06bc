"""Tags as a table for other programs: CSV as RFC 4180 has it, in UTF-8."""

import csv
import io
from collections.abc import Mapping

from mnist_gui.data.datasets import Dataset
from mnist_gui.storage.tags import TAGS, Place, Tags

COLUMNS = ("file", "index", "label", "tags", "note", "predicted", "loss")

# Spreadsheets execute a cell that begins with one of these as a formula, which might send data away.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")

Predicted = Mapping[Place, tuple[int, float]]  # class and loss


def tags_table(tags: Tags, dataset: Dataset, answers: Predicted) -> bytes:
    """A line for each digit with a remark, those of the training files first, in the order of the files.

    index: its place in the file, from 0. label, predicted: names of classes. tags: separated by semicolons. answers:
    the predicted class and the loss of digits for which they are known; else both are empty.
    """
    labels = {"train": dataset.train_labels, "test": dataset.test_labels}
    names = dataset.class_names
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for place, remark in sorted(tags.remarks.items(), key=lambda item: (item[0].file != "train", item[0].row)):
        known = answers.get(place)
        cells_known = (names[known[0]], f"{known[1]:.6g}") if known else ("", "")
        named = ";".join(tag for tag in TAGS if tag in remark.tags)
        cells = [*place, names[labels[place.file][place.row]], named, remark.note, *cells_known]
        table.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode(errors="replace")  # half of a surrogate pair cannot be encoded


def _harmless(text: str) -> str:
    """A text as a cell that no spreadsheet executes: with an apostrophe before it, which is not shown."""
    return f"'{text}" if text.startswith(FORMULAS) else text
