"""Whether the bytes of a TensorFlow checkpoint are those that were written."""

from __future__ import annotations

import msgspec

from h5viewer.documents.checkpoint_network import checkpoint_variables
from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_contents import checked_data
from h5viewer.names import NodePath, plain
from h5viewer.nodes import HealthFinding
from h5viewer.operations import Operation
from h5viewer.requests import Progress
from h5viewer.wording import bytes_text

_MOST_FOUND = 1000


def wrong_checksums(container: CheckpointContainer) -> Operation[list[HealthFinding]]:
    """A finding for each variable whose stored bytes do not have their checksum; reads all."""
    named = {each.node.path: (each.layer, each.name) for each in checkpoint_variables(container)}
    total = sum(variable.stored_bytes for variable in container.variables.values())
    found: list[HealthFinding] = []
    done = 0
    for key, variable in container.variables.items():
        if variable.obstacle:
            continue  # what is missing is told by the weight itself
        checking = checked_data(variable)
        while True:
            try:
                done += next(checking)
            except StopIteration as end:
                if not end.value:
                    path = container.path_of(key)
                    layer, name = named.get(path, ("", plain(key)))
                    found.append(_finding(layer, name, path, variable.stored_bytes))
                break
            yield Progress(done=done, total=total, unit="bytes", text="Comparing checksums…")
        if len(found) >= _MOST_FOUND:
            break
    return found


def _finding(layer: str, name: str, path: NodePath, n_bytes: int) -> HealthFinding:
    message = (
        f"The checksum of its {bytes_text(n_bytes)} is wrong: some of the values are not those "
        "that were saved."
    )
    found = kinds.of_place(kinds.CHECKSUM, "serious", layer, path, n_bytes, limits.CHECKED, message)
    return msgspec.structs.replace(found, weight=name)
