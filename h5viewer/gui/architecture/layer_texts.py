"""What the table of layers says in its cells, in tooltips and to screen readers."""

from __future__ import annotations

from collections.abc import Callable

from h5viewer import wording
from h5viewer.gui.architecture.layer_rows import LayerRow, trainable_tip
from h5viewer.names import visible
from h5viewer.nodes import Layer

NAME, CLASS, OUTPUT, PARAMETERS, MULTIPLY_ADDS, ACTIVATIONS, TRAINABLE, INPUTS = range(8)
HEADINGS: tuple[str, ...] = (
    "Layer",
    "Class",
    "Output shape",
    "Parameters",
    "Multiply-adds",
    "Activations",
    "Trainable",
    "Connected to",
)
HEADING_TIPS: tuple[str, ...] = (
    "The layer's name",
    "The layer's class",
    "What the layer puts out when it is first called; None is the batch, or a size left open",
    "Numbers stored for this layer; the bar is its share of the whole",
    "Multiplications with the addition that follows, for one sample, in all calls of the layer:\n"
    "products with weights and of two tensors; not biases, activations, pooling, normalisation",
    "What all calls of the layer put out for one sample, at four bytes a number",
    "Whether training changes the layer's weights",
    "The layers this one takes its input from",
)


OPERATION_HEADINGS = ("Operation", "Kind", *HEADINGS[2:])
OPERATION_TIPS = (
    "The operation's name",
    "What TensorFlow calls what it does",
    *(
        tip.replace("this layer", "this operation").replace("the layer", "the operation")
        for tip in HEADING_TIPS[2:-1]
    ),
    "The operations this one takes its input from",
)


def text(row: LayerRow, column: int) -> str:
    """A cell."""
    layer = row.layer
    match column:
        case 0:  # NAME
            return visible(layer.name) or "(no name)"
        case 1:  # CLASS
            return visible(layer.class_name) if layer.class_name else wording.UNKNOWN
        case 2:  # OUTPUT
            return wording.output_shape_text(layer.output_shape)
        case 3:  # PARAMETERS
            return wording.count_text(layer.n_parameters)
        case 4:  # MULTIPLY_ADDS
            return _number(layer.multiply_adds, wording.count_text)
        case 5:  # ACTIVATIONS
            return _number(layer.activation_bytes, wording.bytes_text)
        case 6:  # TRAINABLE
            return row.trainable_text if layer.n_parameters else wording.UNKNOWN
        case _:
            return wording.names_text(layer.inputs) if layer.inputs else ""


def tone(row: LayerRow, column: int) -> str | None:
    """How a cell is drawn."""
    if column == PARAMETERS:
        return None if row.layer.n_parameters else "faint"
    if column == TRAINABLE and not row.layer.n_parameters:
        return "faint"
    if column == MULTIPLY_ADDS and not row.layer.multiply_adds:
        return "faint"
    return None if column == NAME else "muted"


def tooltip(row: LayerRow, column: int, total_parameters: int) -> str:
    """More than a cell says; `total_parameters`: of the network, 0 when not known."""
    layer = row.layer
    if column == NAME:
        code = "Contains Python code, which was not executed." if layer.has_code else ""
        return "\n".join(filter(None, (visible(layer.name), layer.problem, code)))
    if column == CLASS and layer.class_name is None:
        return "This file holds weights only; it does not say the class."
    if column == OUTPUT and layer.output_shape is None:
        return _why(layer)
    if column == MULTIPLY_ADDS and layer.multiply_adds is None:
        return f"How many it takes is not known. {layer.shape_note}".strip()
    if column == ACTIVATIONS and layer.activation_bytes is None:
        return _why(layer)
    if column == PARAMETERS and total_parameters and layer.n_parameters:
        share = wording.share_text(layer.n_parameters, total_parameters)
        return f"{wording.count_text(layer.n_parameters)} parameters, {share} of all"
    if column == TRAINABLE:
        return trainable_tip(row)
    return text(row, column)


def spoken(row: LayerRow) -> str:
    """For screen readers: level and folding, which the eye sees as indentation."""
    parts = [text(row, NAME)]
    if row.depth:
        parts.append(f"level {row.depth + 1}")
    if row.children:
        parts.append("expanded" if row.is_expanded else "collapsed")
    if row.layer.problem:
        parts.append(visible(row.layer.problem))
    if row.layer.has_code:
        parts.append("contains Python code")
    return ", ".join(parts)


def _number(number: int | None, say: Callable[[int], str]) -> str:
    return wording.UNKNOWN if number is None else say(number)


def _why(layer: Layer) -> str:
    if layer.class_name is None:
        return "This file holds weights only; it does not say the shape."
    return f"Not known. {layer.shape_note}" if layer.shape_note else "Sizes are left open."
