"""Layers that were trained by adapters (LoRA): their kernel as it is used, in one piece.

Archives hold it so; legacy files hold the kernel as it was, which is not trained any more, and
the adapters.
Source: keras/src/layers/core/dense.py, `enable_lora`, `_get_kernel_with_merged_lora`; keras 3.15.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.arguments import Config
from h5viewer.documents.compatibility.layout import AddProduct, LayerRepair
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.values import whole
from h5viewer.documents.roles import ADAPTED, has_bias, quantization_mode

MERGED = "Built without them: its weights hold what they add, so that it answers the same."
"""What is done about them, though Keras opens them, too."""


def has_adapters(row: LayerRepair) -> bool:
    """True for a layer whose adapters, where they are stored, are added to its kernel."""
    return any(isinstance(step, AddProduct) for step in row.steps)


def merge(class_name: str, made: Made, config: Config, place: Place, work: Work) -> None:
    """Have the adapters of a layer added to its kernel."""
    rank = whole(config, "lora_rank")
    if class_name not in ADAPTED or not rank:
        return
    stated = config.get("lora_alpha")
    factor = float(stated) / rank if isinstance(stated, int | float) else 1.0
    if quantization_mode(config) is None:
        n_before = int(has_bias(class_name, config))
        if config.get("trainable") is False:
            step = AddProduct(0, n_before + 1, n_before + 2, factor)
        else:
            step = AddProduct(n_before + 2, n_before, n_before + 1, factor)
        made.steps = (step, *made.steps)
    work.findings.add(
        place.name,
        f"It was trained by adapters beside its weights (LoRA, rank {rank}).",
        MERGED,
    )
