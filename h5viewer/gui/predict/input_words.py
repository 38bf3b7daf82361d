"""What an input of a network takes, and what it was given, in words."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.gui.predict.answer_words import number_text
from h5viewer.nodes import Array, NetworkInput

_MOST_TOLD = 2  # inputs in one sentence
_LAYOUTS = {
    "channels-rows-columns": ", channels first",
    "flat": ", as one flat row",
    "flat-channels-first": ", as one flat row, channels first",
}
_COLOURS = {1: "grey", 3: "colour", 4: "colour with alpha"}


def takes(wanted: NetworkInput) -> str:
    """`pictures of 28 × 28, grey`."""
    if wanted.kind == "picture":
        size = f"{wanted.rows or '?'} × {wanted.columns or '?'}"
        if not wanted.rows and not wanted.columns:
            size = "any size"
        colours = _COLOURS.get(wanted.channels, f"{wanted.channels} channels")
        return f"pictures of {size}, {colours}{_LAYOUTS.get(wanted.layout, '')}"
    what = "whole numbers" if wanted.kind == "indices" else "numbers"
    sizes = [axis if isinstance(axis, int) else "?" for axis in wanted.shape[1:]]
    return f"{' × '.join(map(str, sizes)) or '1'} {what}"


def takes_all(inputs: Sequence[NetworkInput]) -> str:
    """One sentence about all inputs."""
    if not inputs:
        return "This network takes nothing."
    if len(inputs) > _MOST_TOLD:
        return f"Takes {len(inputs)} inputs at once."
    each = [takes(wanted) for wanted in inputs]
    if len(each) == 2 and each[0] == each[1] and inputs[0].kind == "picture":
        return f"Takes two {each[0]}."
    return f"Takes {' and '.join(each)}."


def seen_words(seen: Array | None, span: tuple[float, float] | None) -> str:
    """`28 × 28, grey, numbers from 0 to 1`."""
    parts: list[str] = []
    if seen is not None:
        parts.append(f"{seen.shape[0]} × {seen.shape[1]}")
        channels = seen.shape[2] if len(seen.shape) > 2 else 1
        parts.append(_COLOURS.get(channels, f"{channels} channels"))
    if span is not None:
        low, high = (number_text(number) for number in span)
        parts.append(f"numbers from {low} to {high}")
    return ", ".join(parts)
