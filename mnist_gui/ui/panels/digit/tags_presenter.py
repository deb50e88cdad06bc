"""What a person says of digits: the row of the chosen one, the list of all, and what the next network goes without."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.storage.tags import NO_REMARK, TAGS, Place, Remark, Tag, file_of, place_of
from mnist_gui.ui.panels.digit.tag_row import TagRow
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.panel_protocols import DigitLists, SettingsForm
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.tag_store import TagStore

TAGGED = "tagged"
# What can be left out of the training digits -> the tags of such digits.
LEFT_OUT: Mapping[str, tuple[Tag, ...]] = {
    "bad labels": ("bad label",),
    "bad labels, ambiguous": ("bad label", "ambiguous"),
    "all tagged": TAGS,
}


# So much of what was said can be taken back.
MOST_UNDONE = 100


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """One thing to take back: what was said of a digit before. digit: which, in words; what: was said, in words."""

    dataset: Dataset
    place: Place
    before: Remark
    digit: str
    what: str
    is_note: bool


class TagsPresenter(QObject):
    """Between the book of tags and the panels that show and change them. told(text): what was tagged, or taken back."""

    told = Signal(str)

    def __init__(
        self,
        run_controller: RunController,
        choice: DigitSelection,
        row: TagRow,
        lists: DigitLists,
        form: SettingsForm,
    ) -> None:
        super().__init__(row)
        self._run_controller, self._choice = run_controller, choice
        self._row, self._lists, self._form = row, lists, form
        self._chosen: tuple[Dataset, Place] | None = None
        self._digit = ""  # the chosen one, in words
        self._said: deque[_Said] = deque(maxlen=MOST_UNDONE)
        self.book = TagStore(run_controller, self)
        self.book.changed.connect(self._on_book_changed)
        self._row.remarked.connect(self._on_row_remarked)
        self._row.undo_asked.connect(self.undo)
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self._on_choice_forgotten)
        self._lists.offer_list(TAGGED, "tagged", "Digits that you tagged or wrote a note on, below the Digit")
        self._lists.list_wanted.connect(self._on_mistakes_list_wanted)

    def keep_all(self) -> None:
        """Ask for all to be put on the disk that a person said, as before the window closes."""
        self._row.commit()
        self.book.keep_waiting()

    # The chosen digit

    @Slot(object, int)
    def _on_choice_chosen(self, split: Split, index: int) -> None:
        self._row.commit()  # what was typed is about the digit before
        dataset = self._run_controller.run.dataset if self._run_controller.run else None
        place = place_of(split, index, dataset) if dataset else None
        self._chosen = (dataset, place) if dataset and place else None
        self._digit = f"{split.title} digit {index:,}"
        self._show_remark()

    @Slot()
    def _on_choice_forgotten(self) -> None:
        self._row.commit()
        self._chosen = None
        self._show_remark()

    @Slot(object)
    def _on_row_remarked(self, remark: Remark) -> None:
        if self._chosen is None:
            return
        dataset, place = self._chosen
        tags = self.book.tags_of(dataset)
        before = tags.of(place) if tags is not None else NO_REMARK
        self.book.remark(dataset, place, remark)
        self._remember(_Said(dataset, place, before, self._digit, *_describe(before, remark)))

    def _remember(self, said: _Said) -> None:
        """Words that are typed one after the other are one thing to take back."""
        last = self._said[-1] if self._said else None
        is_typed_on = said.is_note and last is not None and last.is_note and last.place == said.place
        if not (is_typed_on and last is not None and last.dataset is said.dataset):
            self._said.append(said)
        if not said.is_note:
            self.told.emit(f"{said.digit.capitalize()}: {said.what}, kept. Undo is in the panel Digit.")
        self._show_undo()

    @Slot()
    def undo(self) -> None:
        """Take back what was said last, of whichever digit that was."""
        self._row.commit()
        if not self._said:
            return
        said = self._said.pop()
        self.book.remark(said.dataset, said.place, said.before)
        self.told.emit(f"{said.digit.capitalize()}: {said.what}, taken back.")
        self._show_undo()

    def _show_undo(self) -> None:
        self._row.show_undo(f"{self._said[-1].what}, {self._said[-1].digit}" if self._said else "")

    def _show_remark(self) -> None:
        tags = self.book.tags_of(self._chosen[0]) if self._chosen else None
        self._row.show_remark(tags.of(self._chosen[1]) if tags is not None and self._chosen else None)

    # All that are tagged

    @Slot()
    def _on_book_changed(self) -> None:
        self._said = deque((said for said in self._said if self.book.knows(said.dataset)), MOST_UNDONE)
        self._show_undo()
        tags = self.book.tags_of(self._run_controller.dataset)
        offered = {name: tags.rows("train", those) for name, those in LEFT_OUT.items()} if tags else {}
        self._form.offer_left_out(_each_once(offered))
        if self._chosen:
            remark = self.book.tags_of(self._chosen[0])
            if remark is None or remark.of(self._chosen[1]) != self._row.remark:
                self._show_remark()
        if self._lists.list_key == TAGGED and self._lists.split is not None:
            self._on_mistakes_list_wanted(TAGGED)

    @Slot(str)
    def _on_mistakes_list_wanted(self, key: str) -> None:
        split, run = self._lists.split, self._run_controller.run
        if key != TAGGED or split is None or run is None:
            return
        tags, file = self.book.tags_of(run.dataset), file_of(split, run.dataset)
        if tags is None or file is None:
            return
        found = tags
        digits = np.flatnonzero(np.isin(split.rows, tags.rows(file)))
        self._lists.show_list(digits, lambda digit: str(found.of(Place(file, int(split.rows[digit])))))


def _describe(before: Remark, now: Remark) -> tuple[str, bool]:
    """What was said, such as "tagged bad label", and whether it is a note."""
    if before.tags == now.tags:
        return "the note", True
    added = [tag for tag in TAGS if tag in now.tags - before.tags]
    removed = [tag for tag in TAGS if tag in before.tags - now.tags]
    return (f"tagged {', '.join(added)}" if added else f"tag {', '.join(removed)} taken away"), False


def _each_once(offered: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Without those that hold the same digits as one before."""
    once: dict[str, tuple[int, ...]] = {}
    for name, places in offered.items():
        if places not in once.values():
            once[name] = places
    return once
