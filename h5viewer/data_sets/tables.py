"""Tables that say which picture has which class: CSV with any of the usual separators."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from h5viewer.data_sets.split_names import split_of
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.plain_text import decoded
from h5viewer.formats.source import Source
from h5viewer.nodes import Split
from h5viewer.requests import Progress
from h5viewer.wording import bytes_text

_LONGEST = 256 << 20  # bytes
_SEPARATORS = ",;\t|"
_NAMES = (
    "filename", "file_name", "file", "image", "images", "image_name", "imagename", "image_path",
    "filepath", "file_path", "path", "picture", "img", "image_id", "id", "name",
)  # fmt: skip
_CLASSES = (
    "label", "labels", "class", "class_name", "classname", "category", "target", "breed",
    "species", "expected", "y", "diagnosis", "tag",
)  # fmt: skip
_SPLITS = ("split", "set", "subset", "partition", "usage", "fold", "data set", "dataset")
_BATCH = 20_000  # lines


class LabelTable(msgspec.Struct):
    """Classes and splits by the names that the table gives to pictures."""

    name: str  # of the file
    classes: dict[str, str] = {}
    splits: dict[str, Split] = {}
    columns: str = ""  # which were taken, in words
    used: set[str] = set()

    def find(self, path: str) -> str | None:
        """What the table calls the picture at `path`: its path, its name, or without ending."""
        picture = PurePosixPath(path)
        for key in (path, picture.name, picture.stem):
            if key in self.classes:
                self.used.add(key)
                return key
        return None


def read_table(source: Source, names: Sequence[str]) -> Generator[Progress, None, LabelTable]:
    """The table.

    Args:
        source: a CSV file.
        names: of all pictures, by which the column of names is found.

    Raises:
        CannotRead, TooLarge: it is no table of names and classes.
    """
    try:
        rows = csv.reader(io.StringIO(text := _text(source), newline=""), _dialect(text))
        head = next(rows, [])
        known = _known(names)
        name_at, class_at, split_at, is_head = _columns(head, rows, known, source.name)
        table = LabelTable(source.name, columns=_said(head, name_at, class_at, is_head=is_head))
        rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
        if is_head:
            next(rows)
        for number, row in enumerate(rows):
            if number % _BATCH == 0:
                yield Progress(done=0, text="Reading the table…")
            if len(row) > max(name_at, class_at):
                _take(table, row, name_at, class_at, split_at)
    except csv.Error as error:
        raise CannotRead(
            f"{source.name} is no table that can be read.", details=str(error)
        ) from error
    return table


def _take(table: LabelTable, row: list[str], name_at: int, class_at: int, split_at: int) -> None:
    key = row[name_at].strip().replace("\\", "/").removeprefix("./")
    label = row[class_at].strip()
    if key and label:
        table.classes[key] = label
        if 0 <= split_at < len(row) and (split := split_of(row[split_at])):
            table.splits[key] = split


def _text(source: Source) -> str:
    if source.size > _LONGEST:
        raise TooLarge(f"{source.name} is too large for a table: {bytes_text(source.size)}.")
    return decoded(source.read_at(0, _LONGEST), source.name)


class _Dialect(csv.excel):
    strict = True


def _dialect(text: str) -> type[csv.Dialect]:
    """By the separator that the first line has most of."""
    line = text[: text.find("\n") if "\n" in text else len(text)][:10_000]
    best = max(_SEPARATORS, key=line.count)
    return type("_Found", (_Dialect,), {"delimiter": best})


def _known(names: Sequence[str]) -> set[str]:
    known = set(names)
    for name in names:
        path = PurePosixPath(name)
        known.update((path.name, path.stem))
    return known


def _columns(
    head: list[str], rows: Iterator[list[str]], known: set[str], shown: str
) -> tuple[int, int, int, bool]:
    """Where names, classes and splits (-1: nowhere) stand, and whether the first row says so.

    Raises:
        CannotRead: no column has the names of pictures, or there is none beside it.
    """
    some = [row for row, _ in zip(rows, range(1000), strict=False)]
    titles = [title.strip().casefold() for title in head]
    hits = [sum(_is_of(row, at, known) for row in some) for at in range(len(head))]
    name_at = _first(titles, _NAMES)
    if name_at < 0 or not hits[name_at]:
        name_at = max(range(len(head)), key=lambda at: hits[at], default=-1)
    is_head = not _is_of(head, name_at, known)
    if name_at < 0 or (not hits[name_at] and is_head):
        raise CannotRead(
            f"{shown} has no column with the names of pictures in this folder.",
            hint="One column has to hold the names of the files, another their classes.",
        )
    split_at = _first(titles, _SPLITS) if is_head else -1
    class_at = _first(titles, _CLASSES) if is_head else -1
    if class_at in (-1, name_at):
        others = (at for at in range(len(head)) if at not in (name_at, split_at))
        class_at = next(others, -1)
    if class_at < 0:
        raise CannotRead(
            f"{shown} has names of pictures, but no column with their classes.",
            hint="Another column has to hold the classes.",
        )
    return name_at, class_at, split_at, is_head


def _is_of(row: list[str], at: int, known: set[str]) -> bool:
    if not 0 <= at < len(row):
        return False
    return row[at].strip().replace("\\", "/").removeprefix("./") in known


def _first(titles: list[str], wanted: tuple[str, ...]) -> int:
    return next((titles.index(each) for each in wanted if each in titles), -1)


def _said(head: list[str], name_at: int, class_at: int, *, is_head: bool) -> str:
    if is_head:
        return f"“{head[name_at].strip()}” and “{head[class_at].strip()}”"
    return f"number {name_at + 1} and {class_at + 1}"
