"""A copy of a file in which one data set of pictures is longer by pictures changed at random."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.augmentation import augmented
from h5viewer.documents.picture_labels import label_shape
from h5viewer.documents.picture_layouts import arranged
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_differences import Differences, text_attribute
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.hdf5_lists import object_at
from h5viewer.formats.hdf5_multiplied import Multiplied
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.model_copying import Changes, copy_model
from h5viewer.operations.picture_augmentation import as_pixels, check
from h5viewer.operations.picture_reading import Pictures
from h5viewer.requests import Progress, WriteAugmented
from h5viewer.wording import count_text, plural

_MOST_COPIES = 1000
_MOST_NEIGHBOURS = 2000  # names beside the pictures that are looked at
_WHITE = 255.0
_RECIPE = b"augmentation"  # attribute of the pictures


def plan_write_augmented(request: WriteAugmented, container: Container) -> Operation[ExportPlan]:
    """What would go in.

    Raises:
        CannotRead: as `write_augmented`.
    """
    pictures = _checked(request, container)
    stored = pictures.array.facts.stored_bytes
    n_new = pictures.length * request.copies
    n_old = pictures.length if request.keeps_originals else 0
    before = container.source.size
    as_they_are = ExportPart(name=_pictures(pictures.length, "as they are"), n_bytes=stored)
    kept = [as_they_are] if n_old else []
    changed = _pictures(n_new, "changed at random")
    kept.append(ExportPart(name=changed, n_bytes=stored * request.copies))
    followers = sum(_stored(container, path) for path in _followers(request, container))
    rest = max(0, before - stored - followers)
    kept.append(ExportPart(name="labels", n_bytes=followers * _n_rounds(request)))
    kept.append(ExportPart(name="everything else in the file", n_bytes=rest))
    yield Progress(done=1, total=1)
    return ExportPlan(
        kept=tuple(kept),
        left_out=() if n_old else (as_they_are,),
        bytes_before=before,
        bytes_after=before + (stored + followers) * (_n_rounds(request) - 1),
        is_estimate=bool(pictures.array.facts.filters),
        notes=tuple(_notes(request, container, pictures)),
    )


def write_augmented(
    request: WriteAugmented, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Copy, change, read back, compare.

    Raises:
        CannotRead: no pictures there, nothing to change, damage.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    pictures = _checked(request, container)
    assert isinstance(container, Hdf5Container)
    longer = _Longer(container, request, pictures)
    stored = pictures.array.facts.declared_bytes
    changes = Changes(
        is_left_out=lambda _: False,
        is_weight=lambda _: False,
        rewriting_of=longer.at,
        n_bytes=container.source.size + stored * (_n_rounds(request) - 1),
        differences=Differences(attributes={request.pictures.node: {_RECIPE: _recipe(request)}}),
    )
    yield from copy_model(container, scratch, changes, request.target)
    longer.require_all(request.target)
    return Exported(
        bytes_before=container.source.size,
        bytes_after=scratch.size,
        n_weights=0,
        n_identical=0,
        notes=tuple(_notes(request, container, pictures)),
    )


class _Longer:
    """Which datasets of the copy are longer; one may have several names."""

    def __init__(
        self, container: Hdf5Container, request: WriteAugmented, pictures: Pictures
    ) -> None:
        self._root = container.root
        n_rounds = _n_rounds(request)
        change = _Change(request)
        self._by_path = {request.pictures.node: Multiplied(pictures.axis, n_rounds, change.rows)}
        for path in _followers(request, container):
            axis = _axis(container, path, pictures.length)
            self._by_path[path] = Multiplied(axis, n_rounds)
        self._by_address = {
            address_of(object_at(self._root, path)): how for path, how in self._by_path.items()
        }

    def at(self, path: NodePath) -> Multiplied | None:
        """How a dataset is stored; None: as it is."""
        return self._by_path.get(path) or self._by_address.get(
            address_of(object_at(self._root, path))
        )

    def require_all(self, target: str) -> None:
        """Raise when one of them was not met.

        Raises:
            CannotWrite: it was not.
        """
        for path, how in self._by_path.items():
            if not how.is_written:
                raise CannotWrite(
                    f"{target} was not saved: {visible(path_text(path), 100)} is not in the copy."
                )


class _Change:
    """Makes the rows of each round."""

    def __init__(self, request: WriteAugmented) -> None:
        self._request = request
        self._layout = request.pictures.layout

    def rows(self, which: int, first: int, stored: NDArray[Any]) -> NDArray[Any]:
        """Pictures as stored, from number `first` on → the same or changed ones."""
        request = self._request
        copy = which - request.keeps_originals
        if copy < 0:
            return stored
        made = np.empty(stored.shape, stored.dtype)
        places = arranged(made, self._layout)
        assert np.shares_memory(places, made)
        # float16 is computed with as float32
        for at, picture in enumerate(arranged(stored, self._layout)):
            pixels = as_pixels(picture, self._layout)
            seed = (request.seed, first + at, copy)
            places[at] = self._as_stored(augmented(pixels, request.augmentation, seed), made.dtype)
        return made

    def _as_stored(self, pixels: NDArray[np.float32], dtype: np.dtype[Any]) -> NDArray[Any]:
        low, high = self._layout.low, self._layout.high
        values: NDArray[Any] = pixels
        if high > low and (low, high) != (0, _WHITE):
            values = pixels.astype(np.float64) * ((high - low) / _WHITE) + low
        if dtype.kind == "f":
            with np.errstate(over="ignore"):
                floats: NDArray[Any] = values.astype(dtype)
            return floats
        least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        with np.errstate(invalid="ignore"):
            whole: NDArray[Any] = np.nan_to_num(np.rint(values).clip(least, most)).astype(dtype)
        return whole


def _pictures(count: int, what: str) -> str:
    return f"{plural(count, 'picture')} {what}"


def _n_rounds(request: WriteAugmented) -> int:
    return request.copies + request.keeps_originals


def _checked(request: WriteAugmented, container: Container) -> Pictures:
    """The pictures, when they can be changed and written as is asked.

    Raises:
        CannotRead: they cannot.
    """
    if not isinstance(container, Hdf5Container):
        raise CannotRead("Only pictures in an HDF5 file can be written changed.")
    check(request.augmentation)
    if request.augmentation.is_nothing:
        raise CannotRead(
            "This augmentation changes nothing.", hint="Choose how pictures are to be changed."
        )
    if not 1 <= request.copies <= _MOST_COPIES:
        raise CannotRead(f"Of each picture 1 to {_MOST_COPIES:,} changed ones can be written.")
    pictures = Pictures(container, request.pictures)
    facts = pictures.array.facts
    if not pictures.length:
        raise CannotRead(f"{named(facts)} has no pictures.")
    if facts.dtype.kind not in ("uint", "int", "float", "bool"):
        raise CannotRead(f"{named(facts)} holds {facts.dtype.text}, which cannot be written anew.")
    for path in _followers(request, container):
        _axis(container, path, pictures.length)
    return pictures


def _followers(request: WriteAugmented, container: Container) -> list[NodePath]:
    """Datasets with something about each picture; of a column its table."""
    paths = (request.pictures.labels, request.pictures.sources)
    found = [container.array(path).facts for path in paths if path is not None]
    return list(dict.fromkeys(each.path[:-1] if each.is_column else each.path for each in found))


def _axis(container: Container, path: NodePath, length: int) -> int:
    """Along which there is one for each picture.

    Raises:
        CannotRead: there is none.
    """
    facts = container.array(path).facts
    found = label_shape(facts.shape, length)
    if found is None:
        raise CannotRead(
            f"{named(facts)} does not have one label for each of the {count_text(length)} pictures."
        )
    return found.axis


def _stored(container: Container, path: NodePath) -> int:
    node = container.describe(path)
    return node.stored_bytes if isinstance(node, Dataset) else 0


def _recipe(request: WriteAugmented) -> Any:
    recipe = {
        **msgspec.to_builtins(request.augmentation),
        "seed": request.seed,
        "copies": request.copies,
        "keeps_originals": request.keeps_originals,
    }
    return text_attribute(json.dumps(recipe))


def _notes(request: WriteAugmented, container: Container, pictures: Pictures) -> Iterator[str]:
    n_changed = pictures.length * request.copies
    if request.keeps_originals:
        yield (
            f"{plural(pictures.length, 'picture')} as they are, then {count_text(n_changed)} "
            "changed at random."
        )
    else:
        yield f"{plural(n_changed, 'picture')} changed at random."
    if request.pictures.labels is None:
        yield "The pictures have no labels."
    for path in _left_behind(request, container, pictures.length):
        yield (
            f"{visible(path_text(path), 100)} has as many rows as there were pictures, and stays "
            "as it is."
        )


def _left_behind(request: WriteAugmented, container: Container, length: int) -> Iterator[NodePath]:
    """Datasets beside the pictures that may belong to each of them."""
    group = request.pictures.node[:-1]
    known = {request.pictures.node, *_followers(request, container)}
    n_seen = 0
    for batch in container.child_names(group):
        for name in batch:
            n_seen += 1
            if n_seen > _MOST_NEIGHBOURS:
                return
            path = (*group, name)
            node = container.describe(path) if path not in known else None
            shape = node.shape or () if isinstance(node, Dataset) else ()
            if len(shape) in (1, 2) and shape[0] == length > 1:
                yield path
