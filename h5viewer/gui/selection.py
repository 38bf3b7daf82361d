"""What the user is looking at."""

from __future__ import annotations

from dataclasses import dataclass, field

from h5viewer.names import NodePath
from h5viewer.nodes import Document, Layer, Node, PictureSet
from h5viewer.requests import Cut


@dataclass
class View:
    """What the user chose while looking at a dataset; its panels share it.

    The one value here that changes: it lives as long as the file is open.
    """

    cut: Cut | None = None  # None: the first one
    insist: bool = False  # read it although there is an obstacle


@dataclass(frozen=True)
class Selection:
    """A node of an open document; `layer` when it was reached through the architecture."""

    document: Document
    node: Node
    layer: Layer | None = None
    axes: tuple[str, ...] = ()  # what the dataset's axes mean, where known
    pictures: tuple[PictureSet, ...] = ()  # data sets of pictures in the document
    unshown: tuple[str, ...] = ()  # sentences: pictures in it that no gallery shows
    view: View = field(default_factory=View, compare=False)

    @property
    def is_document(self) -> bool:
        """True when the whole document is selected."""
        return self.node.path == ()

    @property
    def path(self) -> NodePath:
        """The node's address."""
        return self.node.path
