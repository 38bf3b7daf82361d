"""LoadNetwork: what was built and how to feed it."""

from __future__ import annotations

import time

from h5viewer.documents.architecture_hash import architecture_hash
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import find_places
from h5viewer.formats.container import Container
from h5viewer.network import backend
from h5viewer.network.labels import labels_of
from h5viewer.network.loaded import loaded
from h5viewer.network.prepared import prepared
from h5viewer.nodes import LoadedNetwork
from h5viewer.operations import Operation
from h5viewer.requests import LoadNetwork


def load_network(request: LoadNetwork, container: Container) -> Operation[LoadedNetwork]:
    """Build the network, unless that has been done, and tell what is known of it."""
    started = time.monotonic()
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    labels = labels_of(container, known.inputs, known.outputs)
    config = parsed_config(container, find_places(container), [])
    return LoadedNetwork(
        inputs=known.inputs,
        outputs=known.outputs,
        recipes=known.weighed.recipes,
        evidence=known.weighed.evidence,
        labels=labels.names,
        labels_source=labels.source,
        labels_are_guessed=labels.are_guessed,
        findings=network.findings,
        warnings=network.warnings,
        import_seconds=backend.import_seconds(),
        load_seconds=time.monotonic() - started,
        architecture_hash=architecture_hash(config),
    )
