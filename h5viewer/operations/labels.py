"""Names of the rows of an embedding, from the layer that turns words into its numbers."""

from __future__ import annotations

from collections.abc import Generator

from h5viewer.documents.config_text import layer_entry
from h5viewer.documents.vocabulary import vocabulary
from h5viewer.formats.container import Container
from h5viewer.operations.network import known_network
from h5viewer.requests import Progress


def labels_of(
    container: Container, source: str, n_rows: int
) -> Generator[Progress, None, list[str]]:
    """One label a row, "" beyond the vocabulary; empty where the file has none."""
    if not source:
        return []
    network = yield from known_network(container)
    layer = next((each for each in network.layers if each.name == source), None)
    if layer is None:
        return []
    words = vocabulary(container, layer, network.layers, layer_entry(container, layer.key))
    yield Progress(done=0)
    if not words:
        return []
    return [words[row] if row < len(words) else "" for row in range(n_rows)]
