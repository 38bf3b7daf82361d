"""Functions of TensorFlow that networks are trained by, where they are part of a network."""

from __future__ import annotations

from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import Builder, Chain, Given, Result, X

_TINY = 1e-7  # keras.backend.epsilon()


def half_of_squares(chain: Chain, call: Call) -> Result:
    """tf.nn.l2_loss."""
    squares = chain.add("Square", Given(call, f"t|{X}").tensor("t"))
    return chain.add("Divide", chain.add("Sum", squares, axis=None, keepdims=False), 2.0)


def sigmoid_of_logits(chain: Chain, call: Call) -> Result:
    """tf.nn.sigmoid_cross_entropy_with_logits, in the form that does not overflow."""
    given = Given(call, "labels logits")
    labels, x = given.operand("labels"), given.tensor("logits")
    above = chain.add("Subtract", chain.add("Relu", x), chain.add("Multiply", x, labels))
    small = chain.add("Exp", chain.add("Negative", chain.add("Absolute", x)))
    return chain.add("Add", above, chain.add("Log1p", small))


def softmax_of_logits(chain: Chain, call: Call) -> Result:
    """tf.nn.softmax_cross_entropy_with_logits."""
    given = Given(call, "labels logits axis|dim")
    axis = given.whole("axis", -1)
    logarithms = chain.add("LogSoftmax", given.tensor("logits"), axis=axis)
    return _weighed(chain, given.operand("labels"), logarithms, axis)


def categorical(chain: Chain, call: Call) -> Result:
    """K.categorical_crossentropy."""
    given = Given(call, "target output from_logits axis")
    axis, x = given.whole("axis", -1), given.tensor("output")
    if given.flag("from_logits"):
        logarithms = chain.add("LogSoftmax", x, axis=axis)
    else:
        shares = chain.add("Divide", x, chain.add("Sum", x, axis=axis, keepdims=True))
        logarithms = chain.add("Log", _within(chain, shares))
    return _weighed(chain, given.operand("target"), logarithms, axis)


def binary(chain: Chain, call: Call) -> Result:
    """K.binary_crossentropy."""
    given = Given(call, "target output from_logits")
    target, x = given.operand("target"), given.tensor("output")
    if given.flag("from_logits"):
        return sigmoid_of_logits(chain, Call([target, x]))
    shares = _within(chain, x)
    yes = chain.add("Log", chain.add("Add", shares, _TINY))
    no = chain.add("Log", chain.add("Add", chain.add("Subtract", 1.0, shares), _TINY))
    both = chain.add(
        "Add",
        chain.add("Multiply", target, yes),
        chain.add("Multiply", chain.add("Subtract", 1.0, target), no),
    )
    return chain.add("Negative", both)


def _within(chain: Chain, shares: object) -> Tensor:
    return chain.add("Clip", shares, x_min=_TINY, x_max=1.0 - _TINY)


def _weighed(chain: Chain, labels: object, logarithms: Tensor, axis: int) -> Tensor:
    products = chain.add("Multiply", labels, logarithms)
    return chain.add("Negative", chain.add("Sum", products, axis=axis, keepdims=False))


def clipped_by_norm(chain: Chain, call: Call) -> Result:
    """tf.clip_by_norm."""
    given = Given(call, "t clip_norm axes")
    x, most = given.tensor("t"), given.number("clip_norm")
    squares = chain.add("Square", x)
    norm = chain.add("Sqrt", chain.add("Sum", squares, axis=given.axes("axes"), keepdims=True))
    scaled = chain.add("Multiply", x, most)
    return chain.add("Divide", scaled, chain.add("Maximum", norm, most))


FUNCTIONS: dict[str, Builder] = {
    "binary_crossentropy": binary,
    "categorical_crossentropy": categorical,
    "clip_by_norm": clipped_by_norm,
    "l2_loss": half_of_squares,
    "sigmoid_cross_entropy_with_logits": sigmoid_of_logits,
    "softmax_cross_entropy_with_logits": softmax_of_logits,
    "softmax_cross_entropy_with_logits_v2": softmax_of_logits,
}
"""What a function of TensorFlow is in Keras 3."""
