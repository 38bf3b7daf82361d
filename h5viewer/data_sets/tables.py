"""Tables that say which picture has which class: CSV with any of the usual separators.

The class stands in a column, or it is the title of the one column that has a 1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from unicodedata import normalize

import msgspec

from h5viewer.data_sets.split_names import split_of
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.plain_text import decoded
from h5viewer.formats.source import Source
from h5viewer.nodes import Split
from h5viewer.picture_files import has_picture_name
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
    "species", "expected", "y", "diagnosis", "tag", "class_id", "classid", "label_id",
    "category_id",
)  # fmt: skip
_SPLITS = ("split", "set", "subset", "partition", "usage", "fold", "data_set", "dataset")
_BATCH = 20_000  # lines
_LOOKED_AT = 1000  # of them, to find what stands where


class LabelTable(msgspec.Struct):
    """Classes and splits by the names that the table gives to pictures."""

    name: str  # of the file
    classes: dict[str, str] = {}
    splits: dict[str, Split] = {}
    other_splits: dict[str, str] = {}  # what the table calls those that are none of ours
    unlabelled: set[str] = set()  # names that it gives no class
    disputed: set[str] = set()  # names that have several classes: a row for each thing in it
    columns: str = ""  # which were taken, in words
    used: set[str] = set()

    def find(self, path: str) -> str | None:
        """What the table calls the picture at `path`."""
        for key in _names_of(path):
            if key in self.classes:
                self.used.add(key)
                return key
        return None

    def has_no_class(self, path: str) -> bool:
        """It names the picture at `path`, which it gives no class."""
        return not self.unlabelled.isdisjoint(_names_of(path))

    def nearly(self) -> NearlyNamed:
        """What it calls pictures by other names than their own, of those not found yet."""
        return NearlyNamed([key for key in self.classes if key not in self.used])


class NearlyNamed:
    """Names that differ from those of pictures in case, ending or the folders around."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for key in keys:
            plain = _folded(key)
            self._by_name.setdefault(plain.rpartition("/")[2], []).append((plain, key))

    def find(self, path: str) -> str | None:
        """The one that means the picture at `path`; None: there is none, or several."""
        own = _folded(path)
        found = [
            key
            for plain, key in self._by_name.get(own.rpartition("/")[2], ())
            if f"/{own}".endswith(f"/{plain}") or plain.endswith(f"/{own}")
        ]
        return found[0] if len(found) == 1 else None


class _Columns(NamedTuple):
    """Where what stands; −1: nowhere."""

    name: int
    classes: list[int]  # several: the one that has a 1
    split: int
    has_titles: bool

    def class_of(self, row: list[str], head: list[str]) -> str:
        """The class in a row; "": it has none."""
        if len(self.classes) == 1:
            return row[self.classes[0]].strip()
        marked = [at for at in self.classes if _is_one(row[at])]
        return head[marked[0]].strip() if len(marked) == 1 else ""


def read_table(source: Source, names: Sequence[str]) -> Generator[Progress, None, LabelTable]:
    """The table.

    Args:
        source: a CSV file.
        names: of all pictures, by which the column of names is found.

    Raises:
        CannotRead, TooLarge: it is no table of names and classes.
    """
    try:
        text = _text(source).lstrip("\r\n")
        rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
        head = next(rows, [])
        known = _known(names)
        columns = _columns(head, rows, known, source.name)
        table = LabelTable(source.name, columns=_said(head, columns))
        rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
        if columns.has_titles:
            next(rows)
        for number, row in enumerate(rows):
            if number % _BATCH == 0:
                yield Progress(done=0, text="Reading the table…")
            if len(row) > max(columns.name, *columns.classes):
                _take(table, row, head, columns)
    except csv.Error as error:
        raise CannotRead(
            f"{source.name} is no table that can be read.", details=str(error)
        ) from error
    return table


def _take(table: LabelTable, row: list[str], head: list[str], columns: _Columns) -> None:
    key, label = _key(row[columns.name]), columns.class_of(row, head)
    if key and label:
        if table.classes.setdefault(key, label) != label:
            table.disputed.add(key)
        if 0 <= columns.split < len(row) and (said := row[columns.split].strip()):
            if split := split_of(said):
                table.splits[key] = split
            else:
                table.other_splits[key] = said
    elif key:
        table.unlabelled.add(key)


def _names_of(path: str) -> tuple[str, str, str]:
    """What a table may call a picture: its path, its name, or that without ending."""
    picture = PurePosixPath(path)
    return path, picture.name, picture.stem


