"""Keras' own classes by name, and what Keras raises when it refuses one."""

from __future__ import annotations

import importlib
import re
from importlib.util import find_spec
from typing import Any

import keras
import tensorflow as tf

from h5viewer.errors import CannotRead
from h5viewer.names import plain, visible

FRAMEWORK_ERROR = tf.errors.OpError

KERAS_ERRORS = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError,
    AssertionError, RuntimeError, ArithmeticError, MemoryError, NameError, ImportError, OSError,
    FRAMEWORK_ERROR,
)  # fmt: skip
"""What building, feeding and calling layers is known to raise."""

_MODULES = {
    name: importlib.import_module(name)
    for name in (
        "keras.src.ops.core", "keras.src.ops.image", "keras.src.ops.linalg",
        "keras.src.ops.math", "keras.src.ops.nn", "keras.src.ops.numpy",
        "keras.src.ops.einops", "keras.src.applications.convnext",
        "keras.src.applications.inception_resnet_v2",
    )
    if find_spec(name) is not None  # not every Keras 3 has all of them
}  # fmt: skip
_COLOUR = re.compile(r"\x1b\[[0-9;]*m|\\x1b\[[0-9;]*m")  # Keras writes for terminals
_CARRIES_CODE = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})


def class_named(class_name: str, module: str) -> Any:
    """The layer or operation of that name; nothing is ever imported for it.

    Raises:
        CannotRead: Keras has none such.
    """
    found = getattr(_MODULES.get(module, keras.layers), class_name, None)
    is_operation = isinstance(found, type) and issubclass(found, keras.Operation)
    if not is_operation or class_name in _CARRIES_CODE:
        raise CannotRead(f"Keras has no layer of the class {visible(class_name)}.")
    return found


def one_line(error: BaseException) -> str:
    """What an error of Keras says, short enough for a sentence."""
    text = _COLOUR.sub("", plain(str(error))).strip().rpartition("Exception encountered:")[2]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        lines = lines[1:]
    first = lines[0] if lines else ""
    if not first:
        return f"{type(error).__name__}."
    return visible(first if len(first) <= 200 else f"{first[:199]}…")
