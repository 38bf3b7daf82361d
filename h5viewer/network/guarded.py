"""What goes wrong inside the framework, as errors that the worker knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import tensorflow as tf

from h5viewer.errors import CannotRead
from h5viewer.network.classes import FRAMEWORK_ERROR
from h5viewer.operations import Operation

Answering = Callable[..., Operation[Any]]


def guarded(answer: Answering) -> Answering:
    """An operation whose framework runs out of memory as Python does, or refuses in words."""

    @wraps(answer)
    def answer_guarded(request: Any, container: Any, *others: Any) -> Operation[Any]:
        try:
            return (yield from answer(request, container, *others))
        except tf.errors.ResourceExhaustedError as error:
            raise MemoryError(error.message) from error
        except FRAMEWORK_ERROR as error:
            raise CannotRead(
                f"The network of {container.source.name} could not answer this.",
                hint="What it was given may not fit its inputs.",
                details=error.message,
            ) from error

    return answer_guarded
