"""What the axes of a weight mean where only its name and rank are known."""

from __future__ import annotations

from h5viewer.documents.assignment import canonical_role
from h5viewer.documents.roles import SPATIAL
from h5viewer.nodes import Shape

_VECTORS = {
    "bias": ("out",),
    "gamma": ("channel",),
    "beta": ("channel",),
    "moving_mean": ("channel",),
    "moving_variance": ("channel",),
}


def axes_by_name(name: str, shape: Shape) -> tuple[str, ...]:
    """Certain meanings only: a 4-D "kernel" may be transposed, so its ends are not named."""
    role = canonical_role(name)
    rank = len(shape)
    if role in _VECTORS and rank == 1:
        return _VECTORS[role]
    if role == "embeddings" and rank == 2:
        return ("token", "dimension")
    if role == "depthwise_kernel" and 3 <= rank <= 4:
        return (*SPATIAL[rank - 2], "in", "multiplier")
    if role == "pointwise_kernel" and 3 <= rank <= 4:
        return (*SPATIAL[rank - 2], "in", "out")
    if role == "recurrent_kernel" and rank == 2:
        return ("hidden", "gates" if shape[1] != shape[0] else "out")
    return ()
