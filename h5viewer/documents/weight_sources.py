"""Which layer of a network takes the weights of which layer of another file.

What the user chose comes first; then layers of one name; of those left over, layers whose weights
have the same shapes, in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from h5viewer.documents.new_network import NewWeight, Values
from h5viewer.documents.stored_names import canonical_role
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import Shape
from h5viewer.nodes.comparison import Basis
from h5viewer.wording import plural, shape_text

Path = tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True):
    """A weight that a layer of the network has."""

    name: str
    place: str
    trainable: bool
    shape: Shape | None  # None: not known


class Offered(msgspec.Struct, frozen=True):
    """A weight that a layer of the other file has."""

    place: str  # inside the layer, where the file says so; else ""
    values: Values
    name: str = ""  # inside the layer, where that says which it is: "kernel", "cell/bias"


class Source(msgspec.Struct, frozen=True):
    """A layer of the other file."""

    name: str
    weights: tuple[Offered, ...]
    class_name: str = ""  # "": not known


class Target(msgspec.Struct, frozen=True):
    """A layer of the network, and what the other file holds for it by its own account."""

    path: Path
    class_name: str
    wanted: tuple[Wanted, ...]
    found: tuple[NewWeight, ...] = ()
    source: str = ""  # where that is from
    basis: Basis = ""  # why that; "": by the names of layers

    @property
    def name(self) -> str:
        """What it is called in requests and answers."""
        return "/".join(self.path)


class Match(msgspec.Struct, frozen=True):
    """A layer of the network with the weights that it takes; none: it takes none."""

    target: Target
    source: str = ""
    basis: Basis = ""
    weights: tuple[NewWeight, ...] = ()
    problem: str = ""  # why the chosen source does not fit


def matched(
    targets: Sequence[Target], sources: Sequence[Source], pairs: Mapping[str, str]
) -> list[Match]:
    """Every target once, in their order.

    Args:
        targets: of the network.
        sources: of the other file.
        pairs: chosen by the user: names of targets and of sources; "" for none.

    Raises:
        CannotRead: a name is none.
    """
    by_name = {source.name: source for source in sources}
    _require_known(pairs, targets, by_name)
    matches = {}
    for target in targets:
        if target.name in pairs:
            matches[target.name] = _chosen(target, pairs[target.name], by_name)
        elif match := _by_name(target, by_name):
            matches[target.name] = match
    used = {match.source for match in matches.values()}
    left = [source for source in sources if source.name not in used]
    for target in targets:
        if target.name not in matches:
            matches[target.name] = _by_shapes(target, left)
    return [matches[target.name] for target in targets]


def _require_known(
    pairs: Mapping[str, str], targets: Sequence[Target], by_name: Mapping[str, Source]
) -> None:
    known = {target.name for target in targets}
    for layer, source in pairs.items():
        if layer not in known:
            raise CannotRead(f"The architecture has no layer “{visible(layer, 80)}” with weights.")
        if source and source not in by_name:
            raise CannotRead(f"The file of weights has no layer “{visible(source, 80)}”.")


def _chosen(target: Target, name: str, by_name: Mapping[str, Source]) -> Match:
    if not name:
        return Match(target, basis="hand")
    own = _by_account(target)
    if own is not None and own.source == name:
        return Match(target, name, "hand", own.weights)
    weights, problem = fitted(target, by_name[name])
    return Match(target, name, "hand", weights, problem)


def _by_name(target: Target, by_name: Mapping[str, Source]) -> Match | None:
    own = _by_account(target)
    if own is not None or target.name not in by_name:
        return own
    weights, problem = fitted(target, by_name[target.name])
    return None if problem else Match(target, target.name, "name", weights)


def _by_account(target: Target) -> Match | None:
    """What the file's own account gives, when that is all there is and of the right shapes."""
    given = {weight.place: weight for weight in target.found}
    for wanted in target.wanted:
        weight = given.get(wanted.place)
        if weight is None or wanted.shape not in (None, weight.shape):
            return None
    if not target.found:
        return None
    if target.basis:
        return Match(target, target.source, target.basis, target.found)
    basis: Basis = "name" if target.path[-1] in target.source.split("/") else "shape"
    basis = "name" if target.path[0] == target.source else basis
    return Match(target, target.source, basis, target.found)


def _by_shapes(target: Target, left: list[Source]) -> Match:
    if not target.wanted or any(wanted.shape is None for wanted in target.wanted):
        return Match(target)
    for position, source in enumerate(left):
        if source.class_name and source.class_name != target.class_name:
            continue
        weights, problem = fitted(target, source)
        if not problem:
            del left[position]
            return Match(target, source.name, "shape", weights)
    return Match(target)


def fitted(target: Target, source: Source) -> tuple[tuple[NewWeight, ...], str]:
    """The weights of the source in the places of the target; or why they do not fit."""
    wanted, offered = list(target.wanted), list(source.weights)
    if len(wanted) != len(offered):
        return (), (
            f"It has {plural(len(wanted), 'weight')}, “{visible(source.name, 60)}” "
            f"{len(offered):,}."
        )
    offered = _as_wanted(wanted, offered)
    for want, offer in zip(wanted, offered, strict=True):
        if want.shape not in (None, offer.values.shape):
            return (), (
                f"Its {visible(want.name, 60)} is {shape_text(want.shape)}, in "
                f"“{visible(source.name, 60)}” {shape_text(offer.values.shape)}."
            )
    return tuple(_taken(wanted, offered)), ""


def _as_wanted(wanted: Sequence[Wanted], offered: list[Offered]) -> list[Offered]:
    """The offered weights in the order of the wanted: by places, by names, else as they are."""
    by_place = {each.place: each for each in offered}
    if set(by_place) == {each.place for each in wanted}:
        return [by_place[each.place] for each in wanted]
    for called in (str, canonical_role):
        by_name = {called(each.name): each for each in offered}
        names = [called(each.name) for each in wanted]
        if len(by_name) == len(offered) and set(by_name) == set(names):
            return [by_name[name] for name in names]
    return offered


def _taken(wanted: Sequence[Wanted], offered: Sequence[Offered]) -> Iterator[NewWeight]:
    for want, offer in zip(wanted, offered, strict=True):
        values = offer.values
        yield NewWeight(want.name, values.shape, values.dtype, want.trainable, values, want.place)
