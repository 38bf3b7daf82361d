"""Layers of a file under other names: in its configuration, its groups, lists and attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from h5viewer.documents.legacy_weights import TOP_LEVEL, read_layers
from h5viewer.documents.saved_state import VARS, SavedState, read_states
from h5viewer.documents.stored import StoredLayer
from h5viewer.documents.transforms.entries import Path, entries_of, shown
from h5viewer.documents.transforms.renaming import (
    renamed_config,
    renamed_outputs,
    renamed_training,
    renames,
)
from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5_differences import text_attribute
from h5viewer.formats.hdf5_lists import attribute_type, read_lists
from h5viewer.names import NodePath, plain, visible
from h5viewer.nodes import Dataset, Group, Problem
from h5viewer.operations import Operation
from h5viewer.operations.altered_copy import Altered
from h5viewer.requests import Progress
from h5viewer.wording import plural

Component = Callable[[str], str]
"""What a part of a weight's name becomes."""


def rename_layers(altered: Altered, names: Sequence[tuple[str, str]]) -> Operation[dict[Path, str]]:
    """Have the copy call layers otherwise.

    Raises:
        CannotRead: there is no such layer, or a name is taken or none that Keras takes.
    """
    network = yield from network_of(altered)
    found = renames(network, names)
    require_renames(found)
    if altered.places.format in ("keras-h5", "keras-archive"):
        _rename_declared(altered, found)
    if altered.places.is_numbered:
        yield from _rename_states(altered, found)
    else:
        yield from _rename_groups(altered, found, network)
        yield from _rename_state_of_optimizer(altered, found, network)
    altered.notes.append(renamed_note(found))
    return found


def network_of(altered: Altered) -> Operation[object]:
    """The configuration; where the file has none, the layers it stores."""
    if altered.places.format != "keras-h5-weights":
        return altered.config
    layers = yield from _stored_layers(altered)
    listed = [{"class_name": "", "config": {"name": each.name}} for each in layers]
    return {"class_name": "Functional", "config": {"layers": listed}}


def _rename_declared(altered: Altered, found: Mapping[Path, str]) -> None:
    outputs = renamed_outputs(altered.config, found)
    training = altered.training()
    altered.set_config(renamed_config(altered.config, found))
    if outputs and training is not None:
        changed = renamed_training(training, outputs)
        if changed != training:
            altered.set_training(changed)


def require_renames(found: Mapping[Path, str]) -> None:
    """Raise when all layers have the names already.

    Raises:
        CannotRead: they have.
    """
    if not found:
        raise CannotRead("Nothing would change: the layers have these names already.")


def renamed_note(found: Mapping[Path, str]) -> str:
    """What changed, in a sentence."""
    pairs = [f"{shown(path)} is “{visible(new, 80)}” now" for path, new in found.items()]
    more = f" and {plural(len(pairs) - 3, 'more layer')}" if len(pairs) > 3 else ""
    return f"{', '.join(pairs[:3])}{more}."


# ----------------------------------------------------------------- numbered files


def _rename_states(altered: Altered, found: Mapping[Path, str]) -> Operation[None]:
    """Newer archives keep the names of layers beside their variables; older ones have none."""
    problems: list[Problem] = []
    for item in read_states(altered.container, altered.places.weights, problems):
        if not isinstance(item, SavedState):
            yield Progress(done=item, unit="groups")
            continue
        waiting: list[tuple[Path, SavedState]] = [((), item)]
        while waiting:
            around, state = waiting.pop()
            for each in state.layers().values():
                if each.name is None:
                    continue
                path = (*around, each.name)
                if path in found:
                    _set_name(altered, (*each.path, VARS.encode()), found[path])
                waiting.append((path, each))


def _set_name(altered: Altered, group: NodePath, name: str) -> None:
    stored = attribute_type(altered.file().root, altered.inner(group), b"name")
    altered.set_attribute(group, b"name", text_attribute(name, stored[0] if stored else None))


# ------------------------------------------------------------------- legacy files


def _rename_groups(altered: Altered, found: Mapping[Path, str], network: object) -> Operation[None]:
    base = altered.places.weights
    file = altered.file()
    top = {path[0]: new for path, new in found.items() if len(path) == 1}
    layers = yield from _stored_layers(altered)
    for layer in layers:
        inner = _inner_names(found, layer.name, network)
        own = {layer.name: top[layer.name]} if layer.name in top else {}
        if layer.path is None and layer.weights and (own or inner):
            raise CannotRead(f"The file lists weights of {shown((layer.name,))}, not the layer.")
        if layer.path is None or not (own or inner):
            continue
        if len(layer.path) != len(base) + 1:
            raise CannotRead(
                f"{shown((layer.name,))} is stored as a group in a group, as its name holds “/”.",
                hint="Convert the file first; that gives such layers other names.",
            )
        if own:
            altered.rename_link(layer.path, own[layer.name].encode())
        _rename_weights(altered, layer, _component({**inner, **own}))
    listed = [name for each in read_lists(file.root, base, b"layer_names") for name in each.items]
    new = [top.get(plain(name), "").encode() or name for name in listed]
    if new != listed:
        altered.set_list(base, b"layer_names", new)
    _require_free(altered, base, top)


