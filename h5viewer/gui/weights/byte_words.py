"""Kinds of bytes of a file: their names, colours and what they are for, in words."""

from __future__ import annotations

import msgspec

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.names import visible
from h5viewer.nodes import ByteMap, BytePart


class ByteKind(msgspec.Struct, frozen=True):
    """One entry of the legend."""

    name: str
    light: str
    dark: str
    meaning: str

    @property
    def colour(self) -> str:
        """The colour for the theme."""
        return self.dark if theme.is_dark() else self.light


KINDS: dict[str, ByteKind] = {
    "layer": ByteKind("Layers", "#8db8ee", "#2f5f9c", "Weights of the layers"),
    "optimizer": ByteKind(
        "Optimizer",
        "#c3aeea",
        "#66509c",
        "What the optimizer needs to train on; running the network does not need it",
    ),
    "data": ByteKind("Other data", "#7fcfc2", "#1f7468", "Datasets that are no layer's weights"),
    "attributes": ByteKind(
        "Attributes", "#ecbf85", "#8a5a1c", "Settings and names, such as the configuration"
    ),
    "entry": ByteKind(
        "Other files in the archive", "#a5d3ae", "#38703f", "Files packed beside the weights"
    ),
    "structure": ByteKind(
        "Structure", "#c6ccd4", "#4b525c", "Headers, lists of names and indexes of chunks"
    ),
    "rest": ByteKind(
        "Unreclaimed",
        "#e3b3b6",
        "#7d3c42",
        "Deleted or rewritten data, and small gaps; a rewritten copy of the file would be "
        "smaller by most of it",
    ),
}


def part_name(part: BytePart) -> str:
    """What a block is called."""
    if part.name:
        return visible(part.name, 120)
    if part.kind in ("layer", "optimizer", "data", "entry"):
        return "All the smaller ones"
    return KINDS[part.kind].name


def part_words(part: BytePart, total: int) -> str:
    """One line about a block."""
    size = wording.exact_bytes_text(part.n_bytes)
    share = wording.share_text(part.n_bytes, total)
    kind = KINDS[part.kind]
    count = wording.plural(part.n_items, _ITEMS[part.kind]) if part.kind in _ITEMS else ""
    line = f"{part_name(part)}: {size}, {share} of the file"
    if count and part.n_items > 1:
        line += f", {count}"
    return f"{line}. {kind.meaning}."


_ITEMS = {
    "layer": "weight",
    "optimizer": "variable",
    "data": "dataset",
    "attributes": "attribute",
}


def kind_sums(byte_map: ByteMap) -> dict[str, int]:
    """Bytes of each kind that is there, largest first."""
    sums: dict[str, int] = {}
    for part in byte_map.parts:
        sums[part.kind] = sums.get(part.kind, 0) + part.n_bytes
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def summary_words(byte_map: ByteMap) -> str:
    """The file in one line, as a screen reader says it."""
    shares = ", ".join(
        f"{KINDS[kind].name} {wording.share_text(n_bytes, byte_map.n_bytes)}"
        for kind, n_bytes in kind_sums(byte_map).items()
    )
    return f"{wording.bytes_text(byte_map.n_bytes)}: {shares}"
