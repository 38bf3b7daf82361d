"""What a file holds of its training, for who wants to go on with it."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes.base import Value
from h5viewer.nodes.file import Format


class SavedTraining(Value, frozen=True, kw_only=True):
    """What further training can begin with."""

    format: Format
    keras_version: str | None = None  # that wrote it; None: not said
    has_architecture: bool  # False: the program has to build the network
    optimizer: str | None = None  # class; None: not said
    is_compiled: bool = False  # loss and optimizer are stated, so that Keras compiles by itself
    objective: tuple[str, ...] = ()  # words that state its loss and metrics: "mse"
    n_state: int = 0  # variables that the optimizer keeps for weights
    iterations: float | None = None  # steps of training so far
    learning_rate: float | None = None
    checkpoint: Literal["", "objects", "names"] = ""  # of TensorFlow: how it finds its variables
    roots: tuple[str, ...] = ()  # of such objects: what was saved, by their names ("model")
