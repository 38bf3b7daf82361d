"""The kinds of findings: what each is called, what it means, what to do about it."""

from __future__ import annotations

import msgspec

from h5viewer.documents.health.subject import Subject
from h5viewer.documents.health.thresholds import Threshold
from h5viewer.names import NodePath
from h5viewer.nodes import Gravity, HealthFinding, Layer


class Kind(msgspec.Struct, frozen=True):
    """`word` for programs, `title` and `meaning` for people."""

    word: str
    title: str
    meaning: str


NAN = Kind(
    "nan",
    "Not a number",
    "Training went wrong before the file was saved: usually a learning rate that is too high, "
    "a loss that divides by zero, or NaN in the training data. Every output that uses these "
    "values is NaN. Go back to an earlier checkpoint.",
)
INFINITE = Kind(
    "infinite",
    "Infinite values",
    "The values left the range of their number type, usually while training diverged. Outputs "
    "become infinite or NaN. Go back to an earlier checkpoint, with a lower learning rate.",
)
DEAD_UNITS = Kind(
    "dead_units",
    "Dead units",
    "These units give nothing on: they multiply every input by zero. Pruning does that on "
    "purpose; without it, too strong a weight decay or units that never got a gradient. They "
    "cost memory and time and can be removed. Their numbers count from 0.",
)
CONSTANT_UNITS = Kind(
    "constant_units",
    "Constant units",
    "All values of these units are one and the same number, as an initializer such as zeros, "
    "ones or constant leaves them: they were never trained apart.",
)
DUPLICATE_UNITS = Kind(
    "duplicate_units",
    "Duplicate units",
    "These units respond alike to every input, so all but one of each group add nothing. They "
    "come from equal starting values, or from copying weights.",
)
WEIGHT_SCALE = Kind(
    "weight_scale",
    "Scale out of line",
    "The signal grows or shrinks by this factor where like layers keep it. Much larger values "
    "saturate what follows or blow up the loss; much smaller ones stop the signal.",
)
UNIT_SCALE = Kind(
    "unit_scale",
    "Unit out of scale",
    "A few units drown the others of their layer: training was about to diverge, or weights were "
    "changed by hand. What follows is saturated by them. Their numbers count from 0.",
)
LARGE_VALUES = Kind(
    "large_values",
    "Very large weights",
    "The layer answers to the smallest change of its input and saturates what follows. Usually "
    "training was diverging: look at earlier checkpoints, a lower learning rate, weight decay.",
)
VARIANCE_NEGATIVE = Kind(
    "variance_negative",
    "Negative variance",
    "A batch normalisation divides by the square root of its moving variance and epsilon (0.001); "
    "of a negative sum that is NaN, and so is everything behind it. No training makes a variance "
    "negative: the file was changed or damaged.",
)
VARIANCE_SMALL = Kind(
    "variance_small",
    "Channels without a signal",
    "What comes into these channels of the batch normalisation never changed during training: "
    "the units before them are dead. They cost memory and time and can be removed.",
)
UNTRAINED = Kind(
    "untrained",
    "Never trained",
    "Every value looks as the initializer left it. If this layer was to be trained: it may have "
    "been frozen, not connected to the loss, or created again after training.",
)
FROZEN = Kind(
    "frozen",
    "Frozen layers",
    "Training leaves these layers as they are, which is usual for the base of a network that is "
    "trained for something new. Set trainable to true to train them.",
)
MISSING_WEIGHTS = Kind(
    "missing_weights",
    "Missing weights",
    "The configuration has a layer with these weights, the file does not store them: Keras "
    "refuses to load the file or leaves random values. Save it again, or load by name.",
)
LEFT_OVER = Kind(
    "left_over_weights",
    "Weights left over",
    "The file stores weights that no layer of its configuration asks for. Keras refuses such a "
    "file or ignores them: configuration and weights come from different versions of a network.",
)
SHAPE_MISMATCH = Kind(
    "shape_mismatch",
    "Shapes that do not fit",
    "The stored array has another shape than the configuration says: Keras refuses to load it. "
    "Configuration and weights come from different versions of the network.",
)
UNREADABLE = Kind(
    "unreadable",
    "Weights that cannot be read",
    "These values could not be looked at, so nothing is said about them.",
)
FLOAT16_OVERFLOW = Kind(
    "float16_overflow",
    "Too large for float16",
    "Saved or run in 16-bit floats, these values become infinite. Keep this layer in 32 bits, "
    "or in bfloat16, which has the range of 32-bit floats.",
)
FLOAT16_LOST = Kind(
    "float16_underflow",
    "Too small for float16",
    "Saved or run in 16-bit floats, these values become zero. That changes little where other "
    "values of the layer are much larger.",
)
LOW_RANK = Kind(
    "low_rank",
    "Low effective rank",
    "The units are mixtures of a few directions only: the layer could be replaced by a much "
    "smaller one, and may have collapsed during training.",
)
OPTIMIZER_SHAPES = Kind(
    "optimizer_shapes",
    "Optimizer state that does not fit",
    "Training cannot go on from this state: Keras refuses it or starts the optimizer anew. The "
    "weights themselves are not concerned.",
)
OPTIMIZER_VALUES = Kind(
    "optimizer_values",
    "Optimizer state that is no number",
    "Training that goes on from this state turns the weights into NaN with its first step. The "
    "network itself is not concerned. Begin with a fresh optimizer, or an earlier checkpoint.",
)
UNTRAINED_ROWS = Kind(
    "untrained_rows",
    "Rows never trained",
    "These tokens did not occur in the training data, or hardly ever: their vectors are as the "
    "initializer left them and say nothing. That is usual for rare tokens.",
)
FEW_VALUES = Kind(
    "few_values",
    "Few different values",
    "The values were rounded to a few levels, as quantization does: the file could be stored in "
    "much fewer bits.",
)
CHECKSUM = Kind(
    "checksum",
    "Wrong checksum",
    "The stored bytes are not those that TensorFlow wrote: the file was damaged on a disk or on "
    "its way. TensorFlow refuses to read it. Fetch the file again, or go back to an earlier "
    "checkpoint.",
)


