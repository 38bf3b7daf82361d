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
