"""A network that is to be written: what every export reads, changes, and hands to the writer.

`operations.network_reading` makes one of any file that holds a network, transforms make another
of it, `operations.network_writing` writes it. No number is read before the writer asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import Shape

PIECE = 4 << 20  # bytes; about as many as `Values.pieces` gives at once

Path = tuple[str, ...]


class Values(Protocol):
    """The numbers of one weight, made when they are asked for."""

    @property
    def shape(self) -> Shape:
        """Its shape, known beforehand."""
        ...

    @property
    def dtype(self) -> str:
        """How it is stored, by NumPy's and Keras' name: "float32", "int64", "bfloat16"."""
        ...

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All of it as flat blocks, one after the other in C order, in native byte order.

        Blocks need not be of one length. bfloat16 comes as float32, which holds it exactly. May be
        asked for once or several times; a block is valid until the next one is asked for.

        Raises:
            CannotRead: it is damaged; says which weight.
        """
        ...


class GivenValues(msgspec.Struct, frozen=True):
    """Numbers that are in memory already."""

    array: NDArray[Any]

    @property
    def shape(self) -> Shape:
        """Of the array."""
        return tuple(int(n) for n in self.array.shape)

    @property
    def dtype(self) -> str:
        """Of the array."""
        return str(self.array.dtype)

    def pieces(self) -> Iterator[NDArray[Any]]:
        """The whole array as one block."""
        yield np.ascontiguousarray(self.array).reshape(-1)


class NewWeight(msgspec.Struct, frozen=True):
    """One variable of a layer."""

    name: str  # as Keras 3 names it in its layer: "kernel", "cell/recurrent_kernel"
    shape: Shape
    dtype: str  # as of `Values`
    trainable: bool  # of its own kind, whether or not its layer is frozen: False for a moving mean
    values: Values
    place: str  # inside its layer in a `.weights.h5` file: "vars/0", "forward_layer/cell/vars/2"
    is_kept_by_legacy: bool = True  # False: states of random generators, which only archives keep


class NewAsset(msgspec.Struct, frozen=True):
    """A file that an archive keeps for a layer: a vocabulary."""

    place: str  # inside its layer: "vocabulary.txt"
    data: bytes


class NewLayer(msgspec.Struct, frozen=True):
    """A layer that stands in a network or in one nested in it, and has weights or assets.

    What wrappers hold belongs to them: `place` and `name` of the weights say where inside.
    """

    path: Path  # names of the nested models around it, then its own
    class_name: str  # Keras 3's: "Dense"
    weights: tuple[NewWeight, ...]
    """In the order of Keras' legacy files: those that can be trained, then the others."""
    assets: tuple[NewAsset, ...] = ()


class NewOptimizer(msgspec.Struct, frozen=True):
    """How training goes on. Only archives hold it: Keras 3 reads none from `.h5`.

    `compiled` is the compile configuration as Keras 3 writes it, `variables` are in the order of
    `optimizer.variables`.
    """

    compiled: dict[str, Any]
    variables: tuple[NewWeight, ...]


class NewNetwork(msgspec.Struct, frozen=True):
    """A network in Keras 3's own terms.

    `config` is {"class_name": "Functional" or "Sequential", "config": …}, plain JSON values; nobody
    changes it in place. `layers` are those with something to store, in any order.
    """

    config: dict[str, Any]
    layers: tuple[NewLayer, ...]
    notes: tuple[str, ...] = ()  # sentences for the user: what was repaired or left out
    optimizer: NewOptimizer | None = None

    @property
    def n_weights(self) -> int:
        """How many weights it has."""
        return sum(len(layer.weights) for layer in self.layers)
