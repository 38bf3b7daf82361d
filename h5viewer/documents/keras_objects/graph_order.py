"""The order in which Keras lists the layers of a functional network.

It follows from the connections, not from the order of the configuration. Archives count
layers in it, and legacy files list them in it. Source: keras/src/ops/function.py, map_graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from h5viewer.documents.json_text import is_list, is_table, table, whole_number

Node = tuple[str, int]  # a layer and the number of its call


def order_of_layers(config: Mapping[str, object]) -> list[str]:
    """Names of the layers that lead from the inputs to the outputs, and of idle inputs."""
    entries = config.get("layers")
    calls: dict[str, list[list[Node]]] = {}
    functional: set[str] = set()
    for entry in entries if is_list(entries) else []:
        found = table(entry)
        name = str(found.get("name") or table(found.get("config")).get("name") or "")
        nodes = found.get("inbound_nodes")
        calls[name] = [list(_references(node)) for node in nodes] if is_list(nodes) else []
        if found.get("class_name") in ("Functional", "Model"):
            functional.add(name)
    outputs = list(_ends(config.get("output_layers"), functional))
    inputs = list(_ends(config.get("input_layers"), functional))
    visited, first_seen = _visited(outputs, calls)
    depths = _depths(visited, calls)
    for name, _ in inputs:
        if name not in depths:
            depths[name], first_seen[name] = 0, -1
    return sorted(depths, key=lambda name: (-depths[name], first_seen[name]))


def _visited(
    outputs: list[Node], calls: Mapping[str, list[list[Node]]]
) -> tuple[list[Node], dict[str, int]]:
    """The calls, each after those it needs, and when each layer was first met on the way."""
    finished: list[Node] = []
    is_met: set[Node] = set()
    first_seen: dict[str, int] = {}
    for output in outputs:
        stack: list[tuple[Node, Iterator[Node]]] = []
        _enter(output, stack, is_met, first_seen, calls)
        while stack:
            node, feeding = stack[-1]
            following = next(feeding, None)
            if following is None:
                stack.pop()
                finished.append(node)
            else:
                _enter(following, stack, is_met, first_seen, calls)
    return finished, first_seen


def _enter(
    node: Node,
    stack: list[tuple[Node, Iterator[Node]]],
    is_met: set[Node],
    first_seen: dict[str, int],
    calls: Mapping[str, list[list[Node]]],
) -> None:
    if node in is_met or node[0] not in calls:
        return
    is_met.add(node)
    first_seen.setdefault(node[0], len(first_seen))
    stack.append((node, iter(_feeding(node, calls))))


def _feeding(node: Node, calls: Mapping[str, list[list[Node]]]) -> list[Node]:
    made = calls[node[0]]
    return made[node[1]] if 0 <= node[1] < len(made) else []


def _depths(finished: list[Node], calls: Mapping[str, list[list[Node]]]) -> dict[str, int]:
    """How many calls stand between each layer and the outputs, by its farthest call."""
    of_nodes: dict[Node, int] = {}
    of_layers: dict[str, int] = {}
    known = set(finished)
    for node in reversed(finished):
        depth = max(of_nodes.get(node, 0), of_layers.get(node[0], 0))
        of_nodes[node] = of_layers[node[0]] = depth
        for feeding in _feeding(node, calls):
            if feeding in known:
                of_nodes[feeding] = max(depth + 1, of_nodes.get(feeding, 0))
    return of_layers


def _references(value: object) -> Iterator[Node]:
    """The tensors in the arguments of a call, in the order in which Keras flattens them."""
    if is_table(value):
        history = table(value.get("config")).get("keras_history")
        if value.get("class_name") == "__keras_tensor__" and is_list(history):
            yield from _node(history)
        elif set(value) == {"args", "kwargs"}:
            yield from _references(value["args"])
            yield from _references(value["kwargs"])
        else:
            for key in sorted(value):
                yield from _references(value[key])
    elif is_list(value):
        for each in value:
            yield from _references(each)


def _node(history: list[object]) -> Iterator[Node]:
    number = whole_number(history[1]) if len(history) > 1 else None
    if isinstance(history[0], str) and number is not None:
        yield history[0], number


def _ends(value: object, functional: set[str]) -> Iterator[Node]:
    """Inputs or outputs; calls of functional networks are counted from 1 there."""
    if is_list(value) and len(value) == 3 and isinstance(value[0], str):
        for name, number in _node(value):
            yield name, number - (name in functional)
    elif is_list(value):
        for each in value:
            yield from _ends(each, functional)
    elif is_table(value):
        for key in sorted(value):
            yield from _ends(value[key], functional)
