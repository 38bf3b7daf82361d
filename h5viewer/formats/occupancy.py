"""Bytes of a file, and what they serve: what each format says of its objects."""

from __future__ import annotations

from typing import Literal

import msgspec

from h5viewer.names import NodePath


class Occupied(msgspec.Struct, frozen=True):
    """Bytes of the file as stored."""

    path: NodePath
    purpose: Literal["values", "attributes", "structure", "entry"]
    n_bytes: int
    n_items: int = 1
