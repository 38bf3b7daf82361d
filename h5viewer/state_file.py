"""A `checkpoint` file: read, and copied with what was moved named as it is here.

For the window and for the terminal; waits for disks.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from h5viewer.checkpoint_files import (
    LARGEST_STATE,
    STATE,
    CheckpointState,
    NamedCheckpoint,
    corrected_text,
    located,
    parse_state,
)
from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.file_writing import write_whole
from h5viewer.names import visible


class FoundState(msgspec.Struct, frozen=True):
    """A state file that was read."""

    path: str
    text: str
    state: CheckpointState
    kept: tuple[NamedCheckpoint, ...]

    @property
    def n_moved(self) -> int:
        """How many of its checkpoints are here, and not where it says."""
        return sum(named.was_moved for named in self.kept)


def read(path: str) -> FoundState:
    """The state file at `path`, or in that folder.

    Raises:
        CannotOpen: there is none.
    """
    file = Path(path) / STATE if Path(path).is_dir() else Path(path)
    name = visible(file.name)
    missing = CannotOpen(f"There is no readable file {name} in {visible(file.parent.name)}.")
    if not file.is_file():  # a pipe would wait for ever
        raise missing
    try:
        with file.open("rb") as stream:
            text = stream.read(LARGEST_STATE).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise missing from error
    state = parse_state(text)
    if state is None:
        raise CannotOpen(f"{name} is no list of checkpoints.")
    return FoundState(str(file), text, state, located(state, str(file.parent)))


def write_corrected(found: FoundState, target: str, *, may_replace: bool) -> None:
    """A copy in which checkpoints that were moved are called as they are here.

    Raises:
        CannotRead: there is nothing to correct.
        CannotWrite: the target is the file itself or exists, or the disk refuses.
    """
    corrected = corrected_text(found.text, str(Path(found.path).parent))
    if corrected == found.text:
        raise CannotRead(
            f"{visible(Path(found.path).name)} names no checkpoint that was moved: a copy would be "
            "the same."
        )
    data = corrected.encode("utf-8", "surrogateescape")
    write_whole(Path(target), data, found.path, may_replace=may_replace)
