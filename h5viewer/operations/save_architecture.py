"""The configuration of a network as JSON: exactly as stored, or as Keras 3 reads it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator

from h5viewer.documents.compatibility import Repair, repair
from h5viewer.documents.config_text import config_text
from h5viewer.documents.document import describe, find_places
from h5viewer.documents.json_text import LONGEST, parse
from h5viewer.documents.network_size import require_few_layers
from h5viewer.documents.written_config import as_written
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.names import visible
from h5viewer.nodes import Exported, ExportPart, ExportPlan, Text
from h5viewer.operations import Operation
from h5viewer.requests import Progress, SaveArchitecture
from h5viewer.wording import bytes_text, names_text

_PIECE = 4 << 20  # bytes


def plan_save_architecture(
    request: SaveArchitecture, container: Container
) -> Operation[ExportPlan]:
    """What would be written.

    Raises:
        CannotRead: as `save_architecture`.
    """
    data, notes = yield from _written(request, container)
    return ExportPlan(
        kept=(ExportPart(name="configuration", n_bytes=len(data)),),
        left_out=(ExportPart(name="weights", n_bytes=0),),
        bytes_before=0,
        bytes_after=len(data),
        notes=notes,
    )


def save_architecture(
    request: SaveArchitecture, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead: there is no configuration, or it cannot be read or repaired.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    data, notes = yield from _written(request, container)
    writing = CheckedWriting(scratch, request.target)
    for start in range(0, len(data), _PIECE):
        writing.write(data[start : start + _PIECE])
        yield Progress(done=start, total=len(data), unit="bytes", text="Writing…")
    for _ in writing.read_back():
        yield Progress(done=len(data), total=len(data), unit="bytes", text="Reading back…")
    container.source.check_unchanged()
    return Exported(
        bytes_before=container.source.size,
        bytes_after=scratch.size,
        n_weights=0,
        n_identical=0,
        notes=notes,
    )


def _written(
    request: SaveArchitecture, container: Container
) -> Generator[Progress, None, tuple[bytes, tuple[str, ...]]]:
    yield Progress(done=0)
    text = _stored(container)
    if not request.is_repaired:
        return text.text.encode("utf-8", "surrogatepass"), ()
    stated = parse(text, "The configuration")
    require_few_layers(stated, container.source.name)
    yield Progress(done=0)
    description = describe(container)
    repaired = repair(
        stated,
        version=description.keras_version,
        backend=description.backend,
    )
    if repaired.config is None or not repaired.loads:
        raise _not_repaired(container.source.name, repaired)
    config = {"module": "keras", **as_written(repaired.config), "registered_name": None}
    return json.dumps(config, indent=1).encode(), tuple(_notes(repaired))


def _stored(container: Container) -> Text:
    name = container.source.name
    text = config_text(container, find_places(container))
    if text is None:
        raise CannotRead(f"{name} holds no configuration of a network.")
    if not text.is_complete:
        raise TooLarge(
            f"The configuration in {name} is too large to be saved: more than "
            f"{bytes_text(LONGEST)}."
        )
    return text


def _not_repaired(name: str, repaired: Repair) -> CannotRead:
    why = next((each for each in repaired.findings if each.needs or not each.repair), None)
    where = f" (“{visible(why.layer, 60)}”)" if why is not None and why.layer else ""
    reason = why.message if why is not None else "No network could be made of it."
    return CannotRead(
        f"The configuration in {name} cannot be written so that Keras 3 loads it: "
        f"{reason[:1].lower()}{reason[1:]}".rstrip(".")
        + f"{where}.",
        hint="It can be saved exactly as it is stored.",
    )


def _notes(repaired: Repair) -> Iterator[str]:
    layers = list(dict.fromkeys(visible(each.layer, 60) for each in repaired.findings))
    named = [layer for layer in layers if layer]
    if named:
        yield f"Repaired for Keras 3: {names_text(named, 5)}."
