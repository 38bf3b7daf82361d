"""Names and texts from files: addresses that are exact, texts that are safe to show.

A file's names are bytes from a stranger. They may be no UTF-8, hold control
characters, HTML or sixty thousand letters. `NodePath` keeps them exact, so that every
object can be asked for again; `plain` turns them into text that any encoder takes;
`visible` is what a widget may show.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile

NodePath = tuple[bytes, ...]
"""Address of a node inside its document: link names from the root; () is the root."""

VISIBLE_LIMIT = 300
"""Longest text, in characters, that a widget shows of a name from a file."""

# Characters that draw nothing or turn the reading order: C0, C1, DEL, zero-width
# characters, bidirectional embeddings, overrides and isolates, line separators, BOM.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def plain(name: bytes | str) -> str:
    r"""Text without loss of sight: undecodable bytes as \xff, lone surrogates as \udcff."""
    if isinstance(name, bytes):
        return name.decode("utf-8", "backslashreplace")
    if name.isascii():
        return name  # itself, not a copy: configurations of 100 MB
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def visible(name: bytes | str, limit: int = VISIBLE_LIMIT) -> str:
    """One line of text for a widget: controls made visible, cut with an ellipsis.

    The widget must still show it as plain text: `<b>` stays `<b>`.
    """
    text = plain(name[: 4 * limit] if isinstance(name, bytes) else name[: limit + 1])
    if len(text) <= limit and text.isprintable():
        return text  # nearly every name; 1 µs instead of 8, where 100,000 are shown
    shown = "".join(_mark(letter) for letter in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def path_text(path: NodePath) -> str:
    """The address as people write it: `/model_weights/dense/kernel:0`; the root is `/`."""
    return "/" + "/".join(plain(name) for name in path)


def parse_path(text: str) -> NodePath:
    """The address that `text` names; empty parts are skipped, as HDF5 does."""
    return tuple(part.encode("utf-8", "surrogateescape") for part in text.split("/") if part)


def n_shared(paths: Iterable[Sequence[str]]) -> int:
    """How many parts all of these paths begin with."""
    levels = zip(*paths, strict=False)
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, levels))


def _mark(letter: str) -> str:
    if letter == " " or letter.isprintable():
        return letter
    # As in Python's strings: the pictures that Unicode has for controls are boxes in many fonts.
    if letter in _SHORT:
        return _SHORT[letter]
    if ord(letter) < 0x80:
        return f"\\x{ord(letter):02x}"
    if unicodedata.category(letter) in _HIDDEN_CATEGORIES:
        return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
    return letter
