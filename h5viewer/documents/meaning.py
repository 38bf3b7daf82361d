"""What one dataset of a network is: its role, axes, gates, heads and initializer.

Built on the roles and axes that decoding finds; everything is said of the stored array,
which is never turned into another layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from h5viewer.documents import gates
from h5viewer.documents.initializers import expected
from h5viewer.documents.json_text import table, whole_number
from h5viewer.documents.role_words import words_of
from h5viewer.documents.roles import roles
from h5viewer.documents.stored_names import canonical_role, without_output
from h5viewer.documents.views import views_of
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Expected, Layer, Shape, Weight, WeightMeaning, WeightPart

_INITIALIZERS = {
    "kernel": ("kernel_initializer", "init"),
    "recurrent_kernel": ("recurrent_initializer", "inner_init"),
    "depthwise_kernel": ("depthwise_initializer", "kernel_initializer"),
    "pointwise_kernel": ("pointwise_initializer",),
    "embeddings": ("embeddings_initializer", "init"),
    "bias": ("bias_initializer",),
    "gamma": ("gamma_initializer", "gamma_init"),
    "beta": ("beta_initializer", "beta_init"),
    "moving_mean": ("moving_mean_initializer",),
    "moving_variance": ("moving_variance_initializer",),
    "alpha": ("alpha_initializer", "init"),
}
_SOURCES = ("TextVectorization", "StringLookup", "IntegerLookup")
_MOST_HOPS = 4
_OUTPUTS = ("out", "gates", "token", "multiplier")
_LARGEST_WINDOW = 11  # of a filter that is judged by its shape: AlexNet's first
_GUESSED = "Nothing in the file names its axes: the window of the filters is judged by its shape."


class Place(msgspec.Struct):
    """A weight in its layer, with what the configuration says of the layer."""

    layer: Layer
    weight: Weight
    config: dict[str, object] = {}  # of the cell, where it is wrapped
    class_name: str | None = None  # of the cell
    backend: str = ""

    @property
    def role(self) -> str:
        """The canonical role; of Keras 1's gate arrays that of the whole."""
        letter = gates.gate_letter(self.weight.name)
        if letter is not None:
            return canonical_role(self.weight.name.rpartition("_")[0])
        return canonical_role(self.weight.name)

    @property
    def owner(self) -> str:
        """The layer inside the layer: "query_dense", "forward_lstm"; "" where there is none."""
        parts = self.weight.name.split("/")[:-1]
        return next((part for part in reversed(parts) if not part.endswith("cell")), "")


def find_weight(layers: Iterable[Layer], path: NodePath) -> tuple[Layer, Weight] | None:
    """The layer that a dataset belongs to, and the weight it is there."""
    for layer in every(layers):
        for weight in layer.weights:
            if weight.path == path:
                return layer, weight
    return None


def every(layers: Iterable[Layer]) -> Iterator[Layer]:
    """All layers with those inside them."""
    for layer in layers:
        yield layer
        yield from every(layer.layers)


def placed(layer: Layer, weight: Weight, entry: dict[str, object], backend: str | None) -> Place:
    """The weight with the configuration of the layer that makes it, inside wrappers too."""
    config = table(entry.get("config"))
    class_name = layer.class_name
    while "layer" in config or "cell" in config:
        inner = table(config.get("layer", config.get("cell")))
        if not isinstance(inner.get("class_name"), str):
            break
        class_name, config = plain(str(inner["class_name"])), table(inner.get("config"))
    return Place(layer, weight, config, class_name, backend or "")


def meaning_of(place: Place, layers: list[Layer]) -> WeightMeaning:
    """Everything the document says about one weight."""
    weight, role = place.weight, place.role
    shape = weight.shape or ()
    axes = weight.axes or _axes(place, shape)
    title, does = words_of(role, place.owner, place.class_name)
    letter = gates.gate_letter(weight.name)
    if letter is not None:
        title = f"{title}, {gates.gate_name(letter)}"
    head_axis = axes.index("head") if "head" in axes else None
    guessed = () if axes else _guessed_filters(place, shape)
    parts = _parts(place, shape)
    if head_axis is not None and not parts:
        parts = head_parts(weight.path or (), shape, head_axis)
    made = WeightMeaning(
        path=weight.path or (),
        layer=place.layer.name,
        class_name=place.layer.class_name,
        role=role,
        title=title,
        meaning=does,
        notes=(*_notes(place, shape, axes), *((_GUESSED,) if guessed else ())),
        shape=shape,
        axes=axes,
        out_axis=guessed[3] if guessed else _end(axes, _OUTPUTS, shape),
        in_axis=guessed[2] if guessed else _end(axes, ("in", "hidden"), shape),
        picture_axes=_picture_axes(axes) or guessed[:2],
        head_axis=head_axis,
        parts=parts,
        expected=_expected(place, role, shape, axes),
        labels=_label_source(place.layer, layers) if role == "embeddings" else "",
    )
    return views_of(made)


# ------------------------------------------------------------------------- axes


def _axes(place: Place, shape: Shape) -> tuple[str, ...]:
    """Axes that decoding leaves open: those of wrapped cells, of gate arrays."""
    known = roles(place.class_name or "", place.config) or []
    letter = gates.gate_letter(place.weight.name)
    for role in known:
        if role.name == place.role and len(role.axes) == len(shape):
            return tuple("out" if letter and axis == "gates" else axis for axis in role.axes)
    if letter is not None and len(shape) == 2:
        return ("hidden" if place.role == "recurrent_kernel" else "in", "out")
    return ()


