"""Tensors that TensorFlow fills: with one number, with a row of them, or at random.

Of random numbers the mean is taken, as an answer is to be the same again: networks that sample
(variational autoencoders) answer with what is likeliest.
"""

from __future__ import annotations

import math

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Result,
    Symbolic,
    X,
    as_constant,
    known_size,
    sizes_of,
)
from h5viewer.documents.compatibility.sizes import each_size, is_batch

_MOST = 100_000  # numbers in a row
_LARGEST = 2**53
NOTE = "In the place of random numbers stands their mean."


def normal(chain: Chain, call: Call) -> Result:
    """tf.random.normal, K.random_normal, truncated or not."""
    given = Given(call, "shape mean stddev dtype seed")
    chain.notes.append(NOTE)
    return _filled(chain, given.get("shape"), given.plain("mean", 0.0))


def uniform(chain: Chain, call: Call) -> Result:
    """tf.random.uniform, K.random_uniform."""
    given = Given(call, "shape minval maxval dtype seed")
    low, high = given.plain("minval", 0.0), given.plain("maxval", 1.0)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        raise CannotSay("the limits of its random numbers are not stated")
    chain.notes.append(NOTE)
    return _filled(chain, given.get("shape"), (low + high) / 2)


def _filled(chain: Chain, shape: object, value: object) -> Result:
    """A tensor of one number, as many samples as another has."""
    sizes = each_size(shape)
    first = sizes[0] if sizes else None
    if not isinstance(first, Symbolic) or not is_batch(first) or not isinstance(value, int | float):
        raise CannotSay("how many numbers it wants is not known")
    dims = sizes_of(sizes[1:])
    if -1 in dims:
        raise CannotSay("how many numbers it wants is not known")
    row = chain.layer("Flatten", first.of, data_format="channels_last")
    one = chain.add("ZerosLike", chain.add("Sum", row, axis=1, keepdims=True))
    many = chain.add("Repeat", one, repeats=math.prod(dims), axis=1)
    zeros = chain.add("Reshape", many, newshape=[-1, *dims])
    return chain.add("Add", zeros, value) if value else zeros


def left_alone(chain: Chain, call: Call) -> Result:
    """tf.nn.dropout: what goes in is the mean of what comes out."""
    given = Given(call, f"{X} rate")
    chain.notes.append(NOTE)
    return given.tensor("x")


def filled_with(value: float) -> Builder:
    """tf.ones, tf.zeros."""
    return lambda chain, call: _filled(chain, Given(call, "shape dtype").get("shape"), value)


def filled(chain: Chain, call: Call) -> Result:
    """tf.fill."""
    given = Given(call, "dims|shape value")
    return _filled(chain, given.get("dims"), given.plain("value"))


def counted(chain: Chain, call: Call) -> Result:
    """tf.range, of limits that are sizes of tensors."""
    given = Given(call, "start limit|stop delta|step dtype")
    stated = [given.get(each) for each in ("start", "limit", "delta")]
    of = next((each.of for each in stated if isinstance(each, Symbolic)), None)
    numbers = [_number(each) for each in stated if each is not None]
    if of is None or not numbers:
        raise CannotSay("how many numbers it wants is not known")
    first, last = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else 1
    if not step or not 0 < (length := math.ceil((last - first) / step)) <= _MOST:
        raise CannotSay("how many numbers it wants is not known")
    row = as_constant([first + step * place for place in range(length)])
    # A number of the network, so that it is one of its tensors.
    nothing = chain.add("ZerosLike", chain.add("Sum", of, axis=None, keepdims=False))
    is_whole = all(isinstance(each, int) for each in (first, step))
    return chain.add("Add", chain.add("Cast", nothing, dtype="int32") if is_whole else nothing, row)


def _number(value: object) -> int | float:
    value = known_size(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CannotSay("how many numbers it wants is not known")
    if not abs(value) < _LARGEST:  # also NaN
        raise CannotSay("how many numbers it wants is not known")
    return value


FUNCTIONS: dict[str, Builder] = {
    "arange": counted,
    "dropout": left_alone,
    "fill": filled,
    "ones": filled_with(1.0),
    "random.normal": normal,
    "random.truncated_normal": normal,
    "random.uniform": uniform,
    "random_normal": normal,
    "random_uniform": uniform,
    "range": counted,
    "truncated_normal": normal,
    "zeros": filled_with(0.0),
}
"""What a function of TensorFlow is in Keras 3."""
