"""A data set of a folder of pictures: written as they are decoded, read back, compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer import __version__
from h5viewer.data_sets.decoders import MOST_AT_ONCE, Decoders
from h5viewer.data_sets.names import SplitNames, classes_name, split_names
from h5viewer.data_sets.planning import (
    Member,
    Plan,
    Skipped,
    class_counts,
    named_reason,
    picture_bytes,
    planned,
)
from h5viewer.data_sets.reading import N_THREADS, Decoded, decoded, in_order
from h5viewer.data_sets.split_names import SPLITS
from h5viewer.data_sets.splitting import stored_name
from h5viewer.errors import CannotRead
from h5viewer.formats.folder import Folder, OpenedFolder
from h5viewer.formats.hdf5_growing import Growing, GrowingHdf5, packed
from h5viewer.formats.plain_text import PlainText
from h5viewer.formats.scratch import Scratch
from h5viewer.names import plain, visible
from h5viewer.nodes import (
    DataSetBuilt,
    DataSetRecipe,
    Exported,
    ExportPart,
    ExportPlan,
    Split,
)
from h5viewer.operations import Operation
from h5viewer.requests import BuildDataSet, Progress

_AT_ONCE = 16  # pictures of one task; more, where their files are small
_MOST_AT_ONCE = 128
_FILES_AT_ONCE = 1 << 20  # bytes
_MOST_AHEAD = 256 << 20  # bytes of pictures that wait to be written
_PAUSE = 0.2  # seconds between two looks at the disk
_MOST_RECORDED = 100  # skipped files that the file names
_PIECE = 1 << 20  # bytes written at once, where there are no chunks
_NAME_BYTES = 48  # of a picture with its label, about
_INDEX_BYTES = 100  # of a chunk, about


def plan_build(
    request: BuildDataSet, folder: OpenedFolder, table: PlainText | None = None
) -> Operation[ExportPlan]:
    """What would go in.

    Raises:
        CannotRead: as `build_data_set`, except for pictures that turn out to be damaged.
    """
    plan = yield from planned(folder.source, table, request.recipe, looks=True)
    each = picture_bytes(plan.recipe)
    return ExportPlan(
        kept=tuple(
            ExportPart(
                name=f"{split} pictures".strip(),
                n_bytes=each * len(members),
                n_items=len(members),
                item="picture",
            )
            for split, members in plan.members.items()
        ),
        left_out=_left_out(plan.skipped),
        bytes_before=plan.n_bytes,
        bytes_after=sum(_stored_bytes(plan.recipe, len(each)) for each in plan.members.values()),
        is_estimate=bool(plan.recipe.compression),
        notes=tuple(plan.notes),
    )


def build_data_set(
    request: BuildDataSet,
    folder: OpenedFolder,
    table: PlainText | None = None,
    *,
    scratch: Scratch,
    decoders: Decoders | None = None,
) -> Operation[Exported]:
    """Decode, write, read back, compare.

    Args:
        request: says how.
        folder: of the pictures.
        table: of names and classes.
        scratch: the file that is written.
        decoders: processes that decode; without them threads do.

    Raises:
        CannotRead: there are no pictures, or one cannot be stored and that is to end it.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    plan = yield from planned(folder.source, table, request.recipe)
    if request.recipe.on_unreadable == "stop" and plan.refused:
        raise _stopped(*plan.refused[0])
    scratch.start_flushing()
    new = GrowingHdf5(scratch, request.target)
    building = _Building(folder.source, plan, new, decoders)
    try:
        yield from building.write()
    finally:
        new.close()
    done = 0
    total = building.n_written * picture_bytes(plan.recipe)
    for n_bytes in new.read_back():
        done += n_bytes
        yield Progress(done=min(done, total), total=total, unit="bytes", text="Reading back…")
    while not scratch.is_flushed(_PAUSE):
        yield Progress(done=total, total=total, unit="bytes", text="Waiting for the disk…")
    scratch.check(request.target)
    return Exported(
        bytes_before=plan.n_bytes,
        bytes_after=scratch.size,
        n_weights=0,
        n_identical=0,
        notes=tuple(plan.notes),
        data_set=building.result(),
    )


