"""Whole programs that train from a data set of pictures: what is left is to add a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from h5viewer.names import NodePath
from h5viewer.nodes import Augmentation, PictureSet
from h5viewer.python_texts.augmentation import generator_lines, layer_lines
from h5viewer.python_texts.keras_reader import augment_lines, dataset_lines
from h5viewer.python_texts.kinds import KINDS as KINDS
from h5viewer.python_texts.kinds import PythonKind as PythonKind
from h5viewer.python_texts.literals import node, text
from h5viewer.python_texts.reading import class_lines, picture_lines
from h5viewer.python_texts.tensorflow_reader import pipeline_lines

_MOST_NAMES = 1000  # classes whose names are written down
_JUDGED = {  # by a form of labels: loss and metric, where they are not those of class numbers
    "one-hot": ("categorical_crossentropy", "accuracy"),
    "several": ("binary_crossentropy", "binary_accuracy"),
}


class Program(msgspec.Struct, frozen=True):
    """What is to be written."""

    path: str  # absolute, of the HDF5 file
    kind: PythonKind
    shown: PictureSet  # the set to train on
    others: Sequence[PictureSet] = ()  # of the same file; the one to validate on is among them
    augmentation: Augmentation | None = None  # of what is trained on; "dataset" has none
    batch: int = 32  # pictures of a step
    workers: int = 2  # that read at a time
    labels_path: str = ""  # absolute, of another file that its labels are in; then it is alone

    @property
    def change(self) -> Augmentation | None:
        """What is changed at random."""
        if self.kind == "dataset" or self.augmentation is None or self.augmentation.is_nothing:
            return None
        return self.augmentation

    @property
    def sets(self) -> dict[str, PictureSet]:
        """The sets that are read, by the names of their variables."""
        if self.labels_path or self.shown.split in ("validation", "test"):
            is_tested = self.shown.split in ("validation", "test")
            return {self.shown.split if is_tested else "train": self.shown}
        for split in ("validation", "test"):
            for each in self.others:
                is_alike = each.layout == self.shown.layout and _form(each) == _form(self.shown)
                if each.split == split and is_alike and each.node != self.shown.node:
                    return {"train": self.shown, "validation": each}
        return {"train": self.shown}


def _form(shown: PictureSet) -> tuple[object, ...]:
    """How its labels are read."""
    column = (shown.labels or ())[-1:] if shown.are_labels_column else ()
    return shown.label_form, column


def _labels_node(shown: PictureSet) -> NodePath | None:
    """What has the labels: their dataset, or the table that they are a column of."""
    return shown.labels[:-1] if shown.labels and shown.are_labels_column else shown.labels


def python_text(program: Program) -> str:
    """The program, which runs as it is."""
    shown, change = program.shown, program.change
    blocks: list[Iterable[str]] = [_head(program), picture_lines(shown)]
    if shown.labels is not None:
        blocks.append(class_lines(shown, "LABELS" if program.labels_path else "FILE"))
    if program.kind == "tf.data":
        blocks.append(pipeline_lines(shown, change, program.batch, program.workers))
    else:
        generated = program.kind == "generator" and change is not None
        blocks.append(dataset_lines(shown, program.batch, is_generated=generated))
        if program.kind == "layers" and change is not None:
            blocks.append(augment_lines(change, shown.layout.channels))
    blocks.append(_use(program))
    return "\n\n\n".join("\n".join(block) for block in blocks) + "\n"


def _head(program: Program) -> Iterator[str]:
    shown, change = program.shown, program.change
    is_pipeline = program.kind == "tf.data"
    if not is_pipeline:
        yield "import math"
        yield ""
    yield "import h5py"
    if not is_pipeline or (change is not None and layer_lines(change)):
        yield "import keras"
    yield "import numpy as np"
    if is_pipeline:
        yield "import tensorflow as tf"
    if program.kind == "generator" and change is not None:
        yield "from tensorflow.keras.preprocessing.image import ImageDataGenerator"
    yield ""
    yield f"FILE = {text(program.path)}"
    if program.labels_path:
        yield f"LABELS = {text(program.labels_path)}"
    names = shown.label_names
    if names and (len(names) <= _MOST_NAMES or shown.label_form == "text"):
        yield from _names(names)
    if program.kind == "generator" and change is not None:
        yield ""
        yield from generator_lines(change, shown.layout.height, shown.layout.width)


def _names(names: Sequence[str]) -> Iterator[str]:
    one_line = f"CLASSES = [{', '.join(map(text, names))}]"
    if len(one_line) <= 96:
        yield one_line
        return
    yield "CLASSES = ["
    for name in names:
        yield f"    {text(name)},"
    yield "]"


def _use(program: Program) -> Iterator[str]:
    is_pipeline = program.kind == "tf.data"
    shown, change = program.shown, program.change
    maker = "pictures" if is_pipeline else "Pictures"
    for variable, each in program.sets.items():
        nodes = [node(path) for path in (each.node, _labels_node(each)) if path is not None]
        options = "" if variable == "train" else ", shuffle=False"
        if variable == "train" and change is not None and program.kind != "layers":
            options = ", augments=True"
        if not is_pipeline:
            options += f", workers={program.workers}"
        yield f"{variable} = {maker}({', '.join(nodes)}{options})"
    size = f"({shown.layout.height}, {shown.layout.width}, {shown.layout.channels})"
    if program.kind == "layers" and change is not None:
        yield f"# model = keras.Sequential([keras.Input({size}), augment, ...])"
    else:
        yield f"# model = ...  # takes pictures of {size}"
    if shown.labels is not None:
        loss, metric = _JUDGED.get(
            shown.label_form, ("sparse_categorical_crossentropy", "accuracy")
        )
        if shown.label_form == "several":
            n_classes = len(shown.label_names)
            yield f"# its last layer has {n_classes} outputs, each a sigmoid by itself"
        yield f'# model.compile(optimizer="adam", loss="{loss}", metrics=["{metric}"])'
    if "train" in program.sets:
        validation = ", validation_data=validation" if "validation" in program.sets else ""
        shuffled = ", shuffle=False" if is_pipeline else ""  # Keras warns that it cannot
        yield f"# model.fit(train{validation}, epochs=10{shuffled})"
    else:
        yield f"# model.evaluate({shown.split})"
