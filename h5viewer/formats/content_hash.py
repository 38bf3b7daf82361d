"""What all bytes of a file come to: a consent is given for these, never for a name."""

from __future__ import annotations

import hashlib
from collections.abc import Generator

from h5viewer.formats.source import Source
from h5viewer.requests import Progress

_PIECE = 4 << 20  # bytes; a few milliseconds
_KEY = "content hash"


def content_hash(source: Source, also: str = "") -> Generator[Progress, None, str]:
    """SHA-256 of the whole file as hexadecimal digits; computed once while it is open.

    Args:
        also: a text that counts as part of the file: an architecture from beside it.
    """
    if _KEY not in source.kept:
        digest = hashlib.sha256()
        for start in range(0, source.size, _PIECE):
            yield Progress(start, source.size, "bytes")
            digest.update(source.read_at(start, _PIECE))
        source.kept[_KEY] = digest.hexdigest()
    known: str = source.kept[_KEY]
    if also:
        return hashlib.sha256(known.encode() + also.encode("utf-8", "surrogatepass")).hexdigest()
    return known
