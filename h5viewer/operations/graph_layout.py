"""The network drawn as a graph: where boxes and connections lie.

The layout is graphlay's (layered, edges of right angles). It cannot be stopped on its way, so
what would take it long is refused beforehand; should the estimate be wrong, the worker is ended.
"""

from __future__ import annotations

from collections import Counter, deque

import graphlay

from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.declared import Declaration
from h5viewer.documents.document import find_places
from h5viewer.documents.graph_operations import declared_operations, graph_of
from h5viewer.documents.keras_config import counted, reading
from h5viewer.documents.network_graph import (
    MOST_BOXES,
    Box,
    Edge,
    Folding,
    NetworkGraph,
    Tangled,
    network_graph,
)
from h5viewer.formats.container import Container
from h5viewer.nodes.architecture import LayerItem
from h5viewer.nodes.graph import GraphBox, GraphEdge, GraphLayout
from h5viewer.operations import Operation
from h5viewer.requests import LayoutGraph, Progress

MOST_LAYERS = 4_000
"""Of the network itself; a drawing of more cannot be read."""

# Measured on two kinds of hard graphs (CPU seconds of graphlay 0.3.1, this processor):
# a layer that feeds n others: 100: 0.05, 200: 1.1, 400: 23; n blocks in which each layer
# feeds all later ones, 4,600 bends: 7.4 with the careful placement, 0.7 with the quick one.
_MOST_HUB_WORK = 5e9  # sum of (connections of a box) ** 4
_MOST_BENDS = 30_000  # ranks that edges pass through
_CAREFUL_BENDS = 2_500
_MOST_OF_A_HUB = 100  # connections that are drawn of one box where all would take too long

_SPACING = {
    "layer_gap": 38.0,
    "node_gap": 26.0,
    "dummy_gap": 18.0,
    "port_gap": 14.0,
    "compound_padding": 14.0,
    "stub": 12.0,
}
_QUICK = {"effort": "fast", "coords": {"placement": "brandes_koepf"}}


_TANGLED = "The parts of this network are connected in too many ways to be drawn."


def layout_graph(request: LayoutGraph, container: Container) -> Operation[GraphLayout]:
    """Boxes and edges, or a sentence that says why there is no drawing."""
    item: LayerItem = "layer" if graph_of(container) is None else "operation"
    items = f"{item}s"
    yield Progress(done=0, unit=items)
    declaration = yield from _declaration(container)
    if not declaration.is_understood:
        return GraphLayout(reason="This file does not say how its layers are connected.")
    n_layers = len(declaration.layers)
    if not n_layers:
        return GraphLayout(reason=f"This network has no {items}.")
    if n_layers > MOST_LAYERS:
        return GraphLayout(
            reason=f"This network has {n_layers:,} {items}; up to {MOST_LAYERS:,} are drawn."
        )
    folding = Folding(frozenset(request.unfolded), frozenset(request.opened), request.folds_repeats)
    try:
        graph = network_graph(declaration.layers, folding)
    except Tangled as error:
        reason = _TANGLED if error.args else f"Up to {MOST_BOXES:,} {items} are drawn at once."
        return GraphLayout(reason=reason)
    yield Progress(done=n_layers, total=n_layers, unit=items)
    return _laid_out(graph, request, item)


def _declaration(container: Container) -> Operation[Declaration]:
    graph = graph_of(container)
    if graph is not None:
        return declared_operations(graph)
    config = parsed_config(container, find_places(container), [])
    yield Progress(done=0, unit="layers")
    if config is None:
        return Declaration()
    return (yield from counted(reading(config)))


