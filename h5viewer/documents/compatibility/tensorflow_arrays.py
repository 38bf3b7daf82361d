"""Functions of TensorFlow that put tensors together, apart and into other shapes."""

from __future__ import annotations

from msgspec.structs import replace

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    CannotSay,
    Chain,
    Given,
    Result,
    Symbolic,
    X,
    sizes_of,
)
from h5viewer.documents.compatibility.objects import policy
from h5viewer.documents.compatibility.place import Shape
from h5viewer.documents.compatibility.sizes import each_size, is_batch, shape_of_sizes
from h5viewer.documents.compatibility.values import Plain
from h5viewer.documents.json_text import is_list


def shape_of(chain: Chain, call: Call) -> Result:
    """The shape of a tensor, which is no tensor here."""
    x = Given(call, X).tensor("x")
    shape = chain.shapes[0] if chain.shapes else None
    if shape is None:
        raise CannotSay("the shape it asks for is not known")
    return Symbolic(x, tuple(shape), is_stored=True)


def reshape(chain: Chain, call: Call) -> Result:
    """Into another shape."""
    given = Given(call, f"{X} shape|newshape")
    x, sizes = given.tensor("x"), each_size(given.get("shape"))
    if sizes and is_batch(sizes[0], of=x) and -1 in sizes_of(sizes[1:]):
        return chain.layer("Reshape", x, target_shape=[*sizes_of(sizes[1:])])
    return chain.add("Reshape", x, newshape=[*sizes_of(sizes)])


def transpose(chain: Chain, call: Call) -> Result:
    """Axes in another order."""
    given = Given(call, f"{X} perm|axes|pattern")
    return chain.add("Transpose", given.tensor("x"), axes=given.plain("perm"))


def expand(chain: Chain, call: Call) -> Result:
    """A new axis."""
    given = Given(call, f"{X} axis|dim")
    return chain.add("ExpandDims", given.tensor("x"), axis=given.whole("axis", -1))


def squeeze(chain: Chain, call: Call) -> Result:
    """Without axes of length 1."""
    given = Given(call, f"{X} axis|squeeze_dims")
    axes = given.axes("axis")
    return chain.add("Squeeze", given.tensor("x"), axis=None if axes == [] else axes)


def concat(chain: Chain, call: Call) -> Result:
    """Side by side along an axis, or shapes put together to one."""
    given = Given(call, "values|tensors|inputs axis|concat_dim")
    listed = given.get("values")
    if is_list(listed) and any(isinstance(each, Symbolic) for each in listed):
        return shape_of_sizes([size for part in listed for size in each_size(part)])
    return chain.add("Concatenate", given.tensors("values"), axis=given.whole("axis", -1))


def stack(chain: Chain, call: Call) -> Result:
    """Along a new axis, or sizes put together to a shape."""
    given = Given(call, "values|x|inputs axis")
    listed = given.get("values")
    if is_list(listed) and any(isinstance(each, Symbolic) for each in listed):
        return shape_of_sizes(listed)
    return chain.add("Stack", given.tensors("values"), axis=given.whole("axis", 0))


def unstack(chain: Chain, call: Call) -> Result:
    """Taken apart along an axis, or a shape into its sizes."""
    given = Given(call, f"{X} num axis")
    of = given.get("x")
    if isinstance(of, Symbolic) and of.place is None:
        return replace(of, is_unstacked=True)
    num = given.plain("num")
    settings: dict[str, Plain] = {"num": num} if num is not None else {}
    return chain.add("Unstack", given.tensor("x"), axis=given.whole("axis", 0), **settings)


def split(chain: Chain, call: Call) -> Result:
    """In parts along an axis."""
    given = Given(call, f"{X} num_or_size_splits axis")
    parts, axis = given.plain("num_or_size_splits"), given.whole("axis", 0)
    if isinstance(parts, list):
        sizes = _part_sizes(parts, chain.shapes[0] if chain.shapes else None, axis)
        parts = [sum(sizes[: i + 1]) for i in range(len(sizes) - 1)]
    return chain.add("Split", given.tensor("x"), indices_or_sections=parts, axis=axis)


def _part_sizes(parts: list[Plain], shape: Shape | None, axis: int) -> list[int]:
    """As stated; one at most is -1: what is left."""
    sizes = [each for each in parts if isinstance(each, int) and each >= -1]
    if len(sizes) != len(parts) or sizes.count(-1) > 1:
        raise CannotSay("the sizes of the parts are not stated")
    if -1 in sizes[:-1]:
        whole = shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None
        if whole is None:
            raise CannotSay("the size of what it splits is not known")
        sizes[sizes.index(-1)] = whole - sum(sizes) - 1
    return sizes


