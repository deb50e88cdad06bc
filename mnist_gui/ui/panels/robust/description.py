"""What a network answers to the disturbed digit, in words."""

from mnist_gui.data.splits import Split
from mnist_gui.engine.inference import Answer
from mnist_gui.inspection.top_two import verdict


def describe_digit(split: Split, index: int, names: tuple[str, ...], answer: Answer) -> str:
    """The digit's name, and the first choice of the network with its confidence, for row 0 of the answer, the disturbed
    digit, and row 1, the digit as it is."""
    sentences = []
    for row, how in enumerate(("Disturbed", "As it is")):
        found = verdict(answer, row)
        read = f"{names[found.first]} with {found.confidence:.1%}" if found else "no finite answer"
        sentences.append(f"{how}: {read}.")
    return f"{split.title.capitalize()} digit {index:,}: a {names[split.labels[index]]}. {' '.join(sentences)}"
