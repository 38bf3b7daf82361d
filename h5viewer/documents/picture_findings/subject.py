"""One data set that was looked at, and how findings about it are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.colours import ColourCounts
from h5viewer.documents.picture_findings.measures import Measures
from h5viewer.names import path_text, visible
from h5viewer.nodes import PictureFinding, PictureSet, Severity, Split

MOST_LISTED = 100
"""Pictures that a finding names."""


@dataclass(frozen=True)
class Labels:
    """What the labels of a set say."""

    classes: NDArray[np.int32]  # (pictures,) −1: none, or one that is out of range
    names: tuple[str, ...]  # of the classes
    first: int = 0  # number of the first class
    odd: tuple[int, ...] = ()  # labels that are out of range, the first different ones
    form: str = "index"
    are_names_stated: bool = False


@dataclass(frozen=True)
class Subject:
    """A set, and the numbers of all its pictures."""

    number: int  # in the report
    file: str  # its name, for people; "" where there is only one
    pictures: PictureSet
    measures: Measures
    labels: Labels | None = None
    colours: ColourCounts = field(default_factory=ColourCounts)
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

    def found(
        self,
        severity: Severity,
        kind: str,
        value: float,
        message: str,
        indices: Sequence[int] | NDArray[np.intp] = (),
        others: Sequence[tuple[int, int]] = (),
    ) -> PictureFinding:
        """A finding about this set."""
        return PictureFinding(
            severity=severity,
            kind=kind,
            value=float(value),
            indices=tuple(int(index) for index in indices[:MOST_LISTED]),
            set_index=self.number,
            others=tuple((int(other), int(index)) for other, index in others[:MOST_LISTED]),
            message=message,
        )
