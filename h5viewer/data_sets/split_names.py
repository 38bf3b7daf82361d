"""What folders and tables call training, validation and test."""

from __future__ import annotations

from h5viewer.nodes import Split

SPLITS: tuple[Split, ...] = ("training", "validation", "test")

_NAMES: dict[str, Split] = {
    "train": "training", "training": "training", "train_set": "training",
    "training_set": "training", "val": "validation", "valid": "validation",
    "validation": "validation", "validate": "validation", "dev": "validation",
    "val_set": "validation", "validation_set": "validation", "test": "test", "testing": "test",
    "test_set": "test",
}  # fmt: skip


def split_of(name: str) -> Split:
    """The split that has this name; "": none."""
    return _NAMES.get(name.strip().casefold().replace("-", "_").replace(" ", "_"), "")
