"""Data sets of pictures whose files are the elements of a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence

from h5viewer.documents.picture_heads import HEAD, LONGEST, PictureHead, head_of, kind_of
from h5viewer.documents.picture_words import means_weights, split_of
from h5viewer.errors import H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, PictureSet
from h5viewer.operations.loose_reading import (
    LARGEST,
    bytes_of,
    element_box,
    element_bytes,
    element_count,
)
from h5viewer.operations.loose_sets import (
    MOST_READ,
    MOST_TRIED,
    Loose,
    are_alike,
    encoding_of,
    layout_of,
    paired,
    spread,
)
from h5viewer.operations.picture_pairing import Datasets
from h5viewer.requests import Progress

_SHORTEST = 32  # bytes of a picture's file


def find_files(
    container: Container, datasets: Sequence[Dataset], known: Datasets
) -> Generator[Progress, None, list[Loose]]:
    """Sets of files that are elements of a dataset, in the order of the file."""
    found: list[Loose] = []
    n_tried = Counter[str]()
    for each in datasets:
        if not may_be_files(each) or means_weights(each.path) or _is_short(each):
            continue
        kind = each.dtype.kind
        n_tried[kind] += 1
        are_rows = kind in ("uint", "int")
        if n_tried[kind] > MOST_TRIED or (are_rows and not _begins(container, each)):
            continue
        yield Progress(done=0)
        heads = [head for head in map(head_of, element_samples(container, each)) if head]
        if heads:
            pictures = yield from _of_elements(container, each, heads, known)
            found.append(Loose(pictures, (each.path,)))
    return found


def may_be_files(each: Dataset) -> bool:
    """True for a list of lists of bytes, of texts of bytes, of bytes without meaning."""
    shape = each.shape or ()
    if each.dtype.kind in ("vlen", "opaque", "string"):
        return len(shape) in (1, 2) and max(shape, default=0) == each.n_elements > 1
    is_byte = each.dtype.kind in ("uint", "int") and each.dtype.itemsize == 1
    return is_byte and len(shape) == 2 and shape[0] > 1 and shape[1] > HEAD


def _is_short(each: Dataset) -> bool:
    """True for texts and bytes in which no picture has room; texts of any length end at a zero."""
    is_text = each.dtype.kind == "string"
    return (is_text and "variable" in each.dtype.text) or (
        each.dtype.kind in ("string", "opaque") and each.dtype.itemsize < _SHORTEST
    )


def _begins(container: Container, facts: Dataset) -> bool:
    """True for rows of bytes of which the first, or the middle one, begins like a picture's file.

    Where they do not, they are numbers, of which each read may cost a whole chunk.
    """
    for row in (0, (facts.shape or (0,))[0] // 2):
        try:
            values = container.array(facts.path).read((slice(row, row + 1), slice(0, 2 * HEAD)))
        except H5ViewerError:
            continue
        if kind_of(values.tobytes()):
            return True
    return False


def element_samples(container: Container, facts: Dataset) -> list[bytes]:
    """How some elements begin, spread over all: those that can be read and are not empty."""
    found: list[bytes] = []
    n_read = 0
    if facts.dtype.kind not in ("uint", "int") and element_bytes(facts) > LARGEST:
        return []
    array = container.array(facts.path)
    for index in spread(element_count(facts)):
        box = element_box(facts, index, index + 1)
        if facts.dtype.kind in ("uint", "int"):
            box = (box[0], slice(0, min(box[1].stop, LONGEST)))
        try:
            data = bytes_of(array.read(box))
        except H5ViewerError:
            continue
        found += [data[:LONGEST]] if data else []
        n_read += len(data)
        if n_read > MOST_READ:
            break
    return found


def _of_elements(
    container: Container, facts: Dataset, heads: Sequence[PictureHead], known: Datasets
) -> Generator[Progress, None, PictureSet]:
    n_pictures = element_count(facts)
    pictures = PictureSet(
        node=facts.path,
        shape=facts.shape or (),
        dtype=facts.dtype.text,
        layout=layout_of(heads),
        n_pictures=n_pictures,
        storage="elements",
        encoding=encoding_of(heads),
        are_alike=are_alike(heads),
        sources=known.sources(n_pictures, facts.path),
        split=split_of(facts.path),
    )
    return (yield from paired(container, pictures, known))
