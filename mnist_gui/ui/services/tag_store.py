"""The tags of the datasets in use: read when a dataset comes, changed at once, and kept on the disk behind that."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from mnist_gui.data.datasets import Dataset
from mnist_gui.storage.atomic_file import set_aside_if
from mnist_gui.storage.tags import Place, Remark, Tags, TagsError, change_tags, file_for, is_damaged, load_tags
from mnist_gui.system import paths
from mnist_gui.ui.services.run_controller import RunController


@dataclass(slots=True, eq=False)
class _Page:
    """The tags of one file. waiting: changes for the disk, until they are on it; tags: with these, None: not read."""

    dataset: Dataset
    tags: Tags | None = None
    waiting: deque[tuple[Place, Remark]] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is on the disk after a request. damage: why another file was set aside, "" if none was."""

    tags: Tags
    damage: str


class TagStore(QObject):
    """changed(): tags came, or others took their places."""

    changed = Signal()

    def __init__(self, run_controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._run_controller = run_controller
        self._folder = paths.tags_folder()
        self._files: list[tuple[Dataset, Path]] = []
        self._pages: dict[Path, _Page] = {}
        self._wanted: dict[int, Dataset] = {}  # by id
        run_controller.dataset_loaded.connect(self._on_run_controller_dataset_loaded)
        run_controller.runs_changed.connect(self._keep_those_in_use)

    def tags_of(self, dataset: Dataset | None) -> Tags | None:
        """The tags of a dataset in use; None before they are read."""
        page = self._page_of(dataset)
        return page.tags if page else None

    def remark(self, dataset: Dataset, place: Place, remark: Remark) -> None:
        """Say something of a digit of a dataset whose tags are read, in place of what was said before."""
        page = self._page_of(dataset)
        if page is None or page.tags is None or page.tags.of(place) == remark:
            return
        page.tags = page.tags.with_remarks([(place, remark)])
        page.waiting.append((place, remark))
        self._ask_disk(page)
        self.changed.emit()

    def keep_waiting(self) -> None:
        """Try again to put on the disk what could not be put there before."""
        for page in self._pages.values():
            if page.waiting:
                self._ask_disk(page)

    def knows(self, dataset: Dataset) -> bool:
        """Whether what is said of its digits can still be changed: it is in use, here or by a run."""
        return self._page_of(dataset) is not None

    def _page_of(self, dataset: Dataset | None) -> _Page | None:
        file = next((file for known, file in self._files if known is dataset), None)
        return self._pages[file] if file else None

    @Slot(object, str)
    def _on_run_controller_dataset_loaded(self, dataset: Dataset, folder: str) -> None:
        self._wanted.pop(id(dataset), None)  # what could not be read before is tried again
        self._keep_those_in_use()

    @Slot()
    def _keep_those_in_use(self) -> None:
        """Open the tags of datasets that came into use, and let go of those that no run is left of."""
        in_use = {id(dataset): dataset for dataset in self._in_use()}
        if in_use.keys() == self._wanted.keys():
            return
        before, self._wanted = self._wanted, in_use
        self._files = [(known, file) for known, file in self._files if id(known) in in_use]
        files = {file for _, file in self._files}
        self._pages = {file: page for file, page in self._pages.items() if file in files or page.waiting}
        self.changed.emit()
        for dataset in (dataset for key, dataset in in_use.items() if key not in before):
            if self._page_of(dataset) is None:
                self._find(dataset)

    def _in_use(self) -> list[Dataset]:
        datasets = [run.dataset for run in self._run_controller.runs]
        return [*datasets, self._run_controller.dataset] if self._run_controller.dataset else datasets

    def _find(self, dataset: Dataset) -> None:
        self._run_controller.task_runner.request(
            f"tags of {id(dataset)}",
            lambda: file_for(dataset, self._folder),
            lambda file: self._open(dataset, file),
            self._report_unread,
        )

    def _open(self, dataset: Dataset, file: Path) -> None:
        if self._wanted.get(id(dataset)) is not dataset or self._page_of(dataset):
            return
        self._files.append((dataset, file))
        page = self._pages.setdefault(file, _Page(dataset))
        page.dataset = dataset  # the one before may be a copy that nobody has any more
        self._ask_disk(page)

    def _ask_disk(self, page: _Page) -> None:
        """Read the tags after all changes that wait were made; what fails waits for the next time."""
        file = next(file for file, each in self._pages.items() if each is page)

        def work() -> _Found:
            damage = ""
            changes = list(page.waiting)
            try:
                tags = load_tags(file, page.dataset)
            except TagsError as error:
                aside = set_aside_if(file, lambda: is_damaged(file, page.dataset))
                damage = f"{error}\nIt is kept as {aside}, and a new file is begun." if aside else ""
                tags = load_tags(file, page.dataset)
            if changes:
                tags = change_tags(file, page.dataset, changes)
                for _ in changes:
                    page.waiting.popleft()
            return _Found(tags, damage)

        def failure(error: BaseException) -> None:
            if page.tags is None:
                page.tags = Tags().with_remarks(page.waiting)
                self.changed.emit()
            self._report_failure(page, error)

        self._run_controller.task_runner.request(
            f"tags {file}", work, lambda found: self._take(page, found), failure, is_writing=bool(page.waiting)
        )

    def _take(self, page: _Page, found: _Found) -> None:
        if found.damage:
            self._run_controller.failed.emit("The tags of this dataset were damaged", found.damage)
        tags = found.tags.with_remarks(list(page.waiting))
        if tags != page.tags:
            page.tags = tags
            self.changed.emit()

    def _report_failure(self, page: _Page, error: BaseException) -> None:
        if not page.waiting:
            self._report_unread(error)
            return
        hint = "They hold until the window closes. It will be tried again with the next tag."
        self._run_controller.failed.emit("Your tags could not be kept on the disk", f"{error}\n{hint}")

    def _report_unread(self, error: BaseException) -> None:
        self._run_controller.failed.emit("The tags of this dataset could not be read", str(error))
