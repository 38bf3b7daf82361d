"""What can be asked of folders of pictures, of which data sets are made.

The document is the folder. A worker of its own kind answers: it may read beneath that folder.
What makes the data set is an export: `BuildDataSet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import msgspec

from h5viewer.nodes.data_sets import DataSetRecipe
from h5viewer.requests.base import FileRequest


class FolderRequest(FileRequest, frozen=True, kw_only=True):
    """About a folder of pictures, and a table of labels where there is one."""

    reads_folder: ClassVar[bool] = True

    recipe: DataSetRecipe
    table: str = ""  # absolute path of a CSV file with names and classes; "": none

    @property
    def documents(self) -> tuple[str, ...]:
        """The folder, and the table where there is one."""
        return (self.document, self.table) if self.table else (self.document,)

    def about(self, documents: Sequence[str]) -> Self:
        """The same question about another folder."""
        table = documents[1] if len(documents) > 1 else ""
        return msgspec.structs.replace(self, document=documents[0], table=table)


class SurveyFolder(FolderRequest, frozen=True, kw_only=True):
    """Which classes and splits a data set would have, how many pictures, which are unreadable."""


class PreviewDataSet(FolderRequest, frozen=True, kw_only=True):
    """Some pictures as they would be stored, spread evenly over the folder."""

    count: int = 12
    start: int = 0  # another number: others
