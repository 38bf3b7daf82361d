"""What is no regular file is refused in one sentence, without waiting."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from h5viewer.errors import CannotOpen
from h5viewer.formats.source import Source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX")


def refused(path: Path) -> str:
    with pytest.raises(CannotOpen) as caught:
        Source(str(path))
    return caught.value.message


def test_pipes_devices_and_folders_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    (tmp_path / "folder.h5").mkdir()
    assert refused(tmp_path / "pipe.h5") == "pipe.h5 is a pipe or device, not a file."
    assert refused(tmp_path / "folder.h5") == "folder.h5 is a folder, not a file."
    assert refused(Path(os.devnull)) == "null is a pipe or device, not a file."


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        ([], "Open a file in it instead."),
        (["checkpoint", "m.index", "m.data-00000-of-00001"], "Open m.index in it."),
        (["variables/variables.index"], "Open variables/variables.index in it."),
        (
            ["ckpt-2.index", "ckpt-10.index", "ckpt-9.index"],
            "Open one of its 3 .index files, such as ckpt-10.index.",
        ),
    ],
)
def test_a_folder_with_a_checkpoint_says_which_file_to_open(
    tmp_path: Path, files: list[str], hint: str
) -> None:
    """TensorFlow speaks of the folder; what opens is the index in it, the newest one named."""
    for name in files:
        (tmp_path / "run" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / name).touch()
    (tmp_path / "run").mkdir(exist_ok=True)
    with pytest.raises(CannotOpen) as caught:
        Source(str(tmp_path / "run"))
    assert caught.value.message == "run is a folder, not a file."
    assert caught.value.hint == hint


def test_the_systems_reason_is_told(tmp_path: Path) -> None:
    loop = tmp_path / "loop.h5"
    loop.symlink_to(loop)
    assert refused(loop) == f"loop.h5 cannot be opened: {os.strerror(errno.ELOOP).lower()}."
    (tmp_path / "nowhere.h5").symlink_to(tmp_path / "gone")
    assert refused(tmp_path / "nowhere.h5") == "nowhere.h5 does not exist."


def test_a_link_to_a_file_opens_it(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"abc")
    (tmp_path / "link.h5").symlink_to(tmp_path / "real")
    with Source(str(tmp_path / "link.h5")) as source:
        assert source.name == "link.h5"
        assert source.read_at(0, 9) == b"abc"
