"""Changes of a file that is edited in a copy: each names a place in the file as it is.

They are made in their order: two of one weight follow each other. Paths are those of the tree,
through an archive, too.
"""

from __future__ import annotations

import msgspec

from h5viewer.names import NodePath


class Change(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One thing to be different in the copy."""


class SetAttribute(Change, frozen=True, kw_only=True):
    """An attribute with another value of the same type and shape.

    `text`: a text as it is; a number; of several values a JSON list, or one value a line.
    """

    path: NodePath
    name: bytes
    text: str


class SetClassNames(Change, frozen=True, kw_only=True):
    """The class names that the file keeps, in the order of the outputs.

    Where it keeps none they become the attribute `class_names` of the file.
    """

    names: tuple[str, ...]


class RenameLayer(Change, frozen=True, kw_only=True):
    """Another name for one layer: `old` as in the tree of layers, "backbone/conv1" in a nested one.

    `new` is its own name alone.
    """

    old: str
    new: str


class ComputeWeight(Change, frozen=True, kw_only=True):
    """A weight by an expression of its values `x`: "x * 0.5", "clip(x, -1, 1)", "x[3] = 0"."""

    path: NodePath
    expression: str


class PasteValues(Change, frozen=True, kw_only=True):
    """Values of a weight, or of any dataset, from a table of text.

    The table replaces all of it or, with `at`, what lies from there on along the last two axes;
    with `axes` along these: that of the table's rows and that of its columns, or the only one
    of a table that is one row or one column.
    """

    path: NodePath
    text: str
    at: tuple[int, ...] | None = None
    axes: tuple[int, ...] = ()


class SetElement(Change, frozen=True, kw_only=True):
    """One element of a dataset: a number, a truth value, or a text."""

    path: NodePath
    index: tuple[int, ...]
    text: str


AnyChange = SetAttribute | SetClassNames | RenameLayer | ComputeWeight | PasteValues | SetElement
