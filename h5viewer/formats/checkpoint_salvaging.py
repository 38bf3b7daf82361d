"""Variables of a checkpoint that are whole: their bytes are there and have their checksums."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import whole
from h5viewer.formats.consecutive import consecutive
from h5viewer.formats.container import StoredArray
from h5viewer.formats.hdf5_new import Filled, NewHdf5
from h5viewer.formats.hdf5_salvaged import VALUES, Lost
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_contents import is_right
from h5viewer.formats.tf_objects import GRAPH_KEY, VALUE
from h5viewer.formats.tf_tensors import Variable
from h5viewer.nodes import Dataset, Unreadable

_NO_NUMBERS = "It holds text, which is not copied from checkpoints."


def look_at(container: CheckpointContainer) -> Iterator[tuple[bytes, Variable | Lost]]:
    """Each variable that is whole, and what is lost of the others."""
    variables = container.variables
    for name in container.keys:
        if name == GRAPH_KEY:
            continue
        node = container.describe((name,))
        if isinstance(node, Unreadable):
            yield name, Lost((name,), node.reason)
            continue
        variable = variables[name]
        reason = _damage(variable, node)
        yield name, Lost((name,), reason) if reason else variable


def _damage(variable: Variable, node: object) -> str:
    """Why a variable is not saved; "": it is whole."""
    if variable.obstacle:
        return variable.obstacle
    if not isinstance(node, Dataset) or not node.dtype.is_numeric:
        return _NO_NUMBERS
    return "" if all(is_right(variable, piece) for piece in variable.pieces) else VALUES


def copy_variable(
    container: CheckpointContainer, name: bytes, path: str, file: NewHdf5
) -> Generator[int, None, Filled]:
    """One variable into the new file; yields bytes.

    Raises:
        CannotRead: it is damaged after all.
    """
    array = container.array((name,))
    dtype = "bfloat16" if array.facts.dtype.kind == "bfloat16" else _element(array)
    shape = array.facts.shape or ()
    room = file.reserve(path, shape, dtype)
    pieces = (values.reshape(-1) for values in consecutive(array, whole(shape)))
    for step in file.fill(room, pieces):
        if isinstance(step, Filled):
            return step
        yield step
    raise CannotRead(f"{path} has no values.")


def paths_of(names: list[bytes]) -> dict[bytes, str]:
    """Where each variable stands in the new file: its name, which may begin another's."""
    short = {name: name.removesuffix(VALUE).decode("utf-8", "backslashreplace") for name in names}
    taken = set(short.values())
    parents = {
        "/".join(parts[:n])
        for parts in (path.split("/") for path in taken)
        for n in range(1, len(parts))
    }
    return {name: f"{path}/value" if path in parents else path for name, path in short.items()}


def _element(array: StoredArray) -> str:
    """NumPy's name of its elements, without reading any."""
    nothing = tuple(slice(0, 0) for _ in array.facts.shape or ())
    return str(array.read(nothing).dtype)
