"""Data sets whose pictures stand each by itself: what all of them have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence

import msgspec

from h5viewer.documents.picture_heads import PictureHead
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import Dataset, PictureLayout, PictureSet
from h5viewer.operations.loose_reading import class_names
from h5viewer.operations.own_labels import are_own, own_candidates, own_facts
from h5viewer.operations.picture_pairing import Datasets, Pairing, name_classes, pair_labels
from h5viewer.requests import Progress
from h5viewer.wording import plural

_N_SAMPLES = 8
_REFERENCES = b"#refs#"
"""Where MATLAB puts what the cells of an array refer to, under names in an order of their own."""
_ANY_ORDER = (
    "Its labels are not paired: MATLAB stores what an array of cells holds in an order of its own."
)

MOST_READ = 64 << 20
"""Bytes of samples of one set."""

MOST_TRIED = 20
"""Sets of one form that are looked for in a file."""


class Loose(msgspec.Struct):
    """A set, and the datasets that it is made of as far as they are known."""

    pictures: PictureSet
    nodes: tuple[NodePath, ...]


def fitted(
    container: Container, wanted: PictureSet, known: Datasets
) -> Generator[Progress, None, PictureSet]:
    """The set with the labels that the user chose.

    Raises:
        CannotRead: they are none.
    """
    if wanted.has_classes and wanted.labels == wanted.node:
        return (yield from paired(container, wanted, known))
    standing = _standing_for(wanted.node, known)
    n_pictures, own = wanted.n_pictures, own_candidates(container, wanted)
    if are_own(wanted):
        pairing = yield from _own(container, wanted, wanted.labels or (), known)
        if pairing.labels is None:
            name = visible(path_text(wanted.labels or ()), 80)
            raise CannotRead(f"{name} holds no class for each picture.")
        partners = known.partners(n_pictures, standing.path)
        pairing.candidates = tuple(each.path for each in partners)
    else:
        pairing = yield from pair_labels(
            container, standing, n_pictures, known, chosen=wanted.labels, is_chosen=True
        )
    if wanted.has_classes:
        pairing.candidates = (wanted.node, *pairing.candidates)
    pairing.candidates += tuple(path for path in own if path != pairing.labels)
    return _with(wanted, pairing)


def paired(
    container: Container, pictures: PictureSet, known: Datasets
) -> Generator[Progress, None, PictureSet]:
    """A set with its labels: the groups that its pictures are in, or a dataset."""
    n_pictures = pictures.n_pictures
    if not pictures.has_classes:
        facts = _standing_for(pictures.node, known)
        pairing = yield from pair_labels(container, facts, n_pictures, known)
        if pictures.node[-1:] == (_REFERENCES,) and pairing.labels is not None:
            pairing = Pairing(notes=(_ANY_ORDER,))
        return _with(pictures, (yield from _or_own(container, pictures, pairing, known)))
    yield Progress(done=0)
    names = tuple(plain(name) for name in class_names(container, pictures))
    partners = known.partners(n_pictures, pictures.node)
    pairing = Pairing(
        labels=pictures.node,
        form="group",
        names=names,
        names_from="their groups",
        candidates=tuple(each.path for each in partners),
    )
    return _with(pictures, pairing)


def _or_own(
    container: Container, pictures: PictureSet, pairing: Pairing, known: Datasets
) -> Generator[Progress, None, Pairing]:
    """What is a list of labels, else those that stand beside each picture."""
    candidates = own_candidates(container, pictures)
    for path in candidates if pairing.labels is None else ():
        own = yield from _own(container, pictures, path, known)
        if own.labels is not None:
            own.candidates = tuple(each for each in candidates if each != path)
            return own
    pairing.candidates += tuple(candidates)
    return pairing


def _own(
    container: Container, pictures: PictureSet, labels: NodePath, known: Datasets
) -> Generator[Progress, None, Pairing]:
    """Labels that stand each beside its picture; none where they are no classes."""
    facts = yield from own_facts(container, pictures, labels)
    if facts.why_not or not facts.form:
        return Pairing()
    standing = msgspec.structs.replace(_standing_for(pictures.node, known), path=labels)
    return (yield from name_classes(container, standing, facts, known, pictures.n_pictures))


def _with(pictures: PictureSet, pairing: Pairing) -> PictureSet:
    return msgspec.structs.replace(
        pairing.label(pictures),
        label_nodes=pairing.candidates,
        sources=None if pictures.sources == pairing.labels else pictures.sources,
        notes=(*_notes(pictures), *pairing.notes),
    )


def _standing_for(node: NodePath, known: Datasets) -> Dataset:
    """A dataset or, as pairing takes it, a group as one with all its pictures.

    Raises:
        CannotRead: it is not there any more.
    """
    first = next((each for each in known.all if each.path[: len(node)] == node), None)
    if first is None:
        raise CannotRead(f"{visible(path_text(node))} is not there.", hint="Reload the file.")
    return msgspec.structs.replace(first, path=node)


def _notes(pictures: PictureSet) -> Iterator[str]:
    if pictures.storage == "members":
        yield f"{plural(pictures.n_pictures, 'dataset')} of one picture each."
    if pictures.encoding:
        yield (
            f"Each picture is a {pictures.encoding} file by itself, drawn upright as its EXIF "
            "says, and over white where it is transparent."
        )
    if not pictures.are_alike:
        yield "They have different sizes."


# ------------------------------------------------------------------ samples


def spread(count: int) -> list[int]:
    """Positions of a few, from the first on."""
    n = min(count, _N_SAMPLES)
    return [at * count // n for at in range(n)]


def encoding_of(heads: Sequence[PictureHead]) -> str:
    """What kind of files they are; of several kinds the usual one first."""
    return " or ".join(kind for kind, _ in Counter(head.kind for head in heads).most_common())


def are_alike(heads: Sequence[PictureHead]) -> bool:
    """True when they have one size."""
    return len({(head.height, head.width) for head in heads}) == 1


def layout_of(heads: Sequence[PictureHead]) -> PictureLayout:
    """The size that most have."""
    sizes = Counter((head.height, head.width, head.channels) for head in heads)
    (((height, width, channels), _),) = sizes.most_common(1)
    return PictureLayout(axes="n", height=height, width=width, channels=channels)
