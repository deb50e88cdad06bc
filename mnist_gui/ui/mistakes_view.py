"""All misclassified digits, scrollable, the worst first. Which they are is inspection.mistakes' business."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.data.splits import Split
from mnist_gui.engine.evaluation import Predictions
from mnist_gui.inspection.mistakes import rank_mistakes
from mnist_gui.ui.digit_gallery import DigitGallery, Said
from mnist_gui.ui.digit_pictures import DigitPicture, grey_image

LARGE_PICTURE = 112


class MistakesView(QWidget):
    """A gallery of mistakes, with the chosen one shown large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = QLabel("")
        self._caption.setWordWrap(True)
        self._caption.setMinimumHeight(2 * self._caption.fontMetrics().lineSpacing())
        self._caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._caption.setProperty("role", "muted")
        self._gallery = DigitGallery("mistakes", "Misclassified digits, largest loss first")
        self._gallery.digit_chosen.connect(self._on_gallery_digit_chosen)
        self._card = _DigitCard()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._caption)
        layout.addWidget(self._gallery, 1)
        layout.addWidget(self._card)
        self._split: Split | None = None
        self._describe: Said = str
        self.show_nothing()

    @property
    def digits(self) -> list[int]:
        """The digits that are shown, in their order: their indexes in the split."""
        return self._gallery.digits

    @property
    def caption(self) -> str:
        """What is said of them."""
        return self._caption.text()

    def show_nothing(self) -> None:
        """The state before anything was evaluated."""
        self._gallery.show_nothing()
        self._card.show_digit(None, "")
        self._caption.setText("No mistakes yet: train, or open a model. They appear after each epoch.")

    def show_mistakes(self, split: Split, predictions: Predictions, class_names: tuple[str, ...], when: str) -> None:
        """All mistakes among the digits of a split. when: which weights made them, such as "epoch 7". A chosen digit
        stays chosen while it is still wrong."""
        mistakes = rank_mistakes(predictions)
        self._split = split

        def caption(digit: int) -> str:
            true, predicted = class_names[predictions.labels[digit]], class_names[predictions.predicted[digit]]
            return f"{true} \N{RIGHTWARDS ARROW} {predicted}  {predictions.confidence[digit]:.0%}"

        def describe(digit: int) -> str:
            true, predicted = class_names[predictions.labels[digit]], class_names[predictions.predicted[digit]]
            confidence = f"{predictions.confidence[digit]:.1%} confidence"
            return f"{split.name} digit {digit:,}: a {true}, taken for a {predicted} with {confidence}"

        self._describe = describe
        self._gallery.show_digits(split, mistakes, caption, describe)
        self._caption.setText(_describe(split, len(mistakes), when))
        if self._gallery.chosen not in mistakes:
            self._gallery.choose(None)
        self._show_card()

    def _show_card(self) -> None:
        chosen = self._gallery.chosen
        if chosen is None or self._split is None:
            self._card.show_digit(None, "")
        else:
            self._card.show_digit(grey_image(self._split.image(chosen)), self._describe(chosen))

    @Slot(int)
    def _on_gallery_digit_chosen(self, digit: int) -> None:
        self._show_card()


class _DigitCard(QWidget):
    """One digit, large, with a sentence about it."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = DigitPicture(LARGE_PICTURE)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._picture)
        layout.addWidget(self._text, 1)

    def show_digit(self, image: QImage | None, text: str) -> None:
        self.setVisible(image is not None)
        self._picture.show_image(image)
        self._text.setText(text)


def _describe(split: Split, mistakes: int, when: str) -> str:
    if len(split) == 0:
        return f"This run has no {split.name} digits, so there is nothing to get wrong."
    if mistakes == 0:
        return f"None of the {len(split):,} {split.name} digits is wrong ({when})."
    share = mistakes / len(split)
    counted = f"{mistakes:,} of {len(split):,} {split.name} digits wrong ({share:.1%})"
    return f"{counted}, largest loss first. Weights of {when}."
