"""PlanMerge: what can be made of several files, and why not the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from h5viewer.documents.document import describe
from h5viewer.documents.network_ends import Ends, network_ends
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.chaining import chained
from h5viewer.documents.transforms.joining import joined
from h5viewer.documents.transforms.outer import Member
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.nodes import Layer, MergeChoice, MergeChoices, MergeMember, OutputShape, Weight
from h5viewer.operations import Operation
from h5viewer.operations.average import outlook
from h5viewer.operations.combine import plan_combine
from h5viewer.operations.network import known_network
from h5viewer.operations.network_reading import read_network
from h5viewer.requests import AverageNetworks, CombineNetwork, PlanMerge, Progress

Document = Container | ArchitectureText
_TARGET = "merged.keras"  # of plans whose target is not chosen yet
_JSON = "Keras architecture (JSON)"


class _Read(msgspec.Struct, frozen=True):
    """One file; in place of its network why there is none."""

    document: Document
    network: NewNetwork | H5ViewerError
    ends: Ends | None


def plan_merge(request: PlanMerge, *documents: Document) -> Operation[MergeChoices]:
    """Every kind of merging with these files in this order."""
    read, members = [], []
    for document in documents:
        read.append((yield from _read(document)))
        members.append((yield from _member(read[-1])))
        yield Progress(done=len(read), total=len(documents), unit="files")
    choices = [
        MergeChoice(kind="average", why_not=(yield from _average(request, documents))),
        MergeChoice(kind="ensemble", why_not=_whole(read, lambda all_: joined(all_, "mean", ()))),
        MergeChoice(kind="chain", why_not=_whole(read, chained)),
        MergeChoice(kind="combine", why_not=(yield from _combine(request, documents))),
    ]
    return MergeChoices(members=tuple(members), choices=tuple(choices))


def _read(document: Document) -> Operation[_Read]:
    name = document.source.name
    if isinstance(document, ArchitectureText):
        return _Read(document, _no_weights(name), None)
    try:
        network = yield from read_network(document)
        ends = yield from network_ends(network.config, name)
    except CannotRead as error:
        return _Read(document, error, None)
    return _Read(document, network, ends)


def _member(read: _Read) -> Operation[MergeMember]:
    name = read.document.source.name
    if isinstance(read.document, ArchitectureText):
        return MergeMember(
            name=name, title=_JSON, has_architecture=True, n_weights=0, n_parameters=0
        )
    known = yield from known_network(read.document)
    weights = [weight for layer in known.layers for weight in _weights(layer)]
    ends = read.ends
    return MergeMember(
        name=name,
        title=describe(read.document).title,
        has_architecture=any(layer.class_name for layer in known.layers),
        n_weights=len(weights),
        n_parameters=sum(layer.n_parameters for layer in known.layers),
        inputs=tuple(each.shape for each in ends.inputs) if ends else (),
        outputs=_outputs(ends),
    )


def _outputs(ends: Ends | None) -> tuple[OutputShape, ...]:
    return tuple(shape for shape in ends.outputs if shape is not None) if ends else ()


def _weights(layer: Layer) -> list[Weight]:
    found: list[Weight] = []
    waiting = [layer]
    while waiting:
        each = waiting.pop()
        found += [weight for weight in each.weights if weight.path is not None]
        waiting += each.layers
    return found


def _average(request: PlanMerge, documents: Sequence[Document]) -> Operation[str]:
    texts = [each.source.name for each in documents if isinstance(each, ArchitectureText)]
    if texts:
        return _no_weights(texts[0]).message
    target = documents[0].source.name  # stored as the first file is: weights alone are possible
    if isinstance(documents[0], CheckpointContainer):
        target = "merged.index"  # also where the first is one of the old kind
    asked = AverageNetworks(document=request.document, others=request.others, target=target)
    return (yield from _why_not(outlook(asked, *documents)))  # type: ignore[arg-type]


def _combine(request: PlanMerge, documents: Sequence[Document]) -> Operation[str]:
    if len(documents) != 2 or isinstance(documents[1], ArchitectureText):
        return "It takes two files: first the one with the architecture, then that with weights."
    asked = CombineNetwork(document=request.document, others=request.others, target=_TARGET)
    return (yield from _why_not(plan_combine(asked, documents[0], documents[1])))


def _why_not(plan: Operation[Any]) -> Operation[str]:
    try:
        yield from plan
    except H5ViewerError as error:
        return error.message
    return ""


def _whole(read: Sequence[_Read], merge: Callable[[list[Member]], NewNetwork]) -> str:
    """Why these networks do not fit together; "": they do."""
    members = []
    for each in read:
        if isinstance(each.network, H5ViewerError):
            return each.network.message
        assert each.ends is not None
        members.append(Member(each.document.source.name, each.network, each.ends))
    try:
        merge(members)
    except CannotRead as error:
        return error.message
    return ""


def _no_weights(name: str) -> CannotRead:
    return CannotRead(f"{name} holds an architecture without weights.")
