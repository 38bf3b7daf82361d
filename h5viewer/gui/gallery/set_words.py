"""What the window says of a data set of pictures, of its layout and of one picture."""

from __future__ import annotations

import math

from h5viewer.names import path_text, visible
from h5viewer.nodes import OnePicture, PictureLayout, PictureSet
from h5viewer.wording import bytes_text, kind_text, loose_text, plural

_AXES = {"n": "pictures", "h": "rows", "w": "columns", "c": "colours"}


def set_title(pictures: PictureSet) -> str:
    """A set in a list: where it is, which part of the data, how many."""
    parts = [visible(path_text(pictures.place), 80), pictures.split]
    return "  ·  ".join([*filter(None, parts), plural(pictures.n_pictures, "picture")])


def set_facts(pictures: PictureSet, labels_file: str = "") -> list[str]:
    """What stands below the name of a set; `labels_file`: the name of another file."""
    layout = pictures.layout
    size = f"{layout.height:,} × {layout.width:,}, {kind_text(layout)}"
    if pictures.is_loose:
        size = loose_text(pictures)
    found = [size] if pictures.encoding else [size, visible(pictures.dtype, 60)]
    if pictures.labels is None:
        return [*found, "no labels"]
    n_classes = len(pictures.label_names)
    where = f"labels from {visible(path_text(pictures.labels), 80)}"
    if pictures.label_form == "group":
        where = f"classes are the groups in {visible(path_text(pictures.labels), 80)}"
    if labels_file:
        where += f" of {visible(labels_file, 80)}"
    if pictures.label_form == "one-hot":
        where += ", one column a class"
    elif pictures.label_form == "several":
        where += ", several a picture"
    return [*found, where, *([plural(n_classes, "class", "classes")] if n_classes else [])]


def layout_text(layout: PictureLayout) -> str:
    """How the numbers lie, in one line."""
    size = f"{layout.height:,} × {layout.width:,}, {kind_text(layout)}"
    return f"{size}: {axes_text(layout.axes, is_flat=layout.is_flat)}"


def axes_text(axes: str, *, is_flat: bool = False) -> str:
    """Axes in the order of the file; flat ones are one axis in the file."""
    if not is_flat:
        return " × ".join(_AXES.get(axis, axis) for axis in axes)
    inner = " × ".join(_AXES.get(axis, axis) for axis in axes.replace("n", ""))
    return f"({inner}) × pictures" if axes.endswith("n") else f"pictures × ({inner})"


def picture_facts(picture: OnePicture, pictures: PictureSet) -> list[str]:
    """What one picture is, a line each."""
    layout, own = pictures.layout, picture.own
    if own is None:
        lines = [f"{layout.height:,} × {layout.width:,}, {kind_text(layout)}"]
    else:
        lines = [f"{own.height:,} × {own.width:,}, {own.form}, {bytes_text(own.n_bytes)}"]
    if math.isfinite(picture.minimum):
        span = f"{number_text(picture.minimum)} to {number_text(picture.maximum)}"
        how = "Decoded" if pictures.encoding else "Stored"
        lines.append(f"{how} as {span}, mean {number_text(picture.mean)}")
    else:
        lines.append("No finite numbers")
    if picture.n_nan:
        lines.append(f"{plural(picture.n_nan, 'value is', 'values are')} no number (NaN)")
    if not pictures.encoding:
        lines.append(f"Black is {number_text(layout.low)}, white {number_text(layout.high)}")
    if own is not None and own.note:
        lines.append(own.note)
    return lines


def number_text(value: float) -> str:
    """A number as people write it: whole ones without a point."""
    if not math.isfinite(value):
        return str(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.4g}"
