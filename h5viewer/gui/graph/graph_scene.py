"""A laid out graph joined with what its layers are: texts, colours, neighbours, what is where."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from h5viewer import wording
from h5viewer.gui.architecture.layer_kinds import MODEL, LayerKind, layer_kind
from h5viewer.names import n_shared, visible
from h5viewer.nodes import GraphBox, GraphEdge, GraphLayout, Layer

Key = tuple[int, ...]

BOX_WIDTH, BOX_HEIGHT, HEADER = 204.0, 66.0, 26.0
"""Scene units, which are pixels at 100 %."""

BUTTON = 22.0
"""Room of the sign that folds and unfolds, at the right end of a header."""

REPEATS = LayerKind("repeated block", MODEL.light, MODEL.dark, is_hollow=True)
"""A box that stands for several copies of some layers."""

_CORNER = 7.0
_ARROW = 5.0


class BoxText(msgspec.Struct, frozen=True):
    """What a box says, without cutting."""

    head: str  # class, or how often something repeats
    name: str
    shape: str
    parameters: str
    kind: LayerKind
    share: float  # of all parameters
    is_marked: bool  # something is wrong with it, or it holds Python code


class GraphScene:
    """Everything the view, the minimap and the exports draw."""

    def __init__(
        self, layout: GraphLayout, layer_of: Callable[[Key], Layer | None], total: int
    ) -> None:
        """`total`: parameters of the whole network, which shares are shares of."""
        self.layout = layout
        self.boxes = layout.boxes
        self.edges = layout.edges
        self.rects = [QRectF(box.x, box.y, box.width, box.height) for box in layout.boxes]
        self.bounds = QRectF(0, 0, layout.width, layout.height)
        self.leaving: list[list[int]] = [[] for _ in layout.boxes]  # edges by number
        self.entering: list[list[int]] = [[] for _ in layout.boxes]
        for number, edge in enumerate(layout.edges):
            self.leaving[edge.source].append(number)
            self.entering[edge.target].append(number)
        self._spans = [_span(edge.points) for edge in layout.edges]
        self._labelled = _labelled(layout.edges)
        self._layer_of = layer_of
        self._total = total
        self._texts: dict[int, BoxText] = {}
        self._paths: dict[int, QPainterPath] = {}
        self._arrows: dict[int, QPolygonF] = {}

    # What is where

    def boxes_in(self, area: QRectF) -> list[int]:
        """Boxes that touch the area, frames before what is in them."""
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        return [
            number
            for number, box in enumerate(self.boxes)
            if box.y <= bottom
            and box.y + box.height >= top
            and box.x <= right
            and box.x + box.width >= left
        ]

    def edges_in(self, area: QRectF) -> list[int]:
        """Edges whose surroundings touch the area."""
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        return [
            number
            for number, (x0, y0, x1, y1) in enumerate(self._spans)
            if y0 <= bottom and y1 >= top and x0 <= right and x1 >= left
        ]

    def box_at(self, spot: QPointF) -> int | None:
        """The box under a point; of a frame only the header counts."""
        for number in reversed(range(len(self.boxes))):
            is_all = not is_frame(self.boxes[number])
            if (self.rects[number] if is_all else self.header(number)).contains(spot):
                return number
        return None

    def header(self, number: int) -> QRectF:
        """The coloured part at the top of a box."""
        rect = self.rects[number]
        return QRectF(rect.x(), rect.y(), rect.width(), HEADER)

    def button(self, number: int) -> QRectF:
        """Where a click folds or unfolds; empty for boxes that hold nothing."""
        if not self.can_fold(number):
            return QRectF()
        header = self.header(number)
        return QRectF(header.right() - BUTTON - 2, header.y() + 2, BUTTON, HEADER - 4)

    def can_fold(self, number: int) -> bool:
        """True when the box can be folded or unfolded."""
        box = self.boxes[number]
        layer = self.layer(number)
        return box.kind != "layer" or (layer is not None and bool(layer.layers))

    def box_of(self, key: Key) -> int | None:
        """The box that stands for a layer: its own, or the one it is folded into."""
        own = {box.key: n for n, box in enumerate(self.boxes) if box.kind in ("layer", "network")}
        folded = [(n, box) for n, box in enumerate(self.boxes) if box.kind == "repeats"]
        while key:
            if key in own:
                return own[key]
            for number, box in folded:
                if box.key[:-1] == key[:-1] and 0 <= key[-1] - box.key[-1] < n_inside(box):
                    return number
            key = key[:-1]
        return None

    # What it says

    def box_like(self, key: Key, is_repeats: bool) -> int | None:
        """The box of that key after folding, of the same sort as before."""
        for number, box in enumerate(self.boxes):
            if box.key == key and (box.kind in ("repeats", "unfolded repeats")) == is_repeats:
                return number
        return None

    def layer(self, number: int) -> Layer | None:
        """The layer of a box; of repeats the first one."""
        return self._layer_of(self.boxes[number].key)

    def kind(self, number: int) -> LayerKind:
        """What the colour of a box stands for."""
        box, layer = self.boxes[number], self.layer(number)
        if box.kind in ("repeats", "unfolded repeats") and box.period > 1:
            return REPEATS
        return layer_kind(layer.class_name) if layer is not None else MODEL

    def text(self, number: int) -> BoxText:
        """What the box says; put together when it is first needed."""
        if number not in self._texts:
            box = self.boxes[number]
            is_layer = box.kind in ("layer", "network")
            say = self._layer_text if is_layer else self._repeats_text
            self._texts[number] = say(number, box)
        return self._texts[number]

    def spoken(self, number: int) -> str:
        """For screen readers and tooltips."""
        text = self.text(number)
        parts = [text.name, text.head, text.shape and f"output {text.shape}", text.parameters]
        layer = self.layer(number)
        if layer is not None and self.boxes[number].kind in ("layer", "network"):
            parts.append(visible(layer.problem))
            parts.append("Contains Python code, which was not executed." * layer.has_code)
        return "\n".join(part for part in parts if part)

    def edge_label(self, number: int) -> str:
        """The shape that goes along an edge: "56 × 56 × 256"; once for each tensor."""
        return self.edge_shape(self.edges[number]) if number in self._labelled else ""

    def edge_shape(self, edge: GraphEdge) -> str:
        """The shape of the tensor without its batch axis; "" where it is not known."""
        layer = self._layer_of(edge.origin)
        shape = layer.output_shape if layer is not None else None
        if shape is None:
            return ""
        if shape and all(isinstance(axis, tuple) for axis in shape):
            chosen = shape[min(edge.tensor, len(shape) - 1)]
            shape = chosen if isinstance(chosen, tuple) else ()
        axes = shape[1:] if shape and shape[0] is None else shape
        return " × ".join("?" if axis is None else str(axis) for axis in axes)

    def _layer_text(self, number: int, box: GraphBox) -> BoxText:
        layer = self._layer_of(box.key)
        if layer is None:
            return BoxText("", "", "", "", MODEL, 0.0, is_marked=False)
        return BoxText(
            head=visible(layer.class_name, 80) if layer.class_name else wording.UNKNOWN,
            name=visible(layer.name, 120) or "(no name)",
            shape=wording.output_shape_text(layer.output_shape) if layer.output_shape else "",
            parameters=_parameters(layer.n_parameters),
            kind=self.kind(number),
            share=self._share(layer.n_parameters),
            is_marked=bool(layer.problem) or layer.has_code,
        )

    def _repeats_text(self, number: int, box: GraphBox) -> BoxText:
        layers = [self._layer_of((*box.key[:-1], place)) for place in inside(box)]
        known = [layer for layer in layers if layer is not None]
        n_parameters = sum(layer.n_parameters for layer in known)
        last = known[-1] if known else None
        each = wording.plural(box.period, "layer")
        head = f"{box.count} × {each}" if box.period > 1 else f"{box.count} ×"
        if box.period == 1 and known:
            head += f" {visible(known[0].class_name or '', 60)}"
        return BoxText(
            head=head,
            name=_names(known, box.period),
            shape=wording.output_shape_text(last.output_shape)
            if last is not None and last.output_shape
            else "",
            parameters=_parameters(n_parameters),
            kind=self.kind(number),
            share=self._share(n_parameters),
            is_marked=any(layer.problem or layer.has_code for layer in known),
        )

    def _share(self, n_parameters: int) -> float:
        return min(1.0, n_parameters / self._total) if self._total else 0.0

    # How it is drawn

    def path(self, number: int) -> QPainterPath:
        """An edge with round corners."""
        if number not in self._paths:
            self._paths[number] = _rounded(self.edges[number].points)
        return self._paths[number]

    def arrow(self, number: int) -> QPolygonF:
        """The head at the end of an edge."""
        if number not in self._arrows:
            self._arrows[number] = _arrow_head(self.edges[number].points)
        return self._arrows[number]


def is_frame(box: GraphBox) -> bool:
    """True for a box that others stand in."""
    return box.kind in ("network", "unfolded repeats")


def n_inside(box: GraphBox) -> int:
    """Layers that repeats stand for."""
    return box.count * box.period


def inside(box: GraphBox) -> range:
    """Their positions."""
    return range(box.key[-1], box.key[-1] + n_inside(box))


def _names(layers: Sequence[Layer], period: int) -> str:
    """First and last block: by what the names of their layers begin with, else by a layer."""
    if not layers:
        return ""
    ends = [_common([layer.name for layer in part]) for part in (layers[:period], layers[-period:])]
    if not all(ends) or ends[0] == ends[1] or period == 1:
        ends = [layers[0].name, layers[-1].name]
    return " … ".join(visible(end, 60) for end in ends)


def _common(names: Sequence[str]) -> str:
    """The words that all names begin with: "block3" of block3_conv, block3_norm."""
    words = [re.split(r"(?<=[_/.-])", name) for name in names]
    return "".join(words[0][: n_shared(words)]).rstrip("_/.-")


def _parameters(count: int) -> str:
    return wording.plural(count, "parameter") if count else ""


def _span(points: Sequence[float]) -> tuple[float, float, float, float]:
    xs, ys = points[::2], points[1::2]
    return min(xs), min(ys), max(xs), max(ys)


def _labelled(edges: Sequence[GraphEdge]) -> frozenset[int]:
    """Of all edges that carry one tensor from a box, the rightmost has the label."""
    chosen: dict[tuple[int, Key, int], int] = {}
    for number, edge in enumerate(edges):
        tensor = (edge.source, edge.origin, edge.tensor)
        if tensor not in chosen or edges[chosen[tensor]].points[0] < edge.points[0]:
            chosen[tensor] = number
    return frozenset(chosen.values())


def _rounded(points: Sequence[float]) -> QPainterPath:
    corners = [QPointF(x, y) for x, y in zip(points[::2], points[1::2], strict=True)]
    path = QPainterPath(corners[0])
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(corner, _towards(corner, after))
    end = corners[-1]
    path.lineTo(end + (_unit(end, corners[-2]) * _ARROW if len(corners) > 1 else QPointF()))
    return path


def _towards(corner: QPointF, other: QPointF) -> QPointF:
    """A point near the corner on the way to the other one."""
    length = (other - corner).manhattanLength()
    return corner + _unit(corner, other) * min(_CORNER, length / 2)


def _unit(start: QPointF, end: QPointF) -> QPointF:
    way = end - start
    length = (way.x() ** 2 + way.y() ** 2) ** 0.5
    return way / length if length else QPointF()


def _arrow_head(points: Sequence[float]) -> QPolygonF:
    end = QPointF(points[-2], points[-1])
    back = _unit(end, QPointF(points[-4], points[-3])) * (_ARROW + 3)
    side = QPointF(-back.y(), back.x()) * 0.5
    return QPolygonF([end, end + back + side, end + back - side])
