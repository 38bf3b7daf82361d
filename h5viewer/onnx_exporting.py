"""A network as an ONNX file, for the window and for the terminal.

It is the only export whose bytes come out of a worker that has loaded the frameworks, and go
through the program into the scratch file: that worker serves its document on, and can write
nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import msgspec

from h5viewer.errors import CannotWrite, NotInstalled
from h5viewer.exporting import STOPPED, Stop, Stopped, ask_worker
from h5viewer.names import visible
from h5viewer.nodes import Exported, FileBytes, Part
from h5viewer.requests import Consent, ExportOnnx, Progress
from h5viewer.scratch_file import scratch_file
from h5viewer.targets import refused
from h5viewer.wording import NEEDS_ONNX
from h5viewer.workers.pool import Pool

_PIECE = 4 << 20  # bytes


class OnnxExport(msgspec.Struct, frozen=True):
    """What to make of which file, both by absolute paths."""

    document: str
    target: str
    consent: Consent = msgspec.field(default_factory=Consent)


def require_exporter() -> None:
    """Look whether it is installed, before frameworks are loaded for seconds.

    Raises:
        NotInstalled: it is not.
    """
    if find_spec("tf2onnx") is None or find_spec("onnx") is None:
        message, hint = NEEDS_ONNX
        raise NotInstalled(message, hint=hint)


def export_onnx(
    pool: Pool,
    wanted: OnnxExport,
    *,
    may_replace: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Stop | None = None,
) -> Exported:
    """Write the target; as `exporting.export` does it.

    Raises:
        H5ViewerError: the target is the source or exists, the network cannot be converted, or the
            disk refuses.
        Stopped: it was asked to.
    """
    stop = stop or Stop()
    target = Path(wanted.target)
    name = visible(target.name)
    with scratch_file(target, [wanted.document], may_replace=may_replace) as scratch:
        try:
            exported, checksum = _written(pool, wanted, scratch.fd, on_progress, stop)
            on_progress(Progress(done=0, text="Waiting for the disk…"))
            scratch.settle()
            is_right = _checksum(scratch.fd) == checksum
        except OSError as error:
            raise refused(name, error) from error
        if not is_right:
            raise CannotWrite(
                f"{name} was not saved: read back, it was not what had been written.",
                hint="The disk may be damaged. Try another disk.",
            )
        if stop.is_asked:
            raise Stopped(STOPPED)
        scratch.take_place()
    return exported


def _written(
    pool: Pool,
    wanted: OnnxExport,
    fd: int,
    on_progress: Callable[[Progress], None],
    stop: Stop,
) -> tuple[Exported, bytes]:
    """What came of it, and the checksum of the bytes."""
    checksum = hashlib.sha256()

    def write(part: Part) -> None:
        if isinstance(part, FileBytes):
            checksum.update(part.data)
            rest = memoryview(part.data)
            while rest:
                rest = rest[os.write(fd, rest) :]

    request = ExportOnnx(document=wanted.document, consent=wanted.consent)
    exported = ask_worker(pool, request, stop, on_progress, on_part=write)
    return exported, checksum.digest()


def _checksum(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    checksum = hashlib.sha256()
    while piece := os.read(fd, _PIECE):
        checksum.update(piece)
    return checksum.digest()
