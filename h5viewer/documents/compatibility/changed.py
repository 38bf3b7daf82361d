"""Layers that Keras 3 has no more, or under another name, or only with other arguments."""

from __future__ import annotations

import math

from h5viewer.documents.compatibility.arguments import Config, of_every_layer, of_layer
from h5viewer.documents.compatibility.catalogue import OF_APPLICATIONS
from h5viewer.documents.compatibility.composite import Sketch
from h5viewer.documents.compatibility.layout import DivideBy, Pick, Reshape
from h5viewer.documents.compatibility.operations import operation
from h5viewer.documents.compatibility.place import Made, Place, Work, named
from h5viewer.documents.compatibility.values import is_empty, number, text, whole, wholes

RENAMED = {
    "SyncBatchNormalization": "BatchNormalization", "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization", "UnifiedLSTM": "LSTM", "UnifiedGRU": "GRU",
    "LSTMV1": "LSTM", "LSTMV2": "LSTM", "GRUV1": "GRU", "GRUV2": "GRU",
    "LayerNormalizationV2": "LayerNormalization", "DenseV2": "Dense",
}  # fmt: skip

_IDLE = {"RandomHeight", "RandomWidth"}


def batch_normalization(config: Config, place: Place, work: Work) -> Made | None:
    """Also of Keras 1, which knew modes, and of TensorFlow, which lists the axis."""
    stated = {key: value for key, value in config.items() if not key.startswith("renorm")}
    axes = wholes(stated.get("axis", -1))
    if axes is not None and len(axes) == 1:
        stated["axis"] = axes[0]
    if config.get("synchronized") is True:
        stated.pop("synchronized")  # only while it is trained on several cards
    mode = stated.pop("mode", 0) if work.generation == 1 else 0
    if mode == 1:
        return _sample_normalization(stated, place, work)
    made = Made("BatchNormalization", of_layer("BatchNormalization", stated, place, work))
    if config.get("renorm") is True:
        n = 2 + sum(config.get(key) is not False for key in ("center", "scale"))
        made.steps = (Pick(tuple(range(n))),)
    if config.get("renorm") is True and work.generation < 3:
        work.findings.add(
            place.name,
            "It was trained with batch renormalization, which most versions of Keras 3 lack.",
            "Built without: the answers are made with the stored mean and variance either way.",
        )
    if stated.get("axis") == -1 and axes is not None and len(axes) > 1:
        work.findings.add(place.name, "It normalizes over several axes, which Keras 3 does not.")
    return made


def _sample_normalization(config: Config, place: Place, work: Work) -> Made:
    """Mode 1 of Keras 1: each sample by its own mean and standard deviation."""
    work.findings.add(
        place.name,
        "It normalizes each sample by itself (“mode 1”), which this layer no longer does.",
        "Built as LayerNormalization, which differs in the sixth digit.",
    )
    left = {key: value for key, value in config.items() if key != "momentum"}
    made = Made("LayerNormalization", of_layer("LayerNormalization", left, place, work))
    made.steps = (Pick((0, 1)),)
    return made


def thresholded(config: Config, place: Place, work: Work) -> Made:
    """ThresholdedReLU(theta) is ReLU(threshold)."""
    theta = number(config, "theta")
    work.findings.add(
        place.name, "Keras 3 has no layer ThresholdedReLU.", "Built as ReLU with its threshold."
    )
    return Made(
        "ReLU",
        {**of_every_layer(config, place, work), "threshold": 1.0 if theta is None else theta},
        takers=(),
    )


def idle(class_name: str, place: Place, work: Work) -> Made:
    """Layers that did something in training alone, and that Keras 3 lacks."""
    work.findings.add(
        place.name,
        f"Keras 3 has no layer {class_name}.",
        "Replaced by a layer that changes nothing, as this one does outside training.",
    )
    return named("Identity", place.new_name)


def random_crop(config: Config, place: Place, work: Work) -> Made:
    """RandomCrop, which Keras 2 let cut and resize pictures outside training, too."""
    if work.generation == 3:
        return Made("RandomCrop", of_layer("RandomCrop", config, place, work))
    work.findings.add(
        place.name,
        "Outside training this layer changes nothing in Keras 3; before, it resized pictures.",
        "Built as Resizing, which does what it did.",
    )
    made = Made("Resizing", of_every_layer(config, place, work), takers=())
    made.config.update(height=whole(config, "height"), width=whole(config, "width"))
    made.config["crop_to_aspect_ratio"] = True
    return made


