"""Functions of TensorFlow that compute: element by element, over axes, products of matrices."""

from __future__ import annotations

import math

from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Result,
    Symbolic,
    X,
)
from h5viewer.documents.compatibility.objects import policy
from h5viewer.documents.compatibility.sizes import as_type, computed, computed_of_one
from h5viewer.documents.compatibility.values import Plain
from h5viewer.documents.references import Reference


def unary(name: str, **settings: Plain) -> Builder:
    """One tensor in, one out."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, X)
        of = given.get("x")
        if isinstance(of, Symbolic):
            return computed_of_one(name, of)
        return chain.add(name, given.tensor("x"), **settings)

    return build


def binary(name: str, *, is_reversed: bool = False) -> Builder:
    """Two operands; `is_reversed`: the second first."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "x|value|a|input y|bias|b|other")
        order = ("y", "x") if is_reversed else ("x", "y")
        stated = [given.get(each) for each in order]
        if not any(isinstance(each, Reference | Tensor) for each in stated):
            return computed(name, *stated)
        return chain.add(name, *map(given.operand, order))

    return build


def reduction(name: str, **settings: Plain) -> Builder:
    """Over one axis, several or all."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} axis|reduction_indices keepdims|keep_dims")
        keep = given.flag("keepdims")
        return chain.add(
            name, given.tensor("x"), axis=given.axes("axis"), keepdims=keep, **settings
        )

    return build


def same(_: Chain, call: Call) -> Result:
    """What goes in comes out."""
    return Given(call, f"{X} shape|dtype").tensor("x")


def like(name: str) -> Builder:
    """As many numbers as a tensor has, all the same."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} dtype")
        dtype = policy(given.get("dtype"))
        return chain.add(name, given.tensor("x"), **({} if dtype is None else {"dtype": dtype}))

    return build


def arg_reduction(name: str) -> Builder:
    """The place of an extreme along one axis."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} axis|dimension")
        return chain.add(name, given.tensor("x"), axis=given.whole("axis", 0))

    return build


def both_signs(chain: Chain, call: Call) -> Result:
    """tf.nn.crelu: what is positive beside what is negative."""
    given = Given(call, f"{X} axis")
    x = given.tensor("x")
    halves = [chain.add("Relu", x), chain.add("Relu", chain.add("Negative", x))]
    return chain.add("Concatenate", halves, axis=given.whole("axis", -1))


def along_axis(name: str, default: int = -1) -> Builder:
    """Along one axis, which stays."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} axis|dim")
        return chain.add(name, given.tensor("x"), axis=given.whole("axis", default))

    return build


def cast(chain: Chain, call: Call) -> Result:
    """To another type of numbers."""
    given = Given(call, f"{X} dtype")
    dtype = policy(given.get("dtype"))
    if dtype is None:
        raise CannotSay("the type of numbers it asks for is not known")
    of = given.get("x")
    if isinstance(of, Symbolic):
        return as_type(of, dtype)
    return chain.add("Cast", given.tensor("x"), dtype=dtype)


def cast_to(dtype: str) -> Builder:
    """To this type of numbers."""
    return lambda chain, call: chain.add("Cast", Given(call, X).tensor("x"), dtype=dtype)


def clip(chain: Chain, call: Call) -> Result:
    """Between two numbers."""
    lowest, highest = "low|clip_value_min|min_value|x_min", "high|clip_value_max|max_value|x_max"
    given = Given(call, f"{X}|t {lowest} {highest}")
    x, low, high = given.tensor("x"), given.plain("low"), given.plain("high")
    if low is None or high is None:  # on one side alone, which Keras' own cannot do
        x = x if low is None else chain.add("Maximum", x, low)
        return x if high is None else chain.add("Minimum", x, high)
    return chain.add("Clip", x, x_min=low, x_max=high)


def matmul(chain: Chain, call: Call) -> Result:
    """A product of matrices, perhaps transposed."""
    order = "a|x b|y transpose_a transpose_b adjoint_a adjoint_b a_is_sparse"
    given = Given(call, order)
    a, b = given.operand("a"), given.operand("b")
    if given.flag("transpose_a") or given.flag("adjoint_a"):
        a = chain.add("Swapaxes", a, axis1=-1, axis2=-2)
    if given.flag("transpose_b") or given.flag("adjoint_b"):
        b = chain.add("Swapaxes", b, axis1=-1, axis2=-2)
    return chain.add("Matmul", a, b)


