"""CutNetwork: the network up to one layer, in a file of its own."""

from __future__ import annotations

from msgspec.structs import replace

from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.cutting import cut
from h5viewer.errors import CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.convert import kind_of
from h5viewer.operations.network_reading import read_network, refuse_code
from h5viewer.operations.new_files import plan_of, write_new
from h5viewer.requests import CutNetwork

_TRAINING = "How it was trained is not in it: loss and metrics were for the old output."


def plan_cut(request: CutNetwork, container: Container) -> Operation[ExportPlan]:
    """What the network up to the layer holds."""
    before = yield from read_network(container, with_code=True)
    return plan_of(container, before, _after(request, before, container.source.name))


def cut_network(request: CutNetwork, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Read the network, cut it, write it.

    Raises:
        CannotRead: there is no such layer, or no network that can be written.
        CannotWrite: weights alone were asked for, or the disk refuses.
    """
    before = yield from read_network(container, with_code=True)
    new = _after(request, before, container.source.name)
    return (yield from write_new(container, new, scratch, request.target))


def _after(request: CutNetwork, before: NewNetwork, name: str) -> NewNetwork:
    if kind_of(request.target) == "weights.h5":
        raise CannotWrite(
            f"{request.target} would hold weights without the network that was cut.",
            hint="Choose a .h5 or a .keras file.",
        )
    new = cut(before, request.layer, request.call)
    refuse_code(new.config, name, "Cut at a layer that comes before it.")
    return replace(new, notes=(*new.notes, _TRAINING))
