"""The configuration of a network as Keras 3 writes it, of one as the program works with it."""

from __future__ import annotations

from h5viewer.documents.json_text import is_list, is_table, table

_ENDS = ("input_layers", "output_layers")


def as_written(network: object) -> dict[str, object]:
    """A copy in which a single input or output stands by itself, in nested networks too.

    A nested network that puts out a list of one tensor would hand that list to the next layer.
    """
    made = _copied(network)
    return made if is_table(made) else {}


def _copied(value: object) -> object:
    if is_list(value):
        return [_copied(each) for each in value]
    if not is_table(value):
        return value
    made = {key: _copied(each) for key, each in value.items()}
    config = table(made.get("config"))
    if made.get("class_name") in ("Functional", "Model"):
        for key in _ENDS:
            ends = config.get(key)
            if is_list(ends) and len(ends) == 1 and is_list(ends[0]):
                config[key] = ends[0]
    return made
