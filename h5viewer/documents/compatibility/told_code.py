"""What a Lambda layer computes and puts out, told from its code, where that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from h5viewer.documents.compatibility.place import Shape
from h5viewer.documents.compatibility.plain_arithmetic import arithmetic
from h5viewer.documents.compatibility.read_code import read_code
from h5viewer.documents.shapes.axes import Made
from h5viewer.nodes import Code


def put_out_by_code(config: Mapping[str, object], fed: Sequence[Shape | None]) -> Made | None:
    """The shapes of its outputs, and what they cost; None: the code cannot be read.

    Args:
        config: of the layer.
        fed: the shapes of what it is fed.
    """
    read = read_code(config.get("function"), config.get("arguments"), "code", fed)
    return None if read is None else Made(read.shapes, read.multiply_adds)


def with_computed(
    codes: tuple[Code, ...], config: Mapping[str, object], fed: Sequence[Shape | None]
) -> tuple[Code, ...]:
    """The code of a Lambda layer, with what its function computes, as Python would write it.

    Args:
        codes: all that is in the layer.
        config: of the layer.
        fed: the shapes of what it is fed.
    """
    read = read_code(config.get("function"), config.get("arguments"), "code", fed)
    told = arithmetic(config.get("function")) if read is None else read
    if told is None:
        return codes
    return tuple(
        replace(code, computes=told.said) if code.place == "function" else code for code in codes
    )
