"""Rows of the tree against a plain flattening of the same tree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from h5viewer.gui.tree.document_item_model import DocumentItemModel
from h5viewer.gui.tree.tree_rows import Branch, TreeRows
from h5viewer.names import NodePath
from h5viewer.nodes import Document, Group, Identity


def document(path: str) -> Document:
    identity = Identity(device=1, inode=1, size=8, mtime_ns=0)
    return Document(path=path, format="hdf5", identity=identity, root=Group(path=()))


def flat(rows: TreeRows, branch: Branch, document: str) -> list[tuple[str, NodePath, str]]:
    """All rows below a branch, the slow way."""
    found: list[tuple[str, NodePath, str]] = []
    for name in branch.names:
        found.append((document, (*branch.path, name), ""))
        if name in branch.open:
            found += flat(rows, branch.open[name], document)
    if branch.message:
        found.append((document, branch.path, branch.message))
    return found


def all_rows(rows: TreeRows) -> list[tuple[str, NodePath, str]]:
    found: list[tuple[str, NodePath, str]] = []
    for known, key in zip(rows.documents, rows.root.names, strict=True):
        found.append((known.path, (), ""))
        if key in rows.root.open:
            found += flat(rows, rows.root.open[key], known.path)
    return found


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "close", "unfold", "fold", "names", "end", "wait"]),
        st.integers(0, 40),
        st.integers(0, 5),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_every_row_is_found_whatever_was_folded_and_listed(
    steps: list[tuple[str, int, int]],
) -> None:
    """After any sequence of steps each row holds what a plain walk finds there, and back."""
    model = DocumentItemModel()
    rows = model.rows
    for number, (step, row, count) in enumerate(steps):
        here = rows.place(row % len(rows)) if len(rows) else None
        if step == "open":
            model.add_document(document(f"/{number}"))
        elif here is None:
            continue
        elif step == "close":
            model.remove_document(here.document.path)
        elif step == "unfold" and not here.message:
            model.unfold(model.index(row % len(rows), 0))
        elif step == "fold":
            model.fold(model.index(row % len(rows), 0))
        elif step == "names":
            names = tuple(b"%d-%d" % (number, n) for n in range(count))
            model.add_names(here.document.path, here.path, names)
        elif step == "end":
            model.end_listing(here.document.path, here.path)
        elif step == "wait":
            model.show_waiting(here.document.path, here.path)
        expected = all_rows(rows)
        assert model.rowCount() == len(expected)
        places = [rows.place(row) for row in range(len(expected))]
        assert [(p.document.path, p.path, p.message) for p in places] == expected
        for row, place in enumerate(places):
            assert rows.row(place.branch, place.position) == row
            if not place.message:
                assert model.find(place.document.path, place.path).row() == row
