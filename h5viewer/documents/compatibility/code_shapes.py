"""What a Lambda layer puts out, told from its code, where that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from h5viewer.documents.compatibility.place import Shape
from h5viewer.documents.compatibility.read_code import read_code


def shape_of_code(config: Mapping[str, object], fed: Sequence[Shape | None]) -> Shape | None:
    """The shape of its output.

    Args:
        config: of the layer.
        fed: the shapes of what it is fed.
    """
    read = read_code(config.get("function"), config.get("arguments"), "code", fed)
    return None if read is None else read.shape