def _key(text: str) -> str:
    return text.strip().replace("\\", "/").removeprefix("./")


def _folded(name: str) -> str:
    """Without case, without the ending of a picture, and letters with their accents as one.

    macOS takes letters and accents apart in the names of files.
    """
    plain = str(PurePosixPath(name).with_suffix("") if has_picture_name(name) else name)
    return normalize("NFC", plain).casefold()


def _text(source: Source) -> str:
    if source.size > _LONGEST:
        raise TooLarge(f"{source.name} is too large for a table: {bytes_text(source.size)}.")
    return decoded(source.read_at(0, _LONGEST), source.name)


class _Dialect(csv.excel):
    strict = True


def _dialect(text: str) -> type[csv.Dialect]:
    """By the separator that the first line has most of; blanks where it has none."""
    line = text[: text.find("\n") if "\n" in text else len(text)][:10_000]
    best = max(_SEPARATORS, key=line.count)
    if best not in line.strip() and " " in line.strip():
        return type("_Found", (_Dialect,), {"delimiter": " ", "skipinitialspace": True})
    return type("_Found", (_Dialect,), {"delimiter": best})


def _known(names: Sequence[str]) -> set[str]:
    known = set(names)
    for name in names:
        path = PurePosixPath(name)
        known.update((path.name, path.stem, _folded(path.name)))
    return known


def _columns(head: list[str], rows: Iterator[list[str]], known: set[str], shown: str) -> _Columns:
    """Where names, classes and splits stand, and whether the first row says so.

    Raises:
        CannotRead: no column has the names of pictures, or there is none beside it.
    """
    some = [row for row, _ in zip(rows, range(_LOOKED_AT), strict=False)]
    titles = [title.strip().casefold().replace(" ", "_").replace("-", "_") for title in head]
    hits = [sum(_is_of(row, at, known) for row in some) for at in range(len(head))]
    name_at = _first(titles, _NAMES)
    if name_at < 0 or not hits[name_at]:
        name_at = max(range(len(head)), key=lambda at: hits[at], default=-1)
    has_titles = not _is_of(head, name_at, known)
    if name_at < 0 or (not hits[name_at] and has_titles):
        raise CannotRead(
            f"{shown} has no column with the names of pictures in this folder.",
            hint="One column has to hold the names of the files, another their classes.",
        )
    split_at = _first(titles, _SPLITS) if has_titles else -1
    class_at = _first(titles, _CLASSES) if has_titles else -1
    if class_at not in (-1, name_at):
        return _Columns(name_at, [class_at], split_at, has_titles)
    others = [at for at in range(len(head)) if at not in (name_at, split_at)]
    if not others:
        raise CannotRead(
            f"{shown} has names of pictures, but no column with their classes.",
            hint="Another column has to hold the classes.",
        )
    marks = _marks(others, some) if has_titles else []
    return _Columns(name_at, marks or [_likely(others, some)], split_at, has_titles)


def _marks(columns: list[int], rows: list[list[str]]) -> list[int]:
    """Columns of 0 and 1 of which each row has a single 1; none: there are no such."""
    rows = [row for row in rows if len(row) > max(columns)]
    found = [at for at in columns if all(_is_one(row[at]) is not None for row in rows)]
    is_one_each = all(sum(bool(_is_one(row[at])) for at in found) == 1 for row in rows)
    return found if rows and len(found) > 1 and is_one_each else []


def _is_one(text: str) -> bool | None:
    """None: neither 0 nor 1."""
    return {"1": True, "1.0": True, "0": False, "0.0": False}.get(text.strip())


def _likely(columns: list[int], rows: list[list[str]]) -> int:
    """The first column in which values are found again, as classes are; else the first."""
    for at in columns:
        values = [row[at].strip() for row in rows if len(row) > at]
        if 2 <= len(set(values)) <= len(values) // 2:
            return at
    return columns[0]


def _is_of(row: list[str], at: int, known: set[str]) -> bool:
    if not 0 <= at < len(row):
        return False
    key = _key(row[at])
    return key in known or (bool(key) and _folded(key).rpartition("/")[2] in known)


def _first(titles: list[str], wanted: tuple[str, ...]) -> int:
    return next((titles.index(each) for each in wanted if each in titles), -1)


def _said(head: list[str], columns: _Columns) -> str:
    which = [columns.name, *columns.classes]
    if not columns.has_titles:
        return f"number {which[0] + 1} and {which[1] + 1}"
    first, *others = (f"“{head[at].strip()}”" for at in which)
    return f"{first} and {others[0]}" + (f" to {others[-1]}" if len(others) > 1 else "")
