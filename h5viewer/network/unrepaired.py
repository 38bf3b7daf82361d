"""Until there is a doctor: configurations of Keras 3 as they are."""

from __future__ import annotations

from h5viewer.documents.compatibility import LayerRepair, Repair, Taker
from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import is_table
from h5viewer.documents.keras_config import finished, reading


def passed_through(config: object, again: object) -> Repair:
    """`config` as it is; `again`: the same once more, which is taken apart."""
    if not is_table(config):
        return Repair(config=None)
    layers: dict[tuple[int, ...], LayerRepair] = {}
    waiting: list[tuple[DeclaredLayer, tuple[str, ...]]] = [
        (layer, ()) for layer in finished(reading(again)).layers
    ]
    while waiting:
        layer, above = waiting.pop()
        path = (*above, layer.name)
        if layer.is_network:
            waiting += [(inner, path) for inner in layer.layers]
            continue
        layers[layer.key] = LayerRepair(
            layer.key, layer.name, layer.class_name, path, takers=(Taker(path),)
        )
    return Repair(config=config, layers=layers)
