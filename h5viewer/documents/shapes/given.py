"""What a call is given beside its first tensor: other tensors, constants, settings."""

from __future__ import annotations

from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.shapes import arrays
from h5viewer.documents.shapes.axes import NOT_FED, Axes, Config, Fed, ShapeUnknown, Tensor


def operands(fed: Fed) -> list[Axes]:
    """Shapes of all tensors and constants, in order."""
    if not fed.args and not fed.kwargs:
        return fed.all()
    found: list[Axes] = []
    for value in (*fed.args, *fed.kwargs.values()):
        if isinstance(value, Tensor):
            if value.shape is None:
                raise ShapeUnknown(NOT_FED)
            found.append(value.shape)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append(())
        elif is_list(value) or is_table(value):
            found.append(arrays.shape_of(value))
    if not found:
        raise ShapeUnknown(NOT_FED)
    return found


def argument(config: Config, fed: Fed, place: int, *names: str) -> object:
    """A setting: by name in the configuration or the call, or by place in the call."""
    for name in names:
        if name in config:
            return config[name]
        if name in fed.kwargs:
            return fed.kwargs[name]
    return fed.args[place] if len(fed.args) > place else None
