"""What a request has delivered so far, so that it can go on in another worker.

An operation gives the same parts in the same order when it is run again on the same
bytes, though it may cut them differently; what was delivered before is left out.
"""

from __future__ import annotations

import msgspec

from h5viewer.nodes import (
    LayerPairs,
    Layers,
    Names,
    Nodes,
    Part,
    Paths,
    WeightPairs,
    WeightRows,
    WeightSummaries,
)


class Delivery:
    """Counts what one request delivered."""

    def __init__(self) -> None:
        self._n_delivered = 0
        self._n_to_skip = 0

    def start_again(self) -> None:
        """The operation begins anew."""
        self._n_to_skip = self._n_delivered

    def fresh(self, part: Part) -> Part | None:
        """What of `part` was not delivered yet; a picture replaces the last and always is."""
        field = _FIELDS.get(type(part))
        if field is None:
            return part
        items = getattr(part, field)
        new = items[self._n_to_skip :]
        self._n_to_skip -= len(items) - len(new)
        self._n_delivered += len(new)
        if len(new) == len(items):
            return part
        return msgspec.structs.replace(part, **{field: new}) if new else None


_FIELDS: dict[type, str] = {
    Names: "names",
    Nodes: "nodes",
    Paths: "paths",
    Layers: "layers",
    WeightRows: "rows",
    LayerPairs: "pairs",
    WeightPairs: "pairs",
    WeightSummaries: "summaries",
}
"""Which parts add to what came before, and the field with their items."""
