"""The architecture of a file that holds weights alone, as a command was given it or beside it."""

from __future__ import annotations

import os
from pathlib import Path

from rich.text import Text as Words

from h5viewer import beside
from h5viewer.errors import H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import ArchitectureFit, Document, Text
from h5viewer.requests import CodeFile, FitArchitecture, OpenDocument, ReadArchitecture
from h5viewer.terminal import screen
from h5viewer.terminal.consent import text_file
from h5viewer.workers.pool import Pool, ask

_WEIGHTS_ONLY = ("keras-h5-weights", "keras-weights")


def architecture_for(pool: Pool, model: str, given: str) -> CodeFile | None:
    """Where the layers of a file of weights are stated; None: the file states them itself.

    Args:
        model: absolute path.
        given: JSON or a whole model, as it was typed; "": one beside the file whose layers
            are those of the weights.

    Raises:
        H5ViewerError: the file that was given cannot be read, or declares no network.
    """
    if given:
        return _read(pool, given)
    found = ask(pool, OpenDocument(document=model))
    assert isinstance(found, Document)
    if found.format not in _WEIGHTS_ONLY:
        return None
    for path in beside.architecture_files(model):
        try:
            file = _read(pool, path)
            fit = ask(pool, FitArchitecture(document=model, architecture=file))
        except H5ViewerError:
            continue  # it states no network after all
        finally:
            pool.forget(path)
        assert isinstance(fit, ArchitectureFit)
        if fit.fits:
            said = f"The layers are taken from {visible(Path(path).name)}, beside the file."
            screen.errors().print(Words(said, "dim"))
            return file
    return None


def _read(pool: Pool, path: str) -> CodeFile:
    if path.lower().endswith(".json"):
        return text_file(path)
    text = ask(pool, ReadArchitecture(document=os.path.abspath(path)))  # noqa: PTH100  # as typed
    assert isinstance(text, Text)
    return CodeFile(name=Path(path).name, text=text.text)
