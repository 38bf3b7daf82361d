"""A model file without the state of its optimizer, which is two thirds of it after training.

The rest is copied as it is stored, read back and compared; nothing is built or run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from h5viewer.documents.document import ARCHIVED_WEIGHTS, CONFIG, Places, find_places
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_rewriting import Rewriting
from h5viewer.formats.keras_archive import KerasArchive
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Entry, Exported, ExportPart, ExportPlan, Group
from h5viewer.operations import Operation
from h5viewer.operations.kept_form import require_kept_form
from h5viewer.operations.model_copying import (
    Changes,
    Inside,
    copy_model,
    require_one_file,
    state_bytes,
)
from h5viewer.operations.strip_checkpoint import plan_strip_checkpoint, strip_checkpoint
from h5viewer.requests import Progress, StripFile
from h5viewer.wording import count_text

TRAINING = b"training_config"
COMPILED = "compile_config"  # the same in archives
_FRESH = "Further training begins with a fresh optimizer."
_LONGEST_CONFIG = 256 << 20  # bytes of JSON


class Choice(msgspec.Struct, frozen=True):
    """What goes into the new file, by paths inside the HDF5 file that holds the weights."""

    places: Places
    request: StripFile

    @property
    def optimizer(self) -> NodePath:
        """The group that is left out."""
        return Inside(self.places).optimizer

    def is_left_out(self, path: NodePath) -> bool:
        """True for the optimizer's state and, when that is asked, how it was trained."""
        if path == self.optimizer:
            return True
        is_training = path == (*self.places.model, b"", TRAINING)
        return self.request.training_config and is_training

    def is_weight(self, path: NodePath) -> bool:
        """True for a weight of the network."""
        return Inside(self.places).is_weight(path)

    def rewriting(self) -> Rewriting:
        """How weights are stored; counts what that does to them."""
        asked = self.request
        return Rewriting(gzip=asked.gzip, shuffle=asked.shuffle, floats=asked.floats)


def plan_strip(request: StripFile, container: Container) -> Operation[ExportPlan]:
    """What would be kept, left out, and how long the file would be."""
    if isinstance(container, CheckpointContainer):
        return (yield from plan_strip_checkpoint(request, container))
    choice = _choice(container, request)
    sums = {"weights": [0, 0], "optimizer": [0, 0], "other": [0, 0]}
    shorter = 0
    for n_done, (path, node) in enumerate(container.walk()):
        if isinstance(node, Dataset):
            inside = path[1:] if choice.places.format == "keras-archive" else path
            is_state = inside[: len(choice.optimizer)] == choice.optimizer
            is_weight = not is_state and choice.is_weight(inside)
            kind = "optimizer" if is_state else "weights" if is_weight else "other"
            sums[kind][0] += node.stored_bytes
            sums[kind][1] += 1
            if is_weight and request.floats and node.dtype.kind == "float":
                shorter += (
                    node.stored_bytes * max(0, node.dtype.itemsize - 2) // node.dtype.itemsize
                )
        if n_done % 500 == 0:
            yield Progress(done=n_done, unit="objects")
    left, trains = _left_out(choice, container, sums["optimizer"])
    _require_something(choice, container, has_left_out=bool(left))
    before = container.source.size
    named = (("weights", sums["weights"]), ("other data", sums["other"]))
    after = max(0, before - sum(part.n_bytes for part in left) - shorter)
    return ExportPlan(
        kept=tuple(
            ExportPart(name=name, n_bytes=n_bytes, n_items=n_items)
            for name, (n_bytes, n_items) in named
            if n_items
        ),
        left_out=tuple(left),
        bytes_before=before,
        bytes_after=after,
        is_estimate=choice.rewriting().does_something,
        notes=trains,
    )


