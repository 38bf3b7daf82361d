"""The kinds of worker processes."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a worker has loaded, and so what it can answer."""

    FILES = "files"  # reads files
    EXPORT = "export"  # as FILES, and writes one file; made for one request
    NETWORK = "network"  # has the frameworks loaded, and keeps the network of its document
