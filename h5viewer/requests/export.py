"""What can be written: each request names its target beside the file it is made of.

A worker of its own answers it. It reads the document and writes into one scratch file that
was handed to it; whether and when that becomes the target is not for it to say
(`h5viewer.exporting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import msgspec

from h5viewer.names import visible
from h5viewer.requests.base import FileRequest

FloatName = Literal["", "float16", "bfloat16"]


class ExportRequest(FileRequest, frozen=True, kw_only=True):
    """A new file made of the document."""

    target: str  # absolute path; the worker is told its name only

    def about(self, documents: Sequence[str]) -> Self:
        """The same export of another file; a path need not be UTF-8 and does not cross."""
        name = visible(Path(self.target).name)
        return msgspec.structs.replace(self, document=documents[0], target=name)


class StripFile(ExportRequest, frozen=True, kw_only=True):
    """The file without the state of its optimizer."""

    training_config: bool = False  # leave that out, too
    gzip: int | None = None  # compress weights anew at this level, 0 to 9; None: as they are
    shuffle: bool = False  # bytes sorted before they are compressed
    floats: FloatName = ""  # store weights as these, rounded; "": as they are


Export = StripFile
"""Everything that writes a file."""


class PlanExport(FileRequest, frozen=True, kw_only=True):
    """What an export would put in and leave out, how long it gets, or why it would refuse."""

    export: Export

    @property
    def documents(self) -> tuple[str, ...]:
        """The files that the export takes."""
        return self.export.documents

    def about(self, documents: Sequence[str]) -> Self:
        """The same question about other files."""
        export = self.export.about(documents)
        return msgspec.structs.replace(self, document=documents[0], export=export)
