"""What kind of layer a class is, and the colour that stands for it everywhere.

The colours are one OKLCH ring: equal lightness (0.64 on light, 0.74 on dark), equal
chroma, hues at least 25 degrees apart, so that no kind shouts louder than another.
Kinds that change no values (reshape, dropout, input) are grey; what is not known is hollow.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec


class LayerKind(msgspec.Struct, frozen=True):
    """A family of layers. `light` and `dark` are the colours on light and dark ground."""

    name: str
    light: str
    dark: str
    is_hollow: bool = False

    def colour(self, on_dark: bool) -> str:
        """The colour for the theme."""
        return self.dark if on_dark else self.light


CONVOLUTION = LayerKind("convolution", "#3f8ae0", "#6cabf7")
DENSE = LayerKind("dense", "#9270d8", "#b093f0")
RECURRENT = LayerKind("recurrent", "#c95fa8", "#e585c4")
ATTENTION = LayerKind("attention", "#d9625f", "#f28a83")
EMBEDDING = LayerKind("embedding", "#00a08f", "#3fc2b0")
NORMALIZATION = LayerKind("normalization", "#3f9f58", "#69bf7c")
ACTIVATION = LayerKind("activation", "#c77c1a", "#e39e4b")
POOLING = LayerKind("pooling", "#0099bd", "#3fbadb")
MERGE = LayerKind("merge", "#83942b", "#a6b454")
RESHAPE = LayerKind("reshape", "#8a919c", "#8f97a3")
REGULARIZATION = LayerKind("regularization", "#b3b9c2", "#646b77")
INPUT = LayerKind("input", "#56606e", "#b9c1cc")
MODEL = LayerKind("nested model", "#56606e", "#b9c1cc", is_hollow=True)
OTHER = LayerKind("other", "#8a919c", "#8f97a3", is_hollow=True)

# First match wins: ConvLSTM2D is recurrent, BatchNormalization no "Model".
_PATTERNS: tuple[tuple[LayerKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (INPUT, r"^InputLayer$|^Input$"),
        (MODEL, r"^(Model|Functional|Sequential|Graph)$"),
        (RECURRENT, r"LSTM|GRU|RNN|^Bidirectional"),
        (ATTENTION, r"Attention|Transformer"),
        (NORMALIZATION, r"Norm(alization)?$|^Normalization"),
        (POOLING, r"Pool(ing)?[123]D$|Pooling"),
        (REGULARIZATION, r"Dropout|^Gaussian(Noise)?$|^ActivityRegularization$|^AlphaDropout$"),
        (EMBEDDING, r"Embedding"),
        (CONVOLUTION, r"Conv(olution)?\d?"),
        (DENSE, r"Dense$|^Highway$|^Linear$"),
        (ACTIVATION, r"Activation$|ReLU$|Relu$|^ELU$|Softmax$|Softplus$|^Sigmoid$|^Tanh$|^SiLU$"),
        (MERGE, r"^(Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot|Merge)$"),
        (
            RESHAPE,
            r"^(Flatten|Reshape|Permute|RepeatVector|Resizing|Rescaling|CenterCrop|Masking)$"
            r"|^(Cropping|ZeroPadding|UpSampling)[123]D$",
        ),
    )
)


@lru_cache(maxsize=4096)
def layer_kind(class_name: str | None) -> LayerKind:
    """The kind of a class: the last word of `Custom>QDense` or `keras.layers.Dense` counts."""
    if class_name is None:
        return OTHER
    word = re.split(r"[>.]", class_name[:200])[-1]
    return next((kind for kind, pattern in _PATTERNS if pattern.search(word)), OTHER)
