"""Every number that a finding is judged by, and where it comes from."""

from __future__ import annotations

import msgspec


class Threshold(msgspec.Struct, frozen=True):
    """`value` decides; `source` says where it comes from, `quantity` what is compared with it."""

    value: float
    source: str
    quantity: str


NOT_FINITE = Threshold(
    0,
    "No weight of a working network is NaN or infinite: every output that uses it would be, too.",
    "Values that are no numbers",
)
"""Most values that may be NaN or infinite."""

DEAD_SHARE = Threshold(
    1e-6,
    "A unit counts as all zero when its largest value is below a millionth of the layer's "
    "typical (root mean square) value: about the precision of 32-bit floats (1.2e-7) times ten.",
    "Largest value of these units, as a share of the layer's typical value",
)
"""Largest value of a unit as a share of the root mean square of its weight."""

MANY_SHARE = Threshold(
    0.1,
    "Networks lose a few units in training: a tenth or more of a layer is worth a warning.",
    "Share of the units",
)
"""Share of a layer's units from which dead ones are a warning and no note."""

CONSTANT = Threshold(
    0,
    "Training changes each value of a unit by its own gradient; eight or more of them stay "
    "exactly equal only when none ever came.",
    "Distance between the values of a unit",
)
"""Difference between the largest and the smallest value of a unit."""

COSINE = Threshold(
    0.9999,
    "Random directions in nine dimensions are this alike once in 10^15 pairs. In 95 published "
    "networks one pair was: two classes of an output that never occurred.",
    "Largest cosine between two units",
)
"""Cosine of two units above which they are the same."""

SCALE_RATIO = Threshold(
    50,
    "Layers of one kind in a network keep the scale of their signal (Glorot & Bengio 2010, "
    "He et al. 2015). In 95 published networks none was stronger than 30 times the median of its "
    "kind, nearly all less than 9 times.",
    "Scale, as a multiple of the median",
)
"""Root mean square times sqrt(fan in), as a multiple of the median over like layers."""

UNIT_RATIO = Threshold(
    100,
    "Units of one layer share its scale. In 95 published networks none was stronger than 23 times "
    "the median of its layer.",
    "Largest value of a unit, as a multiple of the median",
)

LARGE = Threshold(
    1000,
    "Layers that keep the scale of their signal have weights around 1 (Glorot & Bengio 2010). In "
    "95 published networks none was larger than 287.",
    "Largest weight",
)

VARIANCE_NEGATIVE = Threshold(
    0,
    "A variance is a mean of squares; below minus epsilon its square root is NaN.",
    "Lowest variance",
)

VARIANCE_SMALL = Threshold(
    1e-10,
    "Keras adds epsilon = 0.001 to the variance; at a ten-millionth of "
    "that the channel is constant.",
    "Lowest variance",
)
"""Moving variance below which a channel had no signal at all."""

KERNEL_ALONE = Threshold(
    512,
    "Of 447 trained layers 17 have a kernel that passes for a fresh one, none of them with more "
    "than 384 values; biases tell them apart.",
    "Values of the kernel",
)
"""Random values that tell a fresh layer by themselves, where it has no bias."""

UNTRAINED = Threshold(
    2.23,
    "Kolmogorov-Smirnov distance to the initializer's distribution times the square root of the "
    "number of values; 1 of 10,000 fresh kernels is beyond 2.23 (Smirnov 1948). The other weights "
    "of the layer have to be exactly as they start, too.",
    "Distance from the initializer",
)
"""KS distance x sqrt(n)."""

FLOAT16_LARGEST = Threshold(
    65504,
    "The largest number of 16-bit floats (IEEE 754-2019).",
    "Largest value",
)

FLOAT16_LOST = Threshold(
    0.5,
    "Below 2^-25 a number becomes zero in 16-bit floats (IEEE 754-2019); half of the values is "
    "more than any network this was tuned on has without being pruned.",
    "Share of the values",
)
"""Share of the values that are not zero but would become zero in float16."""

RANK_SHARE = Threshold(
    0.1,
    "Effective rank (Roy & Vetterli 2007) of the units at length 1. In 95 published networks "
    "every kernel without dead units had more than 0.3; random matrices have more than 0.6.",
    "Effective rank, as a share of the full rank",
)

FROZEN = Threshold(
    0,
    "Keras trains every layer unless trainable is set to false.",
    "Parameters or layers that are not trained",
)

READABLE = Threshold(
    0,
    "Every value of a network has to be readable to be used.",
    "Values that cannot be read",
)

STRUCTURE = Threshold(
    0,
    "The file's own configuration says what has to be there.",
    "Weights",
)

OPTIMIZER = Threshold(
    0,
    "Every optimizer of Keras keeps its state in arrays of the shape of the weight they are for.",
    "Variables that do not fit",
)

UNTRAINED_ROWS = Threshold(
    0.05,
    "Keras draws embeddings evenly from -0.05 to 0.05 (RandomUniform, its default).",
    "Largest value in these rows",
)
"""Largest value of a row that no training step has touched."""

ZERO_ROWS = Threshold(1, "One row of zeros is usual: it stands for padding.", "Rows of zeros")
"""Most rows of an embedding that are all zero."""

FEW_VALUES = Threshold(
    256,
    "8 bits hold 256 different values; kernels trained in 32-bit floats repeat hardly any.",
    "Different values",
)

CHECKED = Threshold(
    0,
    "The index of a checkpoint states a checksum (CRC-32C) of the bytes of each variable.",
    "Bytes whose checksum is wrong",
)
"""Most bytes with a wrong checksum."""
