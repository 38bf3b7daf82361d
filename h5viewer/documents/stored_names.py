"""Names of stored weights: TensorFlow's suffix, Keras 1's prefixes, paths inside groups."""

from __future__ import annotations

import re

from h5viewer.names import NodePath

# Keras 1 wrote "dense_1_W"; the gates of recurrent layers are arrays of their own.
_KERAS_1 = re.compile(r"(?:^|_)((?:[WUb])(?:_[a-z])?|gamma|beta|running_mean|running_std)$")
_WRITTEN_OUT = re.compile(rb"\\x([89a-f][0-9a-f])")
NEVER_TRAINED = (
    "moving_", "running_", "renorm_", "seed_generator", "StateVar", "state_var", "vector_u",
    "sn_u", "kernel_scale", "kernel_zero", "embeddings_scale", "g_idx",
)  # fmt: skip
"""What roles of variables that no optimizer trains begin with, whatever class they are in."""
_MODERN = {
    "W": "kernel", "U": "recurrent_kernel", "b": "bias",
    "running_mean": "moving_mean", "running_std": "moving_variance",
}  # fmt: skip


def without_output(name: str) -> str:
    """A TensorFlow variable's name without ":0"."""
    stem, colon, output = name.rpartition(":")
    return stem if colon and output.isdigit() else name


def canonical_role(name: str) -> str:
    """The modern name of a stored weight's role: "dense_1_W:0" → "kernel".

    Keras 1's "running_std" holds the variance (formats.md, section 1.1).
    """
    last = without_output(name).rpartition("/")[2]
    if last.startswith("lora_"):  # "lora_kernel_b" is no bias
        return last
    old = _KERAS_1.search(last)
    role = old.group(1) if old else last
    return _MODERN.get(role, role)


def owner_of(name: str) -> str:
    """The scope that a weight's name stands in: "encoder/conv2d/kernel:0" → "encoder/conv2d"."""
    return without_output(name).rpartition("/")[0]


def short_names(names: list[str]) -> list[str]:
    """Names without what they have in common in front, ":0" and Keras 1's layer name.

    Names that are no paths inside a group stay as they are.
    """
    if any(path_of_name(name) is None for name in names):
        return list(names)
    split = [without_output(name).split("/") for name in names]
    n_common = 0
    while all(len(parts) > n_common + 1 for parts in split) and (
        len({parts[n_common] for parts in split}) == 1
    ):
        n_common += 1
    shortened = []
    for parts in split:
        old = _KERAS_1.search(parts[-1]) if len(parts) == 1 else None
        shortened.append(old.group(1) if old else "/".join(parts[n_common:]))
    if len(set(shortened)) < len(shortened):
        return [without_output(name) for name in names]
    return shortened


def path_of_name(name: str) -> NodePath | None:
    r"""The links a stored name walks, or None when it would leave its group.

    HDF5 knows no way up: "..", as a layer may be called, is a name as others are. A byte that
    is no UTF-8 stands in the name as `names.plain` writes it: "\xff".
    """
    parts = [part for part in name.split("/") if part]
    if not parts or name.startswith("/") or "." in parts:
        return None
    return tuple(part.encode("utf-8", "surrogateescape") for part in parts)


def with_raw_bytes(path: NodePath) -> NodePath:
    r"""The path whose names hold the bytes that "\xff" in the names given may stand for."""
    return tuple(_WRITTEN_OUT.sub(lambda found: bytes.fromhex(found[1].decode()), part)
                 for part in path)  # fmt: skip
