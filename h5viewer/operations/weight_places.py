"""The stored weights of a file in the places of the network that Keras 3 makes of it.

The same as `network.placing` does with Keras' own objects, without Keras and without values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized

import msgspec

from h5viewer.documents.assignment import Assignments, NamedWeight
from h5viewer.documents.compatibility import LayerRepair, Taker
from h5viewer.documents.keras_objects import Held, Slot
from h5viewer.documents.new_network import Values
from h5viewer.documents.stored_names import canonical_role, owner_of
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import plain, visible
from h5viewer.operations.stored_values import Bench, StoredValues, converted_values, stored_values
from h5viewer.operations.vocabularies import FREQUENCIES
from h5viewer.wording import plural

Key = tuple[int, ...]
Path = tuple[str, ...]
Place = tuple[Path, str]  # a layer, and a place in its group of an archive
Loose = tuple[str, str, Values]  # of a layer that is not known: name, place ("" not known), values


class Found(msgspec.Struct):
    """An object of the network, and where it stands."""

    path: Path  # of the layer that it is, or is inside of
    way: str  # from that layer to it: "", "layer/"
    held: Held

    def legacy(self) -> list[Slot]:
        """Its variables, as legacy files order them."""
        return [slot for slot in self.held.slots() if slot.variable.is_kept_by_legacy]

    def places(self) -> list[Place]:
        """Where they are."""
        return [self.place(slot) for slot in self.legacy()]

    def place(self, slot: Slot) -> Place:
        """Where a variable is."""
        return (*self.path, *slot.layers), f"{self.way}{slot.place}"

    def by_way(self) -> dict[str, Place]:
        """Of all its variables, by the way to them: "cell/vars/0"."""
        return {slot.place: self.place(slot) for slot in self.held.slots() if not slot.layers}


class WeightPlaces(msgspec.Struct):
    """Gives stored weights to the places of one network."""

    container: Container
    network: Held
    values: dict[Place, Values] = {}
    loose: dict[Path, list[Loose]] = {}
    is_numbered: bool = True  # as archives are; in others a layer may be called "vars"
    is_lenient: bool = False  # what does not fit is left out
    _bench: Bench = msgspec.field(default_factory=Bench)

    def give(self, repairs: Mapping[Key, LayerRepair], stored: Assignments) -> Iterator[int]:
        """Give everything that is stored; yields how many layers were dealt with.

        Raises:
            CannotRead: what is stored for a layer is not what the layer has.
        """
        found = weights_of(repairs, stored)
        for n_done, (repair, weights) in enumerate(found):
            if repair.takers:
                try:
                    self._give_layer(repair, weights)
                except CannotRead as error:
                    if self.is_lenient:
                        continue
                    raise CannotRead(
                        f"The weights of “{visible(repair.name)}” cannot be used: {error.message}"
                    ) from error
            yield n_done
        for repair, weights in found:
            at = find(self.network, repair.path)
            if not repair.takers and at is not None and at.held.is_network:
                left = [slot for slot in at.legacy() if at.place(slot) not in self.values]
                if self.is_lenient and len(left) != len(weights):
                    continue
                self._give_all(_pairs(at, left, weights))

    def _give_layer(self, repair: LayerRepair, weights: list[NamedWeight]) -> None:
        first = self._found(repair.takers[0])
        if repair.steps or len(repair.takers) != 1 or repair.takers[0].takes is not None:
            ordered = in_order_of(first, weights) if self.is_numbered else weights
            stored = [self._stored(each) for each in ordered]
            made = converted_values(stored, repair.steps, self._bench)
            for taker in repair.takers:
                taken = taker.takes if taker.takes is not None else range(len(made))
                places = self._found(taker).places()
                _require_as_many(places, taken)
                for place, i in zip(places, taken, strict=True):
                    if i >= len(made):
                        raise CannotRead("the file stores too few arrays for it.")
                    self.values[place] = made[i]
        elif not first.held.is_known:
            is_flat = all(owner_of(each.weight.name) in ("", repair.name) for each in weights)
            self.loose[first.path] = [
                self._loose(first, each, f"vars/{i}" if is_flat else "")
                for i, each in enumerate(weights)
            ]
        else:
            ways = _ways(first, weights) if self.is_numbered else None
            if ways is None:
                self._give_all(_pairs(first, first.legacy(), weights))
            else:
                self._give_all(list(zip(ways, weights, strict=True)))

    def _give_all(self, pairs: list[tuple[Place, NamedWeight]]) -> None:
        for place, weight in pairs:
            self.values[place] = self._stored(weight)

    def _stored(self, weight: NamedWeight) -> StoredValues:
        if weight.weight.path is None or weight.weight.problem:
            raise CannotRead(f"“{visible(weight.name)}”: {weight.weight.problem}")
        return stored_values(self.container, weight.weight.path)

    def _loose(self, at: Found, weight: NamedWeight, assumed: str) -> Loose:
        way = _way(weight) if self.is_numbered else None
        place = assumed if way is None else "/".join(way[len(way) - _depth(weight, at) :])
        return weight.name, place, self._stored(weight)

    def _found(self, taker: Taker) -> Found:
        found = find(self.network, taker.path)
        if found is None:
            raise CannotRead("it is not part of the network as Keras 3 builds it.")
        return found


def find(network: Held, path: Path) -> Found | None:
    """The layer of a network that names lead to."""
    at = Found((), "", network)
    for name in path:
        part = at.held.by_name.get(name)
        if part is None:
            return None
        if at.held.is_network and not at.way:
            at = Found((*at.path, name), "", part.held)
        else:
            at = Found(at.path, f"{at.way}{part.way}/", part.held)
    return at


def weights_of(
    repairs: Mapping[Key, LayerRepair], stored: Assignments
) -> list[tuple[LayerRepair, list[NamedWeight]]]:
    """Each layer with what is stored for it and, of a wrapper, for the layer inside it."""
    found: dict[Key, list[NamedWeight]] = {}
    for key in sorted(stored.by_key):
        owner = key
        while owner and owner not in repairs:
            owner = owner[:-1]
        if owner:
            weights = (each for each in stored.by_key[key].weights if not _is_in_config(each))
            found.setdefault(owner, []).extend(weights)
    return [(repairs[key], weights) for key, weights in found.items() if weights]


def _is_in_config(weight: NamedWeight) -> bool:
    """True for what `vocabularies` puts into the configuration of a layer."""
    path = weight.weight.path
    return path is not None and path[-2:] == (b"vars", FREQUENCIES.encode())


def in_order_of(at: Found, weights: list[NamedWeight]) -> list[NamedWeight]:
    """Weights that are stored by numbers in the order of legacy files; others as they are.

    Steps are told for that order; archives list what a layer holds by its name.
    """
    try:
        ways = _ways(at, weights)
    except CannotRead:
        return weights  # of a layout that steps are for
    if ways is None:
        return weights
    order = {place: i for i, place in enumerate(at.places())}
    known = [(order[way], i) for i, way in enumerate(ways) if way in order]
    return [weights[i] for _, i in sorted(known)] if len(known) == len(weights) else weights


def _ways(at: Found, weights: list[NamedWeight]) -> list[Place] | None:
    """The places of weights that are stored by numbers; None: they are not.

    Raises:
        CannotRead: the layer has nothing where one of the paths leads.
    """
    ways = [_way(weight) for weight in weights]
    known = [way for way in ways if way is not None]
    if not known or len(known) < len(ways):
        return None
    places = {_spelled(way): place for way, place in at.by_way().items()}
    for n_outside in range(min(len(way) for way in known) - 1):
        found = [places.get(_spelled("/".join(way[n_outside:]))) for way in known]
        given = [each for each in found if each is not None]
        if len(given) == len(known) == len(set(given)):
            return given
    raise CannotRead("the file stores variables for it that Keras has no place for.")


def _way(weight: NamedWeight) -> tuple[str, ...] | None:
    """The path of a weight in an archive, down to the number in `vars`; None: it is in none."""
    path = weight.weight.path
    if path is None or len(path) < 2 or path[-2] != b"vars":
        return None
    return tuple(plain(part) for part in path)


def _spelled(way: str) -> str:
    """Attributes were public in some versions and private in others."""
    return "/".join(part.lstrip("_") for part in way.split("/"))


def _depth(weight: NamedWeight, at: Found) -> int:
    """How many parts of a weight's path are inside the layer's group."""
    way = _way(weight) or ()
    groups = [
        i for i, part in enumerate(way) if part in ("layers", "_layer_checkpoint_dependencies")
    ]
    outside = groups[min(len(groups), len(at.path)) - 1] + 2 if groups else 0
    return len(way) - outside


def _pairs(
    at: Found, slots: list[Slot], weights: list[NamedWeight]
) -> list[tuple[Place, NamedWeight]]:
    """Each place with its stored weight: by order, or by name where some are not stored."""
    if len(slots) != len(weights):
        by_name = {canonical_role(weight.name): weight for weight in weights}
        slots = [slot for slot in slots if slot.variable.name in by_name]
        weights = [by_name[slot.variable.name] for slot in slots if slot.variable.name in by_name]
    places = [at.place(slot) for slot in slots]
    _require_as_many(places, weights)
    return list(zip(places, weights, strict=True))


def _require_as_many(wanted: list[Place], stored: Sized) -> None:
    if len(wanted) != len(stored):
        raise CannotRead(
            f"the file stores {plural(len(stored), 'array')} for it, Keras wants {len(wanted)}."
        )
