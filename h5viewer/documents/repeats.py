"""Runs of equal blocks in a list of layers: the twelve blocks of a transformer, say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from h5viewer.documents.declared import DeclaredLayer

LONGEST_PERIOD = 64  # layers in one block; an EfficientNet block has 15
_SHORT = 4  # layers; shorter blocks are worth folding from three copies on

# What makes two layers different in a drawing; seeds, initializers and names do not.
_TELLING = (
    "units", "filters", "kernel_size", "strides", "padding", "dilation_rate", "activation",
    "pool_size", "depth_multiplier", "axis", "num_heads", "key_dim", "output_dim",
    "input_dim", "target_shape", "return_sequences", "size", "groups", "mode",
    "nb_filter", "nb_row", "nb_col", "subsample",
)  # fmt: skip


class Repeats(NamedTuple):
    """`n_blocks` blocks of `period` layers each from `start` on."""

    start: int
    period: int
    n_blocks: int

    @property
    def stop(self) -> int:
        """The position after the last one."""
        return self.start + self.period * self.n_blocks


def find_repeats(
    layers: Sequence[DeclaredLayer], sources: Sequence[Sequence[int]]
) -> list[Repeats]:
    """The runs that cover most, none in another, in the order of the layers.

    Two blocks are equal when their layers are of the same class and size and take their input
    from the same places: as far before them, or the very same layer (a mask for all blocks).

    Args:
        sources: for each layer the positions of those that feed it.
    """
    signs = _signs(layers)
    found = [
        run
        for period in range(1, min(LONGEST_PERIOD, len(layers) // 2) + 1)
        for run in _runs(period, signs, sources)
    ]
    found.sort(key=lambda run: (-run[0].period * run[0].n_blocks, run[0].period))
    taken = bytearray(len(layers))
    widths = _crossing(len(layers), sources)
    chosen = []
    for repeats, slack in found:
        if not any(taken[repeats.start : repeats.stop + slack]):
            aligned = _aligned(repeats, slack, widths, signs, sources)
            if any(taken[aligned.start : repeats.start]):
                start = aligned.start + aligned.period
                aligned = Repeats(start, aligned.period, aligned.n_blocks - 1)
            taken[aligned.start : aligned.stop] = b"\1" * (aligned.stop - aligned.start)
            chosen.append(aligned)
    return sorted(chosen)


def _runs(
    period: int, signs: list[int], sources: Sequence[Sequence[int]]
) -> list[tuple[Repeats, int]]:
    """Runs of this period, each with the number of layers by which it may start later."""
    runs = []
    fewest = 2 if period >= _SHORT else 3
    length = 0
    for i in range(len(signs) - period + 1):
        is_end = i == len(signs) - period
        if not is_end and signs[i] == signs[i + period] and _alike(i, period, sources):
            length += 1
            continue
        count, slack = divmod(length + period, period)
        run = Repeats(i - length, period, count)
        if count >= fewest and _is_chain(run, sources):
            runs.append((run, slack))
        length = 0
    return runs


def _alike(i: int, period: int, sources: Sequence[Sequence[int]]) -> bool:
    """Whether layer `i` is fed as the one a period later is."""
    here, there = sources[i], sources[i + period]
    return len(here) == len(there) and all(
        b - a == period or a == b for a, b in zip(here, there, strict=True)
    )


def _is_chain(repeats: Repeats, sources: Sequence[Sequence[int]]) -> bool:
    """Whether each block feeds the next one; branches side by side are no repeats."""
    firsts = range(repeats.start, repeats.stop - repeats.period, repeats.period)
    return all(
        any(
            first <= source < first + repeats.period
            for i in range(first + repeats.period, first + 2 * repeats.period)
            for source in sources[i]
        )
        for first in firsts
    )


def _precedes(repeats: Repeats, signs: list[int], sources: Sequence[Sequence[int]]) -> bool:
    """Whether one more block stands before, fed by what comes before all of them."""
    start, period = repeats.start - repeats.period, repeats.period
    if start < 0 or signs[start : start + period] != signs[start + period : start + 2 * period]:
        return False
    for i in range(start, start + period):
        here, there = sources[i], sources[i + period]
        if len(here) != len(there):
            return False
        for a, b in zip(here, there, strict=True):
            is_same = b - a == period or a == b
            if not is_same and not (a < start and start <= b < start + period):
                return False
    return True


def _aligned(
    repeats: Repeats,
    slack: int,
    widths: list[int],
    signs: list[int],
    sources: Sequence[Sequence[int]],
) -> Repeats:
    """Start where the fewest tensors cross from block to block, as their author cut them.

    Of several such places the one counts that lets the block before all of them join in.
    """
    starts = range(repeats.start, repeats.start + slack + 1)
    narrowest = min(widths[start] for start in starts)
    possible = [repeats._replace(start=start) for start in starts if widths[start] == narrowest]
    for each in possible:
        if _precedes(each, signs, sources):
            return Repeats(each.start - each.period, each.period, each.n_blocks + 1)
    return possible[0]


def _crossing(n_layers: int, sources: Sequence[Sequence[int]]) -> list[int]:
    """For each position: how many layers before it feed one from there on."""
    last = list(range(n_layers))
    for i, feeding in enumerate(sources):
        for source in feeding:
            last[source] = max(last[source], i)
    steps = [0] * (n_layers + 2)
    for source, consumer in enumerate(last):
        if consumer > source:
            steps[source + 1] += 1
            steps[consumer + 1] -= 1
    widths, width = [], 0
    for step in steps:
        width += step
        widths.append(width)
    return widths


def _signs(layers: Sequence[DeclaredLayer]) -> list[int]:
    """Equal numbers for layers that look the same."""
    numbers: dict[object, int] = {}
    return [numbers.setdefault(_sign(layer), len(numbers)) for layer in layers]


def _sign(layer: DeclaredLayer) -> tuple[object, ...]:
    told = tuple(repr(layer.config[key])[:80] for key in _TELLING if key in layer.config)
    present = tuple(key for key in _TELLING if key in layer.config)
    inside = tuple(inner.class_name for inner in layer.layers)
    return (layer.class_name, present, told, inside)
