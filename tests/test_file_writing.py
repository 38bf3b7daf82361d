"""Files that the program writes itself: old or new, and nothing beside them, whoever is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from h5viewer.errors import CannotWrite
from h5viewer.file_writing import write_whole
from h5viewer.scratch_file import remove_abandoned

OLD = b"what was there before"

_PROGRAM = """
import os, signal, sys
from pathlib import Path
from h5viewer import file_writing
if sys.argv[2] == "with names":  # as on systems that cannot do otherwise
    del os.O_TMPFILE
steps = file_writing.writing(Path(sys.argv[1]))
next(steps)
steps.send(b"new" * 100_000)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="files without names")
@pytest.mark.parametrize("way", ["without a name", "with names"])
def test_a_program_that_is_killed_while_it_writes_leaves_nothing(way: str, tmp_path: Path) -> None:
    """Where files have names meanwhile, what is left is gone with the next file saved there."""
    target = tmp_path / "repaired.keras"
    target.write_bytes(OLD)
    subprocess.run([sys.executable, "-c", _PROGRAM, str(target), way], timeout=60, check=False)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == (2 if way == "with names" else 1)
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == OLD


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    import resource

    target = tmp_path / "graph.png"
    target.write_bytes(OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CannotWrite, match=r"^graph\.png was not saved: file too large"):
            write_whole(target, b"new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == OLD


def test_no_opened_file_is_replaced(tmp_path: Path) -> None:
    opened = [tmp_path / "a.h5", tmp_path / "b.h5"]
    for path in opened:
        path.write_bytes(OLD)
    link = tmp_path / "link.csv"
    link.hardlink_to(opened[1])
    for target in (*opened, link):
        with pytest.raises(CannotWrite, match="opened file"):
            write_whole(target, b"new", *map(str, opened))
    assert {path.read_bytes() for path in opened} == {OLD}
