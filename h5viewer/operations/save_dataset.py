"""One dataset, or a part of it, as `.npy`, `.csv` or `.png`."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.dataset_choice import Chosen, chosen_part
from h5viewer.operations.dataset_csv import write_csv
from h5viewer.operations.dataset_npy import npy_dtype, npy_notes, write_npy
from h5viewer.operations.dataset_png import Drawn, require_picture, write_png
from h5viewer.requests import Progress, SaveDataset

_ENDINGS = (".npy", ".csv", ".png")
_A_NUMBER = {"float": 2.6, "int": 1.2, "uint": 1.2}  # characters a byte of it, about


def plan_save_dataset(request: SaveDataset, container: Container) -> Operation[ExportPlan]:
    """What would go in.

    Raises:
        CannotRead, CannotWrite: as `save_dataset`.
    """
    chosen = chosen_part(request, container)
    ending = _ending(request, chosen)
    n_elements = math.prod((*chosen.shape, *chosen.inner_shape))
    size = n_elements * max(1, chosen.facts.dtype.itemsize)
    if ending == ".npy":
        dtype = npy_dtype(chosen)
        after, is_estimate = n_elements * (dtype.itemsize if dtype else 4) + 128, dtype is None
    else:
        factor = _A_NUMBER.get(chosen.facts.dtype.kind, 1.0)
        n_bytes = n_elements * (3 if request.colours else 1)
        after, is_estimate = int(size * factor) if ending == ".csv" else n_bytes, True
    yield Progress(done=1, total=1)
    return ExportPlan(
        kept=(ExportPart(name=named(chosen.facts), n_bytes=min(size, 2**60), n_items=1),),
        left_out=(),
        bytes_before=0,  # the file is no measure for a part of it
        bytes_after=min(after, 2**60),
        is_estimate=is_estimate,
        notes=tuple(_notes(chosen, ending, Drawn())),
    )


def save_dataset(
    request: SaveDataset, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead: no dataset, no such part, damage, or elements that have no such form.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    chosen = chosen_part(request, container)
    ending = _ending(request, chosen)
    writing = CheckedWriting(scratch, request.target)
    drawn = Drawn()
    yield from _write(request, chosen, ending, writing, drawn)
    done = 0
    for n_bytes in writing.read_back():
        done += n_bytes
        yield Progress(done=done, total=writing.position, unit="bytes", text="Reading back…")
    container.source.check_unchanged()
    return Exported(
        bytes_before=container.source.size_with_companions,
        bytes_after=scratch.size,
        n_weights=0,
        n_identical=0,
        notes=tuple(_notes(chosen, ending, drawn)),
    )


def _write(
    request: SaveDataset, chosen: Chosen, ending: str, writing: CheckedWriting, drawn: Drawn
) -> Generator[Progress, None, None]:
    if ending == ".npy":
        yield from write_npy(chosen, writing)
    elif ending == ".csv":
        yield from write_csv(chosen, writing)
    else:
        yield from write_png(request, chosen, writing, drawn)


def _ending(request: SaveDataset, chosen: Chosen) -> str:
    """How it is to be written.

    Raises:
        CannotRead, CannotWrite: in no such way.
    """
    ending = next((each for each in _ENDINGS if request.target.lower().endswith(each)), "")
    if not ending:
        raise CannotWrite(
            f"{request.target} does not say how the values are to be written.",
            hint="Choose a name that ends in .npy, .csv or .png.",
        )
    if chosen.is_turned and ending != ".png" and len(chosen.axes) != 2:
        raise CannotRead("Only a part with two axes can be turned.")
    if ending == ".npy":
        npy_dtype(chosen)
    elif ending == ".png":
        require_picture(request, chosen)
    return ending


def _notes(chosen: Chosen, ending: str, drawn: Drawn) -> Iterator[str]:
    if ending == ".npy":
        yield from npy_notes(chosen)
    if drawn.note:
        yield drawn.note
