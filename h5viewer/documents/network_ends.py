"""What goes into a network and what comes out of it, from its configuration in Keras 3's form."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import msgspec

from h5viewer.documents.compatibility.inputs import first_input
from h5viewer.documents.compatibility.told_code import put_out_by_code
from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.keras_config import counted, reading
from h5viewer.documents.references import end_references
from h5viewer.documents.shapes.network import work_out
from h5viewer.documents.stated_shapes import as_shape
from h5viewer.documents.transforms.entries import copied, layers_of, name_of
from h5viewer.errors import CannotRead
from h5viewer.requests import Progress

Axes = tuple[int | None, ...]


class Input(msgspec.Struct, frozen=True):
    """One input of a network."""

    name: str
    shape: Axes  # with the batch axis
    dtype: str

    @property
    def is_float(self) -> bool:
        """False for whole numbers and texts."""
        return "float" in self.dtype


class Ends(msgspec.Struct, frozen=True):
    """All inputs and outputs, in the order in which a call takes and gives them."""

    inputs: tuple[Input, ...]
    outputs: tuple[Axes | None, ...]  # None: not known


def network_ends(network: Mapping[str, object], name: str) -> Generator[Progress, None, Ends]:
    """The ends of a repaired configuration.

    Args:
        network: {"class_name": …, "config": …}, which stays as it is.
        name: of the file, for sentences.

    Raises:
        CannotRead: nothing says what it takes.
    """
    inputs = tuple(_inputs(network, name))
    declaration = yield from counted(reading(copied(network)))
    working = work_out(declaration.layers, table(network.get("config")), put_out_by_code)
    while True:
        try:
            yield Progress(done=next(working), unit="layers")
        except StopIteration as end:
            return Ends(inputs, tuple(end.value.shapes))


def _inputs(network: Mapping[str, object], name: str) -> Sequence[Input]:
    config = table(network.get("config"))
    entries = layers_of(network) or []
    if network.get("class_name") == "Sequential":
        stated = first_input(config, entries)
        if stated is None:
            raise _unknown(name)
        first = table(entries[0]) if entries else {}
        is_input = first.get("class_name") == "InputLayer"
        return [Input(name_of(first) if is_input else "input", stated.shape, stated.dtype or FLOAT)]
    layers = {name_of(entry): table(entry.get("config")) for entry in entries if is_table(entry)}
    ends = config.get("input_layers")
    if is_table(ends):  # Keras takes the parts of a table in the order of their names
        ends = [ends[key] for key in sorted(ends)]
    found = []
    for reference in end_references(ends) or []:
        stated_there = layers.get(reference.layer, {})
        shape = as_shape(stated_there.get("batch_shape"))
        if shape is None:
            raise _unknown(name)
        found.append(Input(reference.layer, tuple(shape), _dtype(stated_there.get("dtype"))))
    if not found:
        raise _unknown(name)
    return found


FLOAT = "float32"


def _dtype(value: object) -> str:
    if is_table(value):
        value = table(value.get("config")).get("name")
    return value if isinstance(value, str) else FLOAT


def _unknown(name: str) -> CannotRead:
    return CannotRead(
        f"The network of {name} does not state what shape it takes.",
        hint="Save it again after it has been built or trained.",
    )
