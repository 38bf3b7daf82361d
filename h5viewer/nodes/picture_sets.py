"""Data sets of pictures: which datasets of a file are pictures, whose labels, what is in them."""

from __future__ import annotations

from typing import Literal

import msgspec

from h5viewer.names import NodePath
from h5viewer.nodes.base import Severity, Shape, Value
from h5viewer.nodes.values import Array

LabelForm = Literal["", "index", "one-hot", "several", "text", "group"]
"""Of "several" a picture is in any number of classes: those whose column has a one in its row.
The last: a picture's class is the group that it stands in; the labels are the group of these."""

Split = Literal["", "training", "validation", "test"]
FillMode = Literal["constant", "nearest", "reflect", "wrap"]
PictureStorage = Literal["array", "elements", "members"]
"""In one array of numbers; each an element of a dataset; each a dataset in a group."""

WITH_ALPHA = 4
"""Channels, of which the last is no colour: brightness leaves it as it is, in Keras as well."""


EACH = "…".encode()
"""In a path: whatever each picture is called."""


class PictureLayout(Value, frozen=True, kw_only=True):
    """How the numbers of a dataset are pictures, and which numbers are black and white."""

    axes: str  # what its axes are, after `is_flat` is undone: "nhwc", "nchw", "nhw", "hwcn", …
    height: int
    width: int
    channels: int  # 1: grey
    is_flat: bool = False  # stored as (n, height x width x channels), in the order of `axes`
    is_bgr: bool = False
    low: float = 0.0  # is drawn black
    high: float = 255.0  # is drawn white


class PictureSet(Value, frozen=True, kw_only=True):
    """A dataset of pictures and the one of their labels, as guessed or as the user chose.

    Loose pictures stand each by itself and have their own sizes: elements of a dataset, or
    datasets in a group, which is `node` then. Their layout is that of the first ones.
    """

    node: NodePath
    shape: Shape
    dtype: str
    layout: PictureLayout
    n_pictures: int
    storage: PictureStorage = "array"
    encoding: str = ""  # of loose pictures: what kind of files they are, "JPEG"; "": numbers
    are_alike: bool = True  # of loose pictures: those looked at have one size
    left_out: tuple[bytes, ...] = ()  # of a group: names of what is no picture
    member: bytes = b""  # of groups that hold one picture each: what it is called
    has_classes: bool = False  # of groups in a group: each holds the pictures of a class
    labels: NodePath | None = None
    are_labels_column: bool = False  # of a table, which is at their path without the last name
    label_form: LabelForm = ""
    first_label: int = 0  # of the first class, where labels are numbers; MATLAB counts from 1
    label_names: tuple[str, ...] = ()  # of the classes, by index; of text labels: sorted
    names_from: str = ""  # where the names were found: "attribute class_names", "list_classes"
    sources: NodePath | None = None  # dataset with the names of the files they were made of
    split: Split = ""
    layouts: tuple[PictureLayout, ...] = ()  # that would fit as well, best first
    label_nodes: tuple[NodePath, ...] = ()  # datasets that could be the labels, best first
    notes: tuple[str, ...] = ()  # sentences: what was guessed, and from what

    @property
    def is_loose(self) -> bool:
        """True for pictures that stand each by itself."""
        return self.storage != "array"

    @property
    def place(self) -> NodePath:
        """What to call it by: `node`, or below it what each group's picture is called."""
        return (*self.node, EACH, self.member) if self.member else self.node


def without_labels(pictures: PictureSet) -> PictureSet:
    """A set of which nobody asks for the labels beside it."""
    return msgspec.structs.replace(pictures, labels=None, label_form="")


def with_labels_of(labelled: PictureSet, pictures: PictureSet) -> PictureSet:
    """A set with the labels of another, and what its classes are called."""
    return msgspec.structs.replace(
        pictures,
        labels=labelled.labels,
        are_labels_column=labelled.are_labels_column,
        label_form=labelled.label_form,
        first_label=labelled.first_label,
        label_names=labelled.label_names,
        names_from=labelled.names_from,
    )


class OtherLabels(Value, frozen=True, kw_only=True):
    """Labels in another file, which the user opened or chose for a set."""

    document: str  # absolute path of that file
    pictures: PictureSet  # the set, with labels and names of classes as that file has them


