"""A comparison in a sentence or two: how much is the same, and what the rest looks like.

"42 of 46 weights are identical; the classifier head was retrained."
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.matching import Key
from h5viewer.documents.stored_names import canonical_role
from h5viewer.names import visible
from h5viewer.nodes import LayerPair, WeightPair
from h5viewer.nodes.comparison import WeightState
from h5viewer.wording import count_text, plural

_MOVING = ("moving_", "running_")
_CLASSIFIES = frozenset({"softmax", "sigmoid"})


def verdict(
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    declared: dict[Key, DeclaredLayer],
    *,
    has_layers: bool,
) -> str:
    """The sentences.

    Args:
        layers: the rows of layers that the weights name.
        declared: A's layers by key.
        has_layers: both files declare a network.
    """
    sentences = [_about_weights(layers, weights, declared, has_layers=has_layers)]
    if has_layers:
        sentences.append(_about_layers(layers))
    return " ".join(sentences)


def _about_weights(
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    declared: dict[Key, DeclaredLayer],
    *,
    has_layers: bool,
) -> str:
    if not weights:
        return f"Neither file has {'weights' if has_layers else 'anything'} to compare."
    counted = Counter(pair.state for pair in weights)
    n, n_identical = len(weights), counted["identical"]
    noun = _noun(weights)
    if n_identical == n:
        return f"The only {noun} is identical." if n == 1 else f"All {n:,} {noun}s are identical."
    if counted["only_a"] + counted["only_b"] == n:
        return f"The files have no {noun} in common."
    if counted["changed"] == n:
        return _all_changed(weights)
    if counted["unreadable"] == n:
        return f"The only {noun} could not be read." if n == 1 else f"No {noun} could be read."
    if counted["shape"] == n == 1:
        return f"The only {noun} has another shape."
    are = "is" if n_identical == 1 else "are"
    start = f"{n_identical:,} of {plural(n, noun)} {are} identical"
    if not n_identical:
        start = f"None of {plural(n, noun)} is identical"
    story = _story(layers, weights, declared)
    rest = [story] if story else _changed(counted)
    return "; ".join([start, *rest, *_leftovers(counted, is_told=bool(story))]) + "."


def _noun(weights: Sequence[WeightPair]) -> str:
    return "dataset" if all(pair.row < 0 for pair in weights) else "weight"


def _all_changed(weights: Sequence[WeightPair]) -> str:
    noun = _noun(weights)
    moved = [pair.relative for pair in weights if pair.relative is not None]
    if len(weights) == 1:
        return f"The only {noun} changed{f' by {_percent(moved[0])}' if moved else ''}."
    size = f", typically by {_percent(median(moved))}" if moved else ""
    return f"All {len(weights):,} {noun}s changed{size}."


def _changed(counted: Counter[WeightState]) -> list[str]:
    return [f"{counted['changed']:,} changed"] if counted["changed"] else []


def _leftovers(counted: Counter[WeightState], *, is_told: bool) -> list[str]:
    found = []
    if counted["shape"] and not is_told:
        n = counted["shape"]
        found.append(f"{n:,} {'has' if n == 1 else 'have'} another shape")
    for n, letter in ((counted["only_a"], "A"), (counted["only_b"], "B")):
        if n:
            found.append(f"{n:,} {'is' if n == 1 else 'are'} only in {letter}")
    if n := counted["unreadable"]:
        found.append(f"{n:,} could not be read")
    return found


def _story(
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    declared: dict[Key, DeclaredLayer],
) -> str:
    """What happened to the weights that differ, where a rule tells; else empty."""
    differing = [pair for pair in weights if pair.state in ("changed", "shape")]
    if not differing:
        return ""
    if all(_is_statistic(pair) for pair in differing):
        return "only moving averages changed"
    return _place(layers, weights, declared)


def _place(
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    declared: dict[Key, DeclaredLayer],
) -> str:
    """At which end of the network the changes are; empty: all over."""
    rows = list(dict.fromkeys(pair.row for pair in weights if pair.row >= 0))
    changed = {pair.row for pair in weights if pair.state != "identical"}
    k = len(changed)
    if not layers or 2 * k > len(rows) or any(row not in rows for row in changed):
        return ""
    if changed == set(rows[-k:]):
        of_them = [pair for pair in weights if pair.row in changed]
        is_new = all(pair.state != "changed" for pair in of_them if pair.state != "identical")
        done = "replaced" if is_new else "retrained"
        last = layers[rows[-1]]
        if _classifies(layers, rows[-1], declared):
            return f"the classifier head was {done}"
        if k > 1:
            return f"the last {k:,} layers with weights were {done}"
        side = last.a or last.b
        return f"the last layer, {visible(side.name if side else '', 60)}, was {done}"
    if changed == set(rows[:k]):
        first = "layer" if k == 1 else f"{k:,} layers"
        return f"only the first {first} with weights changed"
    return ""


def _classifies(layers: Sequence[LayerPair], last: int, declared: dict[Key, DeclaredLayer]) -> bool:
    """True when the last layer with weights, or one behind it, ends in probabilities."""
    for row in layers[last:]:
        layer = declared.get(row.a.key) if row.a else None
        if layer is None:
            continue
        activation = layer.config.get("activation")
        if layer.class_name == "Softmax" or _name_of(activation) in _CLASSIFIES:
            return True
    return False


def _name_of(activation: object) -> str:
    if isinstance(activation, dict):
        activation = activation.get("config")
    return activation if isinstance(activation, str) else ""


def _about_layers(layers: Sequence[LayerPair]) -> str:
    counted = Counter(pair.state for pair in layers)
    n_moved = sum(pair.is_moved for pair in layers)
    counts = [
        (counted["changed"], "changed"),
        (counted["added"], "added"),
        (counted["removed"], "removed"),
        (n_moved, "moved"),
    ]
    told = [f"{count_text(n)} {word}" for n, word in counts if n]
    if not told:
        return "The architectures are the same."
    return f"Of the layers, {_joined(told)}."


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _is_statistic(pair: WeightPair) -> bool:
    return pair.a is not None and canonical_role(pair.a.name).startswith(_MOVING)


def _percent(share: float) -> str:
    percent = 100 * share
    if percent >= 1000:
        return f"a factor of {share:,.0f}"
    return f"{percent:.2g} %" if percent < 100 else f"{percent:.0f} %"