def leaky(config: Config, place: Place, work: Work) -> Made:
    """LeakyReLU, whose slope older Keras stored as an array."""
    slope = number(config, "alpha" if "alpha" in config else "negative_slope")
    stated = {key: value for key, value in config.items() if key != "alpha"}
    stated["negative_slope"] = 0.3 if slope is None else slope
    return Made("LeakyReLU", of_layer("LeakyReLU", stated, place, work))


def rectified(class_name: str, config: Config, place: Place, work: Work) -> Made:
    """ReLU and ELU, whose numbers older Keras stored as arrays."""
    stated = dict(config)
    for key in ("max_value", "negative_slope", "threshold", "alpha"):
        if key in stated:
            stated[key] = number(config, key)
    return Made(class_name, of_layer(class_name, stated, place, work))


def attention(class_name: str, config: Config, place: Place, work: Work) -> Made:
    """Attention and AdditiveAttention; `causal` is said at the call now."""
    stated = {key: value for key, value in config.items() if key != "causal"}
    if config.get("causal") is True:
        work.findings.add(
            place.name,
            "It looks at earlier places only (“causal”), which it is told elsewhere now.",
        )
    return Made(class_name, of_layer(class_name, stated, place, work))


def encoding(config: Config, place: Place, work: Work) -> Made:
    """CategoryEncoding: "binary" is "multi_hot" now."""
    stated = dict(config)
    if stated.get("output_mode") == "binary":
        stated["output_mode"] = "multi_hot"
    return Made("CategoryEncoding", of_layer("CategoryEncoding", stated, place, work))


def of_application(class_name: str, config: Config, place: Place, work: Work) -> Made | None:
    """Layers of networks that only their module knows; None: a stranger's of that name."""
    module, arguments = OF_APPLICATIONS[class_name]
    found = {key: number(config, key) for key in arguments.split()}
    if None in found.values():
        return None
    made = Made(class_name, of_every_layer(config, place, work), module)
    width = whole(config, "projection_dim")
    made.config.update(found if width is None else {**found, "projection_dim": width})
    return made


# ----------------------------------------------------------- by other layers


def fourier(config: Config, place: Place, work: Work) -> Made | None:
    """RandomFourierFeatures: cos(x K / scale + b), the stored arrays being scale, K, b."""
    shape, units = _fed(place, work), whole(config, "output_dim")
    if shape is None or units is None:
        _tell_of_unknown_input("RandomFourierFeatures", place, work)
        return None
    sketch = Sketch(place.new_name)
    x = sketch.input(shape)
    dense = named("Dense", f"{place.new_name}_dense", units=units)
    y = sketch.add(operation("Cos", f"{place.new_name}_cos"), sketch.add(dense, x))
    _tell_of_composition("RandomFourierFeatures", place, work)
    return sketch.made(y, (((dense.name,), None),), (DivideBy(1, 0),))


def maxout(config: Config, place: Place, work: Work) -> Made | None:
    """MaxoutDense of Keras 1: the largest of several dense layers."""
    shape, units = _fed(place, work), whole(config, "output_dim")
    features = whole(config, "nb_feature") or 4
    if shape is None or units is None:
        _tell_of_unknown_input("MaxoutDense", place, work)
        return None
    with_bias = config.get("use_bias") is not False
    sketch = Sketch(place.new_name)
    x = sketch.input(shape)
    dense = named(
        "EinsumDense",
        f"{place.new_name}_dense",
        equation="ab,cbd->acd",
        output_shape=[features, units],
        bias_axes="cd" if with_bias else None,
    )
    y = sketch.add(operation("Max", f"{place.new_name}_max", axis=1), sketch.add(dense, x))
    _tell_of_composition("MaxoutDense", place, work)
    return sketch.made(y, (((dense.name,), None),))


