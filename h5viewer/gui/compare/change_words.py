"""How each change is shown: an icon, words and a tone, so that colour is never alone."""

from __future__ import annotations

import msgspec

from h5viewer.gui import theme
from h5viewer.nodes import ComparedLayer, LayerPair, WeightPair


class Look(msgspec.Struct, frozen=True):
    """Of one kind of change."""

    icon: str
    words: str
    tone: theme.Role


_LAYERS = {
    "same": Look("equal", "same", "muted"),
    "changed": Look("changed", "changed", "warning"),
    "added": Look("plus", "only in B", "success"),
    "removed": Look("minus", "only in A", "error"),
}
_WEIGHTS = {
    "identical": Look("equal", "identical", "muted"),
    "changed": Look("changed", "changed", "warning"),
    "shape": Look("equal-not", "other shape", "error"),
    "only_a": Look("minus", "only in A", "error"),
    "only_b": Look("plus", "only in B", "success"),
    "unreadable": Look("unreadable", "unreadable", "error"),
}


_UNDECLARED = Look("equal", "in both", "muted")
"""Groups of weights: nothing says what layers they are."""


def layer_look(pair: LayerPair) -> Look:
    """A layer that moved says so, too."""
    look = _LAYERS[pair.state]
    if pair.state == "same" and not (_is_declared(pair.a) or _is_declared(pair.b)):
        look = _UNDECLARED
    if not pair.is_moved:
        return look
    words = "moved" if pair.state == "same" else f"{look.words}, moved"
    return Look("moved", words, "warning")


def _is_declared(side: ComparedLayer | None) -> bool:
    return side is not None and side.class_name is not None


def weight_look(pair: WeightPair) -> Look:
    """By its state alone."""
    return _WEIGHTS[pair.state]
