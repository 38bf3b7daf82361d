"""From a configuration of any Keras to one that Keras 3 builds, without Keras.

Everything that comes out is freshly written here: class names of an explicit list, modules set
by us, numbers and texts checked. What the file says is never imported, opened or called.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.layout import LayerRepair, Step, Taker
from h5viewer.documents.compatibility.repaired import CODE_CLASS, CodeOfLayer, Repair

__all__ = ["CODE_CLASS", "CodeOfLayer", "LayerRepair", "Repair", "Step", "Taker"]
