"""Keras 1's `Merge`: a layer of a functional network, or the beginning of a sequential one."""

from __future__ import annotations

from h5viewer.documents.compatibility.arguments import Config, of_every_layer
from h5viewer.documents.compatibility.calls import Tensor
from h5viewer.documents.compatibility.code_layers import code_layer
from h5viewer.documents.compatibility.composite import Sketch, input_shapes
from h5viewer.documents.compatibility.place import Made, Place, Work, named
from h5viewer.documents.compatibility.values import wholes
from h5viewer.documents.json_text import is_list, table
from h5viewer.names import plain, visible

_MODES = {"sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average",
          "max": "Maximum", "dot": "Dot", "cos": "Dot"}  # fmt: skip


def merge(config: Config, place: Place, work: Work) -> Made | None:
    """The merging itself."""
    mode = config.get("mode", "sum")
    if not isinstance(mode, str) or mode not in _MODES:
        if config.get("mode_type") in ("lambda", "function"):
            stated: Config = {**config, "function": mode, "function_type": config["mode_type"]}
            return code_layer(stated, place, work)
        work.findings.add(place.name, f"It merges by “{visible(str(mode))}”, which is not known.")
        return None
    class_name = _MODES[mode]
    work.findings.add(
        place.name,
        "Keras 3 has no layer Merge.",
        f"Built as {class_name}, which is the same as merging by “{mode}”.",
    )
    made = Made(class_name, of_every_layer(config, place, work))
    if class_name == "Concatenate":
        axis = wholes(config.get("concat_axis", -1))
        made.config["axis"] = axis[0] if axis else -1
    if class_name == "Dot":
        _set_axes(made, config, place, mode)
    return made


def _set_axes(made: Made, config: Config, place: Place, mode: str) -> None:
    axes = config.get("dot_axes", -1)
    found = wholes(axes)
    if is_list(axes) and found is None:  # [[1], [1]]
        pairs = [wholes(each) for each in axes]
        found = tuple(pair[0] for pair in pairs if pair)
    if found is None:
        made.config["axes"] = -1
    else:
        made.config["axes"] = found[0] if len(found) == 1 else list(found[:2])
    if mode == "cos":
        made.config["normalize"] = True
        made.after = (named("Reshape", f"{place.new_name}_row", target_shape=[1, -1]),)


def begins_with_merge(entries: list[object]) -> bool:
    """True for a sequential network whose first layer joins several others."""
    first = table(entries[0])
    return first.get("class_name") == "Merge" and is_list(table(first.get("config")).get("layers"))


def branches(
    sketch: Sketch, entry: object, place: Place, work: Work
) -> tuple[list[Tensor], set[str]] | None:
    """Inputs and calls of the networks that are joined; the functional ones among them."""
    listed = table(table(entry).get("config")).get("layers")
    tensors: list[Tensor] = []
    functional: set[str] = set()
    above = place.path[:-1]
    for i, branch in enumerate(listed if is_list(listed) else ()):
        stated = table(table(branch).get("config")).get("name")
        name = plain(stated) if isinstance(stated, str) else f"branch_{i + 1}"
        new = f"{place.new_name}_{name.replace('/', '_')}_{i + 1}"
        made = work.inner(branch, Place((*place.key, i), name, (*above, new)), work)
        shapes = input_shapes(made) if made is not None else []
        if made is None or not shapes:
            work.findings.add(place.name, "What the joined networks take is not stated.")
            return None
        inputs = [sketch.input(shape, dtype) for shape, dtype in shapes]
        if made.class_name == "Functional":
            functional.add(made.name)
        tensors.append(sketch.add(made, inputs[0] if len(inputs) == 1 else inputs))
    return tensors, functional
