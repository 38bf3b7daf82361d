"""Writing a file whole or not at all, for the window and for the terminal.

The bytes go into a scratch file, which takes the target's place when all of them are on the
disk: a target never holds half a file, and is not touched when writing fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from h5viewer.names import visible
from h5viewer.scratch_file import scratch_file
from h5viewer.targets import refused


def writing(
    target: Path, *opened: str, may_replace: bool = True
) -> Generator[None, bytes | None, None]:
    """Write the bytes that are sent, until None is; closing it before leaves nothing behind.

    Args:
        target: what the file is to be called.
        opened: the documents on view, which stay as they are.
        may_replace: False: a target that exists already is refused.

    Raises:
        CannotWrite: the target is an opened file or exists, or the disk refuses.
    """
    with scratch_file(target, opened, may_replace=may_replace) as scratch:
        try:
            with os.fdopen(scratch.fd, "wb", closefd=False) as file:
                while (piece := (yield)) is not None:
                    file.write(piece)
        except OSError as error:
            raise refused(visible(target.name), error) from error
        scratch.take_place()
    yield


def write_whole(target: Path, data: bytes, *opened: str, may_replace: bool = True) -> None:
    """Write all of it at once; as `writing`.

    Raises:
        CannotWrite: the target is an opened file or exists, or the disk refuses.
    """
    with closing(writing(target, *opened, may_replace=may_replace)) as file:
        next(file)
        file.send(data)
        file.send(None)
