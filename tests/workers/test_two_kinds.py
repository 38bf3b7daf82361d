"""Workers that predict beside those that read files, in one pool."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from odd_worker import ODD_NETWORK_WORKER, ODD_WORKER, SLOW_NETWORK_WORKER
from workers_heard import Heard, network_said, odd_network, said, wait_for

from h5viewer.errors import CannotRead, H5ViewerError, TooLarge, WorkerLost
from h5viewer.workers.pool import Kind, Limits, Pool, ask

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def pool_of(network_command: list[str], **limits: float) -> Pool:
    return Pool(
        Limits(idle_workers=1),
        network_limits=Limits(**({"step_seconds": 1, "idle_workers": 2} | limits)),  # type: ignore[arg-type]
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
def slow_pool() -> Iterator[Pool]:
    """Its predictors take half a second to start."""
    pool = pool_of(SLOW_NETWORK_WORKER)
    yield pool
    pool.close()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"{number}.h5" for number in range(3)]
    for path in paths:
        path.write_bytes(b"x")
    return [str(path) for path in paths]


def networks(pool: Pool) -> list[str | None]:
    """Documents of the workers that predict."""
    return [info.document for info in pool.workers if info.kind is Kind.NETWORK]


def test_network_and_file_have_a_worker_each(pool: Pool, files: list[str]) -> None:
    pids = [said(pool, files[0], "pid"), network_said(pool, files[0], "pid")]
    assert pids[0] != pids[1]
    assert [said(pool, files[0], "pid"), network_said(pool, files[0], "pid")] == pids


def test_reading_files_ends_no_predictor(pool: Pool, files: list[str]) -> None:
    """It took seconds to load; one idle worker that reads files is kept here."""
    pid = network_said(pool, files[0], "pid")
    for file in files:
        said(pool, file, "nothing")
    assert network_said(pool, files[0], "pid") == pid


def test_oldest_idle_predictor_makes_place(pool: Pool, files: list[str]) -> None:
    for file in (files[0], files[1], files[0], files[2]):
        network_said(pool, file, "nothing")
    wait_for(lambda: networks(pool) == [files[0], files[2]])


def test_predictors_that_were_busy_when_another_came_go_once_they_are_idle(
    pool: Pool, files: list[str]
) -> None:
    heard = [Heard() for _ in files]
    for each, file in zip(heard, files, strict=True):
        pool.submit(odd_network(file, "slow step"), each)
    for each in heard:
        each.outcome()
    wait_for(lambda: len(networks(pool)) == 2)


def test_closing_the_document_ends_its_predictor(pool: Pool, files: list[str]) -> None:
    pids = [int(said(pool, files[0], "pid")), int(network_said(pool, files[0], "pid"))]
    pool.forget(files[0])
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_predictor_started_ahead_is_the_one_that_answers(pool: Pool, files: list[str]) -> None:
    pool.warm_network()
    pool.warm_network()
    wait_for(lambda: networks(pool) == [None] and pool.workers[0].pid is not None)
    pid = pool.workers[0].pid
    said(pool, files[0], "nothing")  # takes no predictor
    assert network_said(pool, files[0], "pid") == str(pid)
    assert networks(pool) == files[:1]  # and no new one follows


def test_no_second_predictor_is_started_for_a_document_that_has_one(
    pool: Pool, files: list[str]
) -> None:
    network_said(pool, files[0], "nothing")
    pool.warm_network(files[0])
    network_said(pool, files[0], "nothing")
    assert networks(pool) == files[:1]
    pool.warm_network(files[1])
    wait_for(lambda: networks(pool) == [files[0], None])


# ------------------------------------------------------------------- starting


def test_what_is_being_started_is_told(slow_pool: Pool, files: list[str]) -> None:
    """... also to those who ask meanwhile."""
    heard = [Heard(), Heard()]
    slow_pool.submit(odd_network(files[0]), heard[0])
    heard[0].wait_for_progress()
    slow_pool.submit(odd_network(files[0]), heard[1])
    for each in heard:
        each.outcome()
        assert each.texts == ["Starting something odd…", "Loading the network…"]


def test_cancelling_does_not_wait_for_the_start(slow_pool: Pool, files: list[str]) -> None:
    """The next question meets the same process: an import is not thrown away at once."""
    heard = Heard()
    job = slow_pool.submit(odd_network(files[0]), heard)
    heard.wait_for_progress()
    job.cancel()
    assert heard.outcome() is None
    (before,) = slow_pool.workers
    assert network_said(slow_pool, files[0], "pid") == str(before.pid)


def test_predictor_nobody_waits_for_any_more_is_ended(files: list[str]) -> None:
    pool = pool_of([*ODD_WORKER, "network", "slow"], cancel_seconds=0)
    try:
        heard = Heard()
        job = pool.submit(odd_network(files[0]), heard)
        heard.wait_for_progress()
        job.cancel()
        assert heard.outcome() is None
        wait_for(lambda: pool.workers == ())
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([sys.executable, "-c", "1/0"], "0.h5 could not be loaded: what runs it crashed"),
        (["/no/such/program"], "the process for it did not start"),
    ],
)
def test_predictor_that_does_not_start_is_one_sentence(
    files: list[str], command: list[str], words: str
) -> None:
    pool = pool_of(command)
    try:
        with pytest.raises(WorkerLost) as caught:
            ask(pool, odd_network(files[0]))
        assert words in caught.value.message
    finally:
        pool.close()


@on_posix
def test_predictor_killed_while_it_starts_is_one_sentence(
    slow_pool: Pool, files: list[str]
) -> None:
    heard = Heard()
    slow_pool.submit(odd_network(files[0]), heard)
    heard.wait_for_progress()
    pid = slow_pool.workers[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    outcome = heard.outcome()
    assert isinstance(outcome, WorkerLost)
    assert "The network of 0.h5 was stopped by the system" in outcome.message
    assert network_said(slow_pool, files[0], "pid") != str(pid)


# ------------------------------------------------------------------ the bad day


@pytest.mark.parametrize(
    ("thing", "kind", "words"),
    [
        ("die", WorkerLost, "The network of 0.h5 ended in a crash of the process that ran it."),
        ("be killed", WorkerLost, "The network of 0.h5 was stopped by the system"),
        ("loop", WorkerLost, "The network of 0.h5 took longer than 1 seconds"),
        ("take memory", TooLarge, "0.h5 needs more memory than the limit of 2 GiB."),
        ("raise ours", CannotRead, "This part is damaged."),
    ],
)
@on_posix
def test_predictor_in_trouble_costs_one_sentence(
    pool: Pool, files: list[str], thing: str, kind: type, words: str
) -> None:
    """... and the next question is answered."""
    with pytest.raises(H5ViewerError) as caught:
        ask(pool, odd_network(files[0], thing))
    assert type(caught.value) is kind
    assert words in caught.value.message
    network_said(pool, files[0], "nothing")


@on_posix
def test_crash_of_a_network_says_that_memory_may_be_what_it_lacked(
    pool: Pool, files: list[str]
) -> None:
    """TensorFlow crashes where memory ends: also while a network is loaded, without a picture."""
    with pytest.raises(WorkerLost) as caught:
        ask(pool, odd_network(files[0], "die"))
    assert caught.value.hint.startswith("It may need more memory than it is given.")


@on_posix
def test_cancelling_what_never_ends_ends_the_predictor(files: list[str]) -> None:
    pool = pool_of(ODD_NETWORK_WORKER, step_seconds=100, cancel_seconds=0.1)
    try:
        pid = int(network_said(pool, files[0], "pid"))
        process = psutil.Process(pid)
        used = process.cpu_times().user
        heard = Heard()
        job = pool.submit(odd_network(files[0], "loop"), heard)
        wait_for(lambda: process.cpu_times().user > used + 0.1)
        job.cancel()
        assert heard.outcome() is None
        assert int(network_said(pool, files[0], "pid")) != pid
    finally:
        pool.close()
