"""Labels that stand each beside its picture: a dataset in its group, an attribute, a twin.

`0/label` and the attribute `label` of `0/image`, or of `0`, are `(…, EACH, b"label")`; `labels/0`
beside `images/0` is `(b"labels", EACH)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_labels import COLUMNS, LabelFacts
from h5viewer.documents.picture_words import means_labels
from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import EACH, Dataset, LabelForm, PictureSet
from h5viewer.operations.loose_reading import member_paths
from h5viewer.requests import Progress

MOST = 20_000
"""Pictures whose labels are read: 0.2 ms each."""

STEP = 200
"""Labels that are read at once."""

_KEPT = "labels beside pictures"
_MOST_KEPT = 32 << 20  # bytes
_N_SAMPLES = 5
_MOST_BESIDE = 100  # names in the group of a picture
_LONGEST = 1000  # characters of a label
_MOST_COLUMNS = 10_000
_OF_FORMATS = (b"CLASS", b"MATLAB_", b"IMAGE_", b"DIMENSION_")  # attributes about the storage
_TRUTHS = {"True": 1, "False": 0}

_Value = str | float | list[float] | None


def are_own(pictures: PictureSet) -> bool:
    """True when each label of the set stands by itself."""
    return pictures.storage == "members" and EACH in (pictures.labels or ())


def own_candidates(container: Container, pictures: PictureSet) -> list[NodePath]:
    """Where the labels may be, as a few of the pictures say: what all of these have."""
    members = member_paths(container, pictures) if pictures.storage == "members" else []
    if not members or len(members) > MOST:
        return []
    samples = [members[at * len(members) // _N_SAMPLES] for at in range(_N_SAMPLES)]
    counts: Counter[NodePath] = Counter()
    try:
        for member in samples:
            counts.update(set(_beside(container, pictures, member)))
        twins = _twins(container, pictures, samples)
    except H5ViewerError:
        return []  # damaged: the pictures are there all the same
    return [*(path for path, count in counts.items() if count == len(samples)), *twins]


def own_facts(
    container: Container, pictures: PictureSet, labels: NodePath
) -> Generator[Progress, None, LabelFacts]:
    """Form and range of all of them."""
    rows = yield from _all_rows(container, pictures, labels)
    facts = LabelFacts()
    if rows is not None:
        facts.add(rows)
        facts.texts -= {""}
    return facts


def own_rows(container: Container, pictures: PictureSet, start: int, stop: int) -> NDArray[Any]:
    """Labels `start` to `stop`, as `LabelShape.rows` gives those of a dataset."""
    labels = pictures.labels or ()
    kept: NDArray[Any] | None = container.source.kept.get(_key(pictures, labels))
    if kept is not None:
        return kept[start:stop]
    rows = _rows(_values(container, pictures, labels, start, stop), pictures.label_form)
    if rows is not None:
        return rows
    if pictures.label_form in COLUMNS:  # as `_rows` has a single one that is missing
        return np.zeros((stop - start, len(pictures.label_names)))
    return np.full(stop - start, np.nan)


def _key(pictures: PictureSet, labels: NodePath) -> tuple[object, ...]:
    """Which pictures, as `member_paths` tells them apart, and which labels."""
    members = pictures.node, pictures.left_out, pictures.member, pictures.has_classes
    return _KEPT, *members, labels


def _all_rows(
    container: Container, pictures: PictureSet, labels: NodePath
) -> Generator[Progress, None, NDArray[Any] | None]:
    """As `_rows`; kept for the questions that follow."""
    kept, key = container.source.kept, _key(pictures, labels)
    rows: NDArray[Any] | None = kept.get(key)
    if rows is not None:
        return rows
    n_pictures = pictures.n_pictures
    values: list[_Value] = []
    lengths: set[int] = set()
    has_texts = False
    for start in range(0, n_pictures, STEP):
        found = _values(container, pictures, labels, start, min(n_pictures, start + STEP))
        has_texts = has_texts or any(isinstance(each, str) for each in found)
        lengths |= _lengths(found)
        if len(lengths) > 1 and not has_texts:
            return None  # frames, outlines: none will be read
        values += found
        yield Progress(done=start, total=n_pictures, unit="labels")
    rows = _rows(values, "text" if has_texts else "")
    if rows is not None and _n_bytes(rows) <= _MOST_KEPT:
        kept[key] = rows
    return rows


def _n_bytes(rows: NDArray[Any]) -> int:
    return sum(map(len, rows)) if rows.dtype == object else rows.nbytes


# ------------------------------------------------------------------ where they are


def _beside(container: Container, pictures: PictureSet, member: NodePath) -> list[NodePath]:
    """What is called a label in the group of a picture, and among the attributes."""
    path = (*pictures.node, *member)
    names: list[bytes] = []
    places = [path]
    if pictures.member:
        group = path[:-1]
        places.append(group)
        for name in _names(container, group):
            node = container.describe((*group, name)) if means_labels((name,)) else None
            names += [name] if isinstance(node, Dataset) and _is_one(node) else []
    for place in places:
        listed = container.attributes(place, 0, _MOST_BESIDE).attributes
        names += [
            each.name
            for each in listed
            if means_labels((each.name,)) and not each.name.startswith(_OF_FORMATS)
        ]
    return [(*pictures.node, EACH, name) for name in names]


def _is_one(node: Dataset) -> bool:
    return len(node.shape or ()) <= 1 and node.n_elements <= _MOST_COLUMNS


def _names(container: Container, group: NodePath) -> list[bytes]:
    names = next(iter(container.child_names(group)), [])
    return names[:_MOST_BESIDE]


def _twins(
    container: Container, pictures: PictureSet, samples: Sequence[NodePath]
) -> list[NodePath]:
    """Groups beside that of the pictures with a dataset for each of them, of the same name."""
    if not pictures.node or pictures.member or pictures.has_classes:
        return []
    above = pictures.node[:-1]
    found: list[NodePath] = []
    for name in _names(container, above):
        twin = (*above, name)
        if twin != pictures.node and means_labels((name,)):
            values = [_stored(container, (*twin, *member)) for member in samples]
            found += [(*twin, EACH)] if None not in values else []
    return found


# ------------------------------------------------------------------ what they say


def _values(
    container: Container, pictures: PictureSet, labels: NodePath, start: int, stop: int
) -> list[_Value]:
    members = member_paths(container, pictures)[start:stop]
    if labels[-1] == EACH:
        return [_stored(container, (*labels[:-1], *member)) for member in members]
    name = labels[-1]
    return [_own(container, pictures, (*pictures.node, *member), name) for member in members]


def _own(container: Container, pictures: PictureSet, path: NodePath, name: bytes) -> _Value:
    """The dataset beside a picture, its attribute, that of its group; None: there is none."""
    found = _stored(container, (*path[:-1], name)) if pictures.member else None
    for place in (path, *([path[:-1]] if pictures.member else [])):
        if found is None:
            found = _attribute(container, place, name)
    return found


def _stored(container: Container, path: NodePath) -> _Value:
    try:
        array = container.array(path)
        if not _is_one(array.facts):
            return None
        values = array.read(whole(array.facts.shape or ())).reshape(-1)
    except H5ViewerError:
        return None
    if values.dtype.kind in "biuf" and values.size:
        numbers: list[float] = values.tolist()
        return numbers[0] if len(numbers) == 1 else numbers
    value = values[0] if values.size == 1 else None
    if isinstance(value, np.ndarray):  # a text of any length, alone
        value = value[()]
    return _text(plain(value)) if isinstance(value, bytes | str) else None


def _attribute(container: Container, path: NodePath, name: bytes) -> _Value:
    try:
        found = container.attribute_text(path, name, _LONGEST)
    except H5ViewerError:
        return None
    if found is None or not found.is_complete:
        return None
    return _TRUTHS[found.text] if found.text in _TRUTHS else _number(found.text)


def _number(text: str) -> str | float:
    """Of an attribute only the text is known; NumPy writes one of several as [3]."""
    inner = text.removeprefix("[").removesuffix("]")
    try:
        return float(inner)
    except ValueError:
        return _text(text)


def _text(text: str) -> str:
    return text.rstrip("\0")[:_LONGEST]


def _rows(values: Sequence[_Value], form: LabelForm) -> NDArray[Any] | None:
    """(labels,) of texts or numbers, or (labels, columns); None: none, or of several kinds."""
    known = [each for each in values if each is not None]
    if not known:
        return None
    if form == "text":
        texts = [each if isinstance(each, str) else _as_text(each) for each in values]
        return np.array(texts, dtype=object)
    lengths = _lengths(known)
    if len(lengths) != 1 or any(isinstance(each, str) for each in known):
        return None
    (length,) = lengths
    missing: Any = [0.0] * length if length else np.nan
    return np.array([missing if each is None else each for each in values], np.float64)


def _lengths(values: Sequence[_Value]) -> set[int]:
    """How many numbers one has that is a list; 0: one number, or a text."""
    return {len(each) if isinstance(each, list) else 0 for each in values if each is not None}


def _as_text(value: float | list[float] | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float | int) else str(value)
