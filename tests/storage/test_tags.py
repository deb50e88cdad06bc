"""Tags on the disk: what is kept comes back, whatever happens to the file; and as a table."""

import csv
import dataclasses
import io
import json
import os
import string
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_gui.config.run_config import DataConfig
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.splits import Split, make_splits
from mnist_gui.storage.atomic_file import set_aside_if
from mnist_gui.storage.tags import (
    NO_REMARK,
    TAGS,
    Place,
    Remark,
    Tags,
    TagsError,
    change_tags,
    file_for,
    is_damaged,
    load_tags,
    place_of,
)
from mnist_gui.storage.tags_csv import tags_table

TRAIN, TEST = 30, 12
BAD, ODD = Remark(frozenset({"bad label"})), Remark(frozenset({"ambiguous", "interesting"}), "a 4, or a 9")


def letters(seed: int = 0) -> Dataset:
    """Noise of 8x8 pixels in 47 classes with letters as names."""
    rng = np.random.default_rng(seed)
    return Dataset(
        name="letters",
        folder=Path(),
        train_images=rng.integers(0, 256, (TRAIN, 8, 8), np.uint8),
        train_labels=rng.integers(0, 47, TRAIN, np.uint8),
        test_images=rng.integers(0, 256, (TEST, 8, 8), np.uint8),
        test_labels=rng.integers(0, 47, TEST, np.uint8),
        class_names=tuple((string.ascii_letters)[:47]),
    )


DATASET = letters()
PLACES = st.builds(Place, st.just("train"), st.integers(0, TRAIN - 1)) | st.builds(
    Place, st.just("test"), st.integers(0, TEST - 1)
)
REMARKS = st.builds(Remark, st.frozensets(st.sampled_from(TAGS)), st.text(max_size=20))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return file_for(DATASET, tmp_path / "tags")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.lists(st.tuples(PLACES, REMARKS), max_size=8))
def test_what_is_kept_comes_back_and_the_last_remark_on_a_digit_holds(
    path: Path, changes: list[tuple[Place, Remark]]
) -> None:
    path.unlink(missing_ok=True)
    for change in changes:
        change_tags(path, DATASET, [change])
    found = load_tags(path, DATASET)
    last = dict(changes)
    assert found.remarks == {place: remark for place, remark in last.items() if not remark.is_empty}
    assert all(found.of(place) == remark for place, remark in last.items())
    assert load_tags(path, DATASET) == change_tags(path, DATASET, [])


def test_where_nothing_was_tagged_there_are_no_tags(path: Path) -> None:
    assert len(load_tags(path, DATASET)) == 0
    assert load_tags(path, DATASET).of(Place("train", 3)) == NO_REMARK


def test_what_another_window_has_tagged_since_stays(path: Path) -> None:
    change_tags(path, DATASET, [(Place("train", 3), BAD)])
    found = change_tags(path, DATASET, [(Place("test", 3), ODD)])
    assert found.remarks == {Place("train", 3): BAD, Place("test", 3): ODD}


def test_a_digit_keeps_its_tags_in_another_split_of_the_same_files() -> None:
    for seed in range(4):
        splits = make_splits(DATASET, DataConfig(train=20, validation=10, seed=seed))
        for split in (splits.train, splits.validation, splits.test):
            for index in range(len(split)):
                place = place_of(split, index, DATASET)
                assert place
                file = DATASET.test_images if place.file == "test" else DATASET.train_images
                np.testing.assert_array_equal(file[place.row], split.image(index))
        assert place_of(splits.test, 5, DATASET) == Place("test", 5)


def test_a_digit_of_no_file_has_no_place() -> None:
    drawing = Split("test", np.zeros((1, 8, 8), np.uint8), np.arange(1), np.zeros(1, np.uint8))
    assert place_of(drawing, 0, DATASET) is None


def test_tags_go_with_the_pixels_and_labels_and_not_with_the_folder(tmp_path: Path) -> None:
    assert file_for(dataclasses.replace(letters(), folder=Path("/elsewhere")), tmp_path) == file_for(DATASET, tmp_path)
    assert file_for(letters(1), tmp_path) != file_for(DATASET, tmp_path)
    labels = DATASET.train_labels.copy()
    labels[7] ^= 1
    assert file_for(dataclasses.replace(DATASET, train_labels=labels), tmp_path) != file_for(DATASET, tmp_path)
    views = dataclasses.replace(DATASET, train_images=np.asfortranarray(DATASET.train_images))
    assert file_for(views, tmp_path) == file_for(DATASET, tmp_path)


def test_rows_are_those_of_one_file_with_any_of_the_tags_in_their_order() -> None:
    tags = Tags().with_remarks(
        [
            (Place("train", 9), BAD),
            (Place("train", 2), ODD),
            (Place("test", 1), BAD),
            (Place("train", 5), Remark(note="?")),
        ]
    )
    assert tags.rows("train", ["bad label"]) == (9,)
    assert tags.rows("train", ["bad label", "ambiguous"]) == (2, 9)
    assert tags.rows("train") == (2, 5, 9)
    assert tags.rows("test", ["interesting"]) == ()


