"""An architecture as JSON beside a file of weights: what `model.to_json()` gives."""

from __future__ import annotations

import json
from typing import Any

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.sharded_weights import is_sharded
from h5viewer.formats.source import Source
from h5viewer.wording import bytes_text

LONGEST = 256 << 20
"""Bytes: as long as a configuration inside a model file may be."""

_MARK = b"\xef\xbb\xbf"


class ArchitectureText:
    """What a request about such a file is answered from, in place of a container."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def config(self) -> Any:
        """The JSON value.

        Raises:
            TooLarge: longer than LONGEST.
            CannotRead: no JSON.
        """
        name = self.source.name
        if self.source.size > LONGEST:
            raise TooLarge(
                f"{name} is too large for an architecture: {bytes_text(self.source.size)}."
            )
        data = self.source.read_at(0, LONGEST).removeprefix(_MARK)
        try:
            value = json.loads(data.decode("utf-8", "surrogateescape"))
            # json.dump(model.to_json()) makes a text of a text
            return json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError) as error:
            raise CannotRead(f"{name} is no readable JSON.", details=str(error)) from error

    def close(self) -> None:
        """Nothing to release: the source stays open."""


def is_json(source: Source) -> bool:
    """True when it begins as a JSON object or text, and is no index of weights."""
    start = source.read_at(0, 64).removeprefix(_MARK).lstrip()[:1]
    return start in (b"{", b'"') and not is_sharded(source)
