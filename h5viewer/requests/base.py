"""What every request is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import msgspec


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far an operation is. `total` 0: not known."""

    done: int
    total: int = 0
    unit: str = ""  # "bytes", "names", "layers"
    text: str = ""  # what is being done, where that is worth saying: "Starting TensorFlow…"


class FileRequest(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """About a file, answered by a worker that reads files."""

    needs_network: ClassVar[bool] = False
    """True: answered by a worker that has loaded the frameworks, and keeps the network."""

    is_about_text: ClassVar[bool] = False
    """True: the document is a small text file, not a model."""

    is_about_damage: ClassVar[bool] = False
    """True: the document is opened however damaged it is."""

    opens_itself: ClassVar[bool] = False
    """True: its operation opens the files, of which it may need few, or go on without one."""

    reads_folder: ClassVar[bool] = False
    """True: the document is a folder of pictures, answered by a worker that may read beneath it."""

    document: str  # absolute path of the file

    @property
    def is_about_loose(self) -> bool:
        """True: about pictures that stand each by itself, which another worker decodes."""
        return False

    @property
    def documents(self) -> tuple[str, ...]:
        """The files it takes to answer it."""
        return (self.document,)

    @property
    def may_be_text(self) -> bool:
        """True: one of the documents may be a text file beside models."""
        return False

    def about(self, documents: Sequence[str]) -> Self:
        """The same question to other files, as many."""
        return msgspec.structs.replace(self, document=documents[0])


class PairRequest(FileRequest, frozen=True, kw_only=True):
    """About two files."""

    other: str  # absolute path of a second file

    @property
    def documents(self) -> tuple[str, ...]:
        """Both."""
        return (self.document, self.other)

    def about(self, documents: Sequence[str]) -> Self:
        """The same question to two other files."""
        return msgspec.structs.replace(self, document=documents[0], other=documents[1])


class FilesRequest(FileRequest, frozen=True, kw_only=True):
    """About one file, or several together: the document, then the others."""

    others: tuple[str, ...] = ()  # absolute paths

    @property
    def documents(self) -> tuple[str, ...]:
        """All of them."""
        return (self.document, *self.others)

    def about(self, documents: Sequence[str]) -> Self:
        """The same question about other files, as many."""
        return msgspec.structs.replace(self, document=documents[0], others=tuple(documents[1:]))
