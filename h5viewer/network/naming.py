"""What Keras refuses, as one sentence that names the layer."""

from __future__ import annotations

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.network.classes import KERAS_ERRORS, one_line


class naming:  # noqa: N801 - a context manager reads like a verb
    """What Keras refuses inside becomes a sentence that names the layer."""

    def __init__(self, layer: str, class_name: str) -> None:
        self._layer, self._class_name = layer, class_name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KERAS_ERRORS):
            raise refused(self._layer, self._class_name, error) from error


def refused(layer: str, class_name: str, error: BaseException) -> CannotRead:
    """The sentence about a layer that could not be built."""
    what = f"The layer “{visible(layer)}” ({visible(class_name)})" if layer else "The network"
    if isinstance(error, MemoryError):
        return CannotRead(f"{what} needs more memory than there is.", details=str(error))
    while isinstance(error, NotImplementedError) and error.__context__ is not None:
        error = error.__context__  # of failing code Keras says that its shape is not known
    return CannotRead(
        f"{what} could not be built: {one_line(error)}",
        hint="The file can still be looked at; only predicting needs the network.",
        details=str(error)[:4000],
    )
