"""A network as an ONNX model, from the terminal: made by a worker, written here."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from h5viewer.errors import CannotWrite, NotInstalled
from h5viewer.file_writing import writing
from h5viewer.names import visible
from h5viewer.nodes import Exported, FileBytes, Part
from h5viewer.requests import ExportOnnx
from h5viewer.terminal import screen
from h5viewer.terminal.architecture import architecture_for
from h5viewer.terminal.consent import consent_for
from h5viewer.wording import NEEDS_ONNX
from h5viewer.workers.pool import Pool, ask


def require_exporter() -> None:
    """Look whether it is installed, before frameworks are loaded for seconds.

    Raises:
        NotInstalled: it is not.
    """
    if find_spec("tf2onnx") is None or find_spec("onnx") is None:
        message, hint = NEEDS_ONNX
        raise NotInstalled(message, hint=hint)


def write_onnx(pool: Pool, source: str, target: str, *, may_replace: bool) -> Exported:
    """Write the file whole or not at all.

    Raises:
        H5ViewerError: the target is the source or exists, or the network cannot be converted.
    """
    path = Path(target)
    if not may_replace and os.path.lexists(path):
        raise CannotWrite(
            f"{visible(path.name)} exists already; it was not replaced.",
            hint="With --force it would be.",
        )
    consent = consent_for(pool, source, architecture=architecture_for(pool, source, ""))
    checksum = hashlib.sha256()
    with closing(writing(path, source, may_replace=may_replace)) as file:
        next(file)

        def keep(part: Part) -> None:
            if isinstance(part, FileBytes):
                checksum.update(part.data)
                file.send(part.data)

        with screen.progress("Converting") as show:
            done = ask(pool, ExportOnnx(document=source, consent=consent), keep, show)
        assert isinstance(done, Exported)
        file.send(None)
    if hashlib.sha256(path.read_bytes()).digest() != checksum.digest():
        raise CannotWrite(
            f"{visible(path.name)} is not right: read back, it was not what had been written.",
            hint="The disk may be damaged. Try another disk.",
        )
    return done