def damaged(path: Path) -> str:
    with pytest.raises(TagsError) as caught:
        load_tags(path, DATASET)
    assert str(path) in str(caught.value)
    return str(caught.value)


GOOD = {"file": "train", "row": 3, "tags": ["bad label"], "note": ""}


@pytest.mark.parametrize(
    ("digit", "named"),
    [
        ({**GOOD, "row": TRAIN}, "a row of it"),
        ({**GOOD, "row": -1}, "a row of it"),
        ({**GOOD, "row": True}, "a row of it"),
        ({**GOOD, "row": 1.0}, "a row of it"),
        ({**GOOD, "file": "other"}, "expected a file"),
        ({**GOOD, "file": ["train"]}, "expected a file"),
        ({**GOOD, "tags": ["rubbish"]}, "expected tags"),
        ({**GOOD, "tags": [{}]}, "expected tags"),
        ({**GOOD, "tags": "bad label"}, "expected tags"),
        ({**GOOD, "note": 3}, "a note"),
        ({}, "expected a file"),
        ([], "expected an object"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_by_name(path: Path, digit: object, named: str) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"format_version": 1, "digits": [GOOD, digit]}))
    assert named in damaged(path)
    with pytest.raises(TagsError):
        change_tags(path, DATASET, [(Place("test", 3), ODD)])
    assert "bad label" in path.read_text()  # nothing was written over it


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"format_version": 0}', b'{"format_version": 1}', b"[" * 100_000]
)
def test_what_is_no_file_of_tags_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    damaged(path)


def test_a_file_of_a_newer_version_is_neither_read_nor_called_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"format_version": 2, "digits": {"of": "the future"}}')
    before = path.read_bytes()
    with pytest.raises(OSError, match="newer"):
        change_tags(path, DATASET, [(Place("test", 3), ODD)])
    assert path.read_bytes() == before


def table(tags: Tags, answers: Mapping[Place, tuple[int, float]] = MappingProxyType({})) -> list[list[str]]:
    return list(csv.reader(io.StringIO(tags_table(tags, DATASET, answers).decode(), newline="")))


def test_the_table_has_a_line_for_each_digit_and_answers_where_they_are_known() -> None:
    note = 'says "7", not 1;\nsee also 12'
    tags = Tags().with_remarks(
        [(Place("test", 1), BAD), (Place("train", 10), ODD), (Place("train", 9), Remark(BAD.tags, note))]
    )
    names = DATASET.class_names
    answers = {Place("test", 1): (3, 0.125), Place("train", 10): (46, float("inf"))}
    assert table(tags, answers) == [
        ["file", "index", "label", "tags", "note", "predicted", "loss"],
        ["train", "9", names[DATASET.train_labels[9]], "bad label", note, "", ""],
        ["train", "10", names[DATASET.train_labels[10]], "ambiguous;interesting", "a 4, or a 9", "U", "inf"],
        ["test", "1", names[DATASET.test_labels[1]], "bad label", "", "d", "0.125"],
    ]


def test_the_table_of_no_tags_has_its_heading_and_half_a_character_is_no_obstacle() -> None:
    assert len(table(Tags())) == 1
    tags = Tags().with_remarks([(Place("test", 1), Remark(note="half \ud800"))])
    assert table(tags)[1][4] == "half ?"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_note_that_a_spreadsheet_would_compute_is_quoted(beginning: str) -> None:
    note = f'{beginning}HYPERLINK("http://example.org";"7")'
    tags = Tags().with_remarks([(Place("test", 1), Remark(note=note))])
    assert table(tags)[1][4] == f"'{note}"


def test_two_windows_that_tag_at_the_same_time_lose_no_tag(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"

    def tag(rows: range) -> None:
        for row in rows:
            change_tags(path, DATASET, [(Place("train", row), BAD)])

    threads = [Thread(target=tag, args=(range(start, TRAIN, 3),)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load_tags(path, DATASET).rows("train") == tuple(range(TRAIN))


def test_a_damaged_file_that_another_window_has_begun_anew_is_not_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    path.write_text("damaged")
    assert set_aside_if(path, lambda: is_damaged(path, DATASET)) == tmp_path / "tags.damaged-1.json"
    change_tags(path, DATASET, [(Place("train", 1), BAD)])
    assert set_aside_if(path, lambda: is_damaged(path, DATASET)) is None
    assert len(load_tags(path, DATASET)) == 1


def test_a_device_or_a_huge_file_in_the_place_of_tags_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tags.json"
    os.mkfifo(path)
    with pytest.raises(OSError, match="a device or a pipe"):
        load_tags(path, DATASET)
    path.unlink()
    path.write_text(" " * 200)
    monkeypatch.setattr("mnist_gui.storage.tags.MOST_BYTES", 100)
    with pytest.raises(OSError, match="200 bytes, more than"):
        load_tags(path, DATASET)
