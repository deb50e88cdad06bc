"""Which tagged digits the form offers to leave out of the next training."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from mnist_gui.storage.tags import TAGS, Tag
from mnist_gui.ui.services.panel_protocols import SettingsForm
from mnist_gui.ui.services.run_controller import RunController
from mnist_gui.ui.services.tag_store import TagStore

# What can be left out of the training digits -> the tags of such digits.
LEFT_OUT: Mapping[str, tuple[Tag, ...]] = {
    "bad labels": ("bad label",),
    "bad labels, ambiguous": ("bad label", "ambiguous"),
    "all tagged": TAGS,
}


class LeftOutOffers(QObject):
    """Offers them anew when digits are tagged."""

    def __init__(self, run_controller: RunController, tags: TagStore, form: SettingsForm) -> None:
        super().__init__(tags)
        self._run_controller, self._tags, self._form = run_controller, tags, form
        tags.changed.connect(self._on_tags_changed)

    @Slot()
    def _on_tags_changed(self) -> None:
        tags = self._tags.tags_of(self._run_controller.dataset)
        offered = {name: tags.rows("train", those) for name, those in LEFT_OUT.items()} if tags else {}
        self._form.offer_left_out(_each_once(offered))


def _each_once(offered: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Without those that hold the same digits as one before."""
    once: dict[str, tuple[int, ...]] = {}
    for name, places in offered.items():
        if places not in once.values():
            once[name] = places
    return once
