"""How many features a layer gives to the next, where its configuration says so.

Only what needs no arithmetic on shapes: enough to tell when stored weights cannot be
those of the declared layers.
"""

from __future__ import annotations

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import whole_number
from h5viewer.documents.roles import Role

_KEEPING = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dropout",
    "ELU", "GaussianDropout", "GaussianNoise", "LayerNormalization", "LeakyReLU", "Masking",
    "PReLU", "ReLU", "Softmax", "ThresholdedReLU", "UnitNormalization",
})  # fmt: skip
_STATING = {
    "Dense": ("units", "output_dim"),
    "Conv1D": ("filters",), "Conv2D": ("filters",), "Conv3D": ("filters",),
    "SeparableConv1D": ("filters",), "SeparableConv2D": ("filters",),
    "Embedding": ("output_dim",),
    "LSTM": ("units",), "GRU": ("units",), "SimpleRNN": ("units",),
}  # fmt: skip
# Layers whose kernel's "in" axis is the last axis of what they are fed.
_FED_BY_LAST_AXIS = frozenset({"Dense", "Conv1D", "Conv2D", "Conv3D", "LSTM", "GRU", "SimpleRNN"})


def features_of(layer: DeclaredLayer, n_in: int | None) -> int | None:
    """Size of the last axis of the layer's output; None: not said."""
    if len(layer.calls) > 1 or layer.config.get("data_format") == "channels_first":
        return None
    shape = layer.output_shape
    if shape:
        return shape[-1] if isinstance(shape[-1], int) else None
    for key in _STATING.get(layer.class_name, ()):
        size = whole_number(layer.config.get(key))
        if size is not None:
            return size
    return n_in if layer.class_name in _KEEPING else None


def with_features(
    layer: DeclaredLayer, known: list[Role] | None, n_in: int | None
) -> dict[str, Role] | None:
    """Roles by name, the size of the "in" axis filled in where it is certain."""
    if known is None:
        return None
    by_name = {role.name: role for role in known}
    kernel = by_name.get("kernel")
    if n_in is None or kernel is None or layer.class_name not in _FED_BY_LAST_AXIS:
        return by_name
    is_plain = layer.config.get("groups") in (None, 1)
    if is_plain and layer.config.get("data_format") != "channels_first" and "in" in kernel.axes:
        at = kernel.axes.index("in")
        sizes = (*kernel.sizes[:at], n_in, *kernel.sizes[at + 1 :])
        by_name["kernel"] = Role(kernel.name, kernel.axes, sizes, kernel.trainable)
    return by_name