def tensordot(chain: Chain, call: Call) -> Result:
    """A product along axes."""
    given = Given(call, "a b axes")
    axes = given.plain("axes", 2)
    return chain.add("Tensordot", given.operand("a"), given.operand("b"), axes=axes)


def einsum(chain: Chain, call: Call) -> Result:
    """A product told by an equation."""
    equation, operands = call.args[0] if call.args else None, call.args[1:]
    if not isinstance(equation, str):
        raise CannotSay("its equation is not stated")
    if not operands:
        raise CannotSay("the file does not say what it multiplies: Keras 2 did not save that")
    return chain.add("Einsum", *operands, subscripts=equation)


def where(chain: Chain, call: Call) -> Result:
    """One or the other, place by place."""
    given = Given(call, "condition x y")
    if given.get("x") is None:
        raise CannotSay("it lists places, as many as there happen to be")
    return chain.add("Where", *(given.operand(key) for key in ("condition", "x", "y")))


def add_all(chain: Chain, call: Call) -> Result:
    """The sum of several tensors."""
    given = Given(call, "inputs|x")
    total, *others = given.tensors("inputs")
    for other in others:
        total = chain.add("Add", total, other)
    if not isinstance(total, Reference | Tensor):
        raise CannotSay("it adds constants")
    return total


def squared_difference(chain: Chain, call: Call) -> Result:
    """The square of a difference."""
    given = Given(call, "x y")
    return chain.add("Square", chain.add("Subtract", given.operand("x"), given.operand("y")))


def l2_normalize(chain: Chain, call: Call) -> Result:
    """Divided by the length along axes."""
    given = Given(call, f"{X} axis|dim epsilon")
    x, epsilon = given.tensor("x"), given.plain("epsilon", 1e-12)
    total = chain.add("Sum", chain.add("Square", x), axis=given.axes("axis"), keepdims=True)
    bounded = chain.add("Maximum", total, epsilon)
    return chain.add("Multiply", x, chain.add("Rsqrt", bounded))


def norm(chain: Chain, call: Call) -> Result:
    """The length along axes."""
    given = Given(call, f"tensor|{X} ord axis keepdims|keep_dims")
    kind, axes, keep = given.plain("ord", "euclidean"), given.axes(), given.flag("keepdims")
    if isinstance(axes, list) and kind not in ("euclidean", "fro"):
        raise CannotSay("the norm of matrices it takes is an unusual one")
    if kind not in ("euclidean", 2, 2.0) and not (kind == "fro" and isinstance(axes, list)):
        kinds = {1: "Sum", float("inf"): "Max"}
        if not isinstance(kind, int | float) or kind not in kinds:
            raise CannotSay("the norm it takes is an unusual one")
        absolute = chain.add("Absolute", given.tensor("tensor"))
        return chain.add(kinds[kind], absolute, axis=axes, keepdims=keep)
    squared = chain.add("Square", given.tensor("tensor"))
    return chain.add("Sqrt", chain.add("Sum", squared, axis=axes, keepdims=keep))


def euclidean_norm(chain: Chain, call: Call) -> Result:
    """tf.math.reduce_euclidean_norm."""
    given = Given(call, f"{X} axis keepdims")
    named = {"axis": given.get("axis"), "keepdims": given.get("keepdims")}
    return norm(chain, Call([given.tensor("x")], named))


def leaky(chain: Chain, call: Call) -> Result:
    """LeakyReLU."""
    given = Given(call, f"{X} alpha")
    slope = given.plain("alpha", 0.2)
    return chain.add("LeakyRelu", given.tensor("x"), negative_slope=slope)


def gelu(chain: Chain, call: Call) -> Result:
    """GELU, exact unless stated."""
    given = Given(call, f"{X} approximate")
    return chain.add("Gelu", given.tensor("x"), approximate=given.flag("approximate"))


def moments(chain: Chain, call: Call) -> Result:
    """Mean and variance."""
    given = Given(call, "x axes shift keepdims|keep_dims")
    axes, keep = given.plain("axes"), given.flag("keepdims")
    return chain.add("Moments", given.tensor("x"), axes=axes, keepdims=keep)


