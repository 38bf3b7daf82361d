"""Run by a Python that has Keras: configurations on stdin, what Keras makes of them on stdout.

    python keras_shapes.py keras|tf_keras < models.json > shapes.json

The answer is {"read": one for each model, "built": see keras_operations}: importing Keras takes
longer than all else, so all is asked of one process. What was read is {"layers": {name:
{"outputs": [[shape, ...] for each call], "weights": [shape]}}, "parameters": n} or {"error": text}.
Weights are never loaded, and no Python code of a file is run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import keras_operations

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""


_OBJECTIONS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What Keras raises for a configuration that it does not take."""


def main() -> None:
    """Answer every model, in order."""
    models = json.load(sys.stdin)
    answers, out = [], sys.stdout
    sys.stdout = sys.stderr
    build = keras_2() if sys.argv[1] == "tf_keras" else keras_3()
    for model in models:
        try:
            answers.append(described(build(model)))
        except _OBJECTIONS as error:
            answers.append({"error": f"{type(error).__name__}: {error}"[:2000]})
    json.dump({"read": answers, "built": keras_operations.answers(sys.argv[1])}, out)


def keras_3() -> Any:
    """Keras 3: its own dialect, and that of Keras 2 by the loader of old HDF5 files."""
    import keras
    from keras.src.legacy.saving import saving_utils

    def build(model: Any) -> Any:
        if model.get("module"):
            return keras.saving.deserialize_keras_object(model)
        return saving_utils.model_from_config(model)

    return build


def keras_2() -> Any:
    """The Keras 2 that is installed beside it as tf_keras."""
    import tf_keras

    def build(model: Any) -> Any:
        return tf_keras.models.model_from_json(json.dumps(model))

    return build


def described(model: Any) -> Any:
    """Shapes and weights of each layer; a model that was never built has none."""
    if not model.built:
        raise ValueError("The model states no input.")
    layers = getattr(model, "operations", None) or model.layers
    return {
        "layers": {layer.name: layer_of(layer) for layer in layers},
        "parameters": int(model.count_params()),
    }


def layer_of(layer: Any) -> Any:
    """What a layer puts out at each of its calls, and its weights."""
    outputs = []
    for node in layer._inbound_nodes:
        tensors = node.output_tensors if hasattr(node, "output_tensors") else node.outputs
        outputs.append([list(tensor.shape) for tensor in flat(tensors)])
    weights = [list(weight.shape) for weight in getattr(layer, "weights", ())]
    return {"outputs": outputs, "weights": weights}


def flat(value: Any) -> list[Any]:
    """Tensors in lists of lists."""
    if isinstance(value, (list, tuple)):
        return [each for inner in value for each in flat(inner)]
    if isinstance(value, dict):
        return [each for inner in value.values() for each in flat(inner)]
    return [value]


if __name__ == "__main__":
    main()
