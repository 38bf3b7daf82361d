"""Every weight of one file with that of the other."""

from __future__ import annotations

import math

from h5viewer import wording
from h5viewer.gui.compare.change_words import Look, weight_look
from h5viewer.gui.compare.changes_item_model import ChangesItemModel, SortKey
from h5viewer.names import visible
from h5viewer.nodes import Weight, WeightPair

STATE, LAYER, WEIGHT, SHAPE, LARGEST, RELATIVE, COSINE, DIFFERENT, TYPE = range(9)


class WeightPairsItemModel(ChangesItemModel[WeightPair]):
    """Numbers are sorted as numbers; weights without come last."""

    headings = (
        "Change",
        "Layer",
        "Weight",
        "Shape",
        "Largest diff.",
        "Relative",
        "Cosine",
        "Different",
        "Type",
    )
    tips = (
        "What became of the weight from A to B",
        "The layer, or the group of the dataset",
        "Its name",
        "Elements along each axis; sorted by how many there are in all",
        "The largest |B − A| of all elements that are finite in both",
        "How long B − A is as a vector, compared with A: ‖B − A‖ / ‖A‖",
        "Of the angle between A and B as vectors: 1 is the same direction",
        "Elements that are not equal",
        "How its numbers are stored; equal numbers are identical in any type",
    )
    right_aligned = frozenset({LARGEST, RELATIVE, COSINE, DIFFERENT})

    def heading(self, column: int) -> str:
        """Of files without layers in their own words."""
        words = {LAYER: "Group", WEIGHT: "Dataset"}
        if column in words and self.pairs and self.pairs[0].row < 0:
            return words[column]
        return super().heading(column)

    def look(self, pair: WeightPair) -> Look:
        """Its state."""
        return weight_look(pair)

    def cell(self, pair: WeightPair, column: int) -> str:
        """Where both names differ both are told."""
        match column:
            case 1:  # LAYER
                return _both(visible(pair.layer_a), visible(pair.layer_b))
            case 2:  # WEIGHT
                return _both(_name(pair.a), _name(pair.b))
            case 3:  # SHAPE
                return _both(_shape(pair.a), _shape(pair.b))
            case 4:  # LARGEST
                return wording.difference_text(pair.max_difference)
            case 5:  # RELATIVE
                return wording.relative_text(pair.relative)
            case 6:  # COSINE
                return wording.cosine_text(pair.cosine)
            case 7:  # DIFFERENT
                return wording.count_text(pair.n_different) if pair.n_elements else wording.UNKNOWN
        return _both(_type(pair.a), _type(pair.b))

    def key(self, pair: WeightPair, column: int) -> SortKey:
        """What the cell says, as a number where it is one."""
        match column:
            case 0:  # STATE
                return self.look(pair).words
            case 3:  # SHAPE
                weight = pair.a or pair.b
                return 0 if weight is None else math.prod(weight.shape or ())
            case 4:  # LARGEST
                return pair.max_difference
            case 5:  # RELATIVE
                return pair.relative
            case 6:  # COSINE
                return pair.cosine
            case 7:  # DIFFERENT
                return pair.n_different if pair.n_elements else None
        return super().key(pair, column)

    def tone(self, pair: WeightPair, column: int) -> str | None:
        """Shapes are second rank, and so is what is identical."""
        return "muted" if column in (SHAPE, TYPE) or pair.state == "identical" else None

    def is_different(self, pair: WeightPair) -> bool:
        """All but the identical ones."""
        return pair.state != "identical"

    def words(self, pair: WeightPair) -> str:
        """Both layers, both names."""
        return " ".join((pair.layer_a, _name(pair.a), pair.layer_b, _name(pair.b)))


def _name(weight: Weight | None) -> str:
    return "" if weight is None else visible(weight.name) or "(no name)"


def _shape(weight: Weight | None) -> str:
    return "" if weight is None else wording.shape_text(weight.shape)


def _type(weight: Weight | None) -> str:
    return "" if weight is None else visible(weight.dtype, 60)


def _both(a: str, b: str) -> str:
    if a and b and a != b:
        return f"{a} → {b}"
    return a or b