def of_weight(
    kind: Kind,
    gravity: Gravity,
    subject: Subject,
    value: float,
    threshold: Threshold,
    message: str,
) -> HealthFinding:
    """A finding about one weight."""
    weight = subject.weight
    found = of_place(kind, gravity, subject.where, weight.path, value, threshold, message)
    return msgspec.structs.replace(
        found, key=subject.layer.key, weight=weight.name, axes=weight.axes
    )


def of_layer(
    kind: Kind,
    gravity: Gravity,
    where: str,
    layer: Layer,
    value: float,
    threshold: Threshold,
    message: str,
) -> HealthFinding:
    """A finding about one layer, called `where`."""
    found = of_place(kind, gravity, where, _first_stored(layer), value, threshold, message)
    return msgspec.structs.replace(found, key=layer.key)


def of_place(
    kind: Kind,
    gravity: Gravity,
    where: str,
    path: NodePath | None,
    value: float,
    threshold: Threshold,
    message: str,
) -> HealthFinding:
    """A finding about no declared layer; `path` is where to go."""
    return HealthFinding(
        gravity=gravity,
        kind=kind.word,
        title=kind.title,
        layer=where,
        path=path,
        value=value,
        threshold=threshold.value,
        quantity=threshold.quantity,
        message=message,
        meaning=kind.meaning,
        source=threshold.source,
    )


def _first_stored(layer: Layer) -> tuple[bytes, ...] | None:
    """Where its weights are: the group of the first that is stored."""
    stored = next((weight.path for weight in layer.weights if weight.path is not None), None)
    if stored is not None:
        return stored[:-1]
    below = (_first_stored(inner) for inner in layer.layers)
    return next((path for path in below if path is not None), None)
