"""What functions of TensorFlow and of Keras' old backend put out: arguments come with the call."""

from __future__ import annotations

from collections.abc import Mapping

from h5viewer.documents.shapes import arrays, merging, operations
from h5viewer.documents.shapes import einsum as equations
from h5viewer.documents.shapes.axes import (
    Config,
    Fed,
    Made,
    ShapeUnknown,
    Tensor,
    as_list,
    axis_of,
    one,
    times,
    whole,
)
from h5viewer.documents.shapes.given import argument, operands
from h5viewer.documents.shapes.reshaping import refilled


def reduction(_: Config, fed: Fed) -> Made:
    """Along one axis, several or all."""
    axis = argument({}, fed, 1, "axis", "reduction_indices", "dimension")
    keep = fed.kwargs.get("keepdims") is True or fed.kwargs.get("keep_dims") is True
    return one(arrays.reduced(fed.one(), axis, keep=keep))


def arg_reduction(_: Config, fed: Fed) -> Made:
    """Places of extremes along an axis."""
    axis = argument({}, fed, 1, "axis", "dimension")
    return one(arrays.reduced(fed.one(), 0 if axis is None else axis, keep=False))


def reshape(_: Config, fed: Fed) -> Made:
    """To a target shape, of numbers and of what tensors hold."""
    shape, sizes = fed.one(), _target(argument({}, fed, 1, "shape"))
    if None not in sizes:
        return one(refilled(shape, list(sizes)))
    # Sizes that other tensors hold: a -1 beside them stays unknown.
    return one(tuple(None if each is None or each == -1 else each for each in sizes))


def _target(stated: object) -> list[int | None]:
    """The sizes of a target shape, as `_size`."""
    if isinstance(stated, Tensor):
        raise ShapeUnknown("Its target shape depends on another tensor.")
    sizes = as_list(stated)
    if sizes is None:
        raise ShapeUnknown("Its target shape is no list of sizes.")
    return [_size(each) for each in sizes]


def _size(value: object) -> int | None:
    """A size in a target shape; None: another tensor holds it."""
    return None if isinstance(value, Tensor) else whole(value, "shape")


def shape_of(_: Config, fed: Fed) -> Made:
    """The sizes of all axes."""
    return one((len(fed.one()),))


def get_item(_: Config, fed: Fed) -> Made:
    """Slices of axes."""
    return one(arrays.cut(fed.one(), argument({}, fed, 1, "slice_spec")))


def concat(_: Config, fed: Fed) -> Made:
    """One behind the other along an axis."""
    return one(merging.joined(fed.all(), argument({}, fed, 1, "axis", "concat_dim")))


def stack(_: Config, fed: Fed) -> Made:
    """One behind the other along a new axis."""
    return one(arrays.stacked(fed.all(), fed.kwargs.get("axis", 0)))


def unstack(_: Config, fed: Fed) -> Made:
    """Apart along an axis."""
    shape = fed.one()
    place = axis_of(fed.kwargs.get("axis", 0), len(shape))
    n = fed.kwargs.get("num")
    made = arrays.split(shape, shape[place] if n is None else n, place, at_places=True)
    return Made([arrays.reduced(each or (), place, keep=False) for each in made.shapes])


def split(_: Config, fed: Fed) -> Made:
    """Into parts along an axis."""
    parts = argument({}, fed, 1, "num_or_size_splits")
    return arrays.split(fed.one(), parts, fed.kwargs.get("axis", 0), at_places=False)


def transpose(_: Config, fed: Fed) -> Made:
    """Axes in another order."""
    return one(arrays.transposed(fed.one(), argument({}, fed, 1, "perm")))


def expand(_: Config, fed: Fed) -> Made:
    """With a new axis."""
    return one(arrays.expanded(fed.one(), argument({}, fed, 1, "axis", "dim")))


