"""What the user allows and gives for one network, from the options of a command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import Diagnosis
from h5viewer.requests import CodeFile, Consent, DiagnoseNetwork
from h5viewer.workers.pool import Pool, ask

_LONGEST = 32 << 20  # bytes of a text file


def consent_for(
    pool: Pool,
    model: str,
    *,
    allow_code: bool = False,
    code: Sequence[str] = (),
    architecture: CodeFile | None = None,
) -> Consent:
    """A consent for exactly these bytes of the model.

    Args:
        model: absolute path.
        allow_code: Python code that the model holds may run.
        code: Python files that define its layers, as they were typed.
        architecture: for a model file that holds weights alone.

    Raises:
        H5ViewerError: one of the files cannot be read.
    """
    content_hash = ""
    if allow_code or code:
        diagnosis = ask(pool, DiagnoseNetwork(document=model, architecture=architecture))
        assert isinstance(diagnosis, Diagnosis)
        content_hash = diagnosis.content_hash
    return Consent(
        content_hash=content_hash,
        run_code=allow_code,
        code_files=tuple(map(text_file, code)),
        architecture=architecture,
    )


def text_file(name: str) -> CodeFile:
    """A small text file, UTF-8.

    Raises:
        CannotRead: it is not there, too large, or no text.
    """
    path = Path(name)
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise CannotRead(f"{visible(path.name)} is too large to be read here.")
        return CodeFile(name=path.name, text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CannotRead(f"{visible(path.name)} is no text.", details=str(error)) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CannotRead(f"{visible(path.name)} cannot be read: {why}.") from error
