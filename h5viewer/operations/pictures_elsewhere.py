"""Pictures that no gallery shows: files that say no size, in many groups, as films; none at all."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from h5viewer.documents.picture_heads import HEAD, kind_of
from h5viewer.documents.picture_layouts import CHANNELS, are_sides
from h5viewer.documents.picture_words import means_weights, says_pictures
from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset
from h5viewer.operations.cuts import named
from h5viewer.operations.file_sets import may_be_files
from h5viewer.operations.group_sets import FEWEST, is_file, is_picture
from h5viewer.operations.loose_reading import bytes_of, element_count
from h5viewer.requests import Progress
from h5viewer.wording import plural

_MOST_TRIED = 20  # datasets of which the first element is read
_STEP = 2000  # datasets between two yields
_KEPT = "Decoded into one dataset of one size they could be looked at, checked and trained from."
_APART = "Together in one dataset of one size they could be looked at, checked and trained from."


def unshown_pictures(
    container: Container, datasets: Sequence[Dataset], shown: Iterable[NodePath], *, are_all: bool
) -> Generator[Progress, None, list[str]]:
    """Sentences that say where they are, and what would help.

    Args:
        are_all: the file has no more datasets than these.
    """
    nodes = set(shown)
    lists: list[Dataset] = []
    singles: list[Dataset] = []
    films: list[Dataset] = []
    for number, each in enumerate(datasets):
        if each.path not in nodes and not means_weights(each.path):
            for fits, some in ((may_be_files, lists), (_is_one, singles), (_is_film, films)):
                if fits(each):
                    some.append(each)
        if number % _STEP == _STEP - 1:
            yield Progress(done=0)
    found: list[str] = []
    for each in lists[:_MOST_TRIED]:
        found += _of_list(container, each)
        yield Progress(done=0)
    found += [_of_film(each) for each in films[:1]]
    found += [_of_nothing(each) for each in datasets if _is_empty(each)][:1]
    return found + _apart(container, singles, "" if are_all else "at least ")


# ------------------------------------------------------------------ files, one an element


def _of_list(container: Container, each: Dataset) -> list[str]:
    shape = each.shape or ()
    is_padded = each.dtype.kind in ("uint", "int")
    box = (slice(0, 1), slice(0, HEAD)) if is_padded else tuple(slice(0, 1) for _ in shape)
    head = _head(container, each, box)
    n_pictures = element_count(each)
    kind = kind_of(head)
    if kind:
        return [f"{named(each)} holds {plural(n_pictures, f'{kind} file')}, not pixels. {_KEPT}"]
    if each.dtype.kind == "vlen" and says_pictures(each.path) and len(head) == HEAD:
        return [
            f"{named(each)} holds {plural(n_pictures, 'picture')} of different sizes as lists of "
            f"bytes. {_APART}"
        ]
    return []


def _head(container: Container, each: Dataset, box: Box) -> bytes:
    """How the first element begins; nothing where it cannot be read."""
    try:
        return bytes_of(container.array(each.path).read(box))[:HEAD]
    except H5ViewerError:
        return b""


# ------------------------------------------------------------------ a dataset a picture


def _apart(container: Container, datasets: Sequence[Dataset], how: str) -> list[str]:
    """One sentence for all groups of the file."""
    files: list[Dataset] = []
    pixels: list[Dataset] = []
    for some in _alike(datasets):
        if len(some) < FEWEST:
            continue
        if is_file(some[0]):
            files += some if kind_of(_head(container, some[0], _all(some[0]))) else []
        else:
            pixels += some
    found: list[str] = []
    for chosen, what in ((pixels, "in a dataset of its own"), (files, "as a file of its own")):
        if chosen:
            first = visible(path_text(chosen[0].path), 80)
            count = f"{how}{plural(len(chosen), 'picture')}"
            found.append(
                f"{count[0].upper()}{count[1:]} stand each {what}, {first} for one. {_APART}"
            )
    return found


def _alike(datasets: Iterable[Dataset]) -> Iterable[list[Dataset]]:
    """In one group, or called alike in groups of one: 0/image, 1/image."""
    by_group: dict[NodePath, list[Dataset]] = {}
    for each in datasets:
        by_group.setdefault(each.path[:-1], []).append(each)
    by_name: dict[tuple[NodePath, bytes], list[Dataset]] = {}
    for some in by_group.values():
        if len(some) >= FEWEST:
            yield some
            continue
        for each in some:
            by_name.setdefault((each.path[:-2], each.path[-1]), []).append(each)
    yield from by_name.values()


def _is_one(each: Dataset) -> bool:
    return is_file(each) or is_picture(each)


def _all(each: Dataset) -> Box:
    return tuple(slice(0, min(length, HEAD)) for length in each.shape or ())


# ------------------------------------------------------------------ films


def _is_film(each: Dataset) -> bool:
    shape = each.shape or ()
    if len(shape) != 5 or 0 in shape or (each.dtype.kind, each.dtype.itemsize) != ("uint", 1):
        return False
    last = shape[4] in CHANNELS and are_sides(shape[2:4])
    return last or (shape[2] in CHANNELS and are_sides(shape[3:]))


def _of_film(each: Dataset) -> str:
    shape = each.shape or ()
    return (
        f"{named(each)} holds {plural(shape[0], 'film')} of {plural(shape[1], 'picture')}: the "
        "table shows one picture at a time."
    )


# ------------------------------------------------------------------ nothing


def _is_empty(each: Dataset) -> bool:
    shape = each.shape or ()
    return len(shape) in (3, 4) and shape[0] == 0 and says_pictures(each.path)


def _of_nothing(each: Dataset) -> str:
    return f"{named(each)} is empty: it has room for pictures, but holds none."
