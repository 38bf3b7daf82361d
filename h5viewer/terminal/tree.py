"""`h5v tree`: the nodes of a file as an indented tree, printed while it is read.

Without recursion and without holding the file's nodes: of each group on the way down the
names are kept, facts are asked for a page at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attributes, Group, Names, Node, Nodes, Part, Unreadable
from h5viewer.requests import DescribeNodes, ListChildren, ReadAttributes
from h5viewer.terminal import screen
from h5viewer.terminal.node_line import MANY_ATTRIBUTES, attribute_line, node_line
from h5viewer.terminal.screen import Piece
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool, ask

_MANY = 1000  # nobody reads more on a screen
_PAGE = 20_000  # each page opens the file anew, and HDF5 reads 200,000 names again: 40 ms


class _Strokes(msgspec.Struct, frozen=True):
    """The lines of the drawing."""

    child: str
    last: str
    pass_by: str
    nothing: str = "    "


_FINE = _Strokes("├── ", "└── ", "│   ")
_PLAIN = _Strokes("|-- ", "`-- ", "|   ")


class _Level(msgspec.Struct):
    """A group on the way down: what of it is still to be printed."""

    nodes: Iterator[Node]
    n_left: int
    n_hidden: int  # more than are printed of one group
    indent: str


class TreePrinter:
    """Prints one document's tree."""

    def __init__(
        self,
        pool: Pool,
        document: str,
        console: Console,
        *,
        depth: int,
        n_items: int | None,
        with_attributes: bool,
    ) -> None:
        """`n_items`: printed of each group; 0: all; None: on a terminal a thousand."""
        self._pool = pool
        self._document = document
        self._write = screen.line_writer(console)
        self._depth = depth
        self._n_items = (_MANY if console.is_terminal else 0) if n_items is None else n_items
        self._with_attributes = with_attributes
        self._strokes = _FINE if console.encoding.lower().startswith("utf") else _PLAIN
        self._levels: list[_Level] = []

    def print_from(self, path: NodePath) -> None:
        """The node at `path` and everything below it.

        Raises:
            H5ViewerError: there is no such node, or it cannot be read.
        """
        top = self._describe_at_once((path,))[0]
        if isinstance(top, Unreadable):
            raise CannotRead(f"{visible(path_text(path))} cannot be read.", hint=top.reason)
        self._print("", node_line(top))
        self._enter(top, "")
        while self._levels:
            level = self._levels[-1]
            node = next(level.nodes, None)
            if node is None:
                self._levels.pop()
                if level.n_hidden:
                    self._print_hidden(level)
                continue
            level.n_left -= 1
            self._print_child(node, level)

    def _print_child(self, node: Node, level: _Level) -> None:
        strokes = self._strokes
        is_last = level.n_left == 0 and not level.n_hidden
        self._print(level.indent + (strokes.last if is_last else strokes.child), node_line(node))
        self._enter(node, level.indent + (strokes.nothing if is_last else strokes.pass_by))

    def _print_hidden(self, level: _Level) -> None:
        more = f"… {plural(level.n_hidden, 'more item')}; --items 0 prints all"
        self._print(level.indent + self._strokes.last, [(more, "dim")])

    def _enter(self, node: Node, indent: str) -> None:
        """Print a node's attributes and have its children printed next."""
        if self._with_attributes:
            self._print_attributes(node, indent)
        if not isinstance(node, Group) or node.same_as is not None or node.n_children == 0:
            return
        if len(self._levels) >= self._depth:
            self._print(indent, [("…", "dim")])
            return
        try:
            names = self._names(node.path)
        except H5ViewerError as error:
            self._print(indent, [(visible(error.message), "red")])
            return
        shown = names[: self._n_items or None]
        nodes = self._describe([(*node.path, name) for name in shown])
        self._levels.append(_Level(nodes, len(shown), len(names) - len(shown), indent))

    def _names(self, path: NodePath) -> list[bytes]:
        names: list[bytes] = []

        def keep(part: Part) -> None:
            if isinstance(part, Names):
                names.extend(part.names)

        with screen.progress("Listing") as show:
            ask(self._pool, ListChildren(document=self._document, node=path), keep, show)
        return names

    def _describe(self, paths: list[NodePath]) -> Iterator[Node]:
        """Facts, page by page; where the reading ends in a crash, closer and closer to it."""
        to_do = [paths[at : at + _PAGE] for at in range(0, len(paths), _PAGE)]
        to_do.reverse()
        while to_do:
            page = to_do.pop()
            nodes: list[Node] = []
            try:
                self._describe_at_once(tuple(page), nodes)
            except H5ViewerError as error:
                yield from nodes
                rest = page[len(nodes) :]
                if len(rest) == 1:
                    yield Unreadable(path=rest[0], reason=error.message)
                else:
                    middle = len(rest) // 2
                    to_do += [rest[middle:], rest[:middle]]
            else:
                yield from nodes

    def _describe_at_once(
        self, paths: tuple[NodePath, ...], nodes: list[Node] | None = None
    ) -> list[Node]:
        found = [] if nodes is None else nodes

        def keep(part: Part) -> None:
            if isinstance(part, Nodes):
                found.extend(part.nodes)

        ask(self._pool, DescribeNodes(document=self._document, nodes=paths), keep)
        return found

    def _print_attributes(self, node: Node, indent: str) -> None:
        n_attributes = getattr(node, "n_attributes", 0)
        if not n_attributes:
            return
        request = ReadAttributes(document=self._document, node=node.path, count=MANY_ATTRIBUTES)
        try:
            page = ask(self._pool, request)
        except H5ViewerError as error:
            self._print(indent, [(visible(error.message), "red")])
            return
        if isinstance(page, Attributes):
            for attribute in page.attributes:
                self._print(indent, attribute_line(attribute))
            if page.total > len(page.attributes):
                more = page.total - len(page.attributes)
                self._print(indent, [(f"@… {plural(more, 'more attribute')}", "dim")])

    def _print(self, indent: str, line: list[Piece]) -> None:
        self._write([(indent, "dim"), *line])
