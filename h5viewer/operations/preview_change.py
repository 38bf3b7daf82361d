"""PreviewChange: what one change would make of the document, after others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from h5viewer.documents.class_names import stored_place
from h5viewer.documents.edits import Values
from h5viewer.documents.edits.edited import Edited
from h5viewer.documents.edits.fitting import Fitting
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import path_text, visible
from h5viewer.nodes import ChangePreview, Dataset
from h5viewer.operations import Operation
from h5viewer.operations.altered_copy import Altered
from h5viewer.operations.edit import make_changes
from h5viewer.operations.edited_values import ValueChange, boxes_of, dataset_at, prepared
from h5viewer.requests import (
    AnyChange,
    ComputeWeight,
    PasteValues,
    PreviewChange,
    Progress,
    RenameLayer,
    SetAttribute,
    SetClassNames,
    SetElement,
)
from h5viewer.wording import plural

_SHOWN = 200  # characters
_FEW = 6  # values


def preview_change(request: PreviewChange, container: Container) -> Operation[ChangePreview]:
    """Try it; what is refused is said and not raised."""
    change = request.change
    what = _what(change)
    old = ""
    try:
        old = _old(container, request)
        if isinstance(change, SetAttribute | SetClassNames | RenameLayer):
            yield from make_changes(Altered(container), (*request.before, change))
            return ChangePreview(what=what, old=old, new=_new(change))
        return (yield from _values(container, change, request.before, what))
    except CannotRead as error:
        return ChangePreview(what=what, old=old, new="", refusal=error.message, hint=error.hint)


def _what(change: AnyChange) -> str:
    match change:
        case SetAttribute(path=path, name=name):
            return f"attribute {visible(name, 60)} of {visible(path_text(path), 80)}"
        case SetClassNames():
            return "class names"
        case RenameLayer(old=old):
            return f"layer {visible(old, 80)}"
        case SetElement(path=path, index=index):
            return f"element {list(index)} of {visible(path_text(path), 80)}"
        case ComputeWeight(path=path) | PasteValues(path=path):
            return f"values of {visible(path_text(path), 80)}"


# ------------------------------------------------------- attributes, names, layers


def _old(container: Container, request: PreviewChange) -> str:
    """What is there before the change, as far as it is a text."""
    change = request.change
    same = [each for each in request.before if _what(each) == _what(change)]
    if same and isinstance(change, SetAttribute | SetClassNames | RenameLayer):
        return _new(same[-1])
    match change:
        case SetAttribute(path=path, name=name):
            text = container.attribute_text(path, name, _SHOWN)
            return "" if text is None else visible(text.text, _SHOWN)
        case SetClassNames():
            return _names(stored_place(container)[0])
        case RenameLayer(old=old):
            return visible(old, _SHOWN)
    return ""


def _new(change: AnyChange) -> str:
    match change:
        case SetAttribute(text=text):
            return visible(text, _SHOWN)
        case SetClassNames(names=names):
            return _names(names)
        case RenameLayer(old=old, new=new):
            around = old.rpartition("/")[0]
            return visible(f"{around}/{new}" if around else new, _SHOWN)
    return ""


def _names(names: Sequence[str]) -> str:
    return visible(", ".join(names), _SHOWN)


# ------------------------------------------------------------------------- values


def _values(
    container: Container, change: ValueChange, before: Sequence[AnyChange], what: str
) -> Operation[ChangePreview]:
    dataset = dataset_at(container, change.path)
    Altered(container).inner(change.path)
    earlier = [
        each
        for each in before
        if isinstance(each, ComputeWeight | PasteValues | SetElement) and each.path == change.path
    ]
    first = yield from prepared(container, dataset, earlier)
    second = yield from prepared(container, dataset, [*earlier, change])
    if isinstance(change, SetElement):
        at = tuple(i % n for i, n in zip(change.index, dataset.shape or (), strict=True))
        old, new = (_element(container, dataset, each, at) for each in (first, second))
        return ChangePreview(what=what, old=old, new=new)
    return (yield from _compared(container, dataset, first, second, what))


def _element(container: Container, dataset: Dataset, edited: Edited, at: tuple[int, ...]) -> str:
    box = tuple(slice(i, i + 1) for i in at)
    values = edited.apply(box, container.array(dataset.path).read(box, insist=True))
    if values.dtype.kind == "f":
        return str(values.reshape(-1)[0])  # as many digits as tell it from its neighbours
    return _text(edited.widened(values))


def _compared(
    container: Container, dataset: Dataset, first: Edited, second: Edited, what: str
) -> Operation[ChangePreview]:
    """All values before and after; the first few that differ are shown."""
    counting = Fitting(second.dtype)
    shown: tuple[Values, Values] | None = None
    for n_done, (box, values) in enumerate(boxes_of(container, dataset)()):
        old, new = (each.widened(each.apply(box, values)) for each in (first, second))
        differing = ~((old == new) | ((old != old) & (new != new)))
        if shown is None or (differing.any() and np.array_equal(*shown, equal_nan=True)):
            start = int(np.argmax(differing.reshape(-1)))
            shown = tuple(each.reshape(-1)[start : start + _FEW] for each in (old, new))  # type: ignore[assignment]
        counting.count(old, new)
        yield Progress(done=n_done, text="Trying it out…")
    is_more = counting.n_values > _FEW
    texts = [_text(each) + (", …" if is_more else "") for each in shown or ()]
    return ChangePreview(
        what=what,
        old=texts[0] if texts else "",
        new=texts[1] if texts else "",
        notes=counting.notes() if texts else (f"It has {plural(0, 'value')}.",),
    )


def _text(values: Values) -> str:
    return ", ".join(_number(each) for each in values.reshape(-1)[:_FEW].tolist())


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    return f"{value:.7g}" if isinstance(value, float) else str(value)
