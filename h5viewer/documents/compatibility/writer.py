"""Which Keras wrote a file, on which backend: as it says, or as its weights are called."""

from __future__ import annotations

from h5viewer.documents.document import Places, describe
from h5viewer.documents.legacy_weights import read_layers
from h5viewer.formats.container import Container
from h5viewer.nodes import Problem

_MOST = 200  # layers looked at for one that has weights


def written_by(container: Container, places: Places) -> tuple[str | None, str | None]:
    """Version and backend.

    Keras 1 did not write its backend down, but TensorFlow ends the names of weights with ":0".
    """
    document = describe(container)
    version, backend = document.keras_version, document.backend
    is_old = version is None or version.startswith(("0", "1"))
    if backend is not None or not is_old or places.is_numbered:
        return version, backend
    problems: list[Problem] = []
    for i, layer in enumerate(read_layers(container, places.weights, [], problems)):
        if layer.weights and "param_" not in layer.weights[0].name:
            name = layer.weights[0].name
            return version, "tensorflow" if ":" in name.rpartition("/")[2] else "theano"
        if i >= _MOST:
            break
    return version, None
