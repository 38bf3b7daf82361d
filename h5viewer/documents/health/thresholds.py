"""Every number that a finding is judged by, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """`value` decides; `source` tells the user where it comes from."""

    value: float
    source: str


NOT_FINITE = Threshold(
    0, "No weight of a working network is NaN or infinite: every output that uses it would be, too."
)
"""Most values that may be NaN or infinite."""

DEAD_SHARE = Threshold(
    1e-6,
    "A unit counts as all zero when its largest value is below a millionth of the layer's "
    "typical (root mean square) value: about the precision of 32-bit floats (1.2e-7) times ten.",
)
"""Largest value of a unit as a share of the root mean square of its weight."""

CONSTANT = Threshold(
    0,
    "Training changes each value of a unit by its own gradient; eight or more of them stay "
    "exactly equal only when none ever came.",
)
"""Difference between the largest and the smallest value of a unit."""

COSINE = Threshold(
    0.9999,
    "Two random directions in nine dimensions are this alike once in 10^15 pairs; of the trained "
    "networks this was tuned on, none has two units so alike by training alone.",
)
"""Cosine of two units above which they are the same."""

SCALE_RATIO = Threshold(
    50,
    "Layers of one kind in a network keep the scale of their signal (Glorot & Bengio 2010, "
    "He et al. 2015): in the trained networks this was tuned on they differ by less than 20 times.",
)
"""Root mean square times sqrt(fan in), as a multiple of the median over like layers."""

VARIANCE_NEGATIVE = Threshold(
    0, "A variance is a mean of squares; below minus epsilon its square root is NaN."
)

VARIANCE_SMALL = Threshold(
    1e-10,
    "Keras adds epsilon = 0.001 to the variance; at a ten-millionth of "
    "that the channel is constant.",
)
"""Moving variance below which a channel had no signal at all."""

UNTRAINED = Threshold(
    1.63,
    "Kolmogorov-Smirnov distance to the initializer's distribution times the square root of the "
    "number of values; 1.63 is passed by chance in 1 of 100 fresh layers (Smirnov 1948).",
)
"""KS distance x sqrt(n)."""

FLOAT16_LARGEST = Threshold(65504, "The largest number of 16-bit floats (IEEE 754-2019).")

FLOAT16_LOST = Threshold(
    0.5,
    "Below 2^-25 a number becomes zero in 16-bit floats (IEEE 754-2019); half of the values is "
    "more than any network this was tuned on has without being pruned.",
)
"""Share of the values that are not zero but would become zero in float16."""

RANK_SHARE = Threshold(
    0.02,
    "Effective rank (Roy & Vetterli 2007) as a share of the full rank; a random matrix has more "
    "than 0.6, the trained kernels this was tuned on more than 0.05.",
)

FROZEN = Threshold(0, "Keras trains every layer unless trainable is set to false.")

STRUCTURE = Threshold(0, "The file's own configuration says what has to be there.")

OPTIMIZER = Threshold(
    0, "Every optimizer of Keras keeps its state in arrays of the shape of the weight they are for."
)

UNTRAINED_ROWS = Threshold(
    0.05, "Keras draws embeddings evenly from -0.05 to 0.05 (RandomUniform, its default)."
)
"""Largest value of a row that no training step has touched."""

FEW_VALUES = Threshold(
    256, "8 bits hold 256 different values; kernels trained in 32-bit floats repeat hardly any."
)
