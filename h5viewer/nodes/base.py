"""What every value sent from a worker is made of."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["note", "warning"]
Shape = tuple[int, ...]
OutputShape = tuple[int | tuple[int | None, ...] | None, ...]
"""A shape with the batch axis as None; of several outputs: one shape each."""


class Value(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Base of everything sent from a worker.

    gc=False: values hold no cycles, and with 100,000 layers in the window the collector
    would otherwise stop it for 80 ms at a time (measured) to find that out.
    """


class Problem(Value, frozen=True, kw_only=True):
    """Something in the file that cannot be understood, and where."""

    where: str  # a layer name, a path, an entry; "" for the file itself
    message: str
    severity: Severity = "warning"
