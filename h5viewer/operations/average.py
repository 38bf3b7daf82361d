"""The mean of the weights of several files with one architecture, in the layout of the first.

What is no floating-point number (counters, tables, states of random generators) has no mean and
is the first file's. Statistics of batch normalisations are averaged as all other numbers are.
The optimizer's state is left out: it belongs to none of the means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from h5viewer.documents.compared import Compared, read_networks
from h5viewer.documents.document import ARCHIVED_WEIGHTS, Places, describe, find_places
from h5viewer.documents.same_networks import SameWeight, same_weights
from h5viewer.documents.shares import share_notes, shares_of
from h5viewer.documents.stored_names import canonical_role
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_averaging import Averaging
from h5viewer.formats.hdf5_links import address_at
from h5viewer.formats.keras_archive import KerasArchive
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.average_checkpoints import (
    average_checkpoints,
    is_of_checkpoints,
    plan_checkpoints,
)
from h5viewer.operations.average_converted import average_converted, plan_converted
from h5viewer.operations.cuts import READ_BUDGET
from h5viewer.operations.kept_form import require_kept_form
from h5viewer.operations.mean_rules import refused_as_coded, rule_notes
from h5viewer.operations.model_copying import (
    Changes,
    Inside,
    copy_model,
    require_one_file,
    state_bytes,
)
from h5viewer.operations.network import as_compared
from h5viewer.operations.not_finite import Averaged, not_finite_notes, values_of
from h5viewer.requests import AverageNetworks, Progress
from h5viewer.wording import bytes_text, plural

_NUMBERS = frozenset({"float", "bfloat16", "complex"})
_MOST_INFLATED = 1000  # decoded to stored: gzip's best; beyond, and above the budget, a bomb
_ENDINGS = (".keras", ".h5", ".hdf5")
_FRESH = "Further training begins with a fresh optimizer."


class _Layout(NamedTuple):
    """What decides how the numbers of a weight are stored."""

    is_numbered: bool
    is_theano: bool  # kernels are stored backwards
    is_keras_1: bool  # kernels and gates in another order


class _Task(msgspec.Struct, frozen=True):
    """What is averaged, and what is not."""

    containers: tuple[Container, ...]
    places: Places  # of the first file
    shares: tuple[float, ...]
    means: tuple[tuple[SameWeight, tuple[StoredArray, ...]], ...]
    kept: tuple[StoredArray, ...]  # of the first file, as they are no such numbers
    left_out: int  # bytes of the optimizer's state
    notes: tuple[str, ...] = ()


def plan_average(request: AverageNetworks, *containers: Container) -> Operation[ExportPlan]:
    """What would be averaged, or why that cannot be; tells of NaN, for which values are read."""
    plan, values = yield from outlook(request, *containers)
    shares = shares_of(request.shares, request.decay, len(containers))
    odd = yield from not_finite_notes(containers, shares, values)
    return msgspec.structs.replace(plan, notes=(*odd, *plan.notes))


def outlook(
    request: AverageNetworks, *containers: Container
) -> Operation[tuple[ExportPlan, list[Averaged]]]:
    """What would be averaged, and the numbers of each file, or why that cannot be.

    Raises:
        CannotRead, CannotWrite: it cannot.
    """
    if is_of_checkpoints(containers):
        return (yield from plan_checkpoints(request, containers))
    if _has_other_layouts(request, containers):
        return (yield from plan_converted(request, containers))
    task = yield from _task(request, containers)
    values = [values_of(each) for each in zip(*(arrays for _, arrays in task.means), strict=True)]
    before = sum(container.source.size for container in containers)
    kept = [_part("averaged weights", [arrays[0] for _, arrays in task.means])]
    if task.kept:
        kept.append(_part("other variables of the first file", task.kept))
    left_out = [ExportPart(name="optimizer state", n_bytes=task.left_out)] if task.left_out else []
    plan = ExportPlan(
        kept=tuple(kept),
        left_out=tuple(left_out),
        bytes_before=before,
        bytes_after=max(0, containers[0].source.size - task.left_out),
        is_estimate=True,
        notes=task.notes,
    )
    return plan, values


def average_networks(
    request: AverageNetworks, *containers: Container, scratch: Scratch
) -> Operation[Exported]:
    """Copy the first file with the means as its weights, read back, compare.

    Raises:
        CannotRead: the files cannot be averaged, or one is damaged.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    if is_of_checkpoints(containers):
        return (yield from average_checkpoints(request, containers, scratch))
    if _has_other_layouts(request, containers):
        return (yield from average_converted(request, containers, scratch))
    task = yield from _task(request, containers)
    first = containers[0]
    inside = Inside(task.places)
    tree = first.tree(ARCHIVED_WEIGHTS) if isinstance(first, KerasArchive) else first
    assert isinstance(tree, Hdf5Container)
    root, n_prefix = tree.root, 1 if tree is not first else 0
    means: dict[int, Averaging] = {}
    for same, arrays in task.means:
        path: NodePath = (same.weights[0].path or ())[n_prefix:]
        means.setdefault(address_at(root, b"/".join(path)), Averaging(arrays, task.shares))

    def mean_at(path: NodePath) -> Averaging | None:
        is_weight = inside.is_weight(path)
        return means.get(address_at(root, b"/".join(path))) if is_weight else None

    changes = Changes(
        is_left_out=lambda path: path == inside.optimizer,
        is_weight=inside.is_weight,
        rewriting_of=mean_at,
        n_bytes=first.source.size - task.left_out,
    )
    found = yield from copy_model(first, scratch, changes, request.target)
    for container in containers:
        container.source.check_unchanged()  # else it is a mean of nothing that was
    if not all(mean.is_written for mean in means.values()):
        raise CannotRead(f"{first.source.name} lists weights that are in another part of the file.")
    return Exported(
        bytes_before=sum(container.source.size for container in containers),
        bytes_after=scratch.size,
        n_files=len(containers),
        n_weights=found.weights,
        n_identical=found.identical,
        notes=task.notes,
    )


