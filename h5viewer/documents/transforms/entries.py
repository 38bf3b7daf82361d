"""The layers of a configuration of any dialect, with the names of the networks around them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.compatibility.naming import legal
from h5viewer.documents.declared import NETWORKS
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.names import plain, visible

Path = tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """One layer as the configuration lists it: the very table, to be changed in a copy."""

    path: Path
    table: dict[str, object]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def class_name(self) -> str:
        """As stated."""
        return str(self.table.get("class_name") or "")

    @property
    def config(self) -> dict[str, object]:
        """Its arguments."""
        return table(self.table.get("config"))

    @property
    def is_network(self) -> bool:
        """True for a network used as a layer."""
        return layers_of(self.table) is not None


def copied(config: object) -> Any:
    """A copy that may be changed.

    Raises:
        TooLarge: it is nested too deeply.
    """
    try:
        with without_collecting():
            return copy.deepcopy(config)
    except RecursionError as error:
        raise TooLarge("The configuration is nested too deeply.") from error


def layers_of(network: object) -> list[object] | None:
    """The entries of a network, {"class_name": …, "config": …}; None: it is no network."""
    config = table(network).get("config")
    if is_list(config):  # a Sequential of Keras 1
        return config if table(network).get("class_name") in NETWORKS else None
    listed = table(config).get("layers")
    return listed if is_list(listed) else None


def entries_of(network: object) -> Iterator[Entry]:
    """All layers, those of nested networks after the layer that they are in."""
    waiting: list[tuple[Path, object]]
    waiting = [((), each) for each in reversed(layers_of(network) or [])]
    while waiting:
        around, each = waiting.pop()
        if not is_table(each):
            continue
        entry = Entry((*around, name_of(each)), each)
        yield entry
        waiting += [(entry.path, inner) for inner in reversed(layers_of(each) or [])]


def name_of(entry: dict[str, object]) -> str:
    """Stated beside the arguments or among them."""
    for name in (entry.get("name"), table(entry.get("config")).get("name")):
        if isinstance(name, str):
            return plain(name)
    return ""


def shown(path: Path) -> str:
    """For a sentence."""
    return f"“{visible('/'.join(path), 100)}”"


def find_layer(network: object, wanted: Path) -> Path:
    """The layer that is meant: by its path, or by its name where there is only one of that name.

    Raises:
        CannotRead: there is none, or several.
    """
    paths = [entry.path for entry in entries_of(network)]
    text = "/".join(wanted)
    for candidates in (
        [path for path in paths if path == wanted],
        [path for path in paths if "/".join(path) == text],
        [path for path in paths if path[-1] == text],
        _renamed(paths, wanted),
    ):
        if len(candidates) > 1:
            first = ", ".join(shown(path) for path in candidates[:3])
            raise CannotRead(f"Several layers are called {shown(wanted)}: {first}.")
        if candidates:
            return candidates[0]
    raise no_such_layer(text, paths)


def matching(network: object, pattern: str) -> list[Path]:
    """The layers that a name or a pattern means: of the path, or without "/" of the name.

    Raises:
        CannotRead: none.
    """
    paths = [entry.path for entry in entries_of(network)]
    exact = [path for path in paths if "/".join(path) == pattern]
    found = exact or [
        path
        for path in paths
        if fnmatchcase("/".join(path), pattern)
        or ("/" not in pattern and fnmatchcase(path[-1], pattern))
    ]
    found = found or _renamed(paths, tuple(pattern.split("/")))
    if not found:
        raise no_such_layer(pattern, paths)
    return found


def _renamed(paths: list[Path], wanted: Path) -> list[Path]:
    """Of layers whose names in the file TensorFlow refuses: the path, or the only name."""
    whole = tuple(legal(part) for part in wanted)
    return [path for path in paths if path == whole] or [
        path for path in paths if path[-1] == legal("/".join(wanted))
    ]


def no_such_layer(name: str, paths: list[Path]) -> CannotRead:
    """What to say when a name is none."""
    known = ["/".join(path) for path in paths]
    close = get_close_matches(name, known[:5000], 3, 0.5)
    hint = f"There is {', '.join(f'“{visible(each, 60)}”' for each in close)}." if close else ""
    return CannotRead(f"The network has no layer “{visible(name, 80)}”.", hint=hint)
