"""The table of formats: how each is recognised by its content, and what opens it.

The suffix plays no part: a `.keras` of 2018 is HDF5, a `.h5` may be a web page.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_opening import is_hdf5, open_hdf5
from h5viewer.formats.keras_archive import is_zip, open_archive
from h5viewer.formats.lookalike import refusal
from h5viewer.formats.sharded_weights import is_sharded, open_sharded
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import open_checkpoint
from h5viewer.formats.tf_graph import is_graph, open_graph
from h5viewer.formats.tf_table import is_table


class FormatKind(msgspec.Struct, frozen=True):
    """One row of the table."""

    name: str
    recognises: Callable[[Source], bool]
    open: Callable[[Source], Container]


FORMATS = (
    # Zip first: an HDF5 file stored in one may happen to start at a place where HDF5 looks.
    FormatKind("Keras archive", is_zip, open_archive),
    FormatKind("HDF5", is_hdf5, open_hdf5),
    FormatKind("TensorFlow checkpoint", is_table, open_checkpoint),
    FormatKind("TensorFlow graph", is_graph, open_graph),
    FormatKind("Keras' index of weights", is_sharded, open_sharded),
)


def open_container(source: Source) -> Container:
    """Open a file by its content.

    Raises:
        CannotOpen: no format of the table, or a damaged file; the sentence says which.
    """
    for kind in FORMATS:
        if kind.recognises(source):
            return kind.open(source)
    raise refusal(source)
