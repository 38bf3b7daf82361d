"""Einstein's sums: "abc,cd->abd" as shapes and multiply-adds."""

from __future__ import annotations

import string
from collections.abc import Sequence

from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    Axes,
    Made,
    ShapeUnknown,
    one,
    product,
    same,
)

_LONGEST = 200  # characters of an equation
_LETTERS = frozenset(string.ascii_letters)
_DOTS = "..."


def equation_of(value: object) -> tuple[list[str], str]:
    """The letters of each input and of the output.

    Raises:
        ShapeUnknown: it is no equation.
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ShapeUnknown("Its equation is not understood.")
    left, arrow, output = value.replace(" ", "").partition("->")
    inputs = left.split(",")
    letters = "".join((*inputs, output)).replace(_DOTS, "")
    if not set(letters) <= _LETTERS or any(part.count(_DOTS) > 1 for part in (*inputs, output)):
        raise ShapeUnknown("Its equation is not understood.")
    if not arrow:
        all_letters = "".join(inputs).replace(_DOTS, "")
        output = _DOTS if _DOTS in left else ""
        output += "".join(sorted(x for x in set(all_letters) if all_letters.count(x) == 1))
    return inputs, output


def multiplied(
    shapes: Sequence[Axes | None], inputs: Sequence[str], output: str, stated: Axes = ()
) -> Made:
    """The output of an equation; None among `shapes`: the weights of an EinsumDense.

    `stated`: sizes of the output's letters counted from its end, for those no input knows.
    """
    if len(shapes) != len(inputs):
        raise ShapeUnknown(f"Its equation is for {len(inputs)} inputs, not {len(shapes)}.")
    sizes: dict[str, int | None] = {}
    dotted: Axes | None = None
    for letters, shape in zip(inputs, shapes, strict=True):
        if shape is not None:
            around = _take(letters, shape, sizes)
            dotted = around if around and len(around) > len(dotted or ()) else dotted
    before, _, after = output.partition(_DOTS)
    _take_stated(output, stated, sizes)
    if not set(output.replace(_DOTS, "")) <= set(sizes):
        raise ShapeUnknown("Its equation puts out an axis that no input has.")
    middle = (dotted or ()) if _DOTS in output else ()
    made = (*(sizes[x] for x in before), *middle, *(sizes[x] for x in after))
    letters_of_weights = {x for part in inputs for x in part if x != "."}
    inner = {x: sizes.get(x) for x in letters_of_weights}
    if output[:1] in inner:  # the batch
        del inner[output[:1]]
    around = middle[1:] if output.startswith(_DOTS) else middle
    return one(made, product((*inner.values(), *around)))


def sizes_of(letters: str, shape: Axes, output: str, stated: Axes) -> dict[str, int | None]:
    """The size of each letter, from one input and from the stated sizes of the output."""
    sizes: dict[str, int | None] = {}
    _take(letters, shape, sizes)
    _take_stated(output, stated, sizes)
    return sizes


def _take_stated(output: str, stated: Axes, sizes: dict[str, int | None]) -> None:
    for place, letter in enumerate(reversed(output.rpartition(_DOTS)[2])):
        if place < len(stated) and sizes.get(letter) is None:
            sizes[letter] = stated[-1 - place]


def _take(letters: str, shape: Axes, sizes: dict[str, int | None]) -> Axes:
    """Note the size of each letter; the sizes under the dots."""
    before, dots, after = letters.partition(_DOTS)
    n_letters = len(before) + len(after)
    if len(shape) > MOST_AXES or (len(shape) < n_letters if dots else len(shape) != n_letters):
        raise ShapeUnknown(f"Its equation does not fit an input of {len(shape)} axes.")
    ends = len(shape) - len(after)
    named = [*zip(before, shape, strict=False), *zip(after, shape[ends:], strict=True)]
    for letter, size in named:
        sizes[letter] = same(sizes.get(letter), size)
    return shape[len(before) : ends] if dots else ()
