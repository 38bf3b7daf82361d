"""A network of Keras as a model of ONNX, in memory.

Keras' own `model.export` writes to a path, which the worker cannot, and traces networks as they
are trained by default: random layers stay random. Here the network is traced as it is asked, and
what the exporter (tf2onnx 1.17) leaves out is added.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.wording import plural

_MOST_NAMED = 5  # operations in one sentence


def to_onnx(model: Any, name: str) -> Any:
    """The `onnx.ModelProto`, with all weights in it.

    Args:
        model: of Keras; it was called before.
        name: of its file.

    Raises:
        CannotRead: the exporter cannot convert it, or parts of it.
    """
    try:
        made = _converted(model)
    except (*KERAS_ERRORS, AttributeError, KeyError, AssertionError) as error:
        raise CannotRead(
            f"The network of {name} cannot be converted to ONNX: {one_line(error)}",
            details=str(error),
        ) from error
    unknown = Counter(_unknown_operations(made.graph))
    if unknown:
        named = ", ".join(visible(each, 100) for each in list(unknown)[:_MOST_NAMED])
        more = plural(len(unknown) - _MOST_NAMED, "other") if len(unknown) > _MOST_NAMED else ""
        raise CannotRead(
            f"The network of {name} cannot be converted to ONNX: the exporter knows none for "
            f"{named}{f' and {more}' if more else ''}.",
            hint="Cut the network before these layers and convert that, or save it for Keras.",
        )
    return made


def _converted(model: Any) -> Any:
    from keras.src.export import export_utils
    from keras.src.export.tf2onnx_lib import patch_tf2onnx
    from tf2onnx import convert

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    signature = keras.tree.map_structure(
        export_utils.make_tf_tensor_spec, export_utils.get_input_signature(model)
    )
    patch_tf2onnx()  # it was written for NumPy 1

    @tf.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
    def asked(*given: Any) -> Any:
        return model(*given, training=False)

    with _not_compiled():
        function = asked.get_concrete_function()
    made, _ = convert.from_function(
        asked, signature, custom_op_handlers={"Erfc": (_write_erfc, [])}
    )
    _store_captured(made, function.graph.captures)
    return made


def _write_erfc(context: Any, node: Any, *_: Any) -> None:
    """ONNX has Erf alone; Erfc, of which Keras makes GELU, is one less that."""
    from tf2onnx.utils import map_onnx_to_numpy_type

    (given,), (made,) = node.input, node.output
    dtype, shape = context.get_dtype(made), context.get_shape(made)
    context.remove_node(node.name)
    erf = context.make_node("Erf", [given], dtypes=[dtype], shapes=[shape]).output[0]
    one = np.array(1, map_onnx_to_numpy_type(dtype))
    one = context.make_const(f"{node.name}_one", one).output[0]
    context.make_node(
        "Sub", [one, erf], name=node.name, outputs=[made], dtypes=[dtype], shapes=[shape]
    )


def _store_captured(made: Any, captures: Any) -> None:
    """Store tensors that layers keep without a variable, as Normalization keeps its mean.

    WORKAROUND: the exporter makes them inputs, which nobody could give.
    """
    from onnx import numpy_helper

    known = {inner.name: outer for outer, inner in captures if outer.dtype != tf.resource}
    stored = [each for each in made.graph.input if each.name in known]
    for each in stored:
        values = np.asarray(known[each.name])
        made.graph.initializer.append(numpy_helper.from_array(values, each.name))
        made.graph.input.remove(each)


@contextmanager
def _not_compiled() -> Iterator[None]:
    """Trace grouped convolutions as what they are.

    WORKAROUND: Keras compiles them by themselves, as TensorFlow cannot compute them on a
    processor otherwise; the exporter does not look into what is compiled.
    """
    from keras.src.backend.tensorflow import nn

    class Uncompiled:
        def __getattr__(self, name: str) -> Any:
            return getattr(tf, name)

        def function(self, *_: Any, **__: Any) -> Callable[[Any], Any]:
            return lambda function: function

    nn.tf = Uncompiled()
    try:
        yield
    finally:
        nn.tf = tf


def _unknown_operations(graph: Any) -> Iterator[str]:
    from onnx import AttributeProto, defs

    for node in graph.node:
        if not defs.has(node.op_type, node.domain):
            where = node.name.rpartition("/")[0]
            yield f"{node.op_type} of {where}" if where else node.op_type
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _unknown_operations(attribute.g)