class PictureSets(Value, frozen=True, kw_only=True):
    """All that look like pictures in a file, in its order; masks and depths last."""

    sets: tuple[PictureSet, ...]
    problems: tuple[str, ...] = ()  # sentences: datasets that nearly do, and why not


class Thumbnails(Value, frozen=True, kw_only=True):
    """Small pictures, as they are to be drawn."""

    indices: tuple[int, ...]  # positions in the data set
    pixels: Array  # uint8 (pictures, rows, columns, 3) or, grey, (pictures, rows, columns)
    unreadable: tuple[int, ...] = ()  # positions whose numbers are damaged


class PictureLabels(Value, frozen=True, kw_only=True):
    """Classes of a run of pictures; −1: it has none, or one that is out of range."""

    first: int
    classes: Array  # int32 (pictures,), of several the first
    marks: Array | None = None  # uint8 (pictures, bytes), of several: a bit for each class


class ClassCounts(Value, frozen=True, kw_only=True):
    """How many pictures each class has."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    n_without: int = 0  # pictures without a label, or with one out of range


class OnePicture(Value, frozen=True, kw_only=True):
    """One picture in full, and what its numbers are."""

    index: int
    pixels: Array  # uint8 (rows, columns, 3) or (rows, columns), as it is to be drawn
    minimum: float  # of the stored numbers that are finite
    maximum: float
    mean: float
    n_nan: int = 0
    label: int = -1
    label_text: str = ""
    source: str = ""  # name of the file it was made of, where the data set knows
    own: LoosePicture | None = None


class LoosePicture(Value, frozen=True, kw_only=True):
    """What is known of a picture that stands by itself."""

    height: int  # upright, in full
    width: int
    form: str  # "JPEG, RGB"
    n_bytes: int  # of it as it is stored
    note: str = ""  # a sentence: what had to be decided


class MeanPictures(Value, frozen=True, kw_only=True):
    """The mean of all pictures read so far, and of each class."""

    mean: Array  # float32 (rows, columns, channels)
    class_means: Array  # float32 (classes, rows, columns, channels); classes without: NaN
    n_read: int
    n_pictures: int


class PictureFinding(Value, frozen=True, kw_only=True):
    """Something about a data set that a training run would suffer from."""

    severity: Severity
    kind: str  # "exact-duplicates", "near-duplicates", "leakage", "blank", "value-range", …
    value: float  # how many, or how much
    indices: tuple[int, ...] = ()  # pictures it is about, the first of many
    set_index: int = 0  # of which set in the report
    others: tuple[tuple[int, int], ...] = ()  # partners of duplicates: (set, index) each
    classes: tuple[int, ...] = ()  # of `indices`; −1: none; empty: the set has no labels
    other_classes: tuple[int, ...] = ()  # of the partners
    message: str


class PictureReport(Value, frozen=True, kw_only=True):
    """What was looked at, and what was found."""

    sets: tuple[PictureSet, ...]
    files: tuple[str, ...]  # of each set
    counts: tuple[ClassCounts, ...]  # of each set
    findings: tuple[PictureFinding, ...]  # warnings first
    limits: tuple[str, ...] = ()  # what was looked at in part only, in sentences
    documents: tuple[int, ...] = ()  # which of those asked about each set is in


class Augmentation(Value, frozen=True, kw_only=True):
    """Random changes of pictures: the arguments of Keras' ImageDataGenerator, in its units."""

    rotation: float = 0.0  # degrees, either way
    width_shift: float = 0.0  # share of the width, either way
    height_shift: float = 0.0
    shear: float = 0.0  # degrees
    zoom_low: float = 1.0  # factor
    zoom_high: float = 1.0
    brightness_low: float = 1.0  # factor
    brightness_high: float = 1.0
    channel_shift: float = 0.0  # of 255, either way
    horizontal_flip: bool = False
    vertical_flip: bool = False
    fill_mode: FillMode = "nearest"
    fill_value: float = 0.0  # where `fill_mode` is "constant"

    @property
    def is_nothing(self) -> bool:
        """True when it leaves all pictures as they are."""
        filled = Augmentation(fill_mode=self.fill_mode, fill_value=self.fill_value)
        return self == filled
