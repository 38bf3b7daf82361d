"""Numbers and shapes as people read them: "94.2 MB", "1,234,567", "(None, 64, 64, 3)"."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction

from h5viewer.names import path_text, visible
from h5viewer.nodes import Cost, OutputShape, PictureLayout, PictureSet, Shape

UNKNOWN = "—"
_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")
_MOST_NAMES = 3
_KINDS = {1: "grey", 2: "grey with opacity", 3: "RGB", 4: "RGBA"}  # by channels
_LONGEST_NUMBER = 24  # digits; a declared size can have hundreds, which no label can show


def any_of(names: Sequence[str]) -> str:
    """`a.h5`, `a.h5 or b.h5`; of many the first ones."""
    shown = list(names) if len(names) <= _MOST_NAMES else [*names[:2], f"{len(names) - 2} others"]
    return " or ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def count_text(count: int) -> str:
    """`1,234,567`; absurd numbers as a power of ten."""
    if abs(count) >= 10**_LONGEST_NUMBER:
        return f"about 10^{len(str(abs(count))) - 1}"
    return f"{count:,}"


def bytes_text(count: int) -> str:
    """Three significant figures in decimal units, as file managers and disks count them."""
    if abs(count) < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    power = 1  # whole numbers all the way: exact, and five times as fast as fractions
    for unit in _UNITS:
        power *= 1000
        # 999.5 would be rounded to "1000", so it belongs to the next unit.
        if 10 * abs(count) < 9995 * power or unit == _UNITS[-1]:
            break
    if abs(count) >= 10**6 * power:
        return f"{count_text(count)} bytes"
    digits = 2 if count < 10 * power else 1 if count < 100 * power else 0
    return f"{count / power:,.{digits}f} {unit}"


def exact_bytes_text(count: int) -> str:
    """`94.2 MB (94,203,112 bytes)`, or only the bytes when there are few."""
    if abs(count) < 1000:
        return bytes_text(count)
    return f"{bytes_text(count)} ({count_text(count)} bytes)"


def ratio_text(part: int, whole: int) -> str:
    """How often `part` fits into `whole`: "2.6 ×". Empty when there is nothing to compare."""
    if part <= 0 or whole <= 0:
        return ""
    times = Fraction(whole, part)
    if times >= 1000:
        return f"{count_text(round(times))} ×"
    return f"{float(times):.{2 if times < 10 else 0}f} ×"


def share_text(part: int, whole: int) -> str:
    """`12.5 %` of the whole."""
    if whole <= 0:
        return ""
    percent = float(Fraction(100 * part, whole))
    if part and percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %"


def shape_text(shape: Shape | Sequence[int | None] | None) -> str:
    """`(3, 3, 16, 32)`, `(64,)`, `scalar`; "no data" for a null dataspace."""
    if shape is None:
        return "no data"
    if not shape:
        return "scalar"
    return _tuple_text(shape)


def output_shape_text(shape: OutputShape | None) -> str:
    """A layer's output as Keras prints it; several outputs one after the other."""
    if shape is None:
        return UNKNOWN
    if any(isinstance(axis, tuple) for axis in shape):
        return ", ".join(
            _tuple_text(axis) if isinstance(axis, tuple) else str(axis) for axis in shape
        )
    return _tuple_text(shape)


def cost_facts(cost: Cost | None) -> list[tuple[str, str]]:
    """Labels and texts of what one sample costs; none where no layer's cost is known."""
    if cost is None:
        return []
    counted = _at_least(cost.multiply_adds, count_text, cost.n_uncounted)
    held = _at_least(cost.activation_bytes, bytes_text, cost.n_unshaped)
    return [("Multiply-adds", counted), ("Activations", held)]


def _at_least(value: int, text: Callable[[int], str], n_unknown: int) -> str:
    if not n_unknown:
        return text(value)
    unknown = f"{plural(n_unknown, 'layer')} unknown"
    return f"at least {text(value)} ({unknown})" if value else unknown


def names_text(names: Sequence[str], limit: int = 20) -> str:
    """Names from a file in one line; the rest counted."""
    shown = ", ".join(visible(name, 80) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit:,} more"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 layer`, `12 layers`, `1,234 entries`."""
    return f"{count_text(count)} {one if count == 1 else many or one + 's'}"


def kind_text(layout: PictureLayout) -> str:
    """Grey, RGB, BGR."""
    kind = _KINDS.get(layout.channels, plural(layout.channels, "channel"))
    return kind.replace("RGB", "BGR") if layout.is_bgr else kind


def loose_text(pictures: PictureSet) -> str:
    """What pictures that stand each by itself are: "JPEG files of different sizes"."""
    layout = pictures.layout
    size = f"{layout.height:,} × {layout.width:,}" if pictures.are_alike else "different sizes"
    what = f"{pictures.encoding} files" if pictures.encoding else "datasets"
    return f"{what} of {size}"


NOT_LABELS = "is not used as labels."
"""Behind the name of a dataset that is called so; the reason follows."""


def only_looked_at(pictures: PictureSet) -> str:
    """Why nothing else is done with pictures that stand each by itself, and what would help."""
    where = visible(path_text(pictures.place), 80)
    n = pictures.n_pictures
    how = (
        f"as {plural(n, f'{pictures.encoding} file')}"
        if pictures.encoding
        else f"in {plural(n, 'dataset')}"
    )
    return (
        f"The pictures of {where} stand {how}: they can be looked at and saved. In one dataset, "
        "decoded and of one size, they could be checked, averaged, changed and trained from, too."
    )


def _tuple_text(axes: Sequence[object]) -> str:
    texts = [_axis_text(axis) for axis in axes]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def _axis_text(axis: object) -> str:
    """An axis length without thousands separators (they would look like more axes)."""
    return "None" if axis is None else str(axis)


CHANGE_WORDS = {
    "identical": "identical", "changed": "changed", "shape": "other shape",
    "only_a": "only in A", "only_b": "only in B", "unreadable": "unreadable",
}  # fmt: skip
"""What has become of a weight, in words."""


def difference_text(value: float | None) -> str:
    """Four significant figures."""
    return UNKNOWN if value is None else f"{value:.4g}"


def cosine_text(value: float | None) -> str:
    """Four decimals; what is close to one with all that tell it apart: 0.9999987."""
    if value is None:
        return UNKNOWN
    n_nines = 0 if abs(value) in (0, 1) else -int(f"{1 - abs(value):.0e}".partition("e")[2])
    return f"{value:.{max(4, n_nines + 1)}f}"


def relative_text(value: float | None) -> str:
    """A share as a percentage, or how many times as much."""
    if value is None:
        return UNKNOWN
    percent = 100 * value
    if percent >= 1000:
        return f"{value:,.1f} ×" if value < 1e6 else f"{value:.2g} ×"
    return f"{percent:.3g} %"


def how_to_install(packages: str) -> str:
    """What to do where they are missing; into the frozen program nothing can be installed."""
    command = f"pip install {packages}"
    if getattr(sys, "frozen", False):
        return f"This program comes without it. An h5viewer installed by pip can have it: {command}"
    return f"Install it with: {command}"


NEEDS_ONNX = (
    "To write ONNX h5viewer needs tf2onnx, which is not installed.",
    how_to_install("tf2onnx onnxruntime"),
)
"""What is said, and what to do, where the exporter is missing."""