def normalize_batch(chain: Chain, call: Call) -> Result:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset."""
    given = Given(call, "x mean variance offset scale variance_epsilon|epsilon")
    epsilon = given.plain("variance_epsilon", 1e-3)
    centred = chain.add("Subtract", given.tensor("x"), given.operand("mean"))
    inverse = chain.add("Rsqrt", chain.add("Add", given.operand("variance"), epsilon))
    y = chain.add("Multiply", centred, inverse)
    if given.get("scale") is not None:
        y = chain.add("Multiply", y, given.operand("scale"))
    if given.get("offset") is not None:
        y = chain.add("Add", y, given.operand("offset"))
    return y


def cumulated(name: str) -> Builder:
    """A running sum or product."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} axis exclusive reverse")
        x, axis = given.tensor("x"), given.whole("axis", 0)
        is_apart = given.flag("exclusive")
        if is_apart and name != "Cumsum":
            raise CannotSay("it leaves each place out")
        turned = chain.add("Flip", x, axis=axis) if given.flag("reverse") else x
        y = chain.add(name, turned, axis=axis)
        if is_apart:
            y = chain.add("Subtract", y, turned)
        return chain.add("Flip", y, axis=axis) if given.flag("reverse") else y

    return build


def share_of_zeros(chain: Chain, call: Call) -> Result:
    """tf.math.zero_fraction."""
    zeros = chain.add("Equal", Given(call, X).tensor("x"), 0)
    return chain.add("Mean", chain.add("Cast", zeros, dtype="float32"), axis=None, keepdims=False)


def counted(chain: Chain, call: Call) -> Result:
    """tf.math.count_nonzero."""
    given = Given(call, f"{X} axis|reduction_indices keepdims|keep_dims dtype")
    others = chain.add("NotEqual", given.tensor("x"), 0)
    numbers = chain.add("Cast", others, dtype=policy(given.get("dtype")) or "int64")
    return chain.add("Sum", numbers, axis=given.axes("axis"), keepdims=given.flag("keepdims"))


def nothing_of_nothing(name: str) -> Builder:
    """tf.math.xlogy and xdivy: 0 where the first is 0, whatever the second is."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "x y")
        x, y = given.operand("x"), given.operand("y")
        if name == "Log":
            made = chain.add("Multiply", x, chain.add("Log", y))
        else:
            made = chain.add("Divide", x, y)
        return chain.add("Where", chain.add("Equal", x, 0), 0.0, made)

    return build


def number_of_axes(chain: Chain, call: Call) -> Result:
    """tf.rank: a number here."""
    x, shape = Given(call, X).tensor("x"), chain.shapes[0] if chain.shapes else None
    if shape is None:
        raise CannotSay("the shape it asks for is not known")
    return Symbolic(x, (len(shape),), 0)


def number_of_numbers(chain: Chain, call: Call) -> Result:
    """tf.size: a number here."""
    x, shape = Given(call, X).tensor("x"), chain.shapes[0] if chain.shapes else None
    known = [size for size in shape or () if size is not None]
    if shape is None or len(known) < len(shape):
        raise CannotSay("the shape it asks for is not known well enough")
    return Symbolic(x, (math.prod(known),), 0)


def top_k(chain: Chain, call: Call) -> Result:
    """The largest numbers and their places."""
    given = Given(call, f"{X} k sorted")
    return chain.add("TopK", given.tensor("x"), k=given.whole("k", 1))


def ordered(name: str) -> Builder:
    """The smallest first, along one axis, or the largest."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} axis direction stable")
        x, axis = given.operand("x"), given.whole("axis", -1)
        if given.get("direction") in (None, "ASCENDING"):
            return chain.add(name, x, axis=axis)
        # Not turned round afterwards: what is equal keeps its order.
        found = chain.add(name, chain.add("Negative", x), axis=axis)
        return chain.add("Negative", found) if name == "Sort" else found

    return build


def arctan2(chain: Chain, call: Call) -> Result:
    """The angle of a point, its height first."""
    given = Given(call, "y x")
    return chain.add("Arctan2", given.operand("y"), given.operand("x"))
