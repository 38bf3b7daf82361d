"""TensorFlow checkpoints as a tree of variables (`tf_scopes` says where each of them stands)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.formats.container import StoredArray
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.source import Source
from h5viewer.formats.tf_contents import Contents, read_contents
from h5viewer.formats.tf_graph import entry, is_graph, text_of
from h5viewer.formats.tf_objects import Place
from h5viewer.formats.tf_scopes import Scopes
from h5viewer.formats.tf_tensors import TensorArray, Variable
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import (
    Attribute,
    Attributes,
    DType,
    Format,
    Group,
    Node,
    Text,
    Unreadable,
)

_FIRST_BATCH = 200
_WALKED_BATCH = 1000


def open_checkpoint(source: Source) -> CheckpointContainer:
    """Open the index of a checkpoint, or a checkpoint that is one table.

    Raises:
        CannotOpen: cut short, damaged, or a table of something else.
    """
    contents = source.kept.get("checkpoint")
    if not isinstance(contents, Contents):
        contents = source.kept["checkpoint"] = read_contents(source)
    return CheckpointContainer(source, contents)


class CheckpointContainer:
    """Implements `formats.container.Container`."""

    format_hint: Format = "tf-checkpoint"

    def __init__(self, source: Source, contents: Contents) -> None:
        self.source = source
        self.problems = contents.problems
        self._contents = contents
        self._variables = contents.variables

    @property
    def variables(self) -> dict[bytes, Variable]:
        """Those whose entry in the index is readable, by their keys."""
        return self._variables

    @property
    def keys(self) -> list[bytes]:
        """Those, and those whose entry is damaged, in natural order."""
        return in_natural_order([*self._contents.variables, *self._contents.damaged])

    @property
    def places(self) -> dict[bytes, Place]:
        """What is known of variables that objects hold, by their keys."""
        return self._contents.places

    @cached_property
    def _graph_name(self) -> bytes:
        """Of the `.meta` file among the nodes at the top; b"": there is none."""
        graph = self.source.graph
        name = graph.name.encode() if graph is not None and is_graph(graph) else b""
        return b"" if self._tree.key_at((name,)) else name

    @property
    def _tree(self) -> Scopes:
        return self._contents.tree

    def path_of(self, key: bytes) -> NodePath:
        """Where a variable stands in the tree."""
        return self._tree.path_of[key]

    def key_at(self, path: NodePath) -> bytes | None:
        """The key of the variable at a path; None: it is a scope, or nothing."""
        return self._tree.key_at(path) or self._plain_key(path)

    def _plain_key(self, path: NodePath) -> bytes | None:
        key = b"/".join(path)
        return key if key in self._variables else None

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """The names in a scope."""
        names = self._tree.children(path)
        if names is None:
            raise CannotRead(f"{visible(path_text(path), 100)} holds no other variables.")
        if not path and self._graph_name:
            names = [*names, self._graph_name]
        yield names[:_FIRST_BATCH]
        if names[_FIRST_BATCH:]:
            yield names[_FIRST_BATCH:]

    def describe(self, path: NodePath) -> Node:
        """Facts about one variable or scope."""
        key = self.key_at(path) if path else None
        variable = None if key is None else self._variables.get(key)
        if variable is not None:
            facts = variable.facts(path)
            n_attributes = len(self._told(path))
            return msgspec.structs.replace(facts, n_attributes=n_attributes)
        if key is not None:
            return Unreadable(path=path, reason="Its entry in the index is damaged.")
        if path == (self._graph_name,) and self.source.graph is not None:
            return entry(self.source.graph, path)
        names = self._tree.children(path)
        if names is not None:
            n_more = bool(self._graph_name) if not path else 0
            return Group(path=path, n_children=len(names) + n_more)
        return Unreadable(path=path, reason="There is nothing of this name.")

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every scope and variable, from top to bottom."""
        for path in self._walked():
            yield path, self.describe(path)

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every path, in batches."""
        walked = self._walked()
        while batch := list(islice(walked, _WALKED_BATCH)):
            yield batch

    def _walked(self) -> Iterator[NodePath]:
        waiting: list[NodePath] = [(name,) for name in reversed(self._tree.children(()) or ())]
        while waiting:
            path = waiting.pop()
            yield path
            if self._tree.key_at(path) is None:
                waiting += [(*path, name) for name in reversed(self._tree.children(path) or ())]
        if self._graph_name:
            yield (self._graph_name,)

    def _told(self, path: NodePath) -> list[tuple[bytes, bytes]]:
        """Names and texts of what the objects say of a variable."""
        place = self.places.get(self.key_at(path) or b"")
        if place is None:
            return []
        key, owner = self.key_at(path) or b"", place.slot_of  # a damaged file may lack it
        told = [(b"full name", place.full_name), (b"key", key)]
        told.append((b"kept for", b"/".join(self._tree.path_of.get(owner, (owner,)))))
        told.append((b"also reached as", b"\n".join(place.other_ways)))
        return [(name, text) for name, text in told if text]

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """What the program called the variable, its key, and other ways to it."""
        told = self._told(path)
        shown = tuple(
            Attribute(
                name=name,
                dtype=DType(kind="string", text="string"),
                shape=(),
                n_bytes=len(text),
                text=visible(text),
                is_complete=visible(text) == plain(text),
            )
            for name, text in told[start : start + count]
        )
        return Attributes(start=start, total=len(told), attributes=shown)

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """One of `attributes` in full."""
        text = dict(self._told(path)).get(name)
        if text is None:
            return None
        whole = plain(text)
        return Text(text=whole[:limit], total=len(whole), is_complete=len(whole) <= limit)

    def attribute_strings(self, _path: NodePath, _name: bytes, _limit: int) -> list[str] | None:
        """None: no attribute of a checkpoint is a list."""
        return None

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """None: no attribute of a checkpoint is a reference."""
        del path, name, limit
        return None

    def entry_text(self, path: NodePath, limit: int) -> Text:
        """The operations of the graph beside it, one a line."""
        if path == (self._graph_name,) and self.source.graph is not None:
            return text_of(self.source.graph, limit)
        raise CannotRead(f"{visible(path_text(path), 100)} is no file inside an archive.")

    def array(self, path: NodePath) -> StoredArray:
        """The values of a variable."""
        variable = self._variables.get(self.key_at(path) or b"")
        if variable is None:
            raise CannotRead(f"There is no variable {visible(path_text(path), 100)}.")
        return TensorArray(variable, path)

    def occupancy(self) -> Iterator[Occupied]:
        """Each variable, and the index where the values are in files beside it."""
        for key, variable in self._variables.items():
            yield Occupied(self.path_of(key), "values", variable.stored_bytes)
        if self.source.companions and self.source.path.endswith(".index"):
            yield Occupied((), "structure", self.source.size)

    def close(self) -> None:
        """Nothing is held open but the source."""
