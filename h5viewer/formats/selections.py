"""Which elements a dataspace selects, in the brackets that people slice with."""

from __future__ import annotations

from h5py import h5s

_MOST_POINTS = 3  # that are written out
_UNLIMITED = 2**64 - 1


def selection_text(space: h5s.SpaceID) -> str:
    """`[0:10, ::2]`; `[all]`; of single points and unions how many and where they lie."""
    kind = space.get_select_type()
    if kind == h5s.SEL_NONE:
        return "[nothing]"
    if kind == h5s.SEL_ALL:
        return "[all]"
    if kind == h5s.SEL_POINTS:
        return _points_text(space)
    if space.is_regular_hyperslab():
        axes = zip(*space.get_regular_hyperslab(), strict=True)
        return "[" + ", ".join(_axis_text(*axis) for axis in axes) + "]"
    low, high = space.get_select_bounds()
    inside = ", ".join(f"{a}:{b + 1}" for a, b in zip(low, high, strict=True))
    return f"[{space.get_select_npoints():,} elements inside {inside}]"


def _points_text(space: h5s.SpaceID) -> str:
    n_points = space.get_select_elem_npoints()
    # the list is made as a whole: of millions only their bounds are asked for
    if n_points > 10_000:
        return f"[{n_points:,} points]"
    points = space.get_select_elem_pointlist()[:_MOST_POINTS]
    shown = ", ".join("(" + ", ".join(str(n) for n in point) + ")" for point in points)
    return f"[{n_points:,} points: {shown}{', …' if n_points > _MOST_POINTS else ''}]"


def _axis_text(start: int, stride: int, count: int, block: int) -> str:
    if count == _UNLIMITED or block == _UNLIMITED:
        return f"{start}:" + (f":{stride}" if stride > 1 and count == _UNLIMITED else "")
    if count == 1 or stride == block:
        length = block if count == 1 else count * block
        return str(start) if length == 1 else f"{start}:{start + length}"
    stop = start + (count - 1) * stride + block
    every = f"{start}:{stop}:{stride}"
    return every if block == 1 else f"{every} in blocks of {block}"
