"""Which of several files would bring NaN or infinities into their mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

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


class Averaged(NamedTuple):
    """The numbers that one file brings to the means; they are read as they are asked for."""

    n_bytes: int
    blocks: Iterable[NDArray[Any]]


def not_finite_notes(
    containers: Sequence[Container], shares: Sequence[float], values: Sequence[Averaged]
) -> Operation[tuple[str, ...]]:
    """One sentence, or none.

    Args:
        containers: the files.
        shares: how much each counts; none: all the same. What counts nothing is not looked at.
        values: of each file; of more than 2 GiB none is looked at.

    Raises:
        CannotRead, TooLarge: a file is damaged.
    """
    counted = shares or (1.0,) * len(containers)
    triples = zip(containers, counted, values, strict=True)
    asked = [(each.source, numbers) for each, share, numbers in triples if share]
    unknown = [(source, numbers) for source, numbers in asked if _KEPT not in source.kept]
    if sum(numbers.n_bytes for _, numbers in unknown) > _MOST_READ:
        return ()
    n_read = 0
    for source, numbers in unknown:
        is_odd = False
        for block in numbers.blocks:
            yield Progress(done=n_read, unit="bytes", text=f"Looking for NaN in {source.name}…")
            n_read += block.nbytes
            is_odd = not np.isfinite(block).all()
            if is_odd:
                break
        source.kept[_KEPT] = is_odd
    found = [source.name for source, _ in asked if source.kept[_KEPT]]
    if len(found) == 1:
        return (f"{found[0]} holds NaN or infinities, and so will the mean.",)
    if not found:
        return ()
    what = f"{plural(len(found), 'file')} hold NaN or infinities, and so will the mean"
    return (f"{what}: {names_text(found, _MOST_NAMED)}.",)


def values_of(arrays: Sequence[StoredArray]) -> Averaged:
    """All numbers of these."""
    return Averaged(sum(array.facts.declared_bytes for array in arrays), _blocks(arrays))


def _blocks(arrays: Iterable[StoredArray]) -> Iterator[NDArray[Any]]:
    for array in arrays:
        yield from consecutive(array, whole(array.facts.shape or ()))
