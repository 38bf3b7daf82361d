"""A file whose pictures no gallery shows says so beside its facts."""

from __future__ import annotations

from h5viewer.gui.details.facts import facts
from h5viewer.gui.selection import Selection
from h5viewer.nodes import Dataset, Document, DType, Group, Identity

ROOT = Group(path=(), n_children=1)
IDENTITY = Identity(device=1, inode=1, size=1000, mtime_ns=0)
SENTENCE = "/encoded holds 9 JPEG files, not pixels."


def _document() -> Document:
    return Document(path="/a/b.h5", format="hdf5", identity=IDENTITY, root=ROOT)


def test_the_file_says_what_is_not_shown() -> None:
    told = facts(Selection(_document(), ROOT, unshown=(SENTENCE,)))
    assert [(each.label, each.text) for each in told if each.severity] == [("Pictures", SENTENCE)]


def test_its_datasets_do_not() -> None:
    dataset = Dataset(path=(b"x",), shape=(9,), dtype=DType(kind="uint", text="uint8", itemsize=1))
    told = facts(Selection(_document(), dataset, unshown=(SENTENCE,)))
    assert not any(each.label == "Pictures" for each in told)
