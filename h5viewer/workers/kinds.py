"""The kinds of worker processes."""

from __future__ import annotations

from enum import Enum

from h5viewer.requests import ExportRequest, Request


class Kind(Enum):
    """What a worker has loaded, and so what it can answer."""

    FILES = "files"  # reads files
    EXPORT = "export"  # as FILES, and writes one file; made for one request
    NETWORK = "network"  # has the frameworks loaded, and keeps the network of its document
    PICTURES = "pictures"  # reads pictures beneath a folder
    BUILD = "build"  # as PICTURES, and writes one file; made for one request
    LOOSE = "loose"  # decodes the pictures in a file that stand each by itself
    LOOSE_EXPORT = "loose-export"  # as LOOSE, and writes one file; made for one request

    @property
    def writes(self) -> bool:
        """True: made for one request, with the descriptor of the file it writes."""
        return self in (Kind.EXPORT, Kind.BUILD, Kind.LOOSE_EXPORT)


def kind_of(request: Request) -> Kind:
    """What a worker has to have loaded to answer this."""
    if request.is_about_loose:
        return Kind.LOOSE_EXPORT if isinstance(request, ExportRequest) else Kind.LOOSE
    if isinstance(request, ExportRequest):
        return Kind.BUILD if request.reads_folder else Kind.EXPORT
    if request.reads_folder:
        return Kind.PICTURES
    return Kind.NETWORK if request.needs_network else Kind.FILES