def _rename_weights(altered: Altered, layer: StoredLayer, component: Component) -> None:
    """The groups inside that of a layer, and its list of names."""
    assert layer.path is not None
    lists = read_lists(altered.file().root, layer.path, b"weight_names")
    names = [name for each in lists for name in each.items]
    new = [_renamed_name(name, component) for name in names]
    if len(set(new)) < len(set(names)):
        return  # names would clash; Keras goes by their order
    for weight in layer.weights:
        if weight.path is not None:
            _rename_links(altered, weight.path, len(layer.path), component)
    if new != names:
        altered.set_list(layer.path, b"weight_names", new)


def _rename_links(altered: Altered, path: NodePath, start: int, component: Component) -> None:
    is_single = len(path) == start + 1
    for end in range(start + 1, len(path) + (1 if is_single else 0)):
        old = plain(path[end - 1])
        new = component(old)
        if new != old:
            altered.rename_link(path[:end], new.encode())


def _renamed_name(name: bytes, component: Component) -> bytes:
    parts = name.split(b"/")
    changed = parts if len(parts) == 1 else parts[:-1]
    for i, part in enumerate(changed):
        new = component(plain(part))
        if new != plain(part):
            parts[i] = new.encode()
    return b"/".join(parts)


def _component(names: Mapping[str, str]) -> Component:
    """Whole names; of Keras 1, whose names have one part, what stands before "_W"."""

    def component(part: str) -> str:
        if part in names:
            return names[part]
        head, _, role = part.rpartition("_")
        is_role = len(role.partition(":")[0]) <= 2
        return f"{names[head]}_{role}" if is_role and head in names else part

    return component


def _inner_names(found: Mapping[Path, str], top: str, network: object) -> dict[str, str]:
    """New names of layers nested in one, where the old ones are its only ones of that name."""
    inside = [entry.path for entry in entries_of(network) if entry.path[0] == top]
    counts: dict[str, int] = {}
    for path in inside:
        counts[path[-1]] = counts.get(path[-1], 0) + 1
    return {
        path[-1]: new
        for path, new in found.items()
        if path[0] == top and len(path) > 1 and counts.get(path[-1]) == 1
    }


def _require_free(altered: Altered, base: NodePath, top: Mapping[str, str]) -> None:
    """Raise when a group that is no layer's has the name already."""
    for names in altered.container.child_names(base):
        for name in names:
            is_other = plain(name) not in top and plain(name) in top.values()
            if is_other:
                raise CannotRead(
                    f"The file has a group {shown((plain(name),))} already.",
                    hint="Choose a name that no other layer has.",
                )


def _stored_layers(altered: Altered) -> Operation[list[StoredLayer]]:
    problems: list[Problem] = []
    layers: list[StoredLayer] = []
    for layer in read_layers(altered.container, altered.places.weights, [], problems):
        if layer.name != TOP_LEVEL.decode():
            layers.append(layer)
        if len(layers) % 50 == 0:
            yield Progress(done=len(layers), unit="layers")
    return layers


# --------------------------------------------------------------- optimizer's state


def _rename_state_of_optimizer(
    altered: Altered, found: Mapping[Path, str], network: object
) -> Operation[None]:
    """Names in the optimizer's state; it stays as it is where they would clash."""
    root = altered.places.optimizer
    container = altered.file()
    if altered.places.format != "keras-h5" or not isinstance(container.describe(root), Group):
        return
    component = _state_component(found, network)
    paths = []
    for n_done, (path, node) in enumerate(container.walk_below(root)):
        if isinstance(node, Dataset):
            paths.append(path)
        if n_done % 200 == 0:
            yield Progress(done=n_done, unit="objects")
    links = dict(_state_links(paths, len(root), component))
    lists = read_lists(container.root, root, b"weight_names")
    names = [name for each in lists for name in each.items]
    new = [
        b"/".join(component(plain(part)).encode() for part in name.split(b"/")) for name in names
    ]
    after = {tuple(links.get(path[:n], path[n - 1]) for n in range(1, len(path) + 1))
             for path in paths}  # fmt: skip
    if len(after) < len(paths) or not links:
        return
    for path, name in links.items():
        altered.rename_link(path, name)
    if new != names:
        altered.set_list(root, b"weight_names", new)


def _state_links(
    paths: list[NodePath], start: int, component: Component
) -> Iterator[tuple[NodePath, bytes]]:
    for path in paths:
        for end in range(start + 1, len(path) + 1):
            old = plain(path[end - 1])
            new = component(old)
            if new != old:
                yield path[:end], new.encode()


def _state_component(found: Mapping[Path, str], network: object) -> Component:
    """Layers' names as parts of their own or, in Keras 3, joined: "model_dense_kernel_momentum"."""
    paths = [entry.path for entry in entries_of(network)]
    counts: dict[str, int] = {}
    for path in paths:
        counts[path[-1]] = counts.get(path[-1], 0) + 1
    unique = {path[-1]: new for path, new in found.items() if counts[path[-1]] == 1}
    longest_first = sorted(counts, key=len, reverse=True)

    def component(part: str) -> str:
        if part in unique:
            return unique[part]
        for name in longest_first:
            at = part.find(f"{name}_")
            if name and at >= 0 and (at == 0 or part[at - 1] == "_"):
                if name not in unique:
                    return part
                return f"{part[:at]}{unique[name]}{part[at + len(name) :]}"
        return part

    return component
