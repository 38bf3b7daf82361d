"""The picture of B − A, read by the worker that holds both files."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict

from h5viewer.gui.array.array_reading import PictureWish, Subject
from h5viewer.gui.array.heat_map import Region
from h5viewer.gui.array.picture_pane import PicturePane
from h5viewer.requests import ReadDifference, Request


class DifferenceWish(PictureWish, frozen=True):
    """As a picture's, of the difference to another file's dataset."""

    other: Subject | None = None

    def requests(self) -> Sequence[Request]:
        """One request."""
        if self.other is None:
            raise ValueError("there is nothing to compare with")
        return [
            ReadDifference(
                document=self.subject.document,
                other=self.other.document,
                node=self.subject.dataset.path,
                other_node=self.other.dataset.path,
                cut=self.cut,
                region=self.region,
                max_rows=self.max_rows,
                max_columns=self.max_columns,
                insist=self.subject.insist or self.other.insist,
            )
        ]


class DifferencePane(PicturePane):
    """Asks for the difference instead of the values; `other` is B's dataset."""

    other: Subject | None = None

    def wish(self, region: Region | None) -> PictureWish:
        """As a picture's, with the other dataset."""
        return DifferenceWish(**asdict(super().wish(region)), other=self.other)
