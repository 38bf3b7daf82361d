"""Functions that read pictures and classes from an HDF5 file."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.names import plain
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.python_texts.literals import number, text


def picture_axis(layout: PictureLayout) -> int:
    """The axis of the dataset along which the pictures stand."""
    if layout.is_flat:
        return 0 if layout.axes[0] == "n" else 1
    return layout.axes.index("n")


def picture_lines(shown: PictureSet) -> Iterator[str]:
    """`read_pictures(images, chosen)`."""
    layout = shown.layout
    index = ", ".join([":"] * picture_axis(layout) + ["i"])
    yield "def read_pictures(images, chosen):"
    yield '    """Pictures as (n, rows, columns, channels), black 0, white 1."""'
    yield '    with h5py.File(FILE, "r") as file:  # anew: safe in any thread and any process'
    yield "        stored = file[images]"
    # 32 of 20,000 pictures of 64 x 64: 2 to 8 ms; as a list of indices 60 to 90 ms (h5py 3.14)
    yield "        # one by one: a list of indices takes h5py ten times as long"
    yield f"        x = np.stack([stored[{index}] for i in chosen])"
    yield from _arranged(layout)
    if layout.is_bgr and layout.channels == 3:
        yield "    x = x[..., ::-1]  # blue, green, red → red, green, blue"
    elif layout.is_bgr and layout.channels == 4:
        yield "    x = x[..., [2, 1, 0, 3]]  # blue, green, red → red, green, blue"
    yield f"    return {_scaled(layout)}"


def _arranged(layout: PictureLayout) -> Iterator[str]:
    """The axes of pictures that were stacked, in the order that Keras wants."""
    rest = layout.axes.replace("n", "")
    if layout.is_flat:
        sizes = {"h": layout.height, "w": layout.width, "c": layout.channels}
        yield f"    x = x.reshape(len(x), {', '.join(str(sizes[axis]) for axis in rest)})"
    order = [1 + rest.index(axis) for axis in "hwc" if axis in rest]
    if order != sorted(order):
        yield f"    x = x.transpose(0, {', '.join(map(str, order))})"
    if "c" not in rest:
        yield "    x = x[..., None]"


def _scaled(layout: PictureLayout) -> str:
    low, high = layout.low, layout.high
    plain = 'x.astype("float32")'
    if high <= low:
        return plain
    if low:
        sign = "-" if low > 0 else "+"
        return f"({plain} {sign} {number(abs(low))}) / {number(high - low)}"
    return plain if high == 1 else f"{plain} / {number(high)}"


def class_lines(shown: PictureSet, file: str = "FILE") -> Iterator[str]:
    """`read_classes(labels, n)`, from the file that this variable names."""
    stored = "file[labels][()]"
    if shown.labels is not None and shown.are_labels_column:
        stored = f"file[labels][{text(plain(shown.labels[-1]))}]"
    yield "def read_classes(labels, n):"
    match shown.label_form:
        case "one-hot":
            yield '    """(n, classes): a one where it belongs."""'
            yield f'    with h5py.File({file}, "r") as file:'
            yield f'        y = {stored}.astype("float32")'
            yield "    return y if len(y) == n else y.T"
        case "several":
            yield '    """(n, classes): a one for each class that a picture belongs to."""'
            yield f'    with h5py.File({file}, "r") as file:'
            yield f'        y = ({stored} == 1).astype("float32")'
            yield "    return y if len(y) == n else y.T"
        case "text":
            yield '    """(n,): which of CLASSES."""'
            yield f'    with h5py.File({file}, "r") as file:'
            yield f"        texts = {stored}.reshape(-1).tolist()"
            yield "    number = {name: i for i, name in enumerate(CLASSES)}"
            yield "    return np.array([number[as_text(each)] for each in texts])"
            yield ""
            yield ""
            yield "def as_text(name):"
            yield "    if isinstance(name, bytes):"
            yield '        name = name.decode("utf-8", "backslashreplace")'
            yield '    return name.rstrip("\\0")'
        case _:
            yield '    """(n,): a number from 0 on each."""'
            yield f'    with h5py.File({file}, "r") as file:'
            first = shown.first_label
            end = f" - {first}  # the file counts from {first}" if first else ""
            yield f'        return {stored}.reshape(n).astype("int64"){end}'
