"""What the window calls a node."""

from __future__ import annotations

import pytest

from h5viewer.gui.node_text import folders_apart, node_name
from h5viewer.nodes import Document, Format, Group, Identity


@pytest.mark.parametrize(
    ("format_", "name", "shown"),
    [
        ("tf-checkpoint", b"fc/bias/.ATTRIBUTES/VARIABLE_VALUE", "fc/bias"),
        ("tf-checkpoint", b"fc/bias", "fc/bias"),
        ("hdf5", b"a/.ATTRIBUTES/VARIABLE_VALUE", "a/.ATTRIBUTES/VARIABLE_VALUE"),
    ],
)
def test_variables_of_a_checkpoint_are_told_apart_by_their_names(
    format_: Format, name: bytes, shown: str
) -> None:
    """All end alike; cut in the middle nothing else would be seen of them."""
    document = Document(
        path="/somewhere/ckpt.index",
        format=format_,
        identity=Identity(device=1, inode=2, size=10, mtime_ns=0),
        root=Group(path=()),
    )
    assert node_name(document, (name,)) == shown


def test_folders_are_told_apart_by_the_nearest_name_that_no_other_has() -> None:
    assert folders_apart([]) == {}
    assert folders_apart(["/a/b", "/a/b"]) == {"/a/b": ""}
    named = {"/x/1/saved": "1", "/x/2/saved": "2", "/saved": "/", "/y/3/best": "best"}
    assert folders_apart(named) == named
