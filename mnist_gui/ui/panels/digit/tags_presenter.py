"""What the user says of the chosen digit: tags and a note, kept at once and taken back on request."""

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split
from mnist_gui.storage.tags import NO_REMARK, TAGS, Place, Remark, place_of
from mnist_gui.ui.panels.digit.tag_row import TagRow
from mnist_gui.ui.services.digit_selection import DigitSelection
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.tag_store import TagStore

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
    """Between the tags and the row that shows and changes them. message(text): what was tagged, or taken back."""

    message = Signal(str)

    def __init__(
        self,
        run_controller: RunController,
        choice: DigitSelection,
        tags: TagStore,
        row: TagRow,
    ) -> None:
        super().__init__(row)
        self._run_controller, self._choice, self._tags, self._row = run_controller, choice, tags, row
        self._chosen: tuple[Dataset, Place] | None = None
        self._digit = ""  # the chosen one, in words
        self._said: deque[_Said] = deque(maxlen=MOST_UNDONE)
        tags.changed.connect(self._on_tags_changed)
        self._row.remarked.connect(self._on_row_remarked)
        self._row.undo_asked.connect(self.undo)
        choice.chosen.connect(self._on_choice_chosen)
        choice.forgotten.connect(self._on_choice_forgotten)
        if choice.split is not None:
            self._on_choice_chosen(choice.split, choice.index)

    def commit(self) -> None:
        """Take what was typed and not entered yet, as before the window closes."""
        self._row.commit()

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
        tags = self._tags.tags_of(dataset)
        before = tags.of(place) if tags is not None else NO_REMARK
        self._tags.remark(dataset, place, remark)
        self._remember(_Said(dataset, place, before, self._digit, *_describe(before, remark)))

    def _remember(self, said: _Said) -> None:
        """Words that are typed one after the other are one thing to take back."""
        last = self._said[-1] if self._said else None
        is_typed_on = said.is_note and last is not None and last.is_note and last.place == said.place
        if not (is_typed_on and last is not None and last.dataset is said.dataset):
            self._said.append(said)
        if not said.is_note:
            self.message.emit(f"{said.digit.capitalize()}: {said.what}, kept. Undo is in the panel Digit.")
        self._show_undo()

    @Slot()
    def undo(self) -> None:
        """Take back what was said last, of whichever digit that was."""
        self._row.commit()
        if not self._said:
            return
        said = self._said.pop()
        self._tags.remark(said.dataset, said.place, said.before)
        self.message.emit(f"{said.digit.capitalize()}: {said.what}, taken back.")
        self._show_undo()

    def _show_undo(self) -> None:
        self._row.show_undo(f"{self._said[-1].what}, {self._said[-1].digit}" if self._said else "")

    def _show_remark(self) -> None:
        tags = self._tags.tags_of(self._chosen[0]) if self._chosen else None
        self._row.show_remark(tags.of(self._chosen[1]) if tags is not None and self._chosen else None)

    @Slot()
    def _on_tags_changed(self) -> None:
        self._said = deque((said for said in self._said if self._tags.knows(said.dataset)), MOST_UNDONE)
        self._show_undo()
        if self._chosen:
            remark = self._tags.tags_of(self._chosen[0])
            if remark is None or remark.of(self._chosen[1]) != self._row.remark:
                self._show_remark()


def _describe(before: Remark, now: Remark) -> tuple[str, bool]:
    """What was said, such as "tagged bad label", and whether it is a note."""
    if before.tags == now.tags:
        return "the note", True
    added = [tag for tag in TAGS if tag in now.tags - before.tags]
    removed = [tag for tag in TAGS if tag in before.tags - now.tags]
    return (f"tagged {', '.join(added)}" if added else f"tag {', '.join(removed)} taken away"), False
