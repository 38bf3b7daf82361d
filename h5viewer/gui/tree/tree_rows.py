"""Open documents as the rows of a tree: what is listed, unfolded, and in which row it stands.

A group of 200,000 children costs one list until rows of it are looked at; finding the
node of a row takes a few steps whatever the size.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from h5viewer.names import NodePath
from h5viewer.nodes import Document, Entry, Group, Node


class Branch:
    """The children of one node, as far as they are listed; at the root, the documents.

    `message` is a last row of its own: why there is nothing more to see. Branches of
    unfolded children are in `open`, those folded again in `shut`, by name.
    """

    __slots__ = (
        "_opens",
        "_rows",
        "depth",
        "facts",
        "is_complete",
        "message",
        "n_rows",
        "names",
        "open",
        "parent",
        "path",
        "position",
        "shut",
        "top",
    )

    def __init__(self, path: NodePath, parent: Branch | None = None, position: int = 0) -> None:
        self.path = path
        self.parent = parent
        self.position = position  # of this one among its parent's children
        self.depth: int = parent.depth + 1 if parent else 0
        self.top: Branch = parent.top if parent and parent.parent else self  # of its document
        self.names: list[bytes] = []
        self.facts: dict[bytes, Node] = {}
        self.open: dict[bytes, Branch] = {}
        self.shut: dict[bytes, Branch] = {}
        self.message = ""
        self.is_complete = False
        self.n_rows = 0  # when unfolded: its children, and theirs where unfolded
        self._opens: list[Branch] | None = None  # unfolded children, sorted
        self._rows: list[int] = []  # for each, the row it stands in, relative to this branch

    @property
    def key(self) -> bytes:
        """Its name among its parent's children."""
        return b"" if self.parent is None else self.parent.names[self.position]

    @property
    def is_visible(self) -> bool:
        """True when the branch and all above it are unfolded."""
        branch = self
        while branch.parent is not None:
            if branch.parent.open.get(branch.key) is not branch:
                return False
            branch = branch.parent
        return True

    def locate(self, row: int) -> tuple[Branch, int]:
        """Which child of which branch stands in `row` of this one."""
        branch = self
        while True:
            opens, rows = branch._unfolded()
            k = bisect_right(rows, row) - 1
            if k < 0:
                return branch, row
            below = row - rows[k]
            child = opens[k]
            if below == 0 or below > child.n_rows:
                return branch, child.position + below - (child.n_rows if below else 0)
            branch, row = child, below - 1

    def row_of(self, position: int) -> int:
        """The row of the child at `position`, relative to this branch."""
        opens, rows = self._unfolded()
        k = bisect_right(opens, position, key=lambda child: child.position) - 1
        if k < 0:
            return position
        beyond = position - opens[k].position
        return rows[k] + beyond + (opens[k].n_rows if beyond else 0)

    def grow(self, n_rows: int) -> None:
        """Count rows that came (or, negative, went) here, and above as far as unfolded."""
        branch = self
        while True:
            branch.n_rows += n_rows
            branch._opens = None
            parent = branch.parent
            if parent is None or parent.open.get(branch.key) is not branch:
                return
            branch = parent

    def fold_below(self) -> None:
        """Fold everything in here; nobody may see it at the time."""
        branches = [self]
        for branch in branches:  # grows while it is walked: parents first
            branches.extend(branch.open.values())
        for branch in reversed(branches[1:]):
            parent, name = branch.parent, branch.key
            if parent is not None:
                parent.shut[name] = parent.open.pop(name)
                parent.grow(-branch.n_rows)

    def child(self, name: bytes) -> Branch | None:
        """The branch of a child that was unfolded once."""
        return self.open.get(name) or self.shut.get(name)

    def _unfolded(self) -> tuple[list[Branch], list[int]]:
        if self._opens is None:
            self._opens = sorted(self.open.values(), key=lambda child: child.position)
            self._rows, before = [], 0
            for child in self._opens:
                self._rows.append(child.position + before)
                before += child.n_rows
        return self._opens, self._rows


def opens(node: Node | None) -> bool:
    """True when there may be children to show."""
    if isinstance(node, Group):
        return node.n_children != 0
    return isinstance(node, Entry) and node.kind == "folder"


class Place(msgspec.Struct, frozen=True):
    """What stands in a row: a node by its path, with facts when they are known."""

    branch: Branch
    position: int
    document: Document
    path: NodePath
    node: Node | None
    message: str = ""  # not empty: no node, but a message of its branch

    @property
    def is_document(self) -> bool:
        """True for the top row of a document."""
        return self.branch.parent is None

    @property
    def is_open(self) -> bool:
        """True when its children are shown."""
        if self.message:
            return False
        child = self.branch.open.get(self.branch.names[self.position])
        return child is not None and child.position == self.position

    @property
    def can_open(self) -> bool:
        """True when there may be children to show."""
        return opens(self.node)


class TreeRows:
    """All open documents. Rows count from 0 at the first document, unfolded ones included."""

    def __init__(self) -> None:
        self.root = Branch(())
        self.documents: list[Document] = []

    def __len__(self) -> int:
        return self.root.n_rows

    def place(self, row: int) -> Place:
        """What stands in `row`."""
        branch, position = self.root.locate(row)
        document = self.document(branch, position)
        if branch is self.root:
            return Place(branch, position, document, (), document.root)
        if position >= len(branch.names):
            return Place(branch, position, document, branch.path, None, branch.message)
        node = branch.facts.get(branch.names[position])
        return Place(branch, position, document, self.path(branch, position), node)

    def document(self, branch: Branch, position: int) -> Document:
        """To which document a child belongs."""
        return self.documents[position if branch is self.root else branch.top.position]

    def path(self, branch: Branch, position: int) -> NodePath:
        """The address of a child; of a document ()."""
        return () if branch is self.root else (*branch.path, branch.names[position])

    def row(self, branch: Branch, position: int) -> int:
        """The row of a child; its branch and those above must be unfolded."""
        row = branch.row_of(position)
        while branch.parent is not None:
            row += branch.parent.row_of(branch.position) + 1
            branch = branch.parent
        return row

    def branch(self, document: str, path: NodePath) -> Branch | None:
        """The branch of a group that was unfolded once."""
        found = self.root.child(os.fsencode(document))
        for name in path:
            if found is None:
                return None
            found = found.child(name)
        return found

    def find(self, document: str, path: NodePath) -> tuple[Branch, int] | None:
        """Where a node stands, when its group is listed so far."""
        branch = self.branch(document, path[:-1]) if path else self.root
        name = path[-1] if path else os.fsencode(document)
        if branch is None or name not in branch.names:
            return None
        return branch, branch.names.index(name)

    def unfolded(self, document: str) -> Iterator[NodePath]:
        """Paths of the unfolded groups of a document, parents first."""
        top = self.root.open.get(os.fsencode(document))
        stack = [top] if top else []
        while stack:
            branch = stack.pop()
            yield branch.path
            stack.extend(branch.open.values())

    def add_document(self, document: Document, position: int) -> None:
        """A new one, folded, before the one that is at `position`."""
        self.documents.insert(position, document)
        self.root.names.insert(position, os.fsencode(document.path))
        self._move(position, 1)
        self.root.grow(1)

    def remove_document(self, position: int) -> None:
        """Take out a folded document; those after it move up."""
        del self.documents[position]
        self.root.shut.pop(self.root.names.pop(position), None)
        self._move(position, -1)
        self.root.grow(-1)

    def _move(self, position: int, by: int) -> None:
        for branch in (*self.root.open.values(), *self.root.shut.values()):
            branch.position += by if branch.position >= position else 0
