"""One data set that was looked at, and how findings about it are put."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.colours import ColourCounts
from h5viewer.documents.picture_findings.measures import Measures
from h5viewer.names import path_text, visible
from h5viewer.nodes import PictureFinding, PictureSet, Severity, Split

MOST_LISTED = 100
"""Pictures that a finding names."""


class Labels(msgspec.Struct, frozen=True):
    """What the labels of a set say."""

    classes: NDArray[np.int32]  # (pictures,) −1: none, or one that is out of range; or of `marks`
    names: tuple[str, ...]  # of the classes
    first: int = 0  # number of the first class
    odd: tuple[int, ...] = ()  # labels that are out of range, the first different ones
    form: str = "index"
    are_names_stated: bool = False
    marks: NDArray[np.bool_] | None = None
    """Of pictures in several classes: (different rows of labels, classes); `classes` say which."""


class Subject(msgspec.Struct, frozen=True):
    """A set, and the numbers of all its pictures."""

    number: int  # in the report
    file: str  # its name, for people; "" where there is only one
    pictures: PictureSet
    measures: Measures
    labels: Labels | None = None
    colours: ColourCounts = msgspec.field(default_factory=ColourCounts)
    split: Split = ""

    @property
    def name(self) -> str:
        """How it is called in a sentence."""
        own = visible(path_text(self.pictures.node), 80)
        return f"{own} of {self.file}" if self.file else own

    def class_text(self, number: int) -> str:
        """A class in a sentence."""
        names = self.labels.names if self.labels is not None else ()
        return visible(names[number], 40) if 0 <= number < len(names) else str(number)

    def called(self, number: int) -> str:
        """A class beside other numbers."""
        return called(self.class_text(number))

    def label_text(self, number: int) -> str:
        """What a picture is of which `labels.classes` say this."""
        marks = self.labels.marks if self.labels is not None else None
        if marks is None:
            return self.class_text(number)
        return ", ".join(self.class_text(each) for each in np.flatnonzero(marks[number]).tolist())

    def classes_of(self, indices: Sequence[int]) -> tuple[int, ...]:
        """The class of each of these pictures; of none, or several each, nothing."""
        if self.labels is None or self.labels.marks is not None:
            return ()
        return tuple(int(self.labels.classes[index]) for index in indices)

    def found(
        self,
        severity: Severity,
        kind: str,
        value: float,
        message: str,
        indices: Sequence[int] | NDArray[np.intp] = (),
        partners: tuple[Subject, Sequence[int]] | None = None,
    ) -> PictureFinding:
        """A finding about this set.

        Args:
            partners: pictures of a set that each is like.
        """
        own = [int(index) for index in indices[:MOST_LISTED]]
        set_of, others = partners or (self, ())
        others = [int(index) for index in others[:MOST_LISTED]]
        return PictureFinding(
            severity=severity,
            kind=kind,
            value=float(value),
            indices=tuple(own),
            classes=self.classes_of(own),
            set_index=self.number,
            others=tuple((set_of.number, index) for index in others),
            other_classes=set_of.classes_of(others),
            message=message,
        )


def called(text: str) -> str:
    """A class beside other numbers: `class 3`, where its name is no word."""
    return f"class {text}" if text.isdigit() else text
