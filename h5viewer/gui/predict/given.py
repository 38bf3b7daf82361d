"""What the user gives to an input: a file, a picture from the clipboard, a row of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from h5viewer.nodes import Array
from h5viewer.picture_files import read_picture
from h5viewer.requests import Feed
from h5viewer.sample_files import SampleFile


class Given(msgspec.Struct, frozen=True):
    """One of `path`, `data` and `values`; `name` is what people call it."""

    name: str
    path: str = ""
    data: bytes = b""
    values: Array | None = None

    def as_file(self) -> SampleFile:
        """By what is known of it without reading it."""
        if self.path:
            return SampleFile.of(self.path)
        return SampleFile(self.name, holds_numbers=self.values is not None)

    def read(self) -> Feed:
        """What is sent to the network; a file is read now, in the thread that asks.

        Raises:
            CannotRead: the file is gone, too large, or may not be read.
        """
        if self.values is not None:
            return Feed(name=self.name, values=self.values)
        return Feed(name=self.name, picture=self.data or read_picture(self.path))


Givens = tuple[Given, ...]
"""One for each input of the network."""


def files(paths: Sequence[str]) -> list[Given]:
    """Files as they were dropped."""
    return [Given(name=Path(path).name, path=path) for path in paths]
