"""Layer configurations of both dialects, as data: `from layer_zoo import CASES`.

A case is one layer fed by input layers; `model_of` writes it as a whole model in the dialect of
Keras 2 or Keras 3, `OPERATIONS` are Keras 3 operations, `FUNCTIONS` those of tf.keras.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

JSON = Any
KERAS_2 = 20


@dataclass(frozen=True)
class Case:
    """One layer: class, configuration, shapes it is fed (without batch)."""

    class_name: str
    config: dict[str, JSON]
    inputs: list[list[int | None]]
    dialects: tuple[int, ...] = (2, 3)  # KERAS_2: what the loader of Keras 3 cannot take
    dtype: str = "float32"
    kwargs: dict[str, JSON] = field(default_factory=dict)
    named: tuple[str, ...] = ()  # names of arguments for the inputs after the first
    is_refined: bool = False  # Keras leaves None what is certain

    @property
    def id(self) -> str:
        """Class and settings, for the name of a test."""
        settings = ",".join(f"{name}={value}" for name, value in self.config.items())
        return f"{self.class_name}({settings})"[:90]


def model_of(case: Case, dialect: int) -> JSON:
    """The case as a Functional model."""
    names = [f"in_{i}" for i in range(len(case.inputs))]
    layers = [
        _input(name, shape, case, dialect) for name, shape in zip(names, case.inputs, strict=True)
    ]
    layers.append(_layer(case, names, dialect))
    module = {"module": "keras.src.models.functional"} if dialect == 3 else {}
    return {
        "class_name": "Functional",
        **module,
        "config": {
            "name": "model",
            "layers": layers,
            "input_layers": [[name, 0, 0] for name in names],
            "output_layers": [["x", 0, 0]],
        },
    }


def _input(name: str, shape: list[int | None], case: Case, dialect: int) -> JSON:
    batch = [None, *shape]
    config: dict[str, JSON] = {"dtype": case.dtype, "sparse": False, "name": name}
    entry: dict[str, JSON] = {"class_name": "InputLayer", "config": config, "name": name}
    entry["inbound_nodes"] = []
    if dialect == 3:
        config["batch_shape"] = batch
        entry |= {"module": "keras.layers", "registered_name": None}
    else:
        config |= {"batch_input_shape": batch, "ragged": False}
    return entry


def _layer(case: Case, names: list[str], dialect: int) -> JSON:
    config: JSON = {"name": "x", **case.config}
    entry: dict[str, JSON] = {"class_name": case.class_name, "config": config, "name": "x"}
    if dialect == 2:
        _as_keras_2(case, entry)
        first = [names[0], 0, 0, _named(case, names)]
        rest = [] if case.named else [[name, 0, 0, {}] for name in names[1:]]
        return entry | {"inbound_nodes": [[first, *rest]]}
    tensors = [_tensor(name, case, shape) for name, shape in zip(names, case.inputs, strict=True)]
    is_list = case.class_name in LISTED
    positional = [tensors] if is_list else tensors[:1] if case.named else tensors
    kwargs = dict(zip(case.named, tensors[1:], strict=False)) | case.kwargs
    module = "keras.layers"
    entry |= {"module": module, "registered_name": None}
    return entry | {"inbound_nodes": [{"args": positional, "kwargs": kwargs}]}


def _as_keras_2(case: Case, entry: JSON) -> None:
    """No modules; attention states what it is fed."""
    text = json.dumps(entry["config"]).replace(', "module": "keras.layers"', "")
    entry["config"] = json.loads(text.replace('"module": "keras.layers", ', ""))
    if case.class_name == "MultiHeadAttention":
        shapes = {"query": case.inputs[0], "value": case.inputs[1], "key": case.inputs[-1]}
        for name, shape in shapes.items():
            entry["config"][f"{name}_shape"] = [None, *shape]


def _named(case: Case, names: list[str]) -> JSON:
    references = [[name, 0, 0] for name in names[1:]]
    return dict(zip(case.named, references, strict=False)) | case.kwargs


def _tensor(name: str, case: Case, shape: list[int | None]) -> JSON:
    config = {"shape": [None, *shape], "dtype": case.dtype, "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


LISTED = frozenset({
    "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
    "Attention", "AdditiveAttention",
})  # fmt: skip
"""Layers whose inputs are one list."""

_RNN_CELL = {"class_name": "LSTMCell", "config": {"units": 5}, "module": "keras.layers"}
_GRU_CELL = {
    "class_name": "GRUCell",
    "module": "keras.layers",
    "config": {"units": 3, "reset_after": True},
}


def _wrapped(class_name: str, **config: JSON) -> JSON:
    return {"class_name": class_name, "config": config, "module": "keras.layers"}


CASES: list[Case] = [
    Case("Dense", {"units": 7}, [[5]]),
    Case("Dense", {"units": 7, "use_bias": False}, [[4, 5]]),
    Case("Dense", {"units": 2}, [[None, 3, 5]]),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 8], "bias_axes": "d"},
         [[6, 4]], is_refined=True),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 2, 8]}, [[6, 4]],
         is_refined=True),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 9, "bias_axes": "y"},
         [[6, 4]]),
    Case("Embedding", {"input_dim": 50, "output_dim": 8}, [[10]], dtype="int32"),
    Case("Embedding", {"input_dim": 50, "output_dim": 8}, [[None, 4]], dtype="int32"),
    Case("Conv1D", {"filters": 4, "kernel_size": [3]}, [[20, 2]]),
    Case("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
         [[20, 2]]),
    Case("Conv1D", {"filters": 4, "kernel_size": 5, "strides": 3, "padding": "same"}, [[None, 2]]),
    Case("Conv2D", {"filters": 8, "kernel_size": [3, 3]}, [[28, 28, 1]]),
    Case("Conv2D", {"filters": 8, "kernel_size": [3, 5], "strides": [2, 3], "padding": "same"},
         [[28, 29, 4]]),
    Case("Conv2D", {"filters": 8, "kernel_size": 3, "dilation_rate": [2, 3]}, [[28, 29, 4]]),
    Case("Conv2D", {"filters": 8, "kernel_size": 3, "groups": 2, "use_bias": False},
         [[9, 9, 4]]),
    Case("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"}, [[None, None, 3]]),
    Case("Conv2D", {"filters": 8, "kernel_size": 3, "data_format": "channels_first"},
         [[3, 16, 12]]),
    Case("Conv3D", {"filters": 2, "kernel_size": [2, 3, 4], "strides": [1, 2, 2]},
         [[8, 9, 10, 3]]),
    Case("Conv1DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, [[10, 2]]),
    Case("Conv1DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"},
         [[10, 2]]),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": [3, 4], "strides": [2, 3]},
         [[7, 8, 2]]),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same",
                             "output_padding": 1}, [[7, 8, 2]]),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": 5, "strides": 1, "dilation_rate": 2},
         [[None, 8, 2]]),
    Case("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 3}, [[5, 5, 2]]),
    Case("Conv3DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, [[4, 5, 6, 2]]),
    Case("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, [[10, 4]]),
    Case("DepthwiseConv2D", {"kernel_size": 3, "padding": "same", "strides": 2}, [[11, 10, 4]]),
    Case("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2, "use_bias": False},
         [[11, 10, 4]]),
    Case("SeparableConv1D", {"filters": 6, "kernel_size": 3, "strides": 2}, [[20, 4]]),
    Case("SeparableConv2D", {"filters": 6, "kernel_size": 3, "depth_multiplier": 2}, [[11, 10, 4]]),
    Case("LocallyConnected1D", {"filters": 6, "kernel_size": 3}, [[20, 4]], (KERAS_2,)),
    Case("LocallyConnected2D", {"filters": 6, "kernel_size": [3, 2]}, [[9, 8, 4]], (KERAS_2,)),
    Case("MaxPooling1D", {"pool_size": 3}, [[20, 4]]),
    Case("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"},
         [[11, 10, 4]]),
    Case("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [[11, 10, 4]]),
    Case("MaxPooling3D", {"pool_size": 2}, [[8, 8, 9, 4]]),
    Case("AveragePooling1D", {"pool_size": 2, "strides": 1}, [[None, 4]]),
    Case("AveragePooling2D", {"pool_size": [3, 2], "data_format": "channels_last"},
         [[11, 10, 4]]),
    Case("AveragePooling3D", {"pool_size": [1, 2, 3], "padding": "same"}, [[8, 8, 9, 4]]),
    Case("GlobalAveragePooling1D", {}, [[20, 4]]),
    Case("GlobalMaxPooling1D", {"keepdims": True}, [[20, 4]]),
    Case("GlobalAveragePooling2D", {}, [[None, None, 4]]),
    Case("GlobalMaxPooling2D", {"keepdims": True}, [[5, 6, 4]]),
    Case("GlobalAveragePooling2D", {"data_format": "channels_first"}, [[4, 5, 6]]),
    Case("GlobalAveragePooling3D", {}, [[5, 6, 7, 4]]),
    Case("AdaptiveAveragePooling2D", {"output_size": [2, 3]}, [[8, 9, 4]], (3,)),
    Case("AdaptiveMaxPooling1D", {"output_size": 4}, [[9, 4]], (3,)),
    Case("ZeroPadding1D", {"padding": [1, 2]}, [[20, 4]]),
    Case("ZeroPadding1D", {"padding": 3}, [[None, 4]]),
    Case("ZeroPadding2D", {"padding": [[1, 2], [3, 4]]}, [[5, 6, 4]]),
    Case("ZeroPadding2D", {"padding": [2, 1]}, [[5, 6, 4]]),
    Case("ZeroPadding3D", {"padding": 1}, [[5, 6, 7, 4]]),
    Case("Cropping1D", {"cropping": [1, 2]}, [[20, 4]]),
    Case("Cropping2D", {"cropping": [[1, 2], [0, 1]]}, [[9, 8, 4]]),
    Case("Cropping3D", {"cropping": 1}, [[9, 8, 7, 4]]),
    Case("UpSampling1D", {"size": 3}, [[20, 4]]),
    Case("UpSampling2D", {"size": [2, 3], "interpolation": "bilinear"}, [[5, None, 4]],
         is_refined=True),
    Case("UpSampling3D", {"size": 2}, [[5, 6, 7, 4]]),
    Case("Flatten", {}, [[5, 6, 4]]),
    Case("Flatten", {}, [[None, 4]]),
    Case("Flatten", {}, [[]]),
    Case("Reshape", {"target_shape": [3, -1]}, [[6, 4]]),
    Case("Reshape", {"target_shape": [24]}, [[6, 4]]),
    Case("Reshape", {"target_shape": [-1, 4]}, [[None, 4]]),
    Case("Permute", {"dims": [3, 1, 2]}, [[5, 6, 4]]),
    Case("RepeatVector", {"n": 5}, [[8]]),
    Case("LSTM", {"units": 6}, [[10, 4]]),
    Case("LSTM", {"units": 6, "return_sequences": True, "use_bias": False}, [[None, 4]]),
    Case("LSTM", {"units": 6, "return_sequences": True, "return_state": True}, [[10, 4]]),
    Case("GRU", {"units": 6, "reset_after": True}, [[10, 4]]),
    Case("GRU", {"units": 6, "reset_after": False, "return_state": True}, [[10, 4]]),
    Case("SimpleRNN", {"units": 6, "return_sequences": True}, [[10, 4]]),
    Case("LSTM", {"units": 4}, [[10, 4], [4], [4]], (3,), named=()),
    Case("RNN", {"cell": _RNN_CELL, "return_sequences": True}, [[10, 4]], dialects=(KERAS_2, 3)),
    Case("RNN", {"cell": {"class_name": "StackedRNNCells", "module": "keras.layers",
                          "config": {"cells": [_RNN_CELL, _GRU_CELL]}}, "return_state": False},
         [[10, 4]], dialects=(KERAS_2, 3)),
    Case("ConvLSTM1D", {"filters": 3, "kernel_size": 3}, [[5, 10, 2]]),
    Case("ConvLSTM2D", {"filters": 3, "kernel_size": [3, 3], "padding": "same",
                        "return_sequences": True}, [[5, 10, 9, 2]]),
    Case("ConvLSTM2D", {"filters": 3, "kernel_size": 3, "strides": 2}, [[5, 10, 9, 2]]),
    Case("ConvLSTM3D", {"filters": 3, "kernel_size": 2}, [[5, 6, 7, 8, 2]]),
    Case("Bidirectional", {"layer": _wrapped("LSTM", name="a", units=6, return_sequences=True)},
         [[10, 4]], dialects=(KERAS_2, 3)),
    Case("Bidirectional", {"layer": _wrapped("GRU", name="a", units=6, reset_after=True),
                           "merge_mode": "sum"},
         [[10, 4]], dialects=(KERAS_2, 3)),
    Case("Bidirectional", {"layer": _wrapped("LSTM", name="a", units=6), "merge_mode": None},
         [[10, 4]], dialects=(KERAS_2, 3)),
    Case("Bidirectional", {"layer": _wrapped("LSTM", name="a", units=6, return_state=True)},
         [[10, 4]], dialects=(KERAS_2, 3)),
    Case("TimeDistributed", {"layer": _wrapped("Dense", name="a", units=6)}, [[10, 4]],
         dialects=(KERAS_2, 3)),
    Case("TimeDistributed", {"layer": _wrapped("Conv2D", name="a", filters=6, kernel_size=3)},
         [[10, 8, 9, 4]], dialects=(KERAS_2, 3)),
    Case("TimeDistributed", {"layer": _wrapped("Flatten", name="a")}, [[10, 8, 4]],
         dialects=(KERAS_2, 3)),
    Case("Attention", {}, [[5, 8], [7, 8]]),
    Case("Attention", {"use_scale": True, "score_mode": "concat"}, [[5, 8], [7, 8]]),
    Case("Attention", {}, [[5, 8], [7, 6], [7, 8]]),
    Case("AdditiveAttention", {}, [[5, 8], [7, 8]]),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [[5, 8], [7, 6]], named=("value",),
         dialects=(KERAS_2, 3)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "output_shape": [4]},
         [[5, 8], [7, 8], [7, 6]], named=("value", "key"), dialects=(KERAS_2, 3)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 5, "use_bias": False},
         [[5, 8], [7, 6]], named=("value",), dialects=(KERAS_2, 3)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": [2]},
         [[4, 5, 8], [4, 7, 8]], named=("value",), dialects=(KERAS_2, 3)),
    Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [[5, 8], [5, 8]], named=("value",),
         kwargs={"return_attention_scores": True}, dialects=(KERAS_2, 3)),
    Case("GroupQueryAttention", {"head_dim": 4, "num_query_heads": 6, "num_key_value_heads": 2},
         [[5, 8], [7, 8]], (3,)),
    Case("Add", {}, [[5, 8], [5, 8]]),
    Case("Subtract", {}, [[5, 8], [1, 8]]),
    Case("Multiply", {}, [[5, 8], [8]]),
    Case("Average", {}, [[None, 8], [5, 8], [5, 8]], is_refined=True),
    Case("Maximum", {}, [[5, 1], [1, 8]]),
    Case("Minimum", {}, [[5], [5]]),
    Case("Concatenate", {}, [[5, 8], [5, 3]]),
    Case("Concatenate", {"axis": 1}, [[5, 8], [None, 8], [2, 8]]),
    Case("Concatenate", {"axis": -2}, [[5, 8], [4, 8]]),
    Case("Dot", {"axes": 1}, [[5], [5]]),
    Case("Dot", {"axes": [2, 1]}, [[4, 5], [5, 6]]),
    Case("Dot", {"axes": -1}, [[4, 5], [3, 5]]),
    Case("BatchNormalization", {"axis": [3]}, [[5, 6, 8]], (2,)),
    Case("BatchNormalization", {"axis": -1, "scale": False}, [[5, 6, 8]]),
    Case("BatchNormalization", {"axis": 1, "center": False}, [[8, 5]]),
    Case("LayerNormalization", {"axis": [2]}, [[5, 8]], (2,)),
    Case("LayerNormalization", {"axis": [1, 2]}, [[5, 8]], (KERAS_2, 3)),
    Case("GroupNormalization", {"groups": 4}, [[5, 8]]),
    Case("RMSNormalization", {}, [[5, 8]], (3,)),
    Case("UnitNormalization", {}, [[5, 8]]),
    Case("SpectralNormalization", {"layer": _wrapped("Conv2D", name="a", filters=6, kernel_size=3)},
         [[8, 9, 4]], (3,)),
    Case("Dropout", {"rate": 0.5}, [[5, 8]]),
    Case("SpatialDropout1D", {"rate": 0.5}, [[5, 8]]),
    Case("SpatialDropout2D", {"rate": 0.5}, [[5, 6, 8]]),
    Case("GaussianNoise", {"stddev": 0.5}, [[5, 8]]),
    Case("GaussianDropout", {"rate": 0.5}, [[5, 8]]),
    Case("AlphaDropout", {"rate": 0.5}, [[5, 8]]),
    Case("ActivityRegularization", {"l1": 0.5}, [[5, 8]]),
    Case("Activation", {"activation": "relu"}, [[5, 8]]),
    Case("Activation", {"activation": "softmax"}, [[None, 8]]),
    Case("ReLU", {}, [[5, 8]]),
    Case("LeakyReLU", {"alpha": 0.3}, [[5, 8]]),
    Case("ELU", {"alpha": 0.3}, [[5, 8]]),
    Case("PReLU", {"shared_axes": [1, 2]}, [[5, 6, 8]]),
    Case("PReLU", {}, [[5, 8]]),
    Case("ThresholdedReLU", {}, [[5, 8]], (KERAS_2,)),
    Case("Softmax", {"axis": -1}, [[5, 8]]),
    Case("Masking", {"mask_value": 0.0}, [[5, 8]]),
    Case("Identity", {}, [[5, 8]]),
    Case("Rescaling", {"scale": 0.5, "offset": 0.0}, [[5, 6, 3]]),
    Case("Resizing", {"height": 7, "width": 9}, [[5, 6, 3]]),
    Case("CenterCrop", {"height": 3, "width": 4}, [[5, 6, 3]]),
    Case("RandomCrop", {"height": 3, "width": 4}, [[5, 6, 3]]),
    Case("RandomHeight", {"factor": 0.2}, [[5, 6, 3]], (KERAS_2,)),
    Case("RandomWidth", {"factor": 0.2}, [[5, 6, 3]], (KERAS_2,)),
    Case("RandomFlip", {"mode": "horizontal"}, [[5, 6, 3]]),
    Case("RandomRotation", {"factor": 0.1}, [[5, 6, 3]]),
    Case("RandomZoom", {"height_factor": 0.1}, [[5, 6, 3]]),
    Case("RandomContrast", {"factor": 0.1}, [[5, 6, 3]]),
    Case("Normalization", {"axis": [2], "mean": None, "variance": None}, [[5, 8]], (KERAS_2, 3)),
    Case("CategoryEncoding", {"num_tokens": 6, "output_mode": "multi_hot"}, [[4]], dtype="int32"),
    Case("CategoryEncoding", {"num_tokens": 6, "output_mode": "one_hot"}, [[1]], dtype="int32"),
    Case("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}, [[4]]),
    Case("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "one_hot"}, [[1]]),
    Case("Hashing", {"num_bins": 6}, [[4]], dtype="int32"),
    Case("IntegerLookup", {"vocabulary": [3, 4, 5], "output_mode": "multi_hot"}, [[4]],
         dtype="int64"),
    Case("StringLookup", {"vocabulary": ["a", "b", "c"], "output_mode": "int"}, [[4]],
         dtype="string"),
    Case("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "one_hot",
                          "num_oov_indices": 2}, [[1]], dtype="string"),
    Case("TextVectorization", {"output_sequence_length": 9, "max_tokens": 50, "ngrams": None,
                               "standardize": "lower", "split": "whitespace",
                               "output_mode": "int", "pad_to_max_tokens": False}, [[1]],
         dtype="string"),

]  # fmt: skip
