"""What a virtual dataset is put together from, as its header states it: nothing is opened.

Asking the library for the values would open the sources, and ends the process where a
dataset maps itself (formats.md, section 4). So the mapping is read here, and
`hdf5_virtual` fetches the parts itself, from this file only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from h5py import h5p, h5s
from numpy.typing import NDArray

from h5viewer.formats.selections import selection_text
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Obstacle

_MAX_SOURCES = 20  # that are shown
_MOST_PARTS = 5000  # that are put together; each is looked at for each box
_UNLIMITED = 2**64 - 1


class Steps(NamedTuple):
    """The elements that a selection takes along one axis: `n_blocks` blocks, `stride` apart."""

    start: int
    stride: int
    n_blocks: int
    block: int

    @property
    def length(self) -> int:
        """How many elements that is."""
        return self.n_blocks * self.block

    @property
    def stop(self) -> int:
        """Behind the last one."""
        return self.start + (self.n_blocks - 1) * self.stride + self.block if self.length else 0

    def within(self, start: int, stop: int) -> range:
        """Which of the elements lie in an interval of the axis: the numbers of a run of them."""
        first, behind = self._n_before(start), self._n_before(stop)
        return range(first, max(first, behind))

    def positions(self, numbers: range) -> NDArray[np.int64]:
        """Where these elements lie on the axis."""
        wanted = np.arange(numbers.start, numbers.stop, dtype=np.int64)
        return self.start + wanted // self.block * self.stride + wanted % self.block

    def _n_before(self, position: int) -> int:
        """How many elements lie before a position."""
        n_whole, rest = divmod(max(0, position - self.start), self.stride)
        return min(self.length, n_whole * self.block + min(rest, self.block))


class Part(NamedTuple):
    """Elements `there` of the dataset `path` of this file stand `here`, in their order."""

    path: NodePath
    there: tuple[Steps, ...] | None  # None: all of it
    here: tuple[Steps, ...]


def source_texts(creation: h5p.PropDCID) -> list[str]:
    """Which part of which dataset stands where: `a.h5 : /x  [0:10] → [0, 0:10]`."""
    count = creation.get_virtual_count()
    shown = [_source_text(creation, number) for number in range(min(count, _MAX_SOURCES))]
    return shown + ([f"and {count - _MAX_SOURCES} more"] if count > _MAX_SOURCES else [])


def mapping_obstacle(creation: h5p.PropDCID) -> Obstacle | None:
    """Why the parts are not put together; None where all are in this file."""
    count = creation.get_virtual_count()
    for number in range(min(count, _MOST_PARTS)):
        if creation.get_virtual_filename(number) != ".":
            where = _dataset_text(creation, number)
            return _refusal(f"it maps data of other files ({where}), which are not opened.")
    if count > _MOST_PARTS:
        return _refusal(f"it has {count:,} parts, more than are put together.")
    if not all(_is_plain(creation, number) for number in range(count)):
        return _refusal("it maps single points or parts that grow, which are only listed.")
    return None


def parts(creation: h5p.PropDCID) -> Iterator[Part]:
    """The mapping of a dataset without an obstacle."""
    for number in range(creation.get_virtual_count()):
        name = creation.get_virtual_dsetname(number).encode("utf-8", "surrogateescape")
        yield Part(
            path=tuple(step for step in name.split(b"/") if step not in (b"", b".")),
            there=_steps(creation.get_virtual_srcspace(number)),
            here=_target_steps(creation, number),
        )


def _refusal(why: str) -> Obstacle:
    return Obstacle(reason=f"A virtual dataset: {why}", can_insist=False)


def _is_plain(creation: h5p.PropDCID, number: int) -> bool:
    """True for blocks at equal distances."""
    spaces = creation.get_virtual_srcspace(number), creation.get_virtual_vspace(number)
    return all(_is_regular(space) for space in spaces)


def _is_regular(space: h5s.SpaceID) -> bool:
    if space.get_select_type() == h5s.SEL_ALL:
        return True
    if space.get_select_type() != h5s.SEL_HYPERSLABS or not space.is_regular_hyperslab():
        return False
    return not any(_UNLIMITED in axis for axis in space.get_regular_hyperslab())


def _target_steps(creation: h5p.PropDCID, number: int) -> tuple[Steps, ...]:
    space = creation.get_virtual_vspace(number)
    whole = tuple(Steps(0, max(1, int(n)), 1, int(n)) for n in space.get_simple_extent_dims())
    return _steps(space) or whole


def _steps(space: h5s.SpaceID) -> tuple[Steps, ...] | None:
    """None: all of it; how much that is, only the dataset itself says."""
    if space.get_select_type() == h5s.SEL_ALL:
        return None
    axes = zip(*space.get_regular_hyperslab(), strict=True)
    return tuple(
        # the stride of a single block means nothing
        Steps(int(start), int(max(stride, block, 1)), int(count), int(block))
        for start, stride, count, block in axes
    )


def _source_text(creation: h5p.PropDCID, number: int) -> str:
    there = selection_text(creation.get_virtual_srcspace(number))
    here = selection_text(creation.get_virtual_vspace(number))
    return f"{_dataset_text(creation, number)}  {there} → {here}"


def _dataset_text(creation: h5p.PropDCID, number: int) -> str:
    file = visible(creation.get_virtual_filename(number))
    name = visible(creation.get_virtual_dsetname(number))
    return f"{'this file' if file == '.' else file} : {name}"
