"""Recurrent layers and their cells.

Multiply-adds: at each step, one for each weight of the kernels of input and state.
"""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.documents.json_text import table
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    as_list,
    as_size,
    is_channels_first,
    is_true,
    join_image,
    one,
    plus,
    size,
    split_image,
    times,
)
from h5viewer.documents.shapes.convolutions import (
    dilation_of,
    filters_of,
    kernel_of,
    padding_of,
    slid,
    steps_of,
)

GATES = {
    "LSTM": 4, "GRU": 3, "SimpleRNN": 1, "CuDNNLSTM": 4, "CuDNNGRU": 3,
    "LSTMCell": 4, "GRUCell": 3, "SimpleRNNCell": 1,
}  # fmt: skip
_STATES = {"LSTM": 2, "CuDNNLSTM": 2, "LSTMCell": 2}
_MOST_CELLS = 1000


def recurrent(class_name: str) -> Rule:
    """(batch, steps, features) → the last output, or all of them (`return_sequences`)."""
    gates, n_states = GATES[class_name], _STATES.get(class_name, 1)

    def rule(config: Config, fed: Fed) -> Made:
        shape, units = fed.of_rank(3), size(config, "units", "output_dim")
        a_step = times(gates, units, plus(shape[2], units))
        return outputs(config, shape, (units,), ((units,),) * n_states, a_step)

    return rule


def cell(class_name: str) -> Rule:
    """A cell called by itself: one step, without its states."""
    gates = GATES[class_name]

    def rule(config: Config, fed: Fed) -> Made:
        shape, units = fed.of_rank(2), size(config, "units", "output_dim")
        return one((shape[0], units), times(gates, units, plus(shape[1], units)))

    return rule


def outputs(
    config: Config, shape: Axes, step: Axes, states: Sequence[Axes], a_step: int | None
) -> Made:
    """What a recurrent layer puts out whose one step gives `step`, without batch."""
    batch, length = shape[0], shape[1]
    if is_true(config, "time_major"):
        batch, length = length, batch
    cost = times(length, a_step)
    if not is_true(config, "return_sequences"):
        made = one((batch, *step), cost)
    elif is_true(config, "time_major"):
        made = one((length, batch, *step), cost)
    else:
        made = one((batch, length, *step), cost)
    if not is_true(config, "return_state"):
        return made
    return Made((*made.shapes, *((batch, *each) for each in states)), made.multiply_adds)


def recurrent_of_cells(config: Config, fed: Fed) -> Made:
    """RNN with the `cell` it states: one of Keras' own, or several, stacked."""
    shape = fed.of_rank(3)
    cells = cells_of(config.get("cell"))
    features, cost = shape[2], 0
    total: int | None = cost
    states: list[Axes] = []
    units = 0
    for class_name, inner in cells:
        units = size(inner, "units", "output_dim")
        total = plus(total, times(GATES[class_name], units, plus(features, units)))
        states += [(units,)] * _STATES.get(class_name, 1)
        features = units
    return outputs(config, shape, (units,), states, total)


def cells_of(value: object) -> list[tuple[str, Config]]:
    """Class and configuration of the cells that an RNN states, one or several, stacked.

    Raises:
        ShapeUnknown: one of them is not one of Keras' own.
    """
    stated = as_list(value)
    if stated is None:
        class_name, inner = table(value).get("class_name"), table(table(value).get("config"))
        stated = as_list(inner.get("cells")) if class_name == "StackedRNNCells" else [value]
    if not stated or len(stated) > _MOST_CELLS:
        raise ShapeUnknown("Its cells are not understood.")
    cells = []
    for each in stated:
        class_name = table(each).get("class_name")
        if not isinstance(class_name, str) or class_name not in GATES:
            raise ShapeUnknown("Its cell is not one of Keras' own.")
        cells.append((class_name, table(table(each).get("config"))))
    return cells


def convolutional_lstm(rank: int) -> Rule:
    """(batch, steps, rows, columns, channels): the state is convolved without shrinking."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 3), is_channels_first(config)
        spatial, channels = split_image((shape[0], *shape[2:]), first=first)
        kernel, filters, padding = kernel_of(config, rank), filters_of(config), padding_of(config)
        every = zip(spatial, kernel, steps_of(config, rank), dilation_of(config, rank), strict=True)
        made = [slid(length, k, step, padding, rate) for length, k, step, rate in every]
        step = join_image(None, made, filters, first=first)[1:]
        a_step = times(*made, *kernel, 4, filters, plus(channels, filters))
        return outputs(config, shape, step, (step, step), a_step)

    return rule


def merged_directions(mode: object, made: Sequence[Axes | None], n_states: int) -> list[Axes]:
    """What Bidirectional makes of the outputs of its layer.

    Args:
        mode: "concat", "sum", "ave", "mul"; None: both directions apart.
        made: the output of one direction, then its states.
        n_states: how many of those there are.
    """
    known = [each for each in made if each is not None]
    if len(known) < len(made) or not known:
        raise ShapeUnknown("The shape of its layer is not known.")
    both = known[1 : 1 + n_states] * 2
    if mode is None:
        return [known[0], known[0], *both]
    if mode not in ("concat", "sum", "ave", "mul"):
        raise ShapeUnknown("Its “merge_mode” has a name that is not known.")
    last = known[0][-1]
    if mode == "concat":
        return [(*known[0][:-1], None if last is None else 2 * last), *both]
    return [known[0], *both]


def dense_over_time(config: Config, fed: Fed) -> Made:
    """Keras 1 TimeDistributedDense."""
    shape, units = fed.of_rank(3), size(config, "output_dim")
    length = shape[1] if shape[1] is not None else as_size(config.get("input_length"))
    return one((shape[0], length, units), times(length, shape[2], units))
