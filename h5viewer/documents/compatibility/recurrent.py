"""Recurrent layers: LSTM, GRU and SimpleRNN of every Keras, CuDNN's, those of convolutions.

Gates: LSTM stores i, f, c, o since Keras 2 (Keras 1: i, c, f, o, an array each), GRU z, r, h.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.arguments import Config, of_layer
from h5viewer.documents.compatibility.layout import (
    CudnnKernel,
    CudnnRecurrentKernel,
    Flip,
    Join,
    Reshape,
    Scale,
    Step,
    SumHalves,
    Transpose,
)
from h5viewer.documents.compatibility.objects import activation
from h5viewer.documents.compatibility.place import Made, Place, Work, named

HARD_SIGMOID = 1.2
"""Keras 1 and 2: clip(0.2 x + 0.5); Keras 3: clip(x / 6 + 0.5). So f(x) of then is f(1.2 x)."""

RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
CELLS = frozenset({"LSTMCell", "GRUCell", "SimpleRNNCell"})
_GATED = {"GRU": (HARD_SIGMOID, HARD_SIGMOID, 1.0)}
_LSTM_GATES = (HARD_SIGMOID, HARD_SIGMOID, 1.0, HARD_SIGMOID)

_CUDNN = {"CuDNNLSTM": ("LSTM", 4), "CuDNNGRU": ("GRU", 3)}
_JOINED = {  # Keras 1: W, U, b of each gate; the groups are kernels, recurrent kernels, biases
    "LSTM": ((0, 6, 3, 9), (1, 7, 4, 10), (2, 8, 5, 11)),
    "ConvLSTM2D": ((0, 6, 3, 9), (1, 7, 4, 10), (2, 8, 5, 11)),
    "GRU": ((0, 3, 6), (1, 4, 7), (2, 5, 8)),
}


def recurrent(class_name: str, config: Config, place: Place, work: Work) -> Made | None:
    """LSTM, GRU, SimpleRNN, ConvLSTM, and the cells of the first three."""
    plain, stated = class_name.removesuffix("Cell"), dict(config)
    if stated.get("time_major") is True:
        message = "It takes time as the first axis (“time_major”), which Keras 3 does not."
        work.findings.add(place.name, message)
    if plain == "GRU" and work.generation < 3:
        stated.setdefault("reset_after", False)
    made = Made(class_name, of_layer(class_name, stated, place, work))
    if work.generation == 1 and class_name in _JOINED:
        made.steps = (Join(_JOINED[class_name]),)
        if class_name == "ConvLSTM2D" and made.config.get("data_format") == "channels_first":
            made.steps += (Transpose(0, (2, 3, 1, 0)), Transpose(1, (2, 3, 1, 0)))
    if work.is_theano and class_name == "ConvLSTM2D":
        made.steps += (Flip(0, (0, 1)), Flip(1, (0, 1)))
    if work.generation < 3:
        made.steps += _hard_sigmoid(plain, stated, place, work)
    return made


def cudnn(class_name: str, config: Config, place: Place, work: Work) -> Made:
    """CuDNNLSTM and CuDNNGRU: the plain layers with the same numbers in another order."""
    plain, n = _CUDNN[class_name]
    stated: Config = {"activation": "tanh", "recurrent_activation": "sigmoid", **config}
    if plain == "GRU":
        stated["reset_after"] = True
    work.findings.add(
        place.name,
        f"{class_name} is a layer for graphics cards that Keras 3 no longer has.",
        f"Built as {plain}, with its weights brought into that layer's order.",
    )
    made = Made(plain, of_layer(plain, stated, place, work))
    biases: Step = SumHalves(2) if plain == "LSTM" else Reshape(2, (2, -1))
    made.steps = (CudnnKernel(0, n), CudnnRecurrentKernel(1, n), biases)
    return made


def _hard_sigmoid(class_name: str, config: Config, place: Place, work: Work) -> tuple[Step, ...]:
    arrays = 2 if config.get("use_bias") is False else 3
    if class_name == "SimpleRNN":
        if activation(config.get("activation")) != "hard_sigmoid":
            return ()
        tell_of_hard_sigmoid(place, work)
        return tuple(Scale(at, (HARD_SIGMOID,)) for at in range(arrays))
    if activation(config.get("activation", "tanh")) == "hard_sigmoid":
        work.findings.add(
            place.name,
            "Its activation “hard_sigmoid” means something else in Keras 3: a less steep ramp.",
            "Left as Keras 3 has it: the answer may differ.",
        )
    if activation(config.get("recurrent_activation")) != "hard_sigmoid":
        return ()
    tell_of_hard_sigmoid(place, work)
    factors = _GATED.get(class_name, _LSTM_GATES)
    return tuple(Scale(at, factors) for at in range(arrays))


def tell_of_hard_sigmoid(place: Place, work: Work) -> None:
    """Keras 3 would load it and answer differently."""
    work.findings.add(
        place.name,
        "“hard_sigmoid” means something else in Keras 3: a less steep ramp.",
        "What goes into it is multiplied by 1.2, so that the answer is the same.",
    )


def activation_layer(config: Config, place: Place, work: Work) -> Made:
    """`Activation`, whose hard_sigmoid is that of its Keras."""
    made = Made("Activation", of_layer("Activation", config, place, work))
    if work.generation < 3 and made.config.get("activation") == "hard_sigmoid":
        tell_of_hard_sigmoid(place, work)
        made.before = (
            named("Rescaling", f"{place.new_name}_steeper", scale=HARD_SIGMOID, offset=0.0),
        )
    return made
