"""Files that a network's worker is lent for one request: it keeps its network meanwhile."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from odd_worker import ODD_NETWORK_WORKER, ODD_WORKER, SLOW_NETWORK_WORKER
from workers_heard import Heard, network_said, said, wait_for

from h5viewer.errors import CannotOpen, CannotRead, WorkerLost
from h5viewer.nodes import Evaluation
from h5viewer.requests import EvaluateNetwork
from h5viewer.workers.pool import Kind, Limits, Pool, ask

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and FIFOs of POSIX")


def pool_of(network_command: list[str]) -> Pool:
    limits = Limits(step_seconds=100, idle_workers=2)
    return Pool(
        network_limits=limits,
        command=ODD_WORKER,
        network_command=network_command,
        keep_spare=False,
    )


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = pool_of(ODD_NETWORK_WORKER)
    yield pool
    pool.close()


@pytest.fixture
def network(tmp_path: Path) -> str:
    path = tmp_path / "network.h5"
    path.write_bytes(b"a network")
    return str(path)


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "data.h5"
    path.write_bytes(b"some rows")
    return str(path)


def evaluated(pool: Pool, network: str, data: str, thing: str = "") -> tuple[str, ...]:
    """What was read, the file's name, the worker's process, and how many files it had open."""
    found = ask(pool, asking(network, data, thing))
    assert isinstance(found, Evaluation)
    return found.notes


def asking(network: str, data: str, thing: str = "") -> EvaluateNetwork:
    return EvaluateNetwork(document=network, data=data, x=(thing.encode(),) if thing else ())


def served(pool: Pool) -> list[tuple[str, ...]]:
    return [info.documents for info in pool.workers if info.kind is Kind.NETWORK]


def test_worker_that_holds_the_network_reads_the_rows_of_any_file(
    pool: Pool, network: str, data: str, tmp_path: Path
) -> None:
    pid = network_said(pool, network, "pid")
    other = tmp_path / "other.h5"
    other.write_bytes(b"other rows")
    assert evaluated(pool, network, data)[:3] == ("some rows", "data.h5", pid)
    assert evaluated(pool, network, str(other))[:3] == ("other rows", "other.h5", pid)
    assert served(pool) == [(network,)]


def test_rows_that_are_asked_for_while_the_worker_starts(network: str, data: str) -> None:
    pool = pool_of(SLOW_NETWORK_WORKER)
    try:
        assert evaluated(pool, network, data)[0] == "some rows"
        assert served(pool) == [(network,)]
    finally:
        pool.close()


def test_what_was_lent_is_given_back(pool: Pool, network: str, data: str) -> None:
    """Also after an error, and of a question that was cancelled before its turn."""
    before = evaluated(pool, network, data)[3]
    for _ in range(3):
        with pytest.raises(CannotRead, match="damaged"):
            evaluated(pool, network, data, "raise ours")
        busy, heard = Heard(), Heard()
        pool.submit(asking(network, data, "slow step"), busy)
        pool.submit(asking(network, data), heard).cancel()
        assert heard.outcome() is None
        assert isinstance(busy.outcome(), Evaluation)
    assert evaluated(pool, network, data)[3] == before


def test_two_files_lent_at_once_are_not_mistaken(
    pool: Pool, network: str, data: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.h5"
    other.write_bytes(b"other rows")
    heard = [Heard() for _ in range(4)]
    for each, file in zip(heard, (data, str(other)) * 2, strict=True):
        pool.submit(asking(network, file), each)
    outcomes = [each.outcome() for each in heard]
    assert [each.notes[0] for each in outcomes if isinstance(each, Evaluation)] == [
        "some rows",
        "other rows",
    ] * 2


def test_file_that_cannot_be_lent_is_one_sentence(
    pool: Pool, network: str, data: str, tmp_path: Path
) -> None:
    pid = network_said(pool, network, "pid")
    with pytest.raises(CannotOpen, match=r"absent\.h5 does not exist"):
        evaluated(pool, network, str(tmp_path / "absent.h5"))
    with pytest.raises(CannotOpen, match="is a folder"):
        evaluated(pool, network, str(tmp_path))
    with pytest.raises(CannotOpen):
        evaluated(pool, network, str(tmp_path / "a\0b.h5"))
    assert evaluated(pool, network, data)[:3] == ("some rows", "data.h5", pid)


@on_posix
def test_a_pipe_is_refused_and_not_waited_for(pool: Pool, network: str, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.h5"
    os.mkfifo(fifo)
    with pytest.raises(CannotOpen, match="is a pipe or device"):
        evaluated(pool, network, str(fifo))


def test_lent_file_that_changed_since_it_was_opened_is_told(
    pool: Pool, network: str, data: str
) -> None:
    said(pool, data, "nothing")
    Path(data).write_bytes(b"more than some rows")
    with pytest.raises(CannotRead, match=r"data\.h5 changed on disk"):
        evaluated(pool, network, data)
    pool.forget(data)
    assert evaluated(pool, network, data)[0] == "more than some rows"


def test_cancelling_does_not_wait_for_the_disk_of_what_is_lent(
    pool: Pool, network: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network_said(pool, network, "nothing")
    answers, opening = threading.Event(), threading.Event()
    real = os.open

    def slow(path: str, flags: int, *rest: int) -> int:
        if path == data:
            opening.set()
            assert answers.wait(20)
        return real(path, flags, *rest)

    monkeypatch.setattr(os, "open", slow)
    heard = Heard()
    job = pool.submit(asking(network, data), heard)
    assert opening.wait(20)
    job.cancel()
    assert heard.outcome() is None
    answers.set()
    assert evaluated(pool, network, data)[0] == "some rows"


@on_posix
def test_file_is_lent_again_to_the_worker_that_takes_over(
    pool: Pool, network: str, data: str
) -> None:
    first, second = Heard(), Heard()
    pool.submit(asking(network, data, "slow step"), first)
    pool.submit(asking(network, data), second)
    with pytest.raises(WorkerLost):
        evaluated(pool, network, data, "be killed")
    for each in (first, second):
        outcome = each.outcome()
        assert isinstance(outcome, (Evaluation, WorkerLost))
    wait_for(lambda: served(pool) in ([], [(network,)]))
    assert evaluated(pool, network, data)[0] == "some rows"


def test_a_checkpoint_is_served_by_a_worker_of_both(
    pool: Pool, network: str, tmp_path: Path
) -> None:
    """It is made of several files, which only opening them together finds."""
    index = tmp_path / "model.ckpt.index"
    index.write_bytes(b"an index")
    assert evaluated(pool, network, str(index))[0] == "an index"
    assert served(pool) == [(network, str(index))]


@on_posix
def test_the_worker_cannot_speak_into_the_socket(pool: Pool, network: str) -> None:
    assert network_said(pool, network, "speak into sockets") == "['BrokenPipeError']"
