"""Saving chosen pictures: as a request, and as what the dialog offers of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from h5viewer.gui.export.exports import Offer, suffix_of
from h5viewer.gui.export.options import Options
from h5viewer.gui.export.small_options import NoOptions, suggested_word
from h5viewer.gui.gallery.picture_classes import WITHOUT
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.names import visible
from h5viewer.requests import SavePictures
from h5viewer.wording import plural

MOST_SAVED = 200_000
"""Pictures of one file that the window asks for: their numbers are sent in one go."""


def wanted_pictures(
    shown: ShownSet, indices: tuple[int, ...], class_of: Callable[[int], int]
) -> SavePictures:
    """What is asked for; of labels in another file the program tells what they say."""
    found = SavePictures(
        document=shown.document, target="", pictures=shown.pictures, indices=indices
    )
    if shown.other_labels is None or shown.labelled.label_form == "several":
        return found
    classes = tuple(max(WITHOUT, class_of(index)) for index in indices)
    names = shown.labelled.label_names
    return msgspec.structs.replace(found, classes=classes, class_names=names)


def pictures_offer(wanted: SavePictures) -> Offer:
    """One as a picture or in an archive, several in an archive."""
    path = Path(wanted.document)
    word = suggested_word([visible(name) for name in wanted.pictures.node])
    is_one = len(wanted.indices) == 1
    if is_one:
        word += f" {wanted.indices[0]}"
    endings = (*([(".png", "Picture (.png)")] if is_one else []), (".zip", "Archive (.zip)"))
    what = f"{plural(len(wanted.indices), 'picture')} as PNG, as they are drawn"
    if wanted.classes or wanted.pictures.label_form not in ("", "several"):
        what += "; in an archive those of a class stand in a folder of its name"
    return Offer(
        "Chosen pictures",
        f"{what}.",
        "image",
        path.with_name(f"{path.name.removesuffix(suffix_of(path))} {word}{endings[0][0]}"),
        lambda: _options(wanted),
        endings,
    )


def _options(wanted: SavePictures) -> Options:
    return NoOptions(lambda target: msgspec.structs.replace(wanted, target=target))
