"""CutNetwork: the network up to one layer, in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from h5viewer.documents.compatibility import Repair
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.cutting import cut
from h5viewer.documents.transforms.entries import Path, entries_of
from h5viewer.errors import CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.convert import kind_of
from h5viewer.operations.network_reading import read_repaired, refuse_code, repair_notes
from h5viewer.operations.new_files import plan_of, write_new
from h5viewer.requests import CutNetwork

_TRAINING = "How it was trained is not in it: loss and metrics were for the old output."


def plan_cut(request: CutNetwork, container: Container) -> Operation[ExportPlan]:
    """What the network up to the layer holds."""
    before, repair = yield from read_repaired(container, with_code=True)
    new = _after(request, before, repair, container.source.name)
    return plan_of(container, before, new, request.target)


def cut_network(request: CutNetwork, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Read the network, cut it, write it.

    Raises:
        CannotRead: there is no such layer, or no network that can be written.
        CannotWrite: weights alone were asked for, or the disk refuses.
    """
    before, repair = yield from read_repaired(container, with_code=True)
    new = _after(request, before, repair, container.source.name)
    return (yield from write_new(container, new, scratch, request.target))


def _after(request: CutNetwork, before: NewNetwork, repair: Repair, name: str) -> NewNetwork:
    if kind_of(request.target) == "weights.h5":
        raise CannotWrite(
            f"{request.target} would hold weights without the network that was cut.",
            hint="Choose a .h5 or a .keras file.",
        )
    new = cut(before, request.layer, request.call)
    refuse_code(new.config, name, "Cut at a layer that comes before it.")
    repairs = repair_notes(_of_what_stays(repair, new.config))
    return replace(new, notes=(*repairs, *new.notes, _TRAINING))


def _of_what_stays(repair: Repair, config: object) -> Repair:
    """What was repaired in the layers that are still in this configuration."""
    were = _ways(repair)
    left = {entry.path: entry.is_network for entry in entries_of(config)}
    gone = {name for name, ways in were.items() if not any(_is_in(left, way) for way in ways)}
    named = set(_registered_in(config))
    return replace(
        repair,
        findings=tuple(each for each in repair.findings if each.layer not in gone),
        custom=repair.custom & named,
        functions=repair.functions & named,
    )


def _ways(repair: Repair) -> dict[str, list[Path]]:
    """Where the layers of each name in the file are now; operations have no rows of their own."""
    ways: dict[str, list[Path]] = {}
    for row in repair.layers.values():
        ways.setdefault(row.name, []).extend((row.path, *(taker.path for taker in row.takers)))
    for entry in entries_of(repair.config):
        ways.setdefault(entry.name, []).append(entry.path)
    return ways


def _is_in(paths: Mapping[Path, bool], way: Path) -> bool:
    """True for a layer, and for what a layer that is no network holds."""
    return way in paths or any(paths.get(way[:depth]) is False for depth in range(1, len(way)))


def _registered_in(config: object) -> Iterator[str]:
    """Names of classes and functions that are asked for."""
    waiting = [config]
    while waiting:
        each = waiting.pop()
        if is_table(each):
            name = each.get("registered_name")
            if isinstance(name, str):
                yield name
            waiting.extend(each.values())
        elif is_list(each):
            waiting.extend(each)
