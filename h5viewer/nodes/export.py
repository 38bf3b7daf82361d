"""What an export will do, and what it has done."""

from __future__ import annotations

from h5viewer.nodes.base import Value
from h5viewer.nodes.data_sets import DataSetBuilt


class ExportPart(Value, frozen=True, kw_only=True):
    """Something that goes into the new file or is left out of it."""

    name: str  # as within a sentence: they are listed one after the other
    n_bytes: int  # stored
    n_items: int = 0  # datasets, or members of an archive
    item: str = "array"  # what one of them is called


class ExportPlan(Value, frozen=True, kw_only=True):
    """What an export would do, asked before it begins."""

    kept: tuple[ExportPart, ...]
    left_out: tuple[ExportPart, ...]
    bytes_before: int  # 0: nothing that the new file could be compared with
    bytes_after: int  # expected, give or take what the format itself takes
    is_estimate: bool = False  # True: it hangs on how well the values can be packed
    notes: tuple[str, ...] = ()


class Exported(Value, frozen=True, kw_only=True):
    """What was written, read back and found to be what was promised."""

    bytes_before: int
    bytes_after: int
    n_weights: int
    n_identical: int  # of them read back and the same bit for bit
    n_changed: int = 0  # of them changed as asked, and read back
    n_files: int = 1  # it was made of
    n_parts: int = 0  # of an index: the files beside it that are still to be written
    notes: tuple[str, ...] = ()  # sentences: what was left out, what was rounded and by how much
    data_set: DataSetBuilt | None = None  # of pictures, that was made of a folder


class ChangePreview(Value, frozen=True, kw_only=True):
    """What one change of a file would do, for a list of changes that wait to be written."""

    what: str  # "weight /model_weights/dense/dense/kernel:0"
    old: str  # shortened
    new: str
    refusal: str = ""  # a sentence: why it cannot be made
    hint: str = ""
    notes: tuple[str, ...] = ()  # "3 of 64 values change."
