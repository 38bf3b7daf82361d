"""The two architectures, aligned row by row."""

from __future__ import annotations

from h5viewer.gui.compare.change_words import Look, layer_look
from h5viewer.gui.compare.changes_item_model import ChangesItemModel, SortKey
from h5viewer.gui.compare.value_text import value_text
from h5viewer.names import visible
from h5viewer.nodes import ChangedArgument, ComparedLayer, LayerPair
from h5viewer.wording import UNKNOWN

STATE, A, CLASS_A, B, CLASS_B, WHAT = range(6)

_INDENT = "    "
_BASES = {
    "": "", "name": "", "shape": "paired by class and shapes", "hand": "paired by hand",
    "graph": "",
}  # fmt: skip


class LayerPairsItemModel(ChangesItemModel[LayerPair]):
    """Sorting by hand would tear the two sides apart, so the order stays the network's."""

    headings = ("Change", "Layer in A", "Class", "Layer in B", "Class", "What changed")
    tips = (
        "What became of the layer from A to B",
        "As the first file calls it",
        "Its class in the first file",
        "As the second file calls it",
        "Its class in the second file",
        "Arguments whose values differ: A → B",
    )

    def look(self, pair: LayerPair) -> Look:
        """State, and that it moved."""
        return layer_look(pair)

    def cell(self, pair: LayerPair, column: int) -> str:
        """Names are indented as the layers are nested."""
        match column:
            case 1:  # A
                return _name(pair.a, pair.depth)
            case 2:  # CLASS_A
                return _class(pair.a)
            case 3:  # B
                return _name(pair.b, pair.depth)
            case 4:  # CLASS_B
                return _class(pair.b)
        told = [argument_text(each) for each in pair.arguments]
        basis = _BASES[pair.basis]
        return ", ".join([*told, basis] if basis else told)

    def key(self, _pair: LayerPair, _column: int) -> SortKey:
        """Never asked: the order stays."""
        return None

    def tone(self, pair: LayerPair, column: int) -> str | None:
        """Classes are second rank, and so are layers that are the same."""
        if column in (CLASS_A, CLASS_B) or (pair.state == "same" and not pair.is_moved):
            return "muted"
        return None

    def is_different(self, pair: LayerPair) -> bool:
        """Changed, moved, or alone."""
        return pair.state != "same" or pair.is_moved

    def words(self, pair: LayerPair) -> str:
        """Both names, both classes, the arguments that changed."""
        sides = [side for side in (pair.a, pair.b) if side is not None]
        found = [f"{side.name} {side.class_name or ''}" for side in sides]
        return " ".join([*found, *(each.name for each in pair.arguments)])


def argument_text(argument: ChangedArgument) -> str:
    """`filters: 16 → 32`."""
    before, after = value_text(argument.a), value_text(argument.b)
    return f"{visible(argument.name, 60)}: {before} → {after}"


def _name(side: ComparedLayer | None, depth: int) -> str:
    return "" if side is None else _INDENT * depth + (visible(side.name) or "(no name)")


def _class(side: ComparedLayer | None) -> str:
    if side is None:
        return ""
    return UNKNOWN if side.class_name is None else visible(side.class_name, 60)
