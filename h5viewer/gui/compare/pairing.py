"""Layers that the user paired, or took apart, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.nodes import LayerPair

Key = tuple[int, ...]
Step = tuple[tuple[Key, Key], ...]

_ALONE: Key = ()


class Pairing:
    """For each two files the steps so far; the last one counts."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], list[Step]] = {}

    def pairs(self, files: tuple[str, str]) -> Step:
        """What is asked for; a later word on a layer takes an earlier one back."""
        found: list[tuple[Key, Key]] = []
        for step in self._steps.get(files, []):
            for a, b in step:
                found = [
                    (x, y) for x, y in found if (a == _ALONE or x != a) and (b == _ALONE or y != b)
                ]
                found.append((a, b))
        return tuple(found)

    def can_undo(self, files: tuple[str, str]) -> bool:
        """True when there is a step."""
        return bool(self._steps.get(files))

    def join(self, files: tuple[str, str], a: Key, b: Key) -> None:
        """Two layers are the same one."""
        self._steps.setdefault(files, []).append(((a, b),))

    def part(self, files: tuple[str, str], a: Key, b: Key) -> None:
        """They are not."""
        self._steps.setdefault(files, []).append(((a, _ALONE), (_ALONE, b)))

    def undo(self, files: tuple[str, str]) -> None:
        """Take the last step back."""
        if self._steps.get(files):
            self._steps[files].pop()

    def forget(self, path: str) -> None:
        """A file was read anew or closed: its layers may be others."""
        for files in [files for files in self._steps if path in files]:
            del self._steps[files]


def joinable(pairs: Sequence[LayerPair]) -> tuple[Key, Key] | None:
    """The keys of two chosen rows of which one is only in A, the other only in B."""
    alone_a = [pair.a for pair in pairs if pair.b is None and pair.a is not None]
    alone_b = [pair.b for pair in pairs if pair.a is None and pair.b is not None]
    if len(pairs) != 2 or len(alone_a) != 1 or len(alone_b) != 1:
        return None
    return alone_a[0].key, alone_b[0].key


def partable(pairs: Sequence[LayerPair]) -> tuple[Key, Key] | None:
    """The keys of the one chosen row that is in both."""
    if len(pairs) != 1 or pairs[0].a is None or pairs[0].b is None:
        return None
    return pairs[0].a.key, pairs[0].b.key
