"""What stored weights are where no configuration says it: by default names and by shapes.

Guesses that could be wrong are not made: an unnamed axis is better than a false name.
"""

from __future__ import annotations

from h5viewer.documents.roles import Role, class_of_group, fits, roles
from h5viewer.documents.stored import StoredWeight
from h5viewer.documents.stored_names import canonical_role
from h5viewer.nodes import Shape

# The layers inside MultiHeadAttention: (heads, size of a head) are two axes.
PROJECTIONS = frozenset({"query", "key", "value", "query_dense", "key_dense", "value_dense"})
OUTPUTS = frozenset({"attention_output", "output_dense"})


def certain_roles(name: str, weights: list[StoredWeight]) -> list[Role] | None:
    """The roles of a group of weights called `name`; None: not certain."""
    last = name.rpartition("/")[2]
    if last in PROJECTIONS | OUTPUTS and any(len(weight.shape or ()) > 2 for weight in weights):
        return None  # attention of other libraries projects by a Dense, which has two axes
    named_by_default = class_of_group(last)
    known = roles(named_by_default, {}) if named_by_default else None
    if known and fits([weight.name for weight in weights], known):
        return known
    met = {
        canonical_role(weight.name): weight.shape for weight in weights if weight.shape is not None
    }
    class_name = _class_by_shapes(met, is_convolution="conv" in last.lower())
    return roles(class_name, {}) if class_name else None


def axes_by_name(name: str, shape: Shape) -> tuple[str, ...]:
    """Certain meanings only: a 4-D "kernel" may be transposed, so its ends are not named."""
    role = canonical_role(name)
    rank = len(shape)
    owner = name.rpartition("/")[0].rpartition("/")[2].lstrip("_")
    if role in ("kernel", "bias") and owner in PROJECTIONS | OUTPUTS:
        axes: tuple[str, ...] = ("in", "head", "dimension")
        if owner in OUTPUTS:
            axes = ("head", "dimension", "out")
        if role == "bias":
            axes = axes[2:] if owner in OUTPUTS else axes[1:]
        return axes if len(axes) == rank else ()
    if role == "bias" and rank == 1:
        return ("out",)
    if role in ("gamma", "beta", "moving_mean", "moving_variance") and rank == 1:
        return ("channel",)
    if role == "embeddings" and rank == 2:
        return ("token", "dimension")
    return ()


def _class_by_shapes(met: dict[str, Shape], *, is_convolution: bool) -> str | None:
    """The class whose weights these can only be.

    The bias tells the outgoing axis of a kernel, if the two ends differ.
    """
    kernel, bias, recurrent = met.get("kernel"), met.get("bias"), met.get("recurrent_kernel")
    if kernel is None:
        return None
    if recurrent is not None and len(recurrent) == len(kernel) == 2:
        units, gates = recurrent
        ratio = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}
        return ratio.get(gates // units) if units and gates % units == 0 else None
    if not set(met) <= {"kernel", "bias"}:
        return None
    if len(kernel) == 2:
        return "Dense" if bias in (None, (kernel[1],)) else None
    if not is_convolution or not 3 <= len(kernel) <= 5 or kernel[-1] == kernel[-2]:
        return None
    ends = {(kernel[-1],): "", (kernel[-2],): "Transpose"}
    return f"Conv{len(kernel) - 2}D{ends[bias]}" if bias in ends else None