def squeeze(_: Config, fed: Fed) -> Made:
    """Without axes of length 1."""
    return one(arrays.squeezed(fed.one(), argument({}, fed, 1, "axis", "squeeze_dims")))


def matmul(_: Config, fed: Fed) -> Made:
    """A product of matrices."""
    shapes = operands(Fed(fed.shapes, fed.args, _tensors(fed.kwargs)))
    if len(shapes) != 2 or min(len(shape) for shape in shapes) < 2:
        raise ShapeUnknown("It multiplies two matrices.")
    a, b = shapes
    if any(fed.kwargs.get(name) is True for name in ("transpose_a", "adjoint_a")):
        a = arrays.swapped(a, -1, -2)
    if any(fed.kwargs.get(name) is True for name in ("transpose_b", "adjoint_b")):
        b = arrays.swapped(b, -1, -2)
    return arrays.multiplied(a, b)


def _tensors(kwargs: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in kwargs.items() if isinstance(value, Tensor | list)}


def combined(_: Config, fed: Fed) -> Made:
    """Element by element."""
    names = ("x", "y", "value", "bias", "condition")
    kwargs = {name: value for name, value in fed.kwargs.items() if name in names}
    return operations.combined({}, Fed(fed.shapes, fed.args, kwargs))


def tensordot(_: Config, fed: Fed) -> Made:
    """A product along stated axes."""
    axes = fed.kwargs.get("axes", 2)
    return operations.tensordot(
        {"axes": axes}, Fed(fed.shapes, fed.args, _tensors(_without(fed, "axes")))
    )


def _without(fed: Fed, *names: str) -> dict[str, object]:
    return {name: value for name, value in fed.kwargs.items() if name not in names}


def einsum(_: Config, fed: Fed) -> Made:
    """What an equation says."""
    inputs, output = equations.equation_of(argument({}, fed, 0, "equation"))
    return equations.multiplied(fed.all(), inputs, output)


def tile(_: Config, fed: Fed) -> Made:
    """Repeated along axes."""
    return one(arrays.tiled(fed.one(), argument({}, fed, 1, "multiples")))


def padded(_: Config, fed: Fed) -> Made:
    """With margins."""
    return one(arrays.padded(fed.one(), argument({}, fed, 1, "paddings")))


def one_hot(_: Config, fed: Fed) -> Made:
    """Numbers of classes as rows of 0 and 1."""
    axis = fed.kwargs.get("axis")
    depth = argument({}, fed, 1, "depth")
    return one(arrays.with_axis(fed.one(), depth, -1 if axis is None else axis))


def broadcast_to(_: Config, fed: Fed) -> Made:
    """As large as stated."""
    stated = as_list(argument({}, fed, 1, "shape"))
    if stated is None:
        raise ShapeUnknown("Its target shape depends on another tensor.")
    sizes = [_size(each) for each in stated]
    return one(tuple(None if each == -1 else each for each in sizes))


def drawn(_: Config, fed: Fed) -> Made:
    """Random numbers: as many as stated."""
    return one(_target(argument({}, fed, 0, "shape")))


def slice_of_size(_: Config, fed: Fed) -> Made:
    """tf.slice(x, begin, size): -1 is all that is left."""
    begin = as_list(argument({}, fed, 1, "begin"))
    size = as_list(argument({}, fed, 2, "size"))
    shape = fed.one()
    if begin is None or size is None or not len(begin) == len(size) == len(shape):
        raise ShapeUnknown("What it cuts out depends on another tensor.")
    starts, lengths = ([whole(each, "size") for each in stated] for stated in (begin, size))
    made = [
        (None if side is None else max(0, side - start)) if length == -1 else length
        for start, length, side in zip(starts, lengths, shape, strict=True)
    ]
    return one(made)


def both_signs(_: Config, fed: Fed) -> Made:
    """tf.nn.crelu: twice as long."""
    axis = argument({}, fed, 1, "axis")
    return one(merging.joined([fed.one()] * 2, -1 if axis is None else axis))