def _end(axes: tuple[str, ...], names: tuple[str, ...], shape: Shape) -> int | None:
    for name in names:
        if name in axes:
            return axes.index(name)
    if names[0] == "out" and not axes and len(shape) >= 2:
        return len(shape) - 1  # where nothing is said: Keras puts outputs last
    return None


def _guessed_filters(place: Place, shape: Shape) -> tuple[int, ...]:
    """Height, width, in and out of a four-axis kernel that nothing names; () where in doubt."""
    if len(shape) != 4 or place.role not in ("kernel", "depthwise_kernel"):
        return ()
    is_small = [length <= _LARGEST_WINDOW for length in shape]
    begins = shape[0] == shape[1] and is_small[0]
    ends = shape[2] == shape[3] and is_small[2]
    if begins == ends:
        return ()
    return (0, 1, 2, 3) if begins else (2, 3, 1, 0)


def _picture_axes(axes: tuple[str, ...]) -> tuple[int, ...]:
    """What a filter is a picture of: the window; of a 1-D window its steps and inputs."""
    window = [at for at, name in enumerate(axes) if name in ("kernel height", "kernel width")]
    if len(window) == 2:
        return tuple(window)
    if "kernel length" in axes and "in" in axes:
        return (axes.index("kernel length"), axes.index("in"))
    return ()


# ------------------------------------------------------------------ gates, heads


def _parts(place: Place, shape: Shape) -> tuple[WeightPart, ...]:
    weight = place.weight
    if weight.path is None:
        return ()
    siblings = [(plain(each.path[-1]), each.path) for each in place.layer.weights if each.path]
    if gates.gate_letter(weight.name) is not None:
        return gates.separate_gates(weight.path, siblings)
    names = _gate_names(place)
    if place.role == "bias" and _is_double(place, shape):
        return gates.double_bias_blocks(weight.path, shape, names)
    return gates.gate_blocks(weight.path, place.role, shape, names)


def _pair(place: Place) -> tuple[Shape | None, Shape | None]:
    """Kernel and recurrent kernel that stand beside a weight."""
    scope = place.weight.name.rpartition("/")[0]
    beside = {
        canonical_role(each.name): each.shape
        for each in place.layer.weights
        if each.name.rpartition("/")[0] == scope
    }
    return beside.get("kernel"), beside.get("recurrent_kernel")


def _gate_names(place: Place) -> tuple[str, ...]:
    names = gates.gates_of(place.class_name)
    if not names and place.class_name in (None, place.layer.class_name):
        names = gates.gates_by_shape(*_pair(place))
    return names


def _is_double(place: Place, shape: Shape) -> bool:
    """True for the long bias of CuDNN layers."""
    n_gates = len(_gate_names(place))
    _, recurrent = _pair(place)
    units = recurrent[0] if recurrent else whole_number(place.config.get("units"))
    return bool(n_gates) and units is not None and shape == (2 * n_gates * units,)


def head_parts(path: NodePath, shape: Shape, axis: int) -> tuple[WeightPart, ...]:
    """One part a head; 256 at most."""
    return tuple(
        WeightPart(name=f"head {at}", path=path, axis=axis, start=at, stop=at + 1)
        for at in range(min(shape[axis], 256))
    )


# ------------------------------------------------------------------ what is said


def _notes(place: Place, shape: Shape, axes: tuple[str, ...]) -> Iterator[str]:
    name, class_name = place.weight.name, place.class_name or ""
    is_filter = place.role in ("kernel", "depthwise_kernel") and bool(_picture_axes(axes))
    if axes[:2] == ("out", "in"):
        yield "Stored in Theano's and PyTorch's order: output, input, height, width."
    elif "Transpose" in class_name and axes[-2:] == ("out", "in"):
        yield "Transposed convolutions store the output before the input."
    if is_filter and place.backend == "theano":
        yield (
            "Written with Theano, which turns each filter by 180° when it is applied; "
            "shown here as it is stored."
        )
    if without_output(name).endswith("running_std"):
        yield "Keras 1 calls this running_std, but stores the variance."
    if gates.gate_letter(name) is not None:
        yield "Keras 1 stores each gate as an array of its own."
    if place.role == "bias" and _is_double(place, shape):
        yield "CuDNN layers store two biases one after the other: of the input, then of the state."
    if class_name.startswith("GRU") and place.role == "bias" and len(shape) == 2:
        yield "Two rows: the bias of the input and the bias of the state (reset_after)."
    if place.weight.dtype.startswith(("int", "uint")) and place.role in ("kernel", "embeddings"):
        yield "Quantized: whole numbers, to be multiplied by the scale stored beside them."


def _expected(place: Place, role: str, shape: Shape, axes: tuple[str, ...]) -> Expected | None:
    for key in _INITIALIZERS.get(role, ()):
        if key in place.config:
            if place.config.get("unit_forget_bias") is True and role == "bias":
                return Expected(
                    name="Zeros and ones",
                    kind="other",
                    text="zeros, and ones for the forget gate (unit_forget_bias)",
                )
            return expected(place.config[key], shape, axes)
    return None


def _label_source(layer: Layer, layers: list[Layer]) -> str:
    """The layer that turns words into the numbers an embedding is fed."""
    by_name = {each.name: each for each in layers}
    at = layer
    for _ in range(_MOST_HOPS):
        before = by_name.get(at.inputs[0]) if len(at.inputs) == 1 else None
        if before is None:
            return ""
        if before.class_name in _SOURCES:
            return before.name
        at = before
    return ""
