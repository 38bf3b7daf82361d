"""Random numbers of TensorFlow, of which the mean is taken: an answer is to be the same again.

Networks that sample (variational autoencoders) answer with what is likeliest.
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
    sizes_of,
)
from h5viewer.documents.compatibility.sizes import each_size, is_batch

_NOTE = "In the place of random numbers stands their mean."


def normal(chain: Chain, call: Call) -> Result:
    """tf.random.normal, K.random_normal, truncated or not."""
    given = Given(call, "shape mean stddev dtype seed")
    return _filled(chain, given.get("shape"), given.plain("mean", 0.0))


def uniform(chain: Chain, call: Call) -> Result:
    """tf.random.uniform, K.random_uniform."""
    given = Given(call, "shape minval maxval dtype seed")
    low, high = given.plain("minval", 0.0), given.plain("maxval", 1.0)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        raise CannotSay("the limits of its random numbers are not stated")
    return _filled(chain, given.get("shape"), (low + high) / 2)


def _filled(chain: Chain, shape: object, value: object) -> Result:
    """A tensor of one number, as many samples as another has."""
    sizes = each_size(shape)
    first = sizes[0] if sizes else None
    if not isinstance(first, Symbolic) or not is_batch(first) or not isinstance(value, int | float):
        raise CannotSay("how many random numbers it wants is not known")
    dims = sizes_of(sizes[1:])
    if -1 in dims:
        raise CannotSay("how many random numbers it wants is not known")
    chain.notes.append(_NOTE)
    row = chain.layer("Flatten", first.of, data_format="channels_last")
    one = chain.add("ZerosLike", chain.add("Sum", row, axis=1, keepdims=True))
    many = chain.add("Repeat", one, repeats=math.prod(dims), axis=1)
    zeros = chain.add("Reshape", many, newshape=[-1, *dims])
    return chain.add("Add", zeros, value) if value else zeros


FUNCTIONS: dict[str, Builder] = {
    "random.normal": normal,
    "random.truncated_normal": normal,
    "random.uniform": uniform,
    "random_normal": normal,
    "random_uniform": uniform,
    "truncated_normal": normal,
}
"""What a function of TensorFlow is in Keras 3."""
