"""Labels for pictures of one file that lie in another, which the user opened or chose."""

from __future__ import annotations

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import Dataset, PictureSet, PictureSets
from h5viewer.operations import Operation
from h5viewer.operations.picture_pairing import Datasets, pairings
from h5viewer.operations.picture_sets import list_datasets
from h5viewer.requests import FindOtherLabels
from h5viewer.wording import plural

_MOST = 20
_SAMPLE = 64  # numbers: the smallest picture


def find_other_labels(request: FindOtherLabels, container: Container) -> Operation[PictureSets]:
    """The set with each dataset here that may be its labels, best first.

    Raises:
        CannotRead: there is none.
    """
    pictures = request.pictures
    datasets, _ = yield from list_datasets(container)
    if not request.is_chosen and any(_are_samples(each, pictures) for each in datasets):
        raise CannotRead(f"The labels of {visible(container.source.name)} belong to its own data.")
    found, why_not = yield from pairings(
        container, pictures.n_pictures, Datasets(datasets), near=pictures.node, most=_MOST
    )
    if not found:
        raise CannotRead(
            f"{visible(container.source.name)} holds no labels for "
            f"{plural(pictures.n_pictures, 'picture')}.",
            hint=why_not
            or "Labels are a list as long: of numbers, of words, or one column for each class.",
        )
    return PictureSets(sets=tuple(each.label(pictures) for each in found))


def _are_samples(each: Dataset, pictures: PictureSet) -> bool:
    """True for as many samples of something, which labels beside them are about."""
    shape = each.shape or ()
    length = pictures.n_pictures
    is_as_long = length in (shape[:1] + shape[-1:])
    if each.dtype.kind in ("vlen", "opaque"):  # pictures that are files, sounds
        return shape == (length,)
    return is_as_long and len(shape) > 1 and each.n_elements >= _SAMPLE * length