def strip_file(request: StripFile, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Copy, read back, compare.

    Raises:
        CannotRead: there is nothing to leave out, or something cannot be copied.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    if isinstance(container, CheckpointContainer):
        return (yield from strip_checkpoint(request, container, scratch))
    choice = _choice(container, request)
    _require_something(choice, container, has_left_out=_has_left_out(choice, container))
    how = choice.rewriting()
    changes = Changes(
        is_left_out=choice.is_left_out,
        is_weight=choice.is_weight,
        rewriting_of=lambda path: how if how.does_something and choice.is_weight(path) else None,
        entries=_changed_entries(choice, container),
        n_bytes=container.source.size - (yield from state_bytes(choice.places, container)),
    )
    found = yield from copy_model(container, scratch, changes, request.target)
    return Exported(
        bytes_before=container.source.size,
        bytes_after=scratch.size,
        n_weights=found.weights,
        n_identical=found.identical,
        notes=tuple(_notes(choice, container, how)),
    )


def _choice(container: Container, request: StripFile) -> Choice:
    require_one_file(container)
    places = find_places(container)
    name = container.source.name
    if not places.has_network:
        raise CannotRead(
            f"{name} is no Keras model and no file of its weights, so it has no optimizer state "
            "that could be left out."
        )
    require_kept_form(container, request.target)
    if isinstance(container, KerasArchive):
        container.tree(ARCHIVED_WEIGHTS)  # says why when there is none
    if request.floats == "bfloat16" and not places.is_numbered:
        raise CannotRead(
            f"Keras cannot read bfloat16 from legacy files such as {name}.",
            hint="Choose float16, or a .keras file.",
        )
    return Choice(places, request)


def _left_out(
    choice: Choice, container: Container, state: list[int]
) -> tuple[list[ExportPart], tuple[str, ...]]:
    parts = []
    if isinstance(container.describe(choice.places.optimizer), Group):
        parts.append(ExportPart(name="optimizer state", n_bytes=state[0], n_items=state[1]))
    has_training = _has_training(choice, container)
    if choice.request.training_config and has_training:
        parts.append(ExportPart(name="training configuration", n_bytes=0))
    is_trainable = bool(parts) and has_training and not choice.request.training_config
    return parts, (_FRESH,) if is_trainable else ()


def _has_left_out(choice: Choice, container: Container) -> bool:
    has_state = isinstance(container.describe(choice.places.optimizer), Group)
    return has_state or (choice.request.training_config and _has_training(choice, container))


def _has_training(choice: Choice, container: Container) -> bool:
    if isinstance(container, KerasArchive):
        return bool(_config(container).get(COMPILED))
    path = choice.places.model
    return container.attribute_text(path, TRAINING, 1) is not None


def _require_something(choice: Choice, container: Container, *, has_left_out: bool) -> None:
    if not has_left_out and not choice.rewriting().does_something:
        raise CannotRead(
            f"{container.source.name} holds no optimizer state: a copy would be the same file."
        )


# ---------------------------------------------------------------------- archives


def _changed_entries(choice: Choice, container: Container) -> dict[str, bytes]:
    if not (choice.request.training_config and isinstance(container, KerasArchive)):
        return {}
    config = _config(container)
    if COMPILED not in config:
        return {}
    del config[COMPILED]
    return {plain(CONFIG): json.dumps(config).encode("utf-8", "surrogatepass")}


def _config(container: KerasArchive) -> dict[str, Any]:
    if not isinstance(container.describe((CONFIG,)), Entry):
        return {}
    text = container.entry_text((CONFIG,), _LONGEST_CONFIG)
    try:
        config = json.loads(text.text)
    except (ValueError, RecursionError) as error:
        raise CannotRead(
            f"The configuration in {container.source.name} is no readable JSON.", details=str(error)
        ) from error
    return config if isinstance(config, dict) else {}


# ------------------------------------------------------------------------- notes


def _notes(choice: Choice, container: Container, how: Rewriting) -> Iterator[str]:
    if choice.request.training_config and _has_training(choice, container):
        yield "How it was trained (optimizer, loss, metrics) was left out, too."
    rounding = how.rounding
    if how.floats and rounding.n_values:
        worst = f" (in {rounding.where})" if rounding.where else ""
        yield (
            f"{count_text(rounding.n_values)} values were rounded to {how.floats}, which loses "
            f"digits: by up to {rounding.largest_error:.3g}{worst}; the largest value is "
            f"{rounding.largest_value:.3g}."
        )
    if rounding.n_zeros:
        yield f"{count_text(rounding.n_zeros)} values were too small for that and became zero."
