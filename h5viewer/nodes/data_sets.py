"""Data sets that are made of folders of pictures: how, of what, and what came of it."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes.base import Value
from h5viewer.nodes.picture_sets import Split
from h5viewer.nodes.values import Array

Fit = Literal["stretch", "pad", "crop"]
ColourMode = Literal["rgb", "grey", "rgba"]
StoredType = Literal["uint8", "float32"]
SetLayout = Literal["images", "keras"]
Compression = Literal["", "gzip", "lzf"]
LabelRule = Literal["", "folders", "names", "table", "none"]
OnUnreadable = Literal["skip", "stop"]


class DataSetRecipe(Value, frozen=True, kw_only=True):
    """All that decides what a data set holds, besides the pictures; it is stored in the file.

    Each picture is decoded (the first of an animation), turned as its EXIF says, put over white
    where it is transparent (unless `colour` is "rgba"), brought to its colours (16 bits to 8) and
    then to its size by Pillow's bilinear filter, which averages where it makes smaller. Of more
    than 16 million pixels blocks are averaged before, to no less than twice that size.
    """

    labels: LabelRule = ""  # "": what the folder looks like
    pattern: str = ""  # of "names": "{class}_*", of the file's name, or of its path with a "/"
    width: int = 0  # 0, with `height`: as all pictures are, or 224 x 224 where they differ
    height: int = 0
    fit: Fit = "stretch"  # or with black beside it, or cut evenly on both sides
    colour: ColourMode = "rgb"
    dtype: StoredType = "uint8"  # float32: from 0 to 1
    shares: tuple[int, int, int] = (100, 0, 0)
    """Of training, validation and test, in any unit; where folders say it, they count."""

    seed: int = 0
    is_stratified: bool = True  # each class is split by itself
    is_shuffled: bool = True  # False: in the natural order of the paths
    layout: SetLayout = "images"  # "keras": train_set_x, train_set_y, list_classes
    dataset_names: tuple[str, str] = ("images", "labels")  # of the layout "images"
    is_channels_first: bool = False
    chunk: int = 0  # pictures in one; 0: what suits random batches: none without compression
    compression: Compression = ""
    on_unreadable: OnUnreadable = "skip"


class FolderClass(Value, frozen=True, kw_only=True):
    """A class that was found, and how many pictures of it go where."""

    name: str
    n_training: int
    n_validation: int = 0
    n_test: int = 0

    @property
    def n_pictures(self) -> int:
        """All of them."""
        return self.n_training + self.n_validation + self.n_test


class SkippedPicture(Value, frozen=True, kw_only=True):
    """A file of the folder that is not in the data set."""

    name: str  # path inside the folder
    reason: str  # a sentence, in which the file is "it"


class FolderSurvey(Value, frozen=True, kw_only=True):
    """What a data set made of a folder would hold."""

    recipe: DataSetRecipe  # with all that was left open filled in
    classes: tuple[FolderClass, ...]  # in the order of their numbers; none: no labels
    n_training: int
    n_validation: int
    n_test: int
    has_split_folders: bool  # train, validation, test
    has_own_splits: bool = False  # such folders or the table say the split: shares do not count
    pattern: str = ""  # that would fit the names of the files, whatever the recipe says
    sizes: tuple[tuple[int, int, int], ...] = ()  # width, height, how many; the commonest first
    n_looked_at: int = 0  # pictures whose size was read, spread evenly
    n_bytes: int = 0  # of all picture files
    bytes_after: int = 0  # of the data set, before compression
    skipped: tuple[SkippedPicture, ...] = ()  # the first of many
    n_skipped: int = 0
    n_unreadable: int = 0  # of them, because they are broken or refused
    notes: tuple[str, ...] = ()  # sentences: how labels and splits were found

    @property
    def n_pictures(self) -> int:
        """All that would be stored."""
        return self.n_training + self.n_validation + self.n_test


class PreviewedPicture(Value, frozen=True, kw_only=True):
    """One picture as it would be stored."""

    name: str  # path inside the folder
    label: str
    split: Split
    width: int  # of its file
    height: int
    note: str = ""  # a sentence: what had to be decided
    pixels: Array  # uint8 (rows, columns), (rows, columns, 3) or, with alpha, (…, 4)


class DataSetPreview(Value, frozen=True, kw_only=True):
    """A few pictures as they would be stored, and those of them that cannot be."""

    pictures: tuple[PreviewedPicture, ...]
    skipped: tuple[SkippedPicture, ...] = ()


class DataSetBuilt(Value, frozen=True, kw_only=True):
    """What went into a data set, as it was counted while writing."""

    classes: tuple[FolderClass, ...]
    n_training: int
    n_validation: int
    n_test: int
    skipped: tuple[SkippedPicture, ...] = ()  # the first of many
    n_skipped: int = 0

    @property
    def n_pictures(self) -> int:
        """All that are stored."""
        return self.n_training + self.n_validation + self.n_test
