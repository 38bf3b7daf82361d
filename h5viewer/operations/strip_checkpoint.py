"""A TensorFlow checkpoint without its optimizer's variables, for TensorFlow's own reader.

Two files come of it: the index, which is the target, and beside it the one with the values.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from h5viewer.documents.checkpoint_parts import CheckpointParts, checkpoint_parts
from h5viewer.documents.object_graph import without
from h5viewer.errors import CannotRead
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.crc32c import Crc32c
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.tf_bundle_writing import (
    NewVariable,
    copied,
    estimated_bytes,
    index_pieces,
    require_index_name,
    text_variable,
)
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_objects import GRAPH_KEY
from h5viewer.formats.tf_tensors import Variable, is_string
from h5viewer.names import visible
from h5viewer.nodes import Exported, ExportPart, ExportPlan, Unreadable
from h5viewer.operations import Operation
from h5viewer.requests import Progress, StripFile
from h5viewer.wording import names_text

_FRESH = "Further training begins with a fresh optimizer."


class _Choice(msgspec.Struct, frozen=True):
    """What goes in."""

    parts: CheckpointParts
    kept: tuple[Variable, ...]  # sorted by name
    left_out: tuple[Variable, ...]

    @property
    def is_big_endian(self) -> bool:
        """How its numbers are stored."""
        return any(variable.is_big_endian for variable in self.kept)

    def new_variables(self) -> list[NewVariable]:
        """As they are stored; the list of objects without those that are left out.

        Raises:
            CannotRead: some bytes are not there.
        """
        gone = {variable.name for variable in self.left_out}
        return [
            text_variable(GRAPH_KEY, (), [without(self.parts.message, gone)])
            if variable.name == GRAPH_KEY and self.parts.graph is not None
            else copied(variable)
            for variable in self.kept
        ]


def plan_strip_checkpoint(
    request: StripFile, container: CheckpointContainer
) -> Operation[ExportPlan]:
    """What would be kept and left out.

    Raises:
        CannotRead, CannotWrite: as `strip_checkpoint`.
    """
    yield Progress(done=0, unit="variables")
    choice = _choice(request, container)
    new = choice.new_variables()
    values = sum(variable.n_bytes for variable in new)
    return ExportPlan(
        kept=(ExportPart(name="variables", n_bytes=values, n_items=len(new)),),
        left_out=(
            ExportPart(
                name="optimizer state",
                n_bytes=sum(variable.stored_bytes for variable in choice.left_out),
                n_items=len(choice.left_out),
            ),
        ),
        bytes_before=container.source.size_with_companions,
        bytes_after=estimated_bytes(new),
        is_estimate=True,
        notes=(_FRESH,),
    )


def strip_checkpoint(
    request: StripFile, container: CheckpointContainer, scratch: Scratch
) -> Operation[Exported]:
    """Write the index, or as its part the values; read back, compare.

    Raises:
        CannotRead: there is nothing to leave out, or something is not there.
        CannotWrite: the name is none of an index, the disk refuses, or what was read back is not
            what was written.
    """
    yield Progress(done=0, unit="variables")
    choice = _choice(request, container)
    new = choice.new_variables()
    writing = CheckedWriting(scratch, request.target)
    if request.part is None:
        for piece in index_pieces(new, is_big_endian=choice.is_big_endian):
            writing.write(piece)
            yield Progress(done=writing.position, unit="bytes", text="Writing…")
        for _ in writing.read_back():
            yield Progress(done=writing.position, unit="bytes", text="Reading back…")
        before, n_parts, n_weights, notes = container.source.size_with_companions, 1, 0, [_FRESH]
    else:
        wrong = yield from _write_values(new, writing)
        n_weights = sum(not is_string(variable.type_number) for variable in new)
        before, n_parts, notes = 0, 0, list(_notes(wrong))
    container.source.check_unchanged()
    return Exported(
        bytes_before=before,
        bytes_after=scratch.size,
        n_weights=n_weights,
        n_identical=n_weights,
        n_parts=n_parts,
        notes=tuple(notes),
    )


def _write_values(new: list[NewVariable], writing: CheckedWriting) -> Operation[list[bytes]]:
    """All of them one behind the other; the names of those whose checksums are wrong."""
    total, done = 2 * sum(variable.n_bytes for variable in new), 0
    wrong = []
    for variable in new:
        writing.end_part()
        checksum, start = Crc32c(), writing.position
        for piece in variable.pieces():
            writing.write(piece)
            checksum.add(piece)
            done += len(piece)
            yield Progress(done=done, total=total, unit="bytes", text="Writing…")
        if writing.position - start != variable.n_bytes:
            raise CannotRead(f"{visible(variable.name, 100)} is not as long as its shape needs.")
        is_text = is_string(variable.type_number)  # whose checksum is of something else
        if variable.stated not in (None, checksum.masked) and not is_text:
            wrong.append(variable.name)
    for n_bytes in writing.read_back():
        done += n_bytes
        yield Progress(done=done, total=total, unit="bytes", text="Reading back…")
    return wrong


def _choice(request: StripFile, container: CheckpointContainer) -> _Choice:
    name = container.source.name
    if request.gzip is not None or request.floats:
        raise CannotRead(
            f"The weights of {name} can only be stored as they are.",
            hint="Leave compression and numbers as they are.",
        )
    if request.part is None:
        require_index_name(request.target)
    parts = checkpoint_parts(container)
    gone = parts.optimizer if request.training_config else parts.slots
    if not gone:
        raise CannotRead(f"{name} holds no optimizer state: a copy would be the same checkpoint.")
    if not set(parts.variables) - parts.optimizer - {GRAPH_KEY}:
        raise CannotRead(f"{name} holds nothing but the state of an optimizer.")
    if any(isinstance(node, Unreadable) for _, node in container.walk()):
        raise CannotRead(
            f"The index of {name} is damaged, so it cannot be copied whole.",
            hint="h5v salvage saves what is left.",
        )
    ordered = [parts.variables[each] for each in sorted(parts.variables)]
    kept = tuple(each for each in ordered if each.name not in gone)
    return _Choice(parts, kept, tuple(each for each in ordered if each.name in gone))


def _notes(wrong: list[bytes]) -> Iterator[str]:
    if wrong:
        shown = names_text([visible(name, 100) for name in wrong], 5)
        yield f"Checksums that were wrong are copied as they are: {shown} may be damaged."
