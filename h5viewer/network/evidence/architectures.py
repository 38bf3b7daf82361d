"""Evidence: networks of keras.applications, known by the names of their layers.

Those that scale pixels themselves stand here as they are without: then nothing else tells.
Source: keras/src/applications, what `preprocess_input` of each does; the names are those of
Keras 2 and 3, and of keras-applications before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from h5viewer.network.evidence.clues import Clue

_IMAGENET = 1000
_AS_PUBLISHED = 0.9  # with ImageNet's classes
_TRAINED_ON = 0.45  # other classes: people train them with other scales, too


class Known(msgspec.Struct, frozen=True):
    """One row of the table: a family, and names that its layers have."""

    title: str
    scale: str
    names: tuple[str, ...]  # all of them
    without: tuple[str, ...] = ()


_CONVNEXT = ("stem", "stage_0_block_0_depthwise_conv")
_TABLE = (
    Known("VGG", "caffe", ("block1_conv1", "block3_conv3", "block5_conv3", "block5_pool")),
    Known("DenseNet", "torch", ("conv2_block1_0_bn", "pool2_conv", "pool4_conv")),
    Known("ResNet V2", "symmetric", ("conv2_block1_preact_bn", "post_bn")),
    Known("ResNet", "caffe", ("conv1_conv", "conv2_block1_1_conv"), ("conv2_block1_preact_bn",)),
    Known("ResNet", "caffe", ("res2a_branch2a", "bn2a_branch2a")),
    Known("Inception-ResNet", "symmetric", ("mixed_5b", "mixed_7a")),
    Known("Inception", "symmetric", ("mixed0", "mixed5", "mixed9_1")),
    Known("Xception", "symmetric", ("block2_sepconv1", "block14_sepconv2")),
    Known("MobileNet", "symmetric", ("conv_dw_1", "conv_pw_1", "conv_pw_13")),
    Known("MobileNet V2", "symmetric", ("block_1_expand", "block_16_project", "Conv_1")),
    Known("NASNet", "symmetric", ("stem_conv1", "stem_bn1", "normal_conv_1_0")),
    Known("MobileNet V3", "symmetric", ("expanded_conv_project", "expanded_conv_2_expand")),
    Known("MobileNet V3", "symmetric", ("expanded_conv/project", "expanded_conv_2/expand")),
    Known("EfficientNet V2", "symmetric", ("stem_conv", "block4a_dwconv2", "top_conv")),
    Known("EfficientNet", "torch", ("stem_conv", "block1a_dwconv", "top_conv")),
    *(
        Known("ConvNeXt", "torch", tuple(f"convnext_{size}_{part}" for part in _CONVNEXT))
        for size in ("tiny", "small", "base", "large", "xlarge")
    ),
)


def known_architecture(model: Any, n_classes: int) -> Iterator[Clue]:
    """What its authors fed it with."""
    names = {layer.name for layer in model._flatten_layers(include_self=False, recursive=True)}
    known = next((row for row in _TABLE if _is_it(row, names)), None)
    if known is None:
        return
    is_published = n_classes == _IMAGENET
    how = "trained on other classes; most feed it so, as its authors do"
    if is_published:
        how = "with its 1,000 classes; its authors feed it so"
    yield Clue(
        f"The layers are those of {known.title} {how}.",
        {known.scale: 1.0},
        _AS_PUBLISHED if is_published else _TRAINED_ON,
    )


def _is_it(row: Known, names: Collection[str]) -> bool:
    return all(name in names for name in row.names) and not any(
        name in names for name in row.without
    )
