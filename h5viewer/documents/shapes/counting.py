"""How the multiply-adds of a class are counted, as a sentence for the user."""

from __future__ import annotations

_AT_PLACES = "One for each weight of a kernel, at each place of the output."
_DENSE = "One for each weight of the kernel, at each place of the axes before the last."
_RECURRENT = "One for each weight of both kernels, at each step."
_ATTENTION = "The products of queries with keys, and of their weights with values."
_PROJECTED = (
    "The projections of query, key, value and output, the products of queries with keys, and of "
    "their weights with values."
)
_SENTENCES = {
    "Dense": _DENSE, "TimeDistributedDense": _DENSE, "MaxoutDense": _DENSE, "Highway": _DENSE,
    "EinsumDense": "One for each combination of the letters of its equation.",
    "LSTM": _RECURRENT, "GRU": _RECURRENT, "SimpleRNN": _RECURRENT, "RNN": _RECURRENT,
    "CuDNNLSTM": _RECURRENT, "CuDNNGRU": _RECURRENT,
    "Bidirectional": "Those of the layer inside, in both directions.",
    "TimeDistributed": "Those of the layer inside, at each step.",
    "Attention": _ATTENTION, "AdditiveAttention": _ATTENTION,
    "MultiHeadAttention": _PROJECTED, "GroupQueryAttention": _PROJECTED,
    "GroupedQueryAttention": _PROJECTED,
    "Dot": "One for each number of the output, at each place of the summed axis.",
    "Matmul": "One for each number of the output, at each place of the summed axis.",
    "Tensordot": "One for each number of the output, at each place of the summed axes.",
    "Einsum": "One for each combination of the letters of its equation.",
}  # fmt: skip


def counting(class_name: str) -> str:
    """The rule for a class; "" for one that has no multiply-adds, or is not known."""
    if class_name in _SENTENCES:
        return _SENTENCES[class_name]
    if class_name.startswith("ConvLSTM"):
        return "One for each weight of both kernels, at each place of the output and each step."
    if class_name.startswith("Separable"):
        return "The convolution of each channel, then each of them with each filter."
    if class_name.endswith("Transpose"):
        return "One for each weight of a kernel, at each place of the input."
    is_convolution = class_name.startswith(("Conv", "DepthwiseConv", "LocallyC", "AtrousConv"))
    return _AT_PLACES if is_convolution else ""
