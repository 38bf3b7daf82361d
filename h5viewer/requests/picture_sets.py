"""What can be asked of data sets of pictures inside HDF5 files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import msgspec

from h5viewer.nodes.picture_sets import Augmentation, OtherLabels, PictureSet
from h5viewer.requests.base import FileRequest, FilesRequest


class FindPictureSets(FileRequest, frozen=True, kw_only=True):
    """Which datasets look like pictures, how they lie, and which are their labels."""


class FitPictureSet(FileRequest, frozen=True, kw_only=True):
    """A set whose layout or labels the user changed: checked, with names and notes that fit."""

    wanted: PictureSet


class FindOtherLabels(FileRequest, frozen=True, kw_only=True):
    """Labels in this file for pictures of another one, best first: sets with each of them."""

    pictures: PictureSet
    is_chosen: bool = False  # the user chose the file; else not where they belong to its own


class LookRequest(FileRequest, frozen=True, kw_only=True):
    """To see pictures of a data set."""

    pictures: PictureSet

    @property
    def is_about_loose(self) -> bool:
        """True: each is to be decoded by itself."""
        return self.pictures.is_loose


class ReadThumbnails(LookRequest, frozen=True, kw_only=True):
    """Small pictures, in parts; the last is the result."""

    indices: tuple[int, ...]
    side: int = 96  # pixels of the longer side at most


class ReadPictureLabels(FileRequest, frozen=True, kw_only=True):
    """The class of every picture, in parts, and how many each has."""

    pictures: PictureSet


class ReadOnePicture(LookRequest, frozen=True, kw_only=True):
    """One picture in full."""

    index: int


class ReadMeanPictures(FileRequest, frozen=True, kw_only=True):
    """The mean picture, and that of each class; better ones follow."""

    pictures: PictureSet
    other_labels: OtherLabels | None = None

    @property
    def documents(self) -> tuple[str, ...]:
        """The file, and that of the labels where it is another one."""
        return (self.document, *([self.other_labels.document] if self.other_labels else []))

    def about(self, documents: Sequence[str]) -> Self:
        """The same question to other files, as many."""
        labels = self.other_labels
        if labels is not None:
            labels = msgspec.structs.replace(labels, document=documents[1])
        return msgspec.structs.replace(self, document=documents[0], other_labels=labels)


class CheckPictures(FilesRequest, frozen=True, kw_only=True):
    """What is wrong with the data sets of one file, or of several that belong together."""


class PreviewAugmentation(FileRequest, frozen=True, kw_only=True):
    """Pictures as they are, each followed by `copies` that an augmentation changed."""

    pictures: PictureSet
    indices: tuple[int, ...]
    augmentation: Augmentation
    seed: int = 0
    copies: int = 4
    side: int = 128
