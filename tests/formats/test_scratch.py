"""The file that an export writes."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from h5viewer.errors import CannotWrite
from h5viewer.formats.scratch import Scratch

pytestmark = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="this system sets no room aside"
)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    fd = os.open(tmp_path / "target", os.O_RDWR | os.O_CREAT)
    yield Scratch(fd, 100)
    os.close(fd)


def refusal(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_room_that_is_set_aside_is_empty_and_leaves_what_was_there(scratch: Scratch) -> None:
    scratch.write(b"before")
    scratch.reserve(3, 10)
    assert scratch.size == 13
    scratch.seek(0)
    assert scratch.read(20) == b"before" + bytes(7)


def test_a_full_disk_says_so_before_anything_is_written(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise refusal(errno.ENOSPC)

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    scratch.reserve(0, 1000)
    scratch.write(b"nothing of this")
    assert scratch.size == 0
    with pytest.raises(CannotWrite, match=r"mean\.h5 was not saved: no space left on device"):
        scratch.check("mean.h5")


def test_a_disk_that_sets_no_room_aside_is_written_all_the_same(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise refusal(errno.EOPNOTSUPP)

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    scratch.reserve(0, 1000)
    scratch.write(b"all of this")
    scratch.check("mean.h5")
    assert scratch.size == len(b"all of this")
