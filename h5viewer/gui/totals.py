"""The last line of `model.summary()`: how many parameters, how many bytes."""

from __future__ import annotations

from collections.abc import Mapping

from h5viewer.gui import training_words, wording
from h5viewer.nodes import Architecture

_ITEMSIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8,
}  # fmt: skip


def totals(architecture: Architecture, sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """Labels and texts. `sizes`: parameters by dtype, shared weights as often as they appear."""
    count = architecture.parameters
    rows = [
        ("Parameters", _with_bytes(count.total, sizes)),
        ("Trainable", wording.count_text(count.trainable)),
        ("Non-trainable", wording.count_text(count.non_trainable)),
    ]
    if count.total and not count.trainable and not count.non_trainable:
        rows = rows[:1]  # a file that does not say what is trained
    state = training_words.state_words(architecture.training) if architecture.training else ""
    if state:
        rows.append(("Optimizer", state))
    return rows


def _with_bytes(total: int, sizes: Mapping[str, int]) -> str:
    text = wording.count_text(total)
    dtypes = [dtype for dtype, n_parameters in sizes.items() if n_parameters]
    if not all(dtype in _ITEMSIZES for dtype in dtypes):
        return text
    if len(dtypes) == 1:
        return f"{text} ({wording.bytes_text(total * _ITEMSIZES[dtypes[0]])})"
    if dtypes and sum(sizes.values()) == total:  # no weight is counted twice
        n_bytes = sum(_ITEMSIZES[dtype] * sizes[dtype] for dtype in dtypes)
        return f"{text} ({wording.bytes_text(n_bytes)})"
    return text
