"""What lies in a folder: pictures by their names, and everything else.

A window asks about the same folder again with every choice that the user makes, and it may be
on a network drive: what was found is kept for a moment.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from pathlib import PurePosixPath

import msgspec

from h5viewer.data_sets.reading import Looks, looked_at
from h5viewer.formats.folder import Folder, FoundFile
from h5viewer.names import plain
from h5viewer.picture_files import has_picture_name
from h5viewer.requests import Progress
from h5viewer.wording import plural

_FRESH = 30.0  # seconds
_BATCH = 5000  # names between two steps


class Listing(msgspec.Struct):
    """A folder as it was a moment ago."""

    at: float = 0.0  # monotonic
    sizes: dict[str, int] = {}  # bytes of pictures, in order of names
    refused: list[tuple[str, str]] = []  # names, sentences
    others: Counter[str] = msgspec.field(default_factory=Counter)  # endings of other files
    looks: dict[tuple[str, ...], Looks] = {}  # at which pictures

    def note(self) -> str:
        """A sentence about files that are no pictures; "": there are none."""
        count = self.others.total()
        if not count:
            return ""
        kinds = ", ".join(plain(ending)[:12] for ending, _ in self.others.most_common(4) if ending)
        verb = "is" if count == 1 else "are"
        return f"{plural(count, 'file')} {verb} not called like pictures{kinds and ': '}{kinds}."


def listed(folder: Folder) -> Generator[Progress, None, Listing]:
    """All of it."""
    kept = folder.kept.get(Listing)
    if isinstance(kept, Listing) and time.monotonic() - kept.at < _FRESH:
        return kept
    listing = Listing()
    found_sizes: dict[str, int] = {}
    for found in folder.walk():
        for number, each in enumerate(found, start=1):
            if not isinstance(each, FoundFile):
                listing.refused.append((each.name, each.reason))
            elif has_picture_name(each.name):
                found_sizes[each.name] = each.n_bytes
            else:
                listing.others[PurePosixPath(each.name).suffix.lower()] += 1
            if number % _BATCH == 0:
                yield _looking(found_sizes)
        yield _looking(found_sizes)
    listing.sizes = {name: found_sizes[name] for name in sorted(found_sizes)}
    listing.at = time.monotonic()
    folder.kept[Listing] = listing
    return listing


def seen(folder: Folder, listing: Listing, names: list[str]) -> Generator[Progress, None, Looks]:
    """How large these pictures are."""
    key = tuple(names)
    if key not in listing.looks:
        listing.looks = {key: (yield from looked_at(folder, names))}
    return listing.looks[key]


def _looking(found: dict[str, int]) -> Progress:
    return Progress(done=len(found), unit="pictures", text="Looking through the folder…")