def highway(config: Config, place: Place, work: Work) -> Made | None:
    """Highway of Keras 1: t · dense(x) + (1 - t) · x, the arrays being W, W_carry, b, b_carry."""
    shape = _fed(place, work)
    if shape is None or shape[-1] is None:
        _tell_of_unknown_input("Highway", place, work)
        return None
    name, units = place.new_name, shape[-1]
    with_bias = config.get("use_bias") is not False
    stated = {"units": units, "use_bias": with_bias, "activation": config.get("activation")}
    dense = Made("Dense", of_layer("Dense", stated, place, work))
    dense.config["name"] = f"{name}_dense"
    gate = named("Dense", f"{name}_gate", units=units, activation="sigmoid", use_bias=with_bias)
    sketch = Sketch(name)
    x = sketch.input(shape)
    t = sketch.add(gate, x)
    own = sketch.add(operation("Multiply", f"{name}_own"), sketch.add(dense, x), t)
    rest = sketch.add(operation("Subtract", f"{name}_rest"), 1.0, t)
    carried = sketch.add(operation("Multiply", f"{name}_carried"), rest, x)
    y = sketch.add(operation("Add", f"{name}_sum"), own, carried)
    _tell_of_composition("Highway", place, work)
    takes = ((0, 2), (1, 3)) if with_bias else ((0,), (1,))
    return sketch.made(y, (((dense.name,), takes[0]), ((gate.name,), takes[1])))


def locally_connected(class_name: str, config: Config, place: Place, work: Work) -> Made | None:
    """LocallyConnected1D and 2D: patches of the input, each with a kernel of its own."""
    n = 1 if class_name.endswith("1D") else 2
    shape, filters = _fed(place, work), whole(config, "filters")
    kernel, strides = _sizes(config, "kernel_size", n), _sizes(config, "strides", n) or (1,) * n
    if shape is None or len(shape) != n + 2 or None in shape[1:] or not filters or kernel is None:
        _tell_of_unknown_input(class_name, place, work)
        return None
    is_simple = (
        config.get("data_format") != "channels_first"
        and text(config, "padding") in (None, "valid")
        and config.get("implementation") in (None, 1)
    )
    if not is_simple:
        work.findings.add(
            place.name,
            f"Keras 3 has no layer {class_name}, and this kind of it cannot be replaced.",
        )
        return None
    sizes = [size or 1 for size in shape[1:-1]]
    placed = zip(sizes, kernel, strides, strict=True)
    output = [(size - length) // step + 1 for size, length, step in placed]
    made = _patched(place, shape, kernel, strides, output, filters, config)
    _tell_of_composition(class_name, place, work)
    return made


def _patched(
    place: Place,
    shape: tuple[int | None, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    output: list[int],
    filters: int,
    config: Config,
) -> Made:
    name, places, channels = place.new_name, math.prod(output), shape[-1] or 1
    with_bias = config.get("use_bias") is not False
    sketch = Sketch(name)
    x = sketch.input(shape)
    if len(kernel) == 1:
        flat = named("Reshape", f"{name}_plane", target_shape=[shape[1], 1, channels])
        x, kernel, strides = sketch.add(flat, x), (*kernel, 1), (*strides, 1)
    cut = operation("ExtractPatches", f"{name}_patches", size=list(kernel), strides=list(strides))
    x = sketch.add(cut, x)
    row = named("Reshape", f"{name}_row", target_shape=[places, math.prod(kernel) * channels])
    dense = named(
        "EinsumDense",
        f"{name}_dense",
        equation="abc,bcd->abd",
        output_shape=[places, filters],
        bias_axes="bd" if with_bias else None,
        activation=config.get("activation") if isinstance(config.get("activation"), str) else None,
    )
    x = sketch.add(dense, sketch.add(row, x))
    y = sketch.add(named("Reshape", f"{name}_grid", target_shape=[*output, filters]), x)
    steps = (Reshape(1, (places, filters)),) if with_bias else ()
    return sketch.made(y, (((dense.name,), None),), steps)


def _sizes(config: Config, key: str, n: int) -> tuple[int, ...] | None:
    found = wholes(config.get(key))
    if found is None or is_empty(config.get(key)):
        return None
    return found * n if len(found) == 1 and n > 1 else found if len(found) == n else None


def _fed(place: Place, work: Work) -> tuple[int | None, ...] | None:
    shapes = work.shapes(place.key)
    return shapes[0] if len(shapes) == 1 else None


def _tell_of_composition(class_name: str, place: Place, work: Work) -> None:
    work.findings.add(
        place.name,
        f"Keras 3 has no layer {class_name}.",
        "Built from layers it has, which give the same.",
    )


def _tell_of_unknown_input(class_name: str, place: Place, work: Work) -> None:
    work.findings.add(
        place.name,
        f"Keras 3 has no layer {class_name}, and what this one is fed is not known well enough to "
        "replace it.",
    )
