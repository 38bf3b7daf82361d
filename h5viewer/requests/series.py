"""What can be asked of the files of a run together.

Requests about the same files are answered by the same worker. Any files in any order are a
run to it: what is new of one file more takes the first, the one before, and the new one.
"""

from __future__ import annotations

from typing import ClassVar

from h5viewer.names import NodePath
from h5viewer.requests.base import FilesRequest
from h5viewer.requests.files import Cut


class SeriesRequest(FilesRequest, frozen=True, kw_only=True):
    """About the files of a run, oldest first: the document, then the others.

    A file that cannot be read costs its own step only.
    """

    opens_itself: ClassVar[bool] = True


class SurveySeries(SeriesRequest, frozen=True, kw_only=True):
    """Norms, spread and drift of every weight through the run, reading each file once.

    First come all rows, then their courses, layer by layer.
    """


class CheckSeries(SeriesRequest, frozen=True, kw_only=True):
    """The health of every step, and since when what is wrong."""


class ReadSeriesPlane(SeriesRequest, frozen=True, kw_only=True):
    """A cut of one weight as it was at these steps: a part each, the last one the result.

    `nodes`: where the weight is in each of the files (`SeriesWeight.paths`), () where it is
    not. `steps`: which of the files, in the order they are wanted.
    """

    nodes: tuple[NodePath, ...]
    steps: tuple[int, ...]
    cut: Cut
    max_rows: int = 512
    max_columns: int = 512
