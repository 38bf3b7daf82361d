"""A reference from one object of a file to another, as text that knows where it leads."""

from __future__ import annotations

from h5viewer.names import NodePath


class ReferenceText(str):
    """`→ /entry/data`; `path` None: it leads nowhere in this file."""

    __slots__ = ("path",)
    path: NodePath | None

    def __new__(cls, text: str, path: NodePath | None = None) -> ReferenceText:
        """A text with its target."""
        made = super().__new__(cls, text)
        made.path = path
        return made
