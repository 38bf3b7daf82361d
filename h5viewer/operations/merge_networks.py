"""JoinNetworks, ChainNetworks: one network of several, each a layer of it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from h5viewer.documents.network_ends import network_ends
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.shares import share_notes, shares_of
from h5viewer.documents.transforms.chaining import chained
from h5viewer.documents.transforms.joining import joined
from h5viewer.documents.transforms.outer import Member
from h5viewer.errors import CannotWrite
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.kept_training import training_parts
from h5viewer.operations.network_reading import read_network
from h5viewer.operations.network_writing import Kind, plan_network, write_network
from h5viewer.operations.new_files import bytes_of
from h5viewer.requests import ChainNetworks, JoinNetworks
from h5viewer.wording import plural

_UNTRAINED = "How the networks were trained is not in it: compile it to train it further."


def plan_join(request: JoinNetworks, *containers: Container) -> Operation[ExportPlan]:
    """What the ensemble would hold, or why there is none."""
    members = yield from read_members(containers)
    return _plan(members, _joined(request, members), containers, request.target)


def join_networks(
    request: JoinNetworks, *containers: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write the ensemble, read it back.

    Raises:
        CannotRead: the networks do not fit together, or one cannot be read.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    members = yield from read_members(containers)
    return (yield from write_merged(containers, _joined(request, members), scratch, request.target))


def plan_chain(request: ChainNetworks, *containers: Container) -> Operation[ExportPlan]:
    """What the chain would hold, or why there is none."""
    members = yield from read_members(containers)
    return _plan(members, _chained(members), containers, request.target)


def chain_networks(
    request: ChainNetworks, *containers: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write the chain, read it back.

    Raises:
        CannotRead: the networks do not fit together, or one cannot be read.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    members = yield from read_members(containers)
    return (yield from write_merged(containers, _chained(members), scratch, request.target))


def read_members(containers: Sequence[Container]) -> Operation[list[Member]]:
    """All networks with their ends; no value is read.

    Raises:
        CannotRead: one is no network, or not one that plain Keras opens.
    """
    members = []
    for container in containers:
        network = yield from read_network(container)
        ends = yield from network_ends(network.config, container.source.name)
        members.append(Member(container.source.name, network, ends))
    return members


def whole_kind(target: str) -> Kind:
    """The form that the ending of a name asks for, of those that hold an architecture.

    Raises:
        CannotWrite: it asks for another.
    """
    name = target.lower()
    if name.endswith(".keras"):
        return "keras"
    if name.endswith((".h5", ".hdf5")) and not name.endswith(".weights.h5"):
        return "h5"
    raise CannotWrite(
        f"{target} does not say in which form the network is to be written.",
        hint="Choose a name that ends in .h5 or .keras.",
    )


def write_merged(
    containers: Sequence[Container | ArchitectureText],
    new: NewNetwork,
    scratch: Scratch,
    target: str,
) -> Operation[Exported]:
    """Write a network made of several files, and read it back.

    Raises:
        CannotRead: a value cannot be read, or a file changed meanwhile.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    written = yield from write_network(new, scratch, whole_kind(target), target)
    for container in containers:
        container.source.check_unchanged()  # else it is a mixture
    return Exported(
        bytes_before=sum(container.source.size_with_companions for container in containers),
        bytes_after=scratch.size,
        n_files=len(containers),
        n_weights=written.n_weights,
        n_identical=written.n_weights,
        notes=(*new.notes, *written.notes),
    )


def _joined(request: JoinNetworks, members: Sequence[Member]) -> NewNetwork:
    shares: tuple[float, ...] = ()
    notes = [_UNTRAINED]
    if request.how == "mean":
        shares = shares_of(request.shares, None, len(members))
        notes = [*share_notes(shares, None, [member.file for member in members]), _UNTRAINED]
    new = joined(members, request.how, shares)
    return replace(new, notes=(*notes, *new.notes))


def _chained(members: Sequence[Member]) -> NewNetwork:
    new = chained(members)
    return replace(new, notes=(_UNTRAINED, *new.notes))


def _plan(
    members: Sequence[Member], new: NewNetwork, containers: Sequence[Container], target: str
) -> ExportPlan:
    outlook = plan_network(new, whole_kind(target), target)
    return ExportPlan(
        kept=(
            ExportPart(
                name=f"weights of {plural(len(members), 'network')}",
                n_bytes=sum(bytes_of(member.network) for member in members),
                n_items=sum(member.network.n_weights for member in members),
            ),
        ),
        left_out=tuple(training_parts(containers)),
        bytes_before=sum(container.source.size_with_companions for container in containers),
        bytes_after=outlook.n_bytes + outlook.n_around,
        is_estimate=True,
        notes=(*new.notes, *outlook.notes),
    )
