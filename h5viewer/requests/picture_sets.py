"""What can be asked of data sets of pictures inside HDF5 files."""

from __future__ import annotations

from h5viewer.nodes.picture_sets import Augmentation, PictureSet
from h5viewer.requests.base import FileRequest, FilesRequest


class FindPictureSets(FileRequest, frozen=True, kw_only=True):
    """Which datasets look like pictures, how they lie, and which are their labels."""


class FitPictureSet(FileRequest, frozen=True, kw_only=True):
    """A set whose layout or labels the user changed: checked, with names and notes that fit."""

    wanted: PictureSet


class ReadThumbnails(FileRequest, frozen=True, kw_only=True):
    """Small pictures, in parts; the last is the result."""

    pictures: PictureSet
    indices: tuple[int, ...]
    side: int = 96  # pixels of the longer side at most


class ReadPictureLabels(FileRequest, frozen=True, kw_only=True):
    """The class of every picture, in parts, and how many each has."""

    pictures: PictureSet


class ReadOnePicture(FileRequest, frozen=True, kw_only=True):
    """One picture in full."""

    pictures: PictureSet
    index: int


class ReadMeanPictures(FileRequest, frozen=True, kw_only=True):
    """The mean picture, and that of each class; better ones follow."""

    pictures: PictureSet


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
