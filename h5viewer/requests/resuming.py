"""What can be asked of a file for the sake of training on."""

from __future__ import annotations

from h5viewer.requests.base import FileRequest


class ReadTraining(FileRequest, frozen=True, kw_only=True):
    """What the file holds of its training; `h5viewer.resuming` says how to go on from that."""
