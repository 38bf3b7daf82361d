"""The worker's end of the pipes, in this process."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from h5viewer.workers import child, messages


class Confined(Exception):
    """Raised in place of being confined."""


def test_there_is_one_thread_when_the_worker_is_confined(
    tmp_path: Path,
) -> None:
    """Landlock would not hold a second one."""
    (tmp_path / "some.h5").write_bytes(b"x")
    threads = threading.active_count()
    found: list[int] = []

    def confine(memory: int) -> None:
        found.append(threading.active_count())
        raise Confined

    serve = messages.Serve((os.fsencode(tmp_path / "some.h5"),), 1 << 30, 1)
    orders = io.BytesIO(messages.frame(serve))
    server = child.Server({}, lambda source: None, orders, io.BytesIO(), confine)  # type: ignore[arg-type,return-value]
    with pytest.raises(Confined):
        server.run()
    assert found == [threads]


def test_spare_whose_program_is_gone_ends() -> None:
    reports = io.BytesIO()
    child.Server({}, lambda source: None, io.BytesIO(), reports).run()  # type: ignore[arg-type,return-value]
    assert reports.getvalue() == messages.frame(messages.Ready())
