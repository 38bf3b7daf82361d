"""Layers of a file frozen or trained: flags in its configuration, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h5viewer.documents.keras_objects import Held, network
from h5viewer.documents.own_class import reordered
from h5viewer.documents.transforms.entries import Path, shown
from h5viewer.documents.transforms.freezing import Frozen, frozen_config
from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5_lists import read_lists
from h5viewer.names import path_text
from h5viewer.nodes import Group
from h5viewer.operations import Operation
from h5viewer.operations.altered_copy import Altered
from h5viewer.requests import Progress
from h5viewer.wording import count_text, names_text, plural

_FRESH = (
    "The optimizer's state is left out: it belongs to other weights than are trained now. Further "
    "training begins with a fresh optimizer."
)


def freeze_layers(
    altered: Altered, frozen: Sequence[str], trained: Sequence[str]
) -> Operation[Frozen]:
    """Have the copy train other layers.

    Raises:
        CannotRead: a name or pattern means no layer, or nothing would change.
    """
    found = frozen_config(altered.config, frozen, trained)
    yield Progress(done=0, unit="layers")
    require_change(found, frozen, trained)
    today = altered.repaired.config
    before = network(today)
    after = network(frozen_config(today, frozen, trained).config)
    altered.set_config(found.config)
    if not altered.places.is_numbered:
        yield from _order_weights(altered, before, after)
    altered.notes += frozen_notes(found, before, after)
    is_other = _learnt(before) != _learnt(after) or not _is_known(before)
    if is_other and isinstance(altered.container.describe(altered.places.optimizer), Group):
        altered.leave_out(altered.places.optimizer)
        altered.notes.append(_FRESH)
    return found


def require_change(found: Frozen, frozen: Sequence[str], trained: Sequence[str]) -> None:
    """Raise when all is as it is asked for.

    Raises:
        CannotRead: it is.
    """
    if not found.frozen and not found.trained:
        raise CannotRead(f"Nothing would change: {_already(frozen, trained)}.")


def _already(frozen: Sequence[str], trained: Sequence[str]) -> str:
    if frozen and trained:
        return "the layers are frozen and trained as you ask already"
    return f"the layers are {'frozen' if frozen else 'trained'} already"


# --------------------------------------------------------------- order of weights


def _order_weights(altered: Altered, before: Held, after: Held) -> Operation[None]:
    """Legacy files list what a nested network has in an order that hangs on what is trained.

    Raises:
        CannotRead: the order would change, and what is listed is not understood.
    """
    layers = {part.held.name: part.held for part in after.parts}
    root, base = altered.file().root, altered.places.weights
    for part in before.parts:
        yield Progress(done=0, unit="layers")
        name = part.held.name
        new = layers.get(name, part.held)
        path = (*base, name.encode())
        is_own = not part.held.is_known and part.held.trainable != new.trainable
        order = _order(part.held, new)
        if not is_own and order == sorted(order):
            continue
        lists = read_lists(root, path, b"weight_names")
        items = [item for each in lists for item in each.items]
        if is_own:
            names = [item.decode(errors="replace") for item in items]
            order = reordered(name, names, is_trained=new.trainable)
        if len(items) != len(order):
            raise CannotRead(
                f"The weights in {path_text(path)} are not listed as Keras 3 lists them, and their "
                "order would have to change.",
                hint="Convert the file first.",
            )
        altered.set_list(path, b"weight_names", [items[i] for i in order])


def _order(before: Held, after: Held) -> list[int]:
    """Where each weight of the new order stands in the old one."""
    slots = [slot for slot in before.slots() if slot.variable.is_kept_by_legacy]
    places = {(slot.layers, slot.way, slot.variable): i for i, slot in enumerate(slots)}
    return [
        places[slot.layers, slot.way, slot.variable]
        for slot in after.slots()
        if slot.variable.is_kept_by_legacy
    ]


# --------------------------------------------------------------------- what changed


def _learnt(held: Held) -> list[tuple[Path, str]]:
    return [(slot.layers, slot.name) for slot in held.slots() if slot.is_learnt]


def _is_known(held: Held) -> bool:
    waiting = [held]
    while waiting:
        each = waiting.pop()
        if not each.is_known:
            return False
        waiting += [part.held for part in each.parts]
    return True


def frozen_notes(found: Frozen, before: Held, after: Held) -> Iterator[str]:
    """What changed, in sentences."""
    with_weights = {slot.layers for slot in before.slots()}
    for every, word in ((found.frozen, "frozen"), (found.trained, "trained")):
        paths = [path for path in every if path in with_weights] or every
        if paths:
            first = ", ".join(shown(path) for path in paths[:3])
            more = f" and {count_text(len(paths) - 3)} more" if len(paths) > 3 else ""
            be = "is" if len(paths) == 1 else "are"
            yield f"{plural(len(paths), 'layer')} {be} {word} now: {first}{more}."
    learnt = {slot.layers for slot in after.slots() if slot.is_learnt}
    lost = [shown(path) for path in found.frozen if path in learnt]
    if lost:
        yield (
            f"Keras trains {names_text(lost, 3)} all the same once it has opened the file: it does "
            "not pass the flag on to the layers inside. Set trainable there to True, then to False."
        )
    n_before, n_after = len(_learnt(before)), len(_learnt(after))
    yield f"Training changes {plural(n_after, 'weight')}; before, {count_text(n_before)}."