def look_up(_: Config, fed: Fed) -> Made:
    """tf.nn.embedding_lookup(params, ids)."""
    shapes = operands(fed)
    if len(shapes) != 2 or not shapes[0]:
        raise ShapeUnknown("It takes a table and the places of rows.")
    return one((*shapes[1], *shapes[0][1:]))


def gather(_: Config, fed: Fed) -> Made:
    """Places picked along an axis."""
    shapes = operands(Fed(fed.shapes, fed.args, _without(fed, "axis", "batch_dims")))
    axis = fed.kwargs.get("axis")
    if len(shapes) != 2 or fed.kwargs.get("batch_dims") not in (None, 0):
        raise ShapeUnknown("Which places it takes is not known.")
    place = axis_of(0 if axis is None else axis, len(shapes[0]))
    return one((*shapes[0][:place], *shapes[1], *shapes[0][place + 1 :]))


def top_k(_: Config, fed: Fed) -> Made:
    """The largest, and their places."""
    return operations.top_k({"k": argument({}, fed, 1, "k")}, fed)


def batch_flatten(_: Config, fed: Fed) -> Made:
    """All of a sample in one axis."""
    shape = fed.one()
    if not shape:
        raise ShapeUnknown("It takes tensors of one axis or more.")
    return one((shape[0], times(*shape[1:])))


def concatenate(_: Config, fed: Fed) -> Made:
    """K.concatenate: along the last axis unless stated."""
    axis = argument({}, fed, 1, "axis")
    return one(merging.joined(fed.all(), -1 if axis is None else axis))


def moments(_: Config, fed: Fed) -> Made:
    """Mean and variance."""
    axes = argument({}, fed, 1, "axes", "axis")
    keep = fed.kwargs.get("keepdims") is True or fed.kwargs.get("keep_dims") is True
    made = arrays.reduced(fed.one(), axes, keep=keep)
    return Made((made, made))


def permute(_: Config, fed: Fed) -> Made:
    """K.permute_dimensions: axes in another order."""
    return one(arrays.transposed(fed.one(), argument({}, fed, 1, "pattern")))


def repeat(_: Config, fed: Fed) -> Made:
    """Each place repeated."""
    count = argument({}, fed, 1, "repeats", "rep", "n")
    return operations.repeat({"repeats": count, "axis": argument({}, fed, 2, "axis")}, fed)


def single(_: Config, __: Fed) -> Made:
    """One number of all."""
    return one(())


def summed_at_the_end(_: Config, fed: Fed) -> Made:
    """One number of each sample, or of what else stands before the axis of classes."""
    axis = fed.kwargs.get("axis", -1)
    first = next((each for each in operands(Fed(fed.shapes, fed.args, _tensors(fed.kwargs)))), ())
    return one(arrays.reduced(first, -1 if axis is None else axis, keep=False))


def counted(_: Config, fed: Fed) -> Made:
    """tf.range(start, limit, delta), or of its limit alone."""
    stated = [argument({}, fed, i, name) for i, name in enumerate(("start", "limit", "delta"))]
    numbers = [_size(each) for each in stated if each is not None]
    if not numbers or None in numbers:
        raise ShapeUnknown("How many numbers it gives depends on another tensor.")
    known = [each for each in numbers if each is not None]
    first, last = (0, known[0]) if len(known) == 1 else known[:2]
    step = known[2] if len(known) == 3 else 1
    if not step:
        raise ShapeUnknown("How many numbers it gives is not stated.")
    return one((max(0, -((first - last) // step)),))


def windows(_: Config, fed: Fed) -> Made:
    """tf.signal.frame(signal, frame_length, frame_step)."""
    length, step = argument({}, fed, 1, "frame_length"), argument({}, fed, 2, "frame_step")
    return operations.windows({"sequence_length": length, "sequence_stride": step}, fed)
