"""The network of a file in another form that plain Keras 3 opens; nothing is built or run."""

from __future__ import annotations

from h5viewer.documents.keras_objects import network
from h5viewer.errors import CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.kept_training import has_state, training_notes
from h5viewer.operations.network_reading import read_network
from h5viewer.operations.network_writing import Kind, plan_network, write_network
from h5viewer.operations.sharded_weights import shards, write_index, write_shard
from h5viewer.requests import ConvertNetwork
from h5viewer.requests.export import is_index
from h5viewer.wording import plural

_ENDINGS: tuple[tuple[str, Kind], ...] = (
    (".weights.h5", "weights.h5"),
    (".h5", "h5"),
    (".hdf5", "h5"),
    (".keras", "keras"),
)


def kind_of(target: str) -> Kind:
    """The form that the ending of a name asks for.

    Raises:
        CannotWrite: it asks for none.
    """
    if is_index(target):
        return "weights.h5"
    for ending, kind in _ENDINGS:
        if target.lower().endswith(ending):
            return kind
    raise CannotWrite(
        f"{target} does not say in which form the network is to be written.",
        hint="Choose a name that ends in .h5, .keras or .weights.h5.",
    )


def plan_convert(request: ConvertNetwork, container: Container) -> Operation[ExportPlan]:
    """What would go in, and how long it would get.

    Raises:
        CannotRead, CannotWrite: as `convert_network`.
    """
    kind = kind_of(request.target)
    new = yield from read_network(container)
    outlook = plan_network(new, kind, request.target)
    notes = [*new.notes, *outlook.notes, *training_notes((container,))]
    if is_index(request.target):
        n_files = len(shards(new, network(new.config), request))
        notes.insert(0, f"{plural(n_files, 'file')} of weights beside an index.")
    left_out = [ExportPart(name="optimizer state", n_bytes=0)] if has_state(container) else []
    return ExportPlan(
        kept=(ExportPart(name="weights", n_bytes=outlook.n_bytes, n_items=outlook.n_weights),),
        left_out=tuple(left_out),
        bytes_before=container.source.size,
        bytes_after=outlook.n_bytes + outlook.n_around,
        notes=tuple(notes),
    )


def convert_network(
    request: ConvertNetwork, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead: no network in it, code, or weights that are missing or damaged.
        CannotWrite: the form cannot hold this network, the disk refuses, or what was read back is
            not what was written.
    """
    kind, n_parts = kind_of(request.target), 0
    new = yield from read_network(container)
    if request.part is not None:
        written = yield from write_shard(new, request, scratch)
    elif is_index(request.target):
        written, n_parts = yield from write_index(new, request, scratch)
    else:
        written = yield from write_network(new, scratch, kind, request.target)
    container.source.check_unchanged()  # else it is a mixture
    return Exported(
        bytes_before=container.source.size,
        bytes_after=scratch.size,
        n_weights=written.n_weights,
        n_identical=written.n_weights,
        n_parts=n_parts,
        notes=(*new.notes, *written.notes, *training_notes((container,))),
    )
