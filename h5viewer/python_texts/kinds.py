"""The kinds of programs that can be made, by themselves: `h5v` lists them when it starts."""

from __future__ import annotations

from typing import Literal

PythonKind = Literal["dataset", "generator", "layers", "tf.data"]

KINDS: dict[PythonKind, str] = {
    "dataset": "Keras PyDataset",
    "generator": "Keras PyDataset with ImageDataGenerator",
    "layers": "Keras PyDataset with preprocessing layers",
    "tf.data": "tf.data pipeline",
}
"""What can be made, and what people call it."""
