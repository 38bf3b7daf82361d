"""How the arrays a file stores for one layer become the weights that Keras 3 wants.

A layout is a row of steps over a list of arrays, in the order in which the file lists them;
after the last step they are in the order of Keras 3's `trainable_weights` and then
`non_trainable_weights` of that layer. Nothing here holds numbers: the loader does the arithmetic.

Source: keras 2.2.4, engine/saving.py, `preprocess_weights_for_loading`; keras 1.2.2,
layers/recurrent.py, `preprocess_weights_for_loading` of keras 2.0, legacy/.
"""

from __future__ import annotations

import msgspec


class Pick(msgspec.Struct, frozen=True):
    """These of the arrays, in this order; others are dropped, absent optional ones left out."""

    order: tuple[int, ...]


class Transpose(msgspec.Struct, frozen=True):
    """`array.transpose(axes)`; only where these (axis, length) hold."""

    at: int
    axes: tuple[int, ...]
    where: tuple[tuple[int, int], ...] = ()


class Flip(msgspec.Struct, frozen=True):
    """The array backwards along these axes: a kernel of Theano, rotated by 180 degrees."""

    at: int
    axes: tuple[int, ...]


class Reshape(msgspec.Struct, frozen=True):
    """`array.reshape(shape)`, in C order; -1 once for what is left."""

    at: int
    shape: tuple[int, ...]


class Join(msgspec.Struct, frozen=True):
    """A new list: the arrays of each group side by side along `axis`.

    Only where there are as many arrays as the groups name.
    """

    groups: tuple[tuple[int, ...], ...]
    axis: int = -1


class Blocks(msgspec.Struct, frozen=True):
    """Equal blocks along the last axis in another order: block i of the result is `order[i]`."""

    at: int
    order: tuple[int, ...]


class Scale(msgspec.Struct, frozen=True):
    """Equal blocks along the last axis, each times its factor."""

    at: int
    factors: tuple[float, ...]


class CudnnKernel(msgspec.Struct, frozen=True):
    """Each of `n` equal blocks along the last axis: `block.T.reshape(block.shape, order="F")`.

    CuDNN kept kernels of inputs like that.
    """

    at: int
    n: int


class CudnnRecurrentKernel(msgspec.Struct, frozen=True):
    """Each of `n` equal blocks along the last axis transposed."""

    at: int
    n: int


class SumHalves(msgspec.Struct, frozen=True):
    """First half of a vector plus its second: CuDNN kept two biases where one does."""

    at: int


class DivideBy(msgspec.Struct, frozen=True):
    """The array divided by another one, which has a single number; that one goes."""

    at: int
    by: int


class AddProduct(msgspec.Struct, frozen=True):
    """A new list: `factor` times the product of two arrays is added to the one at `at`.

    The sum comes first, then what is left; only where there are as many arrays.
    """

    at: int
    first: int
    second: int
    factor: float


class EachHalf(msgspec.Struct, frozen=True):
    """The first half of the list by `steps`, the second by `backward` (None: by them, too)."""

    steps: tuple[Step, ...]
    backward: tuple[Step, ...] | None = None


Step = (
    Pick
    | Transpose
    | Flip
    | Reshape
    | Join
    | Blocks
    | Scale
    | CudnnKernel
    | CudnnRecurrentKernel
    | SumHalves
    | DivideBy
    | AddProduct
    | EachHalf
)


class Taker(msgspec.Struct, frozen=True):
    """A layer of the repaired network that takes arrays after the last step.

    `path`: names of the nested models around it, then its own. `takes`: their positions;
    None: all.
    """

    path: tuple[str, ...]
    takes: tuple[int, ...] | None = None


class LayerRepair(msgspec.Struct, frozen=True):
    """What became of one layer of the file.

    `key` is that of the architecture; a wrapper's inner layer has no row of its own, its weights
    belong to the wrapper. No takers: nothing is left of it that has weights.
    """

    key: tuple[int, ...]
    name: str  # in the file
    class_name: str  # in the file
    path: tuple[str, ...]  # of what gives its output now: nested models, then its own name
    steps: tuple[Step, ...] = ()
    takers: tuple[Taker, ...] = ()
