"""What each kind of weight is called and does, in words for people."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "kernel": ("Kernel", "what the input is multiplied by"),
    "recurrent_kernel": ("Recurrent kernel", "what the state of the step before is multiplied by"),
    "bias": ("Bias", "added to each output"),
    "gamma": ("Gamma", "scale of each channel after normalisation"),
    "beta": ("Beta", "offset of each channel after normalisation"),
    "moving_mean": ("Moving mean", "mean of each channel, gathered in training"),
    "moving_variance": ("Moving variance", "variance of each channel, gathered in training"),
    "depthwise_kernel": ("Depthwise kernel", "filters applied to each input channel by itself"),
    "pointwise_kernel": ("Pointwise kernel", "mixes the channels at each place"),
    "embeddings": ("Embeddings", "one row a token: the vector that stands for it"),
    "alpha": ("Alpha", "slope for negative inputs"),
    "mean": ("Mean", "subtracted from the input"),
    "variance": ("Variance", "the input is divided by its square root"),
    "count": ("Count", "how many samples mean and variance were taken from"),
    "scale": ("Scale", "what the scores or channels are multiplied by"),
    "concat_score_weight": ("Score weight", "what the attention scores are multiplied by"),
    "vector_u": ("Singular vector", "estimate of the kernel's first singular vector"),
    "kernel_scale": ("Kernel scale", "what the whole numbers of the kernel are multiplied by"),
    "embeddings_scale": ("Scale", "what the whole numbers of each row are multiplied by"),
    "kernel_zero": ("Zero point", "the whole number that stands for zero"),
    "g_idx": ("Group index", "which group of the scale each row uses"),
    "seed_generator_state": ("Seed", "state of the random numbers"),
}
"""Title and meaning by role."""

_PROJECTIONS = {
    "query": ("Query", "turns the input into queries, for each head"),
    "key": ("Key", "turns the input into keys, for each head"),
    "value": ("Value", "turns the input into values, for each head"),
    "output": ("Output", "puts the heads together again"),
}
_BY_CLASS = {
    "Dense": "one column for each output",
    "TimeDistributedDense": "one column for each output",
}


def words_of(role: str, owner: str, class_name: str | None) -> tuple[str, str]:
    """Title and meaning of a weight; `owner`: the layer inside a layer ("query_dense")."""
    title, meaning = WORDS.get(role, ("", ""))
    projection = projection_of(owner)
    if projection and role in ("kernel", "bias"):
        first, does = _PROJECTIONS[projection]
        return f"{first} {title.lower()}", does if role == "kernel" else meaning
    if role == "kernel":
        base = class_name or ""
        if "Transpose" in base:
            meaning = "filters that spread each input over the output"
        elif base.startswith(("Conv", "Atrous")) and "LSTM" not in base:
            meaning = "one filter for each channel of the output"
        meaning = _BY_CLASS.get(base, meaning)
    side = "forward" if owner.startswith("forward") else ""
    side = "backward" if owner.startswith("backward") else side
    return (f"{title}, {side}" if side and title else title), meaning


def projection_of(owner: str) -> str:
    """Which of query, key, value, output a layer inside attention is; "" for others."""
    name = owner.lstrip("_")
    if name in ("attention_output", "output_dense"):
        return "output"
    stem = name.removesuffix("_dense")
    return stem if stem in ("query", "key", "value") else ""
