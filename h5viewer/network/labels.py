"""Names of a loaded network's classes: those in its file, else ImageNet's where they fit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from h5viewer.documents.class_names import stored_names
from h5viewer.formats.container import Container
from h5viewer.nodes import NetworkInput, NetworkOutput, nameable
from h5viewer.shipped import resource

_IMAGENET = "ImageNet's 1,000 classes, as their number fits"


class FoundLabels(msgspec.Struct, frozen=True):
    """Names in the order of their indices, and where they come from, for people."""

    names: tuple[str, ...] = ()
    source: str = ""
    are_guessed: bool = False


# Read when this is imported: the worker cannot open files any more when it is asked.
IMAGENET = tuple((resource("imagenet") / "classes.txt").read_text("utf-8").splitlines())


def labels_of(
    container: Container, inputs: Sequence[NetworkInput], outputs: Sequence[NetworkOutput]
) -> FoundLabels:
    """Where no output has as many classes as there are names, there are none."""
    counts = nameable(outputs)
    if not counts:
        return FoundLabels()
    names, attribute = stored_names(container)
    if len(names) in counts:
        return FoundLabels(names, f"the attribute {attribute} of the file")
    sees_colours = any(each.kind == "picture" and each.channels == 3 for each in inputs)
    if sees_colours and len(IMAGENET) in counts:
        return FoundLabels(IMAGENET, _IMAGENET, are_guessed=True)
    return FoundLabels()
