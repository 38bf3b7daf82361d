"""What the user is looking at."""

from __future__ import annotations

from dataclasses import dataclass

from h5viewer.names import NodePath
from h5viewer.nodes import Document, Layer, Node


@dataclass(frozen=True)
class Selection:
    """A node of an open document; `layer` when it was reached through the architecture."""

    document: Document
    node: Node
    layer: Layer | None = None
    axes: tuple[str, ...] = ()  # what the dataset's axes mean, where known

    @property
    def is_document(self) -> bool:
        """True when the whole document is selected."""
        return self.node.path == ()

    @property
    def path(self) -> NodePath:
        """The node's address."""
        return self.node.path