def _task(request: AverageNetworks, containers: Sequence[Container]) -> Operation[_Task]:
    shares = shares_of(request.shares, request.decay, len(containers))
    names = [container.source.name for container in containers]
    require_one_file(containers[0])
    places = [find_places(container) for container in containers]
    for name, place in zip(names, places, strict=True):
        if not place.has_network:
            raise CannotRead(f"{name} is no Keras model and no file of its weights.")
    require_kept_form(containers[0], request.target)
    sides = yield from read_networks(containers, _decoded_before(containers))
    yield Progress(done=0, text="Comparing the architectures…")
    means: list[tuple[SameWeight, tuple[StoredArray, ...]]] = []
    kept: list[StoredArray] = []
    for n_done, same in enumerate(same_weights(sides, names)):
        pairs = zip(containers, same.weights, strict=True)
        arrays = tuple(container.array(weight.path or ()) for container, weight in pairs)
        if _is_averaged(same, arrays, names):
            means.append((same, arrays))
        else:
            kept.append(arrays[0])
        if n_done % 100 == 0:
            yield Progress(done=n_done, unit="weights")
    if not means:
        raise CannotRead(f"{names[0]} holds no weights that could be averaged.")
    left_out = yield from state_bytes(places[0], containers[0])
    notes = [*share_notes(shares, request.decay, names), *_notes(means, kept, names[0])]
    if left_out:
        notes.append(f"The optimizer's state is left out. {_FRESH}")
    return _Task(
        containers=tuple(containers),
        places=places[0],
        shares=shares,
        means=tuple(means),
        kept=tuple(kept),
        left_out=left_out,
        notes=tuple(notes),
    )


def _decoded_before(containers: Sequence[Container]) -> dict[int, Compared]:
    kept = ((number, as_compared(container)) for number, container in enumerate(containers))
    return {number: side for number, side in kept if side is not None}


def _has_other_layouts(request: AverageNetworks, containers: Sequence[Container]) -> bool:
    """Whether the numbers of one weight mean something else in another file, or in the target."""
    if any(not find_places(container).has_network for container in containers):
        return False  # which is refused
    layouts = {_layout(container) for container in containers}
    is_archive = isinstance(containers[0], KerasArchive)
    name = request.target.lower()
    asks_archive = name.endswith(".keras")
    return len(layouts) > 1 or (is_archive != asks_archive and name.endswith(_ENDINGS))


def _layout(container: Container) -> _Layout:
    places, document = find_places(container), describe(container)
    version, backend = document.keras_version, document.backend
    return _Layout(
        is_numbered=places.is_numbered,
        is_theano=backend == "theano",
        is_keras_1=not places.is_numbered and (version or "1.").startswith(("0.", "1.")),
    )


def _is_averaged(same: SameWeight, arrays: Sequence[StoredArray], names: Sequence[str]) -> bool:
    """Whether it has a mean.

    Raises:
        CannotRead: it should have one, but its numbers mean nothing by themselves, or do not fit.
    """
    shown = f"{visible(same.layer, 60)}/{visible(same.weights[0].name, 60)}"
    for name, array in zip(names, arrays, strict=True):
        facts = array.facts
        if facts.shape != arrays[0].facts.shape:
            raise CannotRead(f"{shown} has another shape in {name} than in {names[0]}.")
        is_byte = facts.dtype.kind in ("int", "uint") and facts.dtype.itemsize == 1
        if (is_byte and facts.n_elements > 1) or facts.dtype.kind == "opaque":
            raise refused_as_coded(shown, name, facts.dtype.text)
        cost = array.cost(whole(facts.shape or ()))
        if cost > max(READ_BUDGET, _MOST_INFLATED * facts.stored_bytes):
            raise TooLarge(
                f"{shown} of {name} would have to be read from {bytes_text(cost)}: too much."
            )
    return arrays[0].facts.shape is not None and all(
        array.facts.dtype.kind in _NUMBERS for array in arrays
    )


def _notes(
    means: Sequence[tuple[SameWeight, tuple[StoredArray, ...]]],
    kept: Sequence[StoredArray],
    name: str,
) -> Iterator[str]:
    n_statistics = sum(
        canonical_role(same.weights[0].name) in ("moving_mean", "moving_variance")
        for same, _ in means
    )
    adapted = {
        same.layer for same, _ in means if canonical_role(same.weights[0].name).startswith("lora_")
    }
    if adapted:
        yield (
            f"Kernels and adapters (LoRA) of {plural(len(adapted), 'layer')} are averaged each by "
            "itself; a .keras file would hold the mean of kernels to which adapters are added."
        )
    yield from rule_notes(n_statistics, len(kept), name)


def _part(name: str, arrays: Sequence[StoredArray]) -> ExportPart:
    n_bytes = sum(array.facts.stored_bytes for array in arrays)
    return ExportPart(name=name, n_bytes=n_bytes, n_items=len(arrays))
