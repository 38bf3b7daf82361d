"""What the user chose of the data sets of one document: how they are read, whose labels."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from h5viewer.names import NodePath
from h5viewer.nodes import OtherLabels, PictureSet


class KnownSets(msgspec.Struct):
    """What the user chose of one document; kept as long as it is open."""

    found: tuple[PictureSet, ...]  # as they were guessed
    sets: list[PictureSet]  # as they are read
    at: int = 0  # which one is looked at
    other_labels: dict[NodePath, OtherLabels] = {}  # by the place of the set


def known_anew(found: tuple[PictureSet, ...], before: KnownSets | None) -> KnownSets:
    """What was found, as the user had it read."""
    pairs = zip(before.found, before.sets, strict=True) if before is not None else ()
    changed = dict(pairs)
    sets = [changed.get(each, each) for each in found]
    lengths = {each.place: each.n_pictures for each in sets}
    labels = before.other_labels if before is not None else {}
    kept = {
        place: each
        for place, each in labels.items()
        if lengths.get(place) == each.pictures.n_pictures
    }
    return KnownSets(found, sets, _first(sets), kept)


def _first(sets: Sequence[PictureSet]) -> int:
    """What a network is trained on comes before what it is tested on."""
    return next((at for at, each in enumerate(sets) if each.split == "training"), 0)


def place_of(known: KnownSets, node: NodePath) -> int:
    """Which of the sets is there, of several the one that is looked at; the first: none is."""
    places = [at for at, each in enumerate(known.sets) if each.node == node]
    return known.at if known.at in places else (places or [0])[0]
