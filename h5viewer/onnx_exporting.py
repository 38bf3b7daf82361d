"""A network as an ONNX file, for the window and for the terminal.

It is the only export whose bytes come out of a worker that has loaded the frameworks, and go
through the program into the scratch file: that worker serves its document on, and can write
nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue

from h5viewer.errors import CannotWrite, H5ViewerError, NotInstalled
from h5viewer.exporting import Stop, Stopped
from h5viewer.file_writing import refused
from h5viewer.names import visible
from h5viewer.nodes import Exported, FileBytes, Part, Result
from h5viewer.requests import Consent, ExportOnnx, Progress
from h5viewer.scratch_file import scratch_file
from h5viewer.wording import NEEDS_ONNX
from h5viewer.workers.pool import Pool

_PIECE = 4 << 20  # bytes


@dataclass(frozen=True)
class OnnxExport:
    """What to make of which file, both by absolute paths."""

    document: str
    target: str
    consent: Consent = field(default_factory=Consent)


_Heard = Progress | Part | tuple[Result | H5ViewerError | None]


class _Queue:
    """A listener that keeps what it hears for the waiting thread."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[_Heard] = SimpleQueue()

    def next(self) -> _Heard:
        """What was heard next; waits for it."""
        while True:
            with suppress(Empty):  # on Windows an endless wait cannot be interrupted
                return self.heard.get(timeout=0.2)

    def progressed(self, progress: Progress) -> None:
        self.heard.put(progress)

    def delivered(self, part: Part) -> None:
        self.heard.put(part)

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        self.heard.put((outcome,))


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
            raise Stopped("The export was cancelled.")
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
    listener, checksum = _Queue(), hashlib.sha256()
    job = pool.submit(ExportOnnx(document=wanted.document, consent=wanted.consent), listener)
    stop.heard_by(job.cancel)
    is_over = False
    try:
        while True:
            heard = listener.next()
            if isinstance(heard, Progress):
                on_progress(heard)
            elif isinstance(heard, FileBytes):
                checksum.update(heard.data)
                rest = memoryview(heard.data)
                while rest:
                    rest = rest[os.write(fd, rest) :]
            elif isinstance(heard, tuple):
                is_over = True
                outcome = heard[0]
                if isinstance(outcome, H5ViewerError):
                    raise outcome
                if not isinstance(outcome, Exported):
                    raise Stopped("The export was cancelled.")
                return outcome, checksum.digest()
    finally:
        if not is_over:
            job.cancel()


def _checksum(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    checksum = hashlib.sha256()
    while piece := os.read(fd, _PIECE):
        checksum.update(piece)
    return checksum.digest()