def tile(chain: Chain, call: Call) -> Result:
    """Repeated as a whole."""
    given = Given(call, f"{X} multiples|n|repeats")
    return chain.add("Tile", given.tensor("x"), repeats=given.plain("multiples"))


def repeat(chain: Chain, call: Call) -> Result:
    """Each place repeated."""
    given = Given(call, f"{X} repeats|rep axis")
    repeats, axis = given.plain("repeats"), given.plain("axis")
    return chain.add("Repeat", given.tensor("x"), repeats=repeats, axis=axis)


def pad(chain: Chain, call: Call) -> Result:
    """With a margin."""
    given = Given(call, f"{X} paddings mode constant_values")
    mode = str(given.plain("mode", "constant")).lower()
    x, width = given.tensor("x"), given.plain("paddings")
    filled = given.plain("constant_values", 0)
    if mode != "constant" or filled in (0, 0.0):
        return chain.add("Pad", x, pad_width=width, mode=mode)
    return chain.add("Pad", x, filled, pad_width=width, mode=mode)


def one_hot(chain: Chain, call: Call) -> Result:
    """Numbers of classes as rows of 0 and 1."""
    given = Given(call, "indices|x depth|num_classes on_value off_value axis dtype")
    on, off = given.plain("on_value", 1), given.plain("off_value", 0)
    if not isinstance(on, int | float) or not isinstance(off, int | float):
        raise CannotSay("the numbers it marks places with are not stated")
    dtype = policy(given.get("dtype")) or "float32"
    x = given.tensor("indices")
    depth, axis = given.whole("depth"), given.whole("axis", -1)
    marked = chain.add("OneHot", x, num_classes=depth, axis=axis, dtype=dtype)
    if on - off != 1:
        marked = chain.add("Multiply", marked, on - off)
    return chain.add("Add", marked, off) if off else marked


def gather(chain: Chain, call: Call) -> Result:
    """Places picked along an axis."""
    given = Given(call, "params|reference|x indices validate_indices axis batch_dims")
    if given.plain("batch_dims", 0) not in (0, None):
        raise CannotSay("it gathers within each sample")
    x, indices = given.operand("params"), given.operand("indices")
    return chain.add("Take", x, indices, axis=given.whole("axis", 0))


def windows(chain: Chain, call: Call) -> Result:
    """tf.signal.frame: pieces of the last axis that may overlap."""
    given = Given(call, "signal frame_length frame_step pad_end pad_value axis")
    if given.flag("pad_end") or given.plain("axis", -1) != -1:
        raise CannotSay("it cuts along another axis, or pads")
    length, step = given.whole("frame_length"), given.whole("frame_step")
    signal = given.tensor("signal")
    return chain.add("ExtractSequences", signal, sequence_length=length, sequence_stride=step)


def look_up(chain: Chain, call: Call) -> Result:
    """tf.nn.embedding_lookup: rows of a table."""
    given = Given(call, "params ids")
    return chain.add("Take", given.operand("params"), given.operand("ids"), axis=0)


def flip(chain: Chain, call: Call) -> Result:
    """Backwards along axes."""
    given = Given(call, f"{X} axis|axes")
    return chain.add("Flip", given.tensor("x"), axis=given.axes("axis"))


def roll(chain: Chain, call: Call) -> Result:
    """Shifted around."""
    given = Given(call, f"{X} shift axis")
    return chain.add("Roll", given.tensor("x"), shift=given.plain("shift"), axis=given.axes())


def broadcast(chain: Chain, call: Call) -> Result:
    """Repeated to a shape."""
    given = Given(call, f"{X} shape")
    sizes = sizes_of(given.get("shape"))
    if -1 in sizes:
        raise CannotSay("the shape it asks for is not known well enough")
    return chain.add("BroadcastTo", given.tensor("x"), shape=list(sizes))


def flatten(chain: Chain, call: Call) -> Result:
    """In one row."""
    return chain.add("Reshape", Given(call, X).tensor("x"), newshape=[-1])


def batch_flatten(chain: Chain, call: Call) -> Result:
    """Each sample in one row."""
    return chain.layer("Flatten", Given(call, X).tensor("x"), data_format="channels_last")
