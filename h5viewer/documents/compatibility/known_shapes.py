"""What the layers of a configuration are fed, worked out when it is first asked for."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from h5viewer.documents.compatibility.read_code import read_code
from h5viewer.documents.declared import DeclaredLayer, every_layer
from h5viewer.documents.json_text import table
from h5viewer.documents.keras_config import finished, reading
from h5viewer.documents.shapes.network import work_out

_MOST_TIMES = 20
"""As often shapes are worked out anew, where code in a row puts out what is not declared."""

Shape = tuple[int | None, ...]
Key = tuple[int, ...]


class Shapes:
    """Shapes by the keys of layers."""

    def __init__(self, config: object) -> None:
        self._config = config
        self._n_calls: dict[Key, int] = {}
        self._by_key: dict[Key, Sequence[Shape | None]] | None = None

    def fed_to(self, key: Key) -> Sequence[Shape | None]:
        """One shape a tensor, of the first call; () where none is known."""
        if self._by_key is None:
            self._by_key = self._worked_out()
        return self._by_key.get(key, ())

    def n_calls(self, key: Key) -> int:
        """How often the layer is called; 0 where that is not known."""
        self.fed_to(key)
        return self._n_calls.get(key, 0)

    def _worked_out(self) -> dict[Key, Sequence[Shape | None]]:
        told: dict[Key, Shape] = {}  # by code that is read
        for _ in range(_MOST_TIMES):
            try:
                declared = finished(reading(copy.deepcopy(self._config)))  # it empties its lists
            except RecursionError:  # a thousand lists in each other: no network, but JSON
                return {}
            layers = list(every_layer(declared.layers))
            for layer in layers:
                if layer.key in told:
                    own = {"output_shape": [*told[layer.key][1:]], "output_shape_type": "raw"}
                    layer.config = {**layer.config, **own}
            for _ in work_out(declared.layers, table(table(self._config).get("config"))):
                pass
            new = {layer.key: shape for layer in layers if (shape := _by_code(layer)) is not None}
            if not new.keys() - told.keys():
                break
            told |= new
        self._n_calls = {layer.key: max(1, len(layer.calls)) for layer in layers}
        return {layer.key: layer.input_shapes for layer in layers}


def _by_code(layer: DeclaredLayer) -> Shape | None:
    """What a Lambda layer puts out that declares no shape, where its code can be read."""
    config = layer.config
    if layer.class_name != "Lambda" or layer.output_shape is not None or len(layer.calls) > 1:
        return None
    function, given = config.get("function"), config.get("arguments")
    read = read_code(function, given, "code", layer.input_shapes)
    return None if read is None else read.shape
