"""Every byte of a file counts, and each is read once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from h5viewer.formats.content_hash import content_hash
from h5viewer.formats.source import Source


def hashed(source: Source) -> str:
    steps = content_hash(source)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return str(end.value)


def test_hash_is_that_of_all_bytes(tmp_path: Path) -> None:
    data = b"ab" * (5 << 20)
    (tmp_path / "model.h5").write_bytes(data)
    with Source(str(tmp_path / "model.h5")) as source:
        assert hashed(source) == hashlib.sha256(data).hexdigest()


def test_files_that_differ_in_their_last_byte_have_other_hashes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (4 << 20) + b"a")
    (tmp_path / "b").write_bytes(b"x" * (4 << 20) + b"b")
    with Source(str(tmp_path / "a")) as a, Source(str(tmp_path / "b")) as b:
        assert hashed(a) != hashed(b)


def test_a_second_look_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with Source(str(tmp_path / "a")) as source:
        first = hashed(source)
        assert list(content_hash(source)) == []
        assert hashed(source) == first
