"""Which of several files would bring NaN or infinities into their mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import whole
from h5viewer.formats.consecutive import consecutive
from h5viewer.formats.container import Container, StoredArray
from h5viewer.operations import Operation
from h5viewer.requests import Progress
from h5viewer.wording import names_text, plural

_MOST_READ = 2 << 30  # bytes of all files; beyond, a plan would take longer than the mean
_MOST_NAMED = 8
_KEPT = "holds NaN"  # options are changed, and planned, one after the other


def not_finite_notes(
    containers: Sequence[Container],
    shares: Sequence[float],
    values: Sequence[Iterable[NDArray[Any]]],
) -> Operation[tuple[str, ...]]:
    """One sentence, or none.

    Args:
        containers: the files.
        shares: how much each counts; none: all the same. What counts nothing is not looked at.
        values: of each file, the numbers that are averaged.

    Raises:
        CannotRead, TooLarge: a file is damaged.
    """
    found, n_read = [], 0
    counted = shares or (1.0,) * len(containers)
    for container, share, blocks in zip(containers, counted, values, strict=True):
        source = container.source
        if share and _KEPT not in source.kept:
            is_odd = False
            for block in blocks:
                yield Progress(done=n_read, unit="bytes", text=f"Looking for NaN in {source.name}…")
                n_read += block.nbytes
                if n_read > _MOST_READ:
                    return ()
                is_odd = not np.isfinite(block).all()
                if is_odd:
                    break
            source.kept[_KEPT] = is_odd
        if share and source.kept[_KEPT]:
            found.append(source.name)
    if len(found) == 1:
        return (f"{found[0]} holds NaN or infinities, and so will the mean.",)
    if not found:
        return ()
    what = f"{plural(len(found), 'file')} hold NaN or infinities, and so will the mean"
    return (f"{what}: {names_text(found, _MOST_NAMED)}.",)


def values_of(arrays: Iterable[StoredArray]) -> Iterator[NDArray[Any]]:
    """All numbers of these, a block at a time."""
    for array in arrays:
        yield from consecutive(array, whole(array.facts.shape or ()))
