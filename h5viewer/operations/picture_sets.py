"""Which datasets of a file are pictures, how they lie, and which are their labels."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

import msgspec
from numpy.typing import NDArray

from h5viewer.documents.document import find_places
from h5viewer.documents.picture_layouts import (
    BANDS,
    arranged,
    banded_layouts,
    is_possible,
    picture_axis,
    possible_layouts,
    turned,
)
from h5viewer.documents.picture_looks import (
    SMOOTH,
    Looks,
    are_less_means_of_caffe,
    are_planes,
    are_wrapped,
    have_seams,
    is_one_surface,
    looks_of,
    of_things,
    roughness,
)
from h5viewer.documents.picture_recipe import stated_sets
from h5viewer.documents.picture_words import (
    means_labels,
    means_maps,
    means_pictures,
    means_weights,
    spells_pictures,
    split_of,
    words,
)
from h5viewer.documents.stored import has_attribute
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, PictureLayout, PictureSet, PictureSets
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named, require_numbers
from h5viewer.operations.file_sets import find_files
from h5viewer.operations.group_sets import find_groups
from h5viewer.operations.loose_sets import fitted
from h5viewer.operations.picture_evidence import Evidence
from h5viewer.operations.picture_pairing import LABEL_KINDS, Datasets, Pairing, pair_labels
from h5viewer.operations.picture_samples import sample
from h5viewer.operations.pictures_elsewhere import unshown_pictures
from h5viewer.requests import FindPictureSets, FitPictureSet, Progress
from h5viewer.wording import shape_text

_MOST_NODES = 20_000
_MOST_SETS = 200
_MOST_GROUPS = 50  # that are looked through for labels where there are more nodes
_FEW_NAMES = 500  # in such a group, all of which are looked at
_YIELD = 0.04  # seconds
_FEW = (1, 3, 4)  # pictures: more likely the channels of a single one, or a kernel's side
_SHOWN = 12  # other layouts that are offered
_WRAPPED = "Bytes above 127 became negative when they were stored as int8: bright is dark."
_CAFFE = (
    "Black is −104, −117, −123, the means that Caffe takes off blue, green and red: blue is first."
)
_KINDS = ("bool", "int", "uint", "float", "bfloat16")
_LISTED = "datasets of the file"


class _Guess(msgspec.Struct):
    """What one dataset is taken for."""

    layout: PictureLayout
    others: list[PictureLayout]
    notes: list[str] = []


def find_picture_sets(_: FindPictureSets, container: Container) -> Operation[PictureSets]:
    """All of a file, in its order, maps of pixels last; weights of networks are none."""
    if find_places(container).format != "hdf5":
        return PictureSets(sets=())
    datasets, are_all = yield from list_datasets(container)
    placed: list[tuple[int, PictureSet]] = []
    problems: list[str] = []
    known = Datasets(datasets, stated_sets(container))
    places = {each.path: number for number, each in enumerate(datasets)}
    loose = yield from find_files(container, datasets, known)
    taken = {node for each in loose for node in each.nodes}
    for number, facts in enumerate(datasets):
        if facts.path in taken:
            continue
        if len(placed) >= _MOST_SETS:
            problems.append(f"Only the first {_MOST_SETS} data sets of pictures are listed.")
            break
        yield Progress(done=number, total=len(datasets), unit="datasets")
        try:
            guess = _guess(container, facts, known)
        except H5ViewerError as error:
            if means_pictures(facts.path):
                problems.append(error.message)
            continue
        if isinstance(guess, str):
            problems.append(guess)
        elif guess is not None:
            pairing = yield from pair_labels(container, facts, _count(facts, guess.layout), known)
            placed.append((number, _set(facts, guess, pairing, known)))
    taken |= {each.node for _, each in placed}
    free = [each for each in datasets if each.path not in taken]
    loose += yield from find_groups(container, free, known, are_all=are_all)
    placed += [(places[each.nodes[0]], each.pictures) for each in loose]
    taken |= {node for each in loose for node in each.nodes}
    problems += yield from unshown_pictures(container, datasets, taken, are_all=are_all)
    sets = [each for _, each in sorted(placed, key=lambda each: each[0])]
    sets.sort(key=lambda each: means_maps(each.place))
    return PictureSets(sets=tuple(sets), problems=tuple(problems))


def fit_picture_set(request: FitPictureSet, container: Container) -> Operation[PictureSets]:
    """The set as the user wants it, with labels and names read anew.

    Raises:
        CannotRead: no numbers there, or a layout or labels that do not fit.
    """
    wanted = request.wanted
    if wanted.is_loose:
        datasets, _ = yield from list_datasets(container)
        known = Datasets(datasets, stated_sets(container))
        return PictureSets(sets=((yield from fitted(container, wanted, known)),))
    facts = container.array(wanted.node).facts
    require_numbers(facts, insist=False)
    shape = facts.shape or ()
    layout = wanted.layout
    if not is_possible(shape, layout):
        raise CannotRead(
            f"{named(facts)} has the shape {shape_text(shape)}: it cannot hold pictures of "
            f"{layout.height} by {layout.width} pixels and {layout.channels} "
            f"{'channel' if layout.channels == 1 else 'channels'} in this order."
        )
    datasets, _ = yield from list_datasets(container)
    known = Datasets(datasets, stated_sets(container))
    others = [each for each in possible_layouts(shape) if not _is_same(each, layout)][:_SHOWN]
    if not layout.low < layout.high:
        looks = looks_of(sample(container.array(wanted.node), layout))
        layout = _ranged(layout, looks)
    guess = _Guess(layout, [_like(each, layout) for each in others])
    pairing = yield from pair_labels(
        container, facts, _count(facts, layout), known, chosen=wanted.labels, is_chosen=True
    )
    return PictureSets(sets=(_set(facts, guess, pairing, known),))


def list_datasets(
    container: Container,
) -> Generator[Progress, None, tuple[tuple[Dataset, ...], bool]]:
    """The first of a file, and whether these are all; kept for the questions that follow."""
    listed: tuple[tuple[Dataset, ...], bool] | None = container.source.kept.get(_LISTED)
    if listed is None:
        listed = container.source.kept[_LISTED] = yield from _walked(container)
    return listed


def _walked(container: Container) -> Generator[Progress, None, tuple[tuple[Dataset, ...], bool]]:
    found: list[Dataset] = []
    next_yield = time.monotonic() + _YIELD
    for number, (_, node) in enumerate(container.walk()):
        if number >= _MOST_NODES:
            found += yield from _labels_beyond(container, found)
            return tuple(found), False
        if isinstance(node, Dataset) and node.same_as is None:
            found.append(node)
            found += _columns(container, node)
        if time.monotonic() > next_yield:
            yield Progress(done=number, unit="names")
            next_yield = time.monotonic() + _YIELD
    return tuple(found), True


def _columns(container: Container, table: Dataset) -> list[Dataset]:
    """What may say something of each picture, as `pandas` and PyTables write it."""
    if table.dtype.kind != "compound" or len(table.shape or ()) != 1:
        return []
    columns = container.columns(table.path) if isinstance(container, Hdf5Container) else []
    return [each for each in columns if each.dtype.kind in LABEL_KINDS]


def _labels_beyond(
    container: Container, found: Sequence[Dataset]
) -> Generator[Progress, None, list[Dataset]]:
    """What may be the labels of very many datasets: it stands beside or above them, behind them."""
    known = {each.path for each in found}
    groups = {each.path[:depth] for each in found for depth in range(len(each.path))}
    labels: list[Dataset] = []
    for group in sorted(groups, key=len)[:_MOST_GROUPS]:
        names = yield from _names_beside(container, group)
        for path in [(*group, name) for name in names]:
            node = None if path in known else container.describe(path)
            if isinstance(node, Dataset) and node.same_as is None:
                labels += [node] if len(node.shape or ()) == 1 or means_labels(path) else []
    return labels


def _names_beside(container: Container, group: NodePath) -> Generator[Progress, None, list[bytes]]:
    """All of few names in a group; of many those that say labels: 0.4 s for 200,000."""
    batches = list(container.child_names(group))
    if sum(map(len, batches)) <= _FEW_NAMES:
        yield Progress(done=0)
        return [name for some in batches for name in some]
    found: list[bytes] = []
    for some in batches:
        yield Progress(done=0)
        found += [name for name in some if means_labels((name,))]
    return found[:_FEW_NAMES]


def _guess(container: Container, facts: Dataset, known: Datasets) -> _Guess | str | None:
    """What a dataset is taken for; a text: nearly pictures, and why not.

    Raises:
        H5ViewerError: its values cannot be read.
    """
    shape = facts.shape or ()
    if facts.dtype.kind not in _KINDS or not 2 <= len(shape) <= 4:
        return None
    stated = known.stated.layout(facts.path, shape) if known.stated is not None else None
    if stated is not None and is_possible(shape, stated):
        others = [each for each in possible_layouts(shape) if not _is_same(each, stated)]
        return _Guess(stated, [_like(each, stated) for each in others[:_SHOWN]])
    if means_weights(facts.path) and facts.dtype.kind in ("float", "bfloat16"):
        return None
    layouts = [each for each in possible_layouts(shape) if not _is_one_row(facts, each)]
    layouts += banded_layouts(shape)
    if not layouts:
        return None
    if has_attribute(container, facts.path, "MATLAB_class"):
        layouts = turned(layouts)
    layouts.sort(key=lambda each: not known.has_labels(_count(facts, each), facts.path))
    is_labelled = known.has_labels(_count(facts, layouts[0]), facts.path)
    are_channels = layouts[0].axes in ("hwn", "whn") and not layouts[0].is_flat
    is_told = (is_labelled and not are_channels) or (len(shape) == 4 and means_pictures(facts.path))
    if _count(facts, layouts[0]) in _FEW and not is_told:
        return None
    array = container.array(facts.path)
    if layouts[0].is_flat:
        if not (is_labelled or means_pictures(facts.path) or facts.dtype.itemsize == 1):
            return None
        values = sample(array, layouts[0])
        return _flat_guess(facts, layouts, values, is_labelled=is_labelled)
    values = sample(array, layouts[0])
    looks = looks_of(values)
    if looks is None or not values.size:
        return None
    if means_maps(facts.path) and values.dtype.kind in "iu":
        looks = of_things(looks)
    pictures = arranged(values, layouts[0])
    has_partner = is_labelled or known.has_partner(_count(facts, layouts[0]), facts.path)
    evidence = Evidence(facts, is_labelled=is_labelled, has_partner=has_partner)
    if not evidence.are_pictures(pictures, looks) or evidence.is_field(container):
        if spells_pictures(facts.path):
            return f"{named(facts)} has the shape of pictures, but not their values."
        return None
    others = [each for each in layouts[1:] if each != layouts[0]][:_SHOWN]
    is_caffe = are_less_means_of_caffe(pictures)
    guess = _guessed(facts, layouts[0], others, looks, is_bgr=is_caffe)
    guess.notes += [_CAFFE] if is_caffe else []
    guess.notes += [_WRAPPED] if are_wrapped(pictures) else []
    return guess


def _flat_guess(
    facts: Dataset, layouts: Sequence[PictureLayout], values: NDArray[Any], *, is_labelled: bool
) -> _Guess | None:
    """Of all sides that are possible, those at which neighbours are most alike."""
    if not values.size:
        return None
    looks = looks_of(values)
    if looks is None or looks.is_constant or not looks.is_range_of_pixels:
        return None
    if facts.dtype.kind != "float" and looks.high > 255:
        return None
    axis = picture_axis(layouts[0])
    scored: list[tuple[float, int, PictureLayout]] = []
    for number, layout in enumerate(layouts):
        if picture_axis(layout) == axis:
            rough = roughness(arranged(values, layout), looks, cut_along=layout.axes.strip("nc")[1])
            scored.append((round(rough, 2), number, layout))
    best = min(scored)
    # a square may lose a little: transposed ones, and twice as wide ones, are nearly as smooth;
    # three planes of colour are one picture, though below each other they are smooth as well
    for rough, number, layout in scored:
        if layout.height != layout.width or rough >= SMOOTH:
            continue
        are_three = layout.axes in ("nchw", "ncwh", "chwn", "cwhn")
        whole = arranged(values, layout)
        is_whole = are_three and (
            are_planes(whole, looks) or have_seams(whole, looks, layout.axes.strip("nc")[1])
        )
        if rough <= 1.1 * best[0] or is_whole:
            best = (rough, number, layout)
            break
    if best[0] >= SMOOTH:
        return None
    if not is_labelled and is_one_surface(arranged(values, best[2]), looks):
        return None
    others = [layout for _, _, layout in sorted(scored) if layout is not best[2]][:_SHOWN]
    guess = _guessed(facts, best[2], others, looks)
    guess.notes.append(
        f"Each row of {best[2].height * best[2].width * best[2].channels:,} numbers is taken for "
        f"a picture of {best[2].height} by {best[2].width} pixels: there neighbours are most alike."
    )
    return guess


def _guessed(
    facts: Dataset,
    layout: PictureLayout,
    others: Sequence[PictureLayout],
    looks: Looks,
    *,
    is_bgr: bool = False,
) -> _Guess:
    is_called_bgr = layout.channels >= 3 and any("bgr" in words(name) for name in facts.path)
    layout = _ranged(msgspec.structs.replace(layout, is_bgr=is_bgr or is_called_bgr), looks)
    guess = _Guess(layout, [_like(each, layout) for each in others])
    if layout.channels in BANDS:
        shown = "first three are" if layout.channels > 2 else "first is"
        guess.notes.append(f"Of its {layout.channels} channels the {shown} drawn.")
    if is_called_bgr:
        guess.notes.append("Its name says that the channels are blue, green, red.")
    if facts.dtype.kind == "uint" and facts.dtype.itemsize == 1 and looks.high < 255:
        guess.notes.append(f"Its bytes go from 0 to {looks.high:g}, and are drawn like that.")
    elif looks.low != 0 or looks.high not in (1, 255):
        low, high = (
            f"{each:,.0f}" if each == round(each) else f"{each:.4g}"
            for each in (looks.low, looks.high)
        )
        guess.notes.append(f"Drawn from {low} (black) to {high} (white).")
    return guess


def _ranged(layout: PictureLayout, looks: Looks | None) -> PictureLayout:
    low, high = (looks.low, looks.high) if looks is not None else (0.0, 255.0)
    return msgspec.structs.replace(layout, low=float(low), high=float(high))


def _like(layout: PictureLayout, other: PictureLayout) -> PictureLayout:
    return msgspec.structs.replace(layout, low=other.low, high=other.high)


def _is_same(one: PictureLayout, other: PictureLayout) -> bool:
    return (one.axes, one.height, one.width, one.channels, one.is_flat) == (
        other.axes,
        other.height,
        other.width,
        other.channels,
        other.is_flat,
    )


def _is_one_row(facts: Dataset, layout: PictureLayout) -> bool:
    return layout.is_flat and _count(facts, layout) == 1


def _count(facts: Dataset, layout: PictureLayout) -> int:
    return (facts.shape or ())[picture_axis(layout)]


def _set(facts: Dataset, guess: _Guess, pairing: Pairing, known: Datasets) -> PictureSet:
    n_pictures = _count(facts, guess.layout)
    sources = known.sources(n_pictures, facts.path)
    found = PictureSet(
        node=facts.path,
        shape=facts.shape or (),
        dtype=facts.dtype.text,
        layout=guess.layout,
        n_pictures=n_pictures,
        sources=None if sources == pairing.labels else sources,
        split=split_of(facts.path),
        layouts=tuple(guess.others),
        label_nodes=pairing.candidates,
        notes=(*guess.notes, *pairing.notes),
    )
    return pairing.label(found)