def _laid_out(graph: NetworkGraph, request: LayoutGraph, item: LayerItem) -> GraphLayout:
    note = ""
    if _hub_work(graph) > _MOST_HUB_WORK:
        graph, note = _thinned(graph, item)
    bends = _bends(graph)
    if _hub_work(graph) > _MOST_HUB_WORK or bends > _MOST_BENDS:
        return GraphLayout(reason=_TANGLED, has_repeats=graph.has_repeats)
    options: dict[str, object] = {
        "direction": "topbottom",
        "spacing": {**_SPACING, "compound_header": request.header},
        "routing": {"port_sides": "facing_only"},
    }
    if bends > _CAREFUL_BENDS or len(graph.edges) > 2 * len(graph.boxes) + 50:
        options |= _QUICK
    asked = {
        "nodes": [_node(box, request) for box in graph.boxes],
        "edges": [{"source": edge.source, "target": edge.target} for edge in graph.edges],
    }
    drawn = graphlay.layout(asked, options=options)
    low, high = drawn.bounds["min"], drawn.bounds["max"]
    return GraphLayout(
        boxes=tuple(
            _placed(box, node, low) for box, node in zip(graph.boxes, drawn.nodes, strict=True)
        ),
        edges=tuple(
            GraphEdge(
                source=edge.source,
                target=edge.target,
                points=tuple(
                    value
                    for point in line["points"]
                    for value in (point["x"] - low["x"], point["y"] - low["y"])
                ),
                origin=edge.origin,
                tensor=edge.tensor,
            )
            for edge, line in zip(graph.edges, drawn.edges, strict=True)
        ),
        width=high["x"] - low["x"],
        height=high["y"] - low["y"],
        has_repeats=graph.has_repeats,
        note=note,
    )


def _thinned(graph: NetworkGraph, item: LayerItem) -> tuple[NetworkGraph, str]:
    """The same boxes with the first connections of each, and what is said of the others."""
    out, into = Counter[int](), Counter[int]()
    kept: dict[Edge, None] = {}
    for edge in graph.edges:
        out[edge.source] += 1
        into[edge.target] += 1
        if max(out[edge.source], into[edge.target]) <= _MOST_OF_A_HUB:
            kept[edge] = None
    hubs = {box for count in (out, into) for box in count if count[box] > _MOST_OF_A_HUB}
    which = f"One {item} is" if len(hubs) == 1 else f"{len(hubs):,} {item}s are"
    note = (
        f"{which} connected with more than {_MOST_OF_A_HUB} others: "
        f"{len(kept):,} of {len(graph.edges):,} connections are drawn."
    )
    return NetworkGraph(graph.boxes, kept, graph.has_repeats), note


def _node(box: Box, request: LayoutGraph) -> dict[str, object]:
    node: dict[str, object] = {"size": {"width": request.width, "height": request.height}}
    if box.parent is not None:
        node["parent"] = box.parent
    return node


def _placed(box: Box, node: dict[str, dict[str, float]], low: dict[str, float]) -> GraphBox:
    width, height = node["size"]["width"], node["size"]["height"]
    return GraphBox(
        key=box.key,
        kind=box.kind,
        x=node["center"]["x"] - width / 2 - low["x"],
        y=node["center"]["y"] - height / 2 - low["y"],
        width=width,
        height=height,
        count=box.count,
        period=box.period,
    )


def _hub_work(graph: NetworkGraph) -> float:
    """What boxes with very many connections cost."""
    degrees = [0] * len(graph.boxes)
    for edge in graph.edges:
        degrees[edge.source] += 1
        degrees[edge.target] += 1
    return sum(float(degree) ** 4 for degree in degrees)


def _bends(graph: NetworkGraph) -> int:
    """How many ranks the edges pass through, each box ranked below all that feed it."""
    following: list[list[int]] = [[] for _ in graph.boxes]
    waiting = [0] * len(graph.boxes)
    for edge in graph.edges:
        following[edge.source].append(edge.target)
        waiting[edge.target] += 1
    rank = [0] * len(graph.boxes)
    ready = deque(box for box, count in enumerate(waiting) if not count)
    while ready:
        box = ready.popleft()
        for target in following[box]:
            rank[target] = max(rank[target], rank[box] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return sum(max(0, abs(rank[edge.target] - rank[edge.source]) - 1) for edge in graph.edges)
