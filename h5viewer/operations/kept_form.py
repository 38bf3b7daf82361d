"""Names of copies, which keep the form of their file: Keras tells forms by how names end."""

from __future__ import annotations

from h5viewer.documents.document import find_places
from h5viewer.errors import CannotWrite
from h5viewer.formats.container import Container
from h5viewer.nodes import Format

_WHOLE, _WEIGHTS, _ARCHIVE = (".h5", ".hdf5"), (".weights.h5",), (".keras",)
_ENDINGS: dict[Format, tuple[str, ...]] = {
    "keras-h5": _WHOLE,
    "keras-h5-weights": _WHOLE,
    "keras-weights": _WEIGHTS,
    "keras-archive": _ARCHIVE,
}
_WORDS = {
    "keras-h5": "a legacy HDF5 file",
    "keras-h5-weights": "a legacy HDF5 file of weights",
    "keras-weights": "a file of weights as Keras 3 writes them",
    "keras-archive": "a .keras archive",
}


def require_kept_form(container: Container, target: str) -> None:
    """Refuse a name by which Keras would take the copy for something else than it is.

    Raises:
        CannotWrite: it would.
    """
    form = find_places(container).format
    allowed, name = _ENDINGS.get(form), container.source.name
    wanted = _ending(target)
    if allowed is None or wanted in ("", *allowed) or wanted == _ending(name):
        return
    raise CannotWrite(
        f"{name} is {_WORDS[form]}, and so would be {target}, which Keras then could not load.",
        hint=f"Choose a name that ends in {allowed[0]}, and convert that file afterwards.",
    )


def _ending(name: str) -> str:
    known = (*_WEIGHTS, *_WHOLE, *_ARCHIVE)
    return next((each for each in known if name.lower().endswith(each)), "")
