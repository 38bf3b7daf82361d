"""Slices of tensors: x[:, 0, ..., None] and TensorFlow's strided slices."""

from __future__ import annotations

from msgspec.structs import replace

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import CannotSay, Chain, Given, Result, Symbolic
from h5viewer.documents.compatibility.values import Plain
from h5viewer.documents.json_text import is_list, is_table, table, whole_number


def get_item(chain: Chain, call: Call) -> Result:
    """`__operators__.getitem`: integers, slices, new axes, an ellipsis."""
    given = Given(call, "tensor|x slice_spec")
    stated = given.get("slice_spec")
    keys = stated if is_list(stated) else [stated]
    of = given.get("tensor")
    if isinstance(of, Symbolic):
        return _size(of, keys)
    written = [_key(each) for each in keys]
    return chain.add("GetItem", given.tensor("tensor"), written)


def _size(of: Symbolic, keys: list[object]) -> Symbolic:
    """A part of a shape: one size, or several in a row."""
    if len(keys) != 1 or of.place is not None:
        raise CannotSay("it computes with the shape of a tensor")
    place = whole_number(keys[0])
    if place is not None and -len(of.sizes) <= place < len(of.sizes):
        return replace(of, place=place % len(of.sizes))
    if is_table(keys[0]):
        ends = [whole_number(keys[0].get(key)) for key in ("start", "stop", "step")]
        if ends[2] == 0:
            raise CannotSay("it computes with the shape of a tensor")
        is_stored = of.is_stored and ends[0] in (None, 0) and ends[2] in (None, 1)
        return replace(of, sizes=of.sizes[slice(*ends)], is_stored=is_stored)
    raise CannotSay("it computes with the shape of a tensor")


def _key(value: object) -> object:
    """One position of a slice, in Keras' form."""
    if value is None or whole_number(value) is not None:
        return value
    if value == "..." or (is_table(value) and value.get("class_name") == "__ellipsis__"):
        return {"class_name": "__ellipsis__", "config": {}}
    if is_table(value) and "start" in value:
        return _slice(*(value.get(key) for key in ("start", "stop", "step")))
    if is_table(value) and value.get("class_name") in ("slice", "__slice__"):
        config = table(value.get("config"))
        return _slice(*(config.get(key) for key in ("start", "stop", "step")))
    raise CannotSay("what it cuts out depends on another tensor")


def _slice(start: object, stop: object, step: object) -> dict[str, object]:
    ends = {"start": start, "stop": stop, "step": step}
    if any(value is not None and whole_number(value) is None for value in ends.values()):
        raise CannotSay("what it cuts out depends on another tensor")
    return {"class_name": "__slice__", "config": ends}


def slice_of_size(chain: Chain, call: Call) -> Result:
    """tf.slice: begins and lengths, of which -1 is all that is left."""
    given = Given(call, "input_|input|x begin size")
    begin, size = given.plain("begin"), given.plain("size")
    if not is_list(begin) or not is_list(size) or len(begin) != len(size):
        raise CannotSay("what it cuts out depends on another tensor")
    starts, lengths = (
        [each for each in stated if isinstance(each, int)] for stated in (begin, size)
    )
    if len(starts) + len(lengths) < 2 * len(begin):
        raise CannotSay("what it cuts out depends on another tensor")
    pairs = zip(starts, lengths, strict=True)
    cuts = [_slice(start, None if n == -1 else start + n, None) for start, n in pairs]
    return chain.add("GetItem", given.tensor("input_"), cuts)


def strided_slice(chain: Chain, call: Call) -> Result:
    """StridedSlice: begins, ends, steps, and masks that say which of them do not count."""
    given = Given(
        call,
        "input_|input|x begin end strides begin_mask end_mask ellipsis_mask new_axis_mask "
        "shrink_axis_mask",
    )
    begin, end = given.plain("begin"), given.plain("end")
    strides: Plain = given.plain("strides")
    if not is_list(begin) or not is_list(end):
        raise CannotSay("what it cuts out depends on another tensor")
    steps = strides if is_list(strides) else [1] * len(begin)
    masks = {
        name: given.whole(name, 0)
        for name in (
            "begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask",
        )
    }  # fmt: skip
    keys: list[object] = []
    for i, (first, last, step) in enumerate(zip(begin, end, steps, strict=False)):
        marked = {name for name, mask in masks.items() if mask >> i & 1}
        if "ellipsis_mask" in marked:
            keys.append("...")
        elif "new_axis_mask" in marked:
            keys.append(None)
        elif "shrink_axis_mask" in marked:
            keys.append(first)
        else:
            start = None if "begin_mask" in marked else first
            stop = None if "end_mask" in marked else last
            keys.append({"start": start, "stop": stop, "step": step})
    return get_item(chain, Call([given.get("input_"), keys]))
