"""Labels of pictures that lie in another file: x in one, y in the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from h5viewer.documents.picture_findings.subject import Labels
from h5viewer.documents.picture_labels import label_shape
from h5viewer.documents.picture_words import means_labels, split_of
from h5viewer.formats.container import Container
from h5viewer.names import path_text, visible
from h5viewer.nodes import Dataset, PictureSet, Split
from h5viewer.operations import Operation
from h5viewer.operations.check_picture_labels import read_labels
from h5viewer.operations.picture_pairing import Datasets, pair_labels
from h5viewer.operations.picture_sets import list_datasets


def read_other_labels(
    others: Sequence[Container], facts: Dataset, pictures: PictureSet, split: Split, n_taken: int
) -> Operation[tuple[Labels | None, str]]:
    """Those of the only dataset that can be meant, and a sentence that says so.

    Args:
        facts: the dataset of the pictures.

    Raises:
        CannotRead, TooLarge: damage.
    """
    fitting: list[tuple[Container, Dataset]] = []
    for container in others:
        own = split_of((PurePath(container.source.name).stem.encode(errors="replace"),))
        datasets, _ = yield from list_datasets(container)
        for each in datasets:
            is_split = (split_of(each.path) or own) in ("", split) or not split
            if is_split and _may_be_labels(each, pictures.n_pictures):
                fitting.append((container, each))
    if len(fitting) != 1:
        return None, ""
    container, dataset = fitting[0]
    pairing = yield from pair_labels(container, facts, pictures.n_pictures, Datasets([dataset]))
    if pairing.labels is None:
        return None, ""
    labels = yield from read_labels(container, pairing.label(pictures), n_taken)
    name = visible(container.source.name)
    return labels, (
        f"The labels of {visible(path_text(pictures.node), 80)} are those in "
        f"{visible(path_text(dataset.path), 80)} of {name}."
    )


def _may_be_labels(each: Dataset, length: int) -> bool:
    return means_labels(each.path) and label_shape(each.shape, length) is not None
