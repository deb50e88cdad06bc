"""`make accuracy`: what the presets reach on the test digits of the real MNIST, and the minutes they take.

Weights are chosen by the validation digits; the test digits are seen once, at the end.
"""

from mnist_gui.config.presets import preset
from tests.benchmarks.accuracy import run
from tests.benchmarks.report import report

TARGETS = {
    "plain": ">= 0.984 (Simard, Steinkraus & Platt 2003: 0.984)",
    "distortions": ">= 0.992 (Simard, Steinkraus & Platt 2003: 0.993)",
    "smallest": "above a linear classifier, 0.92",
    "case-a-repaired": "about 0.969",
    "case-b-repaired": "about 0.863 to 0.90",
    "case-c-repaired": "about 0.964",
}


def main() -> None:
    for name, target in TARGETS.items():
        accuracy, seconds = run(preset(name).config.settings())
        report(f"accuracy {name}", accuracy, "test accuracy", target, minutes=round(seconds / 60, 1))


if __name__ == "__main__":
    main()
