"""An object of Keras with its variables and the objects it holds.

Sources: keras/src/layers/layer.py (`weights`, `trainable_weights`), saving/saving_lib.py
(`_save_state`), legacy/saving/legacy_h5_format.py (`_legacy_weights`); keras 3.15.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from h5viewer.documents.roles import snake_case


class Variable(msgspec.Struct, frozen=True):
    """One variable of an object."""

    name: str
    key: str  # its name in the group "vars" of archives: mostly its number
    trainable: bool = True
    is_kept_by_legacy: bool = True


class Part(msgspec.Struct, frozen=True):
    """An object inside another one."""

    way: str  # from there in archives: "cell", "layers/dense_1"
    held: Held


class Held(msgspec.Struct, frozen=True, dict=True):
    """An object: its own variables, then its parts, both in the order in which Keras lists them."""

    class_name: str
    name: str = ""  # of a layer
    variables: tuple[Variable, ...] = ()
    parts: tuple[Part, ...] = ()
    trainable: bool = True
    is_network: bool = False
    is_known: bool = True  # False: a class of somebody else's, which may hold anything

    @cached_property
    def by_name(self) -> dict[str, Part]:
        """The parts that are called something, by their names; of namesakes the first."""
        return {part.held.name: part for part in reversed(self.parts) if part.held.name}

    @property
    def layers(self) -> tuple[Part, ...]:
        """The layers of a network."""
        return self.parts if self.is_network else ()

    def slots(self) -> list[Slot]:
        """All variables, in the order of legacy files."""
        found = _once(list(self._every((), "")))
        if not self.trainable:
            return found
        learnt = [slot for slot in found if slot.is_learnt]
        return learnt + [slot for slot in found if not slot.is_learnt]

    def trained(self) -> list[Slot]:
        """What an optimizer trains, in the order of Keras' `trainable_variables`."""
        return [slot for slot in self.slots() if slot.is_learnt] if self.trainable else []

    def _every(self, layers: tuple[str, ...], way: str) -> Iterator[Slot]:
        for variable in self.variables:
            yield Slot(layers, way, variable, self.trainable and variable.trainable)
        for part in self.parts:
            if self.is_network and not way:
                yield from part.held._every((*layers, part.held.name), "")
            else:  # all that a wrapper holds belongs to it, networks too
                yield from part.held._every(layers, f"{way}{part.way}/")


class Slot(msgspec.Struct, frozen=True):
    """Where one variable belongs."""

    layers: tuple[str, ...]  # names of the layers from the object to the one that holds it
    way: str  # from the last of them to the object with the variable: "", "cell/"
    variable: Variable
    is_learnt: bool  # as its layer is set

    @property
    def name(self) -> str:
        """In its layer: "kernel", "cell/kernel"."""
        return f"{self.way}{self.variable.name}"

    @property
    def place(self) -> str:
        """In its layer's group of an archive: "vars/0", "cell/vars/0"."""
        return f"{self.way}vars/{self.variable.key}"


def _once(slots: list[Slot]) -> list[Slot]:
    """What an object has of a part's stands where the object lists it: legacy files keep one."""
    by_name = {(slot.layers, slot.way, slot.variable.name): slot for slot in slots}
    twins: dict[Slot, Slot] = {}
    for slot in slots:
        twin = by_name.get((slot.layers, f"{slot.way}layer/", slot.variable.name))
        if twin is not None and not slot.variable.is_kept_by_legacy:
            twins[slot] = twin
    moved = set(twins.values())
    found = [twins.get(slot, slot) for slot in slots if slot not in moved]
    return [*found, *twins]


def numbered(parts: Iterator[Held]) -> tuple[Part, ...]:
    """Objects of a list with the names Keras gives them there: their class, counted."""
    used: dict[str, int] = {}
    found = []
    for held in parts:
        base = snake_case(held.class_name)
        number = used[base] = used.get(base, -1) + 1
        found.append(Part(f"{base}_{number}" if number else base, held))
    return tuple(found)
