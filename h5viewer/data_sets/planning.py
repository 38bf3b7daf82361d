"""What a data set of a folder will hold: the same for whoever surveys, previews and builds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Sequence
from typing import NamedTuple

import msgspec

from h5viewer.data_sets.labelling import Labelled, labelled
from h5viewer.data_sets.listing import listed, seen
from h5viewer.data_sets.reading import Looks, spread
from h5viewer.data_sets.split_names import SPLITS
from h5viewer.data_sets.splitting import shared_out, shuffled
from h5viewer.errors import CannotRead
from h5viewer.formats.folder import Folder
from h5viewer.formats.plain_text import PlainText
from h5viewer.names import plain, visible
from h5viewer.nodes import DataSetRecipe, FolderClass, Shape, SkippedPicture, Split
from h5viewer.picture_files import in_natural_order
from h5viewer.requests import Progress
from h5viewer.wording import plural

MOST_LISTED = 1000
"""Skipped files that are named."""

LONGEST_SIDE = 8192
_USUAL_SIDE = 224
_MOST_LOOKED_AT = 500  # pictures whose size is read
_CHUNK_BYTES = 64 << 10
_LARGEST_CHUNK = 256 << 20  # bytes
_CHANNELS = {"rgb": 3, "grey": 1, "rgba": 4}


class Member(NamedTuple):
    """A picture of the data set."""

    name: str  # path inside the folder
    class_index: int  # of its class; −1: there are none


class Skipped(msgspec.Struct):
    """Files that are left out: the first of them, and how many."""

    first: list[SkippedPicture] = []
    count: int = 0

    def add(self, name: str, reason: str) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < MOST_LISTED:
            self.first.append(SkippedPicture(name=plain(name), reason=plain(reason)))


class Plan(msgspec.Struct):
    """All pictures, in the order in which they are stored."""

    recipe: DataSetRecipe  # nothing open
    classes: tuple[str, ...]
    members: dict[Split, list[Member]]  # of each split that there is
    has_split_folders: bool
    has_own_splits: bool  # of folders, or of the table
    skipped: Skipped
    refused: list[tuple[str, str]]  # of them those that could not even be looked at, and why
    notes: list[str]
    pattern: str  # that would fit the names
    looks: Looks  # at some of them
    n_bytes: int

    @property
    def has_labels(self) -> bool:
        """There are classes."""
        return bool(self.classes)

    @property
    def n_pictures(self) -> int:
        """Of all splits."""
        return sum(map(len, self.members.values()))

    @property
    def picture_shape(self) -> Shape:
        """Of one picture as it is stored."""
        return picture_shape(self.recipe)


def class_counts(
    classes: Sequence[str], members: dict[Split, list[Member]]
) -> tuple[FolderClass, ...]:
    """How many pictures of each class each split has."""
    training, validation, test = (
        Counter(member.class_index for member in members.get(split, ())) for split in SPLITS
    )
    return tuple(
        FolderClass(
            name=name, n_training=training[at], n_validation=validation[at], n_test=test[at]
        )
        for at, name in enumerate(classes)
    )


def picture_shape(recipe: DataSetRecipe) -> Shape:
    """Of one picture as it is stored; grey ones have one channel."""
    channels = _CHANNELS[recipe.colour]
    if recipe.is_channels_first:
        return channels, recipe.height, recipe.width
    return recipe.height, recipe.width, channels


def picture_bytes(recipe: DataSetRecipe) -> int:
    """Of one picture, before compression."""
    return math.prod(picture_shape(recipe)) * (4 if recipe.dtype == "float32" else 1)


def named_reason(name: str, reason: str) -> str:
    """The reason as a sentence that stands alone."""
    return f"{visible(name)}{reason[2:]}" if reason.startswith("It ") else reason


def planned(
    folder: Folder, table: PlainText | None, recipe: DataSetRecipe, *, looks: bool = False
) -> Generator[Progress, None, Plan]:
    """Look through the folder.

    Args:
        folder: of the pictures.
        table: of names and classes.
        recipe: with all that the user wants.
        looks: True: read sizes even when the recipe says the size, and leave out what is
            known to be broken.

    Raises:
        CannotRead: there are no pictures, or the recipe makes no sense.
    """
    _require_sense(recipe)
    listing = yield from listed(folder)
    skipped = Skipped()
    for name, reason in listing.refused:
        skipped.add(name, reason)
    if not listing.sizes:
        raise CannotRead(
            f"{folder.name} holds no pictures.", hint="Choose a folder with pictures in it."
        )
    names = list(listing.sizes)
    found = yield from labelled(names, recipe, None if table is None else table.source)
    kept = [at for at in range(len(names)) if at not in found.reasons]
    for at, reason in found.reasons.items():
        skipped.add(names[at], reason)
    if not kept:
        raise CannotRead(
            f"No picture in {folder.name} has a class.",
            hint=f"{next(iter(found.reasons.values()))} Choose another way to label them.",
        )
    members = yield from _shared_out(names, kept, found, recipe)
    some: list[str] = []
    found_looks = Looks()
    if looks or not (recipe.width and recipe.height):
        some = spread([names[at] for at in kept], _MOST_LOOKED_AT)
        found_looks = yield from seen(folder, listing, some)
    refused = list(listing.refused)
    notes = [*filter(None, [listing.note(), _size_note(recipe, found_looks)]), *found.notes]
    if looks:
        _leave_out(found_looks.refusals, members, skipped, folder.name)
        refused += found_looks.refusals
        if len(some) < len(kept):
            few = f"{len(some):,} of {plural(len(kept), 'picture')}"
            notes.append(f"{few} were looked at; others may turn out to be broken.")
    return Plan(
        recipe=_complete(recipe, found, found_looks.sizes),
        classes=found.classes,
        members=members,
        has_split_folders=found.has_split_folders,
        has_own_splits=any(found.splits[at] for at in kept),
        skipped=skipped,
        refused=refused,
        notes=notes,
        pattern=found.pattern,
        looks=found_looks,
        n_bytes=sum(listing.sizes[names[at]] for at in kept),
    )


def _leave_out(
    refusals: Sequence[tuple[str, str]],
    members: dict[Split, list[Member]],
    skipped: Skipped,
    folder: str,
) -> None:
    """Take pictures that cannot be read out of their splits.

    Raises:
        CannotRead: none is left.
    """
    if not refusals:
        return
    names = {name for name, _ in refusals}
    for split, each in list(members.items()):
        members[split] = [member for member in each if member.name not in names]
        if not members[split]:
            del members[split]
    if not members:
        raise CannotRead(f"No picture in {folder} can be read.", hint=named_reason(*refusals[0]))
    for name, reason in refusals:
        skipped.add(name, reason)


def _shared_out(
    names: Sequence[str], kept: Sequence[int], found: Labelled, recipe: DataSetRecipe
) -> Generator[Progress, None, dict[Split, list[Member]]]:
    """Which picture is where, in its order."""
    wanted = [names[at] for at in kept]
    indices = [found.indices[at] for at in kept]
    splits = [found.splits[at] for at in kept]
    yield Progress(done=0)
    if not any(splits):
        splits = shared_out(
            wanted, indices, recipe.shares, recipe.seed, is_stratified=recipe.is_stratified
        )
    elif sum(map(bool, recipe.shares)) > 1:
        found.notes.append("So the shares that were asked for do not count.")
    yield Progress(done=0)
    index = dict(zip(wanted, indices, strict=True))
    members: dict[Split, list[Member]] = {}
    for split in SPLITS:
        inside = [
            name for name, own in zip(wanted, splits, strict=True) if (own or "training") == split
        ]
        inside = shuffled(inside, recipe.seed) if recipe.is_shuffled else in_natural_order(inside)
        if inside:
            members[split] = [Member(name, index[name]) for name in inside]
        yield Progress(done=0)
    return members


def _complete(
    recipe: DataSetRecipe, found: Labelled, sizes: Counter[tuple[int, int]]
) -> DataSetRecipe:
    """The recipe with all that was left open."""
    width, height = recipe.width, recipe.height
    if not (width and height):
        width, height = _USUAL_SIDE, _USUAL_SIDE
        if len(sizes) == 1 and max(next(iter(sizes))) <= LONGEST_SIDE:
            width, height = next(iter(sizes))
    filled = msgspec.structs.replace(
        recipe, labels=found.rule, pattern=found.pattern, width=width, height=height
    )
    return msgspec.structs.replace(filled, chunk=_chunk(filled))


def _size_note(recipe: DataSetRecipe, looks: Looks) -> str:
    """A sentence about the size, where it was chosen for the user."""
    if (recipe.width and recipe.height) or len(looks.sizes) == 1:
        return ""
    return f"The pictures have several sizes; {_USUAL_SIDE} x {_USUAL_SIDE} pixels are stored."


def _chunk(recipe: DataSetRecipe) -> int:
    """Pictures in a chunk: one of ordinary size, so that a random batch reads no others.

    Without compression none at all: h5py reads a list of indices ten times as fast then.
    """
    n_bytes = picture_bytes(recipe)
    if recipe.chunk * n_bytes > _LARGEST_CHUNK:
        raise CannotRead(
            f"{plural(recipe.chunk, 'picture')} in a chunk are too many: they take "
            f"{recipe.chunk * n_bytes:,} bytes.",
            hint=f"Choose {max(1, _LARGEST_CHUNK // n_bytes):,} at most.",
        )
    if recipe.chunk or not recipe.compression:
        return recipe.chunk
    return max(1, _CHUNK_BYTES // n_bytes)


def _require_sense(recipe: DataSetRecipe) -> None:
    """Raise when it cannot be followed.

    Raises:
        CannotRead: why not.
    """
    if max(recipe.width, recipe.height) > LONGEST_SIDE or min(recipe.width, recipe.height) < 0:
        raise CannotRead(
            f"Pictures of {recipe.width:,} x {recipe.height:,} pixels are too large.",
            hint=f"Choose {LONGEST_SIDE:,} at most.",
        )
    if min(recipe.shares) < 0 or not sum(recipe.shares):
        raise CannotRead("The shares of training, validation and test are none.")
    names = recipe.dataset_names
    if recipe.layout == "images" and (
        len({*names, "names", "class_names"}) < 4
        or any(not name.strip(" .") or "/" in name or "\0" in name for name in names)
    ):
        raise CannotRead(
            f"Datasets cannot be called {plain(names[0])[:60]} and {plain(names[1])[:60]}.",
            hint="Choose two names without a slash, other than names and class_names.",
        )
