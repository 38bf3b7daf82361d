"""Which Keras wrote a configuration: 1, 2 or 3."""

from __future__ import annotations

from h5viewer.documents.json_text import is_list, is_table, table

_OF_KERAS_1 = frozenset(
    [
        "nb_filter",
        "nb_row",
        "nb_col",
        "border_mode",
        "subsample",
        "dim_ordering",
        "W_regularizer",
        "input_dtype",
        "filter_length",
        "subsample_length",
        "inner_init",
        "inner_activation",
        "nb_feature",
    ]
)
_OF_KERAS_3 = frozenset({"batch_shape"})
_MOST = 200  # layers looked at
_MIXING = frozenset({"Flatten", "Reshape", "Permute"})  # what comes behind knows the axes' order


def generation_of(config: object, version: str | None) -> int:
    """1, 2 or 3: from what the file says of itself, else from the arguments it uses."""
    major = (version or "").partition(".")[0]
    if major in ("0", "1"):
        return 1
    if major in ("2", "3"):
        return int(major)
    keys: set[str] = set()
    waiting: list[object] = [config]
    for _ in range(_MOST):
        if not waiting:
            break
        value = waiting.pop()
        inner = table(value).get("config")
        listed = inner if is_list(inner) else table(inner).get("layers")
        if is_table(inner):
            keys.update(inner)
        if is_list(listed):
            waiting += listed[:_MOST]
    if keys & _OF_KERAS_1:
        return 1
    return 3 if keys & _OF_KERAS_3 else 2


def mixes_axes(config: object) -> bool:
    """True where a layer hands rows, columns and channels on in one row, or in another order."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        class_name = table(value).get("class_name")
        if isinstance(class_name, str) and class_name in _MIXING:
            return True
        inner = table(value).get("config")
        listed = inner if is_list(inner) else table(inner).get("layers")
        if is_list(listed):
            waiting += listed
    return False


def masks(config: object) -> bool:
    """True where a layer says which steps are no data, for those behind it to leave out."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if is_table(value):
            if value.get("class_name") == "Masking" or value.get("mask_zero"):
                return True
            waiting += value.values()
        elif is_list(value):
            waiting += value
    return False
