"""What the layers of a configuration are fed, worked out when it is first asked for."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from h5viewer.documents.compatibility.told_code import put_out_by_code
from h5viewer.documents.declared import every_layer
from h5viewer.documents.json_text import table
from h5viewer.documents.keras_config import finished, reading
from h5viewer.documents.shapes.network import work_out

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
        try:
            declared = finished(reading(copy.deepcopy(self._config)))  # it empties its lists
        except RecursionError:  # a thousand lists in each other: no network, but JSON
            return {}
        model = table(table(self._config).get("config"))
        for _ in work_out(declared.layers, model, put_out_by_code):
            pass
        layers = list(every_layer(declared.layers))
        self._n_calls = {layer.key: max(1, len(layer.calls)) for layer in layers}
        return {layer.key: layer.input_shapes for layer in layers}
