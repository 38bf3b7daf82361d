"""The drawn graph of a network: where each box and each connection lies."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes.base import Value

BoxKind = Literal["layer", "network", "repeats", "unfolded repeats"]


class GraphBox(Value, frozen=True, kw_only=True):
    """One box; frames come before what stands in them.

    "network": a frame around the layers of a nested model; "repeats": `count` copies of
    `period` layers as one box, from the layer `key` on, or (unfolded) a frame around them.
    """

    key: tuple[int, ...]
    kind: BoxKind = "layer"
    x: float  # left
    y: float  # top
    width: float
    height: float
    count: int = 0
    period: int = 0


class GraphEdge(Value, frozen=True, kw_only=True):
    """One tensor on its way from box to box."""

    source: int  # position among the boxes
    target: int
    points: tuple[float, ...]  # x, y, x, y … from border to border
    origin: tuple[int, ...]  # key of the layer that puts it out
    tensor: int = 0  # which of that layer's outputs


class GraphLayout(Value, frozen=True, kw_only=True):
    """A whole drawing, or a sentence that says why there is none."""

    boxes: tuple[GraphBox, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    width: float = 0.0
    height: float = 0.0
    has_repeats: bool = False
    reason: str = ""
    note: str = ""  # what of it is not drawn
