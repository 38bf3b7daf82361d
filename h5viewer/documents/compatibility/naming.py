"""Names of layers: as in the file, or as Keras 3 and TensorFlow take them."""

from __future__ import annotations

import re

from h5viewer.documents.compatibility.place import Place, Work
from h5viewer.documents.json_text import is_table, table
from h5viewer.names import plain, visible

_OUTSIDE = re.compile(r"[^A-Za-z0-9_.\-]")  # names become scopes of TensorFlow's graph


class Names:
    """Names of the layers of one network, each once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def new(self, wanted: str, told_as: str = "") -> str:
        """A name nobody has yet; a change is told about the layer `told_as`."""
        name = legal(wanted)
        if name != wanted and told_as:
            self._work.findings.add(told_as, *_refused_name(name, is_refused="/" in wanted))
        free = self._free(name)
        if free != name and told_as:
            self._work.findings.add(
                told_as,
                "Another layer of this network has the same name.",
                f"This one is called “{visible(free)}” in memory.",
            )
        self._taken.add(free)
        return free

    def _free(self, name: str) -> str:
        free, n = name, self._last.get(name, 0)
        while free in self._taken:
            n += 1
            free = f"{name}_{n}"
        self._last[name] = n
        return free


def legal(wanted: str) -> str:
    """The name as Keras 3 and TensorFlow take it."""
    name = _OUTSIDE.sub("_", wanted) or "layer"
    return f"l{name}" if name[0] in "_-" else name


def name_of(entry: object, key: tuple[int, ...]) -> str:
    """As in the architecture: stated beside or inside the configuration."""
    if is_table(entry):
        for name in (entry.get("name"), table(entry.get("config")).get("name")):
            if isinstance(name, str):
                return plain(name)
    return f"(layer {'.'.join(str(position + 1) for position in key)})"


def place_of(entry: object, network: Place, i: int, names: Names) -> Place:
    """Where the layer at position `i` of a network stands."""
    key = (*network.key, i)
    name = name_of(entry, key)
    is_stated = not name.startswith("(layer ")
    new = names.new(name if is_stated else f"layer_{i + 1}", name if is_stated else "")
    return Place(key, name, (*inside(network), new))


def inside(network: Place) -> tuple[str, ...]:
    """The path that layers of a network begin with; those of the whole network with none."""
    return network.path if network.key else ()


def _refused_name(name: str, *, is_refused: bool) -> tuple[str, str]:
    what = "a “/”, which Keras 3 refuses" if is_refused else "characters that TensorFlow refuses"
    return f"Its name holds {what}.", f"Called “{visible(name)}” in memory."