class _Building(msgspec.Struct):
    """One data set while it is written."""

    folder: Folder
    plan: Plan
    new: GrowingHdf5
    decoders: Decoders | None
    n_written: int = 0
    n_tried: int = 0
    stored: dict[Split, list[Member]] = {}

    def write(self) -> Generator[Progress, None, None]:
        """All splits, then what belongs to all of them."""
        with ThreadPoolExecutor(N_THREADS) as executor:
            for split, members in self.plan.members.items():
                yield from self._write_split(executor, split, members)
        if not self.n_written:
            last = self.plan.skipped.first[-1]
            raise CannotRead(
                f"No picture in {self.folder.name} can be read.",
                hint=named_reason(last.name, last.reason),
            )
        if self.plan.has_labels:
            classes = [plain(name).encode() for name in self.plan.classes]
            self.new.texts(classes_name(self.plan.recipe), classes)
        self.new.attribute("/", "recipe", recipe_text(self.plan, self.folder.name))

    def _write_split(
        self, executor: ThreadPoolExecutor, split: Split, members: Sequence[Member]
    ) -> Generator[Progress, None, None]:
        recipe, kept = self.plan.recipe, self.stored.setdefault(split, [])
        names = split_names(recipe, split, is_alone=len(self.plan.members) == 1)
        at_once = recipe.chunk or max(1, _PIECE // picture_bytes(recipe))
        array = self.new.array(
            names.images,
            self.plan.picture_shape,
            recipe.dtype,
            n_most=len(members),
            chunk=min(at_once, max(1, len(members))),
            packing=recipe.compression,
            is_chunked=bool(recipe.chunk),
        )
        chunks = _Chunks(self.new, array, executor)
        at = 0
        for found in self._decoded(executor, [each.name for each in members]):
            for values in found:
                member = members[at]
                at += 1
                if isinstance(values, str):
                    self._skip(member.name, values)
                else:
                    kept.append(member)
                    chunks.add(values)
            self.n_tried += len(found)
            yield Progress(
                done=self.n_tried, total=self.plan.n_pictures, unit="pictures", text="Writing…"
            )
        chunks.end()
        self.n_written += len(kept)
        self._write_labels(names, kept)

    def _decoded(
        self, executor: ThreadPoolExecutor, names: Sequence[str]
    ) -> Iterator[list[Decoded]]:
        """What becomes of the pictures, some at a time, in order."""
        recipe = self.plan.recipe
        each = picture_bytes(recipe)
        files_at_once = _FILES_AT_ONCE * self.plan.n_pictures // max(1, self.plan.n_bytes)
        wanted = min(max(_AT_ONCE, files_at_once), _MOST_AT_ONCE)
        at_once = max(1, min(wanted, _MOST_AHEAD // (8 * N_THREADS * each)))
        groups = (names[start : start + at_once] for start in range(0, len(names), at_once))
        if self.decoders and at_once * each <= MOST_AT_ONCE:
            return self.decoders.decoded(recipe, groups)
        n_ahead = max(2, min(4 * N_THREADS, _MOST_AHEAD // (each * at_once)))
        return in_order(executor, partial(decoded, self.folder, recipe), groups, n_ahead)

    def _write_labels(self, names: SplitNames, kept: Sequence[Member]) -> None:
        if self.plan.has_labels:
            self.new.numbers(names.labels, np.array([each.class_index for each in kept], np.int64))
            self.new.attribute(names.labels, "class_names", self.plan.classes)
        self.new.texts(names.sources, [stored_name(each.name) for each in kept])

    def _skip(self, name: str, reason: str) -> None:
        if self.plan.recipe.on_unreadable == "stop":
            raise _stopped(name, reason)
        self.plan.skipped.add(name, reason)

    def result(self) -> DataSetBuilt:
        """What went in."""
        training, validation, test = (self.stored.get(split, []) for split in SPLITS)
        return DataSetBuilt(
            classes=class_counts(self.plan.classes, self.stored),
            n_training=len(training),
            n_validation=len(validation),
            n_test=len(test),
            skipped=tuple(self.plan.skipped.first),
            n_skipped=self.plan.skipped.count,
        )


class _Chunks:
    """Puts pictures together to chunks, which threads pack and the caller's writes."""

    def __init__(self, new: GrowingHdf5, array: Growing, executor: ThreadPoolExecutor) -> None:
        self._new, self._array, self._executor = new, array, executor
        self._chunk = self._empty()
        self._n_inside = 0
        self._n_rows = 0
        self._packing: deque[Future[bytes | memoryview]] = deque()

    def add(self, values: NDArray[Any]) -> None:
        """The next picture."""
        self._chunk[self._n_inside] = values
        self._n_inside += 1
        self._n_rows += 1
        if self._n_inside == len(self._chunk):
            self._pack()

    def end(self) -> None:
        """There are no more."""
        while self._packing:
            self._new.add(self._array, self._packing.popleft().result())
        is_chunked = self._array.offset is None
        self._chunk[self._n_inside :] = 0
        rest = self._chunk if is_chunked else self._chunk[: self._n_inside]
        last = packed(rest, self._array.packing) if self._n_inside else None
        self._new.end(self._array, self._n_rows, last)

    def _empty(self) -> NDArray[Any]:
        return np.empty(self._array.chunk, self._array.dtype)

    def _pack(self) -> None:
        if self._array.packing == "gzip":
            self._packing.append(self._executor.submit(packed, self._chunk, "gzip"))
            self._chunk = self._empty()
            if len(self._packing) > 2 * N_THREADS:
                self._new.add(self._array, self._packing.popleft().result())
        else:
            self._new.add(self._array, packed(self._chunk, self._array.packing))
        self._n_inside = 0


def recipe_text(plan: Plan, folder: str) -> str:
    """The recipe as it is stored: a JSON object."""
    value = msgspec.to_builtins(plan.recipe)
    value.pop("type", None)
    own = {
        "h5viewer": "data set",
        "version": __version__,
        "folder": folder,
        "resampling": "bilinear",
        "axes": "nchw" if plan.recipe.is_channels_first else "nhwc",
        "range": [0, 1] if plan.recipe.dtype == "float32" else [0, 255],
        "n_skipped": plan.skipped.count,
        "skipped": [each.name for each in plan.skipped.first[:_MOST_RECORDED]],
    }
    return msgspec.json.encode(own | value).decode()


def _left_out(skipped: Skipped) -> tuple[ExportPart, ...]:
    if not skipped.count:
        return ()
    return (ExportPart(name="what cannot be used", n_bytes=0, n_items=skipped.count, item="file"),)


def _stored_bytes(recipe: DataSetRecipe, count: int) -> int:
    """Of one split: pictures, perhaps in whole chunks with their index, labels and names."""
    if not recipe.chunk:
        return count * (picture_bytes(recipe) + _NAME_BYTES)
    chunk = min(recipe.chunk, max(1, count))
    n_chunks = -(-count // chunk)
    return n_chunks * (chunk * picture_bytes(recipe) + _INDEX_BYTES) + count * _NAME_BYTES


def _stopped(name: str, reason: str) -> CannotRead:
    return CannotRead(
        f"{visible(name)} cannot be stored, so nothing was saved: {_within(reason)}",
        hint="Remove or repair it, or have such pictures skipped.",
    )


def _within(reason: str) -> str:
    return reason[:1].lower() + reason[1:] if reason.startswith("It ") else reason
