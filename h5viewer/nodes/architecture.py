"""The network a file declares: layers, weights, training state."""

from __future__ import annotations

import math
from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import OutputShape, Problem, Shape, Value
from h5viewer.nodes.code import Code
from h5viewer.nodes.file import Text

ITEMSIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8,
}  # fmt: skip
"""Bytes of one number."""


class Weight(Value, frozen=True, kw_only=True):
    """One stored (or promised) weight of a layer."""

    name: str
    path: NodePath | None  # None: the layer names it, the file lacks it
    shape: Shape | None
    dtype: str
    axes: tuple[str, ...] = ()  # "kernel height", "kernel width", "in", "out"; () unknown
    trainable: bool | None = None
    problem: str = ""

    @property
    def n_parameters(self) -> int:
        """Elements stored in the file; 0 for a missing weight."""
        return 0 if self.path is None or self.shape is None else math.prod(self.shape)

    @property
    def n_bytes(self) -> int | None:
        """Of the numbers stored, uncompressed; None where the dtype has no fixed size here."""
        itemsize = ITEMSIZES.get(self.dtype)
        return None if itemsize is None else itemsize * self.n_parameters


class Layer(Value, frozen=True, kw_only=True):
    """A declared layer, or (weights-only files) a group of weights: `class_name` None."""

    name: str
    class_name: str | None
    key: tuple[int, ...]  # position in the architecture: (3,) or nested (3, 1)
    n_parameters: int = 0  # stored; of a nested model: of all its layers
    trainable: bool | None = None
    inputs: tuple[str, ...] = ()
    output_shape: OutputShape | None = None  # of its first call
    shape_note: str = ""  # why the output shape is not known: a sentence
    multiply_adds: int | None = None  # of all its calls for one sample (documents.shapes)
    activation_bytes: int | None = None  # what all its calls put out for one sample, as float32
    weights: tuple[Weight, ...] = ()
    layers: tuple[Layer, ...] = ()
    has_code: bool = False  # contains Python code, not executed
    problem: str = ""  # a sentence; shown beside the layer


class Layers(Value, frozen=True, kw_only=True):
    """Part of an architecture's top-level layers, in order."""

    layers: tuple[Layer, ...]


class ParameterCount(Value, frozen=True, kw_only=True):
    """As `model.summary()` totals them, from the stored weights; shared ones count once."""

    total: int = 0
    trainable: int = 0
    non_trainable: int = 0


class Cost(Value, frozen=True, kw_only=True):
    """What one sample costs, from the layers of which it is known (documents.shapes)."""

    multiply_adds: int = 0
    n_uncounted: int = 0  # layers whose multiply-adds are not known
    activation_bytes: int = 0  # all that layers put out, as float32
    n_unshaped: int = 0  # layers whose outputs are not known


class Training(Value, frozen=True, kw_only=True):
    """What `training_config` / `compile_config` and the optimizer group say."""

    loss: str  # JSON
    metrics: str  # JSON
    optimizer_class: str | None
    optimizer_config: str  # JSON; "" when there is no optimizer
    n_variables: int = 0
    state_bytes: int = 0


LayerItem = Literal["layer", "operation"]
"""What a row of an architecture is: TensorFlow graphs have operations in the place of layers."""


class Architecture(Value, frozen=True, kw_only=True):
    """What follows the last `Layers` part."""

    class_name: str | None
    name: str | None
    n_layers: int
    parameters: ParameterCount
    cost: Cost | None = None  # None: no layers are declared
    training: Training | None = None
    code: tuple[Code, ...] = ()
    problems: tuple[Problem, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    item: LayerItem = "layer"


class LayerDetails(Value, frozen=True, kw_only=True):
    """One layer's configuration as it stands in the file."""

    key: tuple[int, ...]
    config: Text
    code: tuple[Code, ...] = ()
    counting: str = ""  # how the multiply-adds of its class are counted: a sentence
