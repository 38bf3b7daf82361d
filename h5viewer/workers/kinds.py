"""The kinds of worker processes."""

from __future__ import annotations

from enum import Enum

from h5viewer.requests import ExportRequest, Request


class Kind(Enum):
    """What a worker has loaded, and so what it can answer."""

    FILES = "files"  # reads files
    EXPORT = "export"  # as FILES, and writes one file; made for one request
    NETWORK = "network"  # has the frameworks loaded, and keeps the network of its document


def kind_of(request: Request) -> Kind:
    """What a worker has to have loaded to answer this."""
    if isinstance(request, ExportRequest):
        return Kind.EXPORT
    return Kind.NETWORK if request.needs_network else Kind.FILES
