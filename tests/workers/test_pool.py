"""What a pool promises, whatever its workers do."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from odd_worker import N_NAMES, ODD_WORKER
from workers_heard import Heard, odd, said, wait_for

from h5viewer.errors import CannotOpen, CannotRead, H5ViewerError, TooLarge, WorkerLost
from h5viewer.nodes import Document, Listed, Plane
from h5viewer.requests import Cut, ListChildren, OpenDocument, ReadPlane, SearchNames
from h5viewer.workers.pool import Limits, Pool, ask

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENT = 30  # seconds nothing here should take


@pytest.fixture
def odd_pool() -> Iterator[Pool]:
    pool = Pool(Limits(step_seconds=2), command=ODD_WORKER, keep_spare=False)
    yield pool
    pool.close()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "some.h5"
    path.write_bytes(b"not empty")
    return str(path)


# ----------------------------------------------------------------- the good day


def test_answer_arrives_whatever_libraries_print(odd_pool: Pool, file: str) -> None:
    document = ask(odd_pool, OpenDocument(document=file))
    assert isinstance(document, Document)
    assert (document.path, document.size) == (file, 9)


def test_submitting_never_waits_for_a_process(odd_pool: Pool, file: str) -> None:
    """The caller's thread starts no process and writes to no pipe."""
    heard = Heard()
    odd_pool.submit(OpenDocument(document=file), heard)
    assert heard.everything == []
    assert isinstance(heard.outcome(), Document)


def test_one_worker_serves_one_document(odd_pool: Pool, tmp_path: Path) -> None:
    files = [tmp_path / name for name in "ab"]
    for each in files:
        each.write_bytes(b"x")
    pids = [said(odd_pool, str(each), "pid") for each in (*files, *files)]
    assert pids[:2] == pids[2:]
    assert pids[0] != pids[1]


def test_warm_spare_takes_the_first_document(odd_pool: Pool, file: str) -> None:
    odd_pool.warm()
    odd_pool.warm()
    said(odd_pool, file, "nothing")
    assert [info.document for info in odd_pool.workers] == [file]


def test_new_spare_follows_once_nothing_is_asked(file: str) -> None:
    pool = Pool(command=ODD_WORKER)
    try:
        said(pool, file, "nothing")
        wait_for(lambda: [info.document for info in pool.workers] == [file, None])
    finally:
        pool.close()


def test_path_that_is_no_utf8_opens(odd_pool: Pool, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.h5")
    try:
        Path(path).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    document = ask(odd_pool, OpenDocument(document=path))
    assert isinstance(document, Document)
    assert document.path == path


def test_picture_of_some_megabytes_arrives_whole(odd_pool: Pool, file: str) -> None:
    request = ReadPlane(document=file, node=(), cut=Cut(), max_rows=1500, max_columns=1000)
    plane = ask(odd_pool, request)
    assert isinstance(plane, Plane)
    np.testing.assert_array_equal(plane.values.values.ravel(), np.arange(1_500_000, dtype="f4"))


def test_small_question_is_answered_while_a_long_one_runs(odd_pool: Pool, file: str) -> None:
    long = Heard()
    odd_pool.submit(ListChildren(document=file), long)
    long.wait_for_part()
    said(odd_pool, file, "nothing")
    assert not long.is_over
    assert long.outcome() == Listed(count=N_NAMES)
    assert long.names() == [b"%d" % n for n in range(N_NAMES)]


def test_idle_workers_beyond_the_limit_are_ended(tmp_path: Path) -> None:
    pool = Pool(Limits(idle_workers=2), command=ODD_WORKER, keep_spare=False)
    try:
        files = [str(tmp_path / str(number)) for number in range(4)]
        for each in files:
            Path(each).write_bytes(b"x")
            said(pool, each, "nothing")
        wait_for(lambda: [info.document for info in pool.workers] == files[-2:])
    finally:
        pool.close()


# ------------------------------------------------------------------ the bad day


@pytest.mark.parametrize(
    ("thing", "kind", "words"),
    [
        ("die", WorkerLost, "Reading some.h5 ended in a crash of the reading process."),
        ("be killed", WorkerLost, "ended by the system, perhaps for lack of memory"),
        ("hang", WorkerLost, "Reading some.h5 took longer than 2 seconds"),
        ("sleep", WorkerLost, "Reading some.h5 took longer than 2 seconds"),
        ("take memory", TooLarge, "some.h5 needs more memory than the limit of 2 GiB."),
        ("raise ours", CannotRead, "This part is damaged."),
        ("raise bug", H5ViewerError, "because of an error in h5viewer"),
        ("recurse", H5ViewerError, "because of an error in h5viewer"),
        ("say a lone surrogate", CannotRead, r"\udcff"),
    ],
)
@on_posix
def test_worker_in_trouble_costs_one_sentence(
    odd_pool: Pool, file: str, thing: str, kind: type, words: str
) -> None:
    """... and the next request is answered."""
    with pytest.raises(H5ViewerError) as caught:
        ask(odd_pool, odd(file, thing))
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert "Traceback" not in caught.value.message
    assert isinstance(ask(odd_pool, OpenDocument(document=file)), Document)


@on_posix
def test_details_say_where_it_was(odd_pool: Pool, file: str) -> None:
    for thing, word in (("die", "SIGSEGV"), ("hang", "hang_with_interpreter_lock")):
        with pytest.raises(WorkerLost) as caught:
            ask(odd_pool, odd(file, thing))
        assert word in caught.value.details


def test_bug_in_an_operation_leaves_the_worker_alive(odd_pool: Pool, file: str) -> None:
    pid = said(odd_pool, file, "pid")
    with pytest.raises(H5ViewerError) as caught:
        ask(odd_pool, odd(file, "raise bug"))
    assert "KeyError: 'missing'" in caught.value.details
    assert said(odd_pool, file, "pid") == pid


@on_posix
def test_crash_of_one_request_does_not_cost_the_others(odd_pool: Pool, file: str) -> None:
    """The long listing goes on in a new worker where it left off: no name twice, none lost."""
    long = Heard()
    odd_pool.submit(ListChildren(document=file), long)
    for _ in range(2):
        long.wait_for_part()
        with pytest.raises(WorkerLost):
            ask(odd_pool, odd(file, "die"))
    assert long.outcome() == Listed(count=N_NAMES)
    assert long.names() == [b"%d" % n for n in range(N_NAMES)]


@on_posix
def test_worker_killed_while_idle_is_replaced_unnoticed(odd_pool: Pool, file: str) -> None:
    pid = int(said(odd_pool, file, "pid"))
    os.kill(pid, signal.SIGKILL)
    assert int(said(odd_pool, file, "pid")) != pid


def test_missing_file_is_refused_in_a_sentence(odd_pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match=r"gone\.h5 does not exist\."):
        ask(odd_pool, OpenDocument(document=str(tmp_path / "gone.h5")))
    wait_for(lambda: odd_pool.workers == ())


def test_file_that_changed_is_not_mixed_with_the_old_one(odd_pool: Pool, file: str) -> None:
    said(odd_pool, file, "nothing")
    Path(file).write_bytes(b"longer than before")
    with pytest.raises(CannotRead, match="changed on disk"):
        said(odd_pool, file, "nothing")
    odd_pool.forget(file)
    said(odd_pool, file, "nothing")


@on_posix
def test_file_replaced_after_a_crash_is_noticed_by_the_new_worker(
    odd_pool: Pool, file: str, tmp_path: Path
) -> None:
    with pytest.raises(WorkerLost):
        ask(odd_pool, odd(file, "die"))
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "other").replace(file)
    with pytest.raises(CannotRead, match="changed on disk"):
        said(odd_pool, file, "nothing")


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "1/0"]])
def test_worker_that_does_not_start_is_one_sentence(file: str, command: list[str]) -> None:
    pool = Pool(command=command)
    try:
        with pytest.raises(WorkerLost, match=r"some\.h5"):
            ask(pool, OpenDocument(document=file))
    finally:
        pool.close()


def test_worker_that_talks_nonsense_is_ended(file: str) -> None:
    nonsense = "import sys; sys.stdout.buffer.write(b'\\x03\\0\\0\\0abc'); sys.stdin.read()"
    pool = Pool(command=[sys.executable, "-u", "-c", nonsense], keep_spare=False)
    try:
        with pytest.raises(WorkerLost) as caught:
            ask(pool, OpenDocument(document=file))
        assert "not understood" in caught.value.details
    finally:
        pool.close()


# --------------------------------------------------------------------- the ends


@pytest.mark.parametrize("thing", ["slow step", "hang", "sleep"])
@on_posix
def test_cancel_ends_a_request_however_deep_it_is(odd_pool: Pool, file: str, thing: str) -> None:
    said(odd_pool, file, "nothing")
    heard = Heard()
    job = odd_pool.submit(odd(file, thing), heard)
    heard.wait_for_progress()
    job.cancel()
    job.cancel()
    assert heard.outcome() is None
    said(odd_pool, file, "nothing")


def test_cancel_at_a_yield_keeps_the_worker(odd_pool: Pool, file: str) -> None:
    pid = said(odd_pool, file, "pid")
    heard = Heard()
    job = odd_pool.submit(ListChildren(document=file), heard)
    heard.wait_for_part()
    job.cancel()
    assert heard.outcome() is None
    assert said(odd_pool, file, "pid") == pid


def test_cancel_after_the_end_changes_nothing(odd_pool: Pool, file: str) -> None:
    heard = Heard()
    job = odd_pool.submit(OpenDocument(document=file), heard)
    outcome = heard.outcome()
    job.cancel()
    said(odd_pool, file, "nothing")
    assert heard.everything.count(outcome) == 1


def test_forgetting_a_document_ends_its_worker(odd_pool: Pool, file: str) -> None:
    heard = Heard()
    odd_pool.submit(ListChildren(document=file), heard)
    heard.wait_for_part()
    odd_pool.forget(file)
    assert heard.outcome() is None
    wait_for(lambda: odd_pool.workers == ())


def test_close_ends_everything_and_leaves_no_process(file: str) -> None:
    pool = Pool(command=ODD_WORKER)
    pool.warm()
    running = [Heard(), Heard()]
    pool.submit(ListChildren(document=file), running[0])
    running[0].wait_for_part()
    pool.submit(odd(file, "sleep"), running[1])
    pool.warm()
    pool.close()
    assert [heard.outcome() for heard in running] == [None, None]
    assert [child for child in psutil.Process().children() if "odd_worker" in str(child)] == []


def test_request_to_a_closed_pool_is_cancelled(file: str) -> None:
    pool = Pool(command=ODD_WORKER)
    pool.close()
    heard = Heard()
    pool.submit(OpenDocument(document=file), heard)
    assert heard.outcome() is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_listener_that_raises_leaves_nobody_waiting(file: str) -> None:
    """It is a bug, and seen as one; the others are told that it is over."""

    class Broken(Heard):
        def progressed(self, progress: object) -> None:
            raise ZeroDivisionError

    pool = Pool(command=ODD_WORKER)
    waiting = Heard()
    pool.submit(ListChildren(document=file), waiting)
    pool.submit(OpenDocument(document=file), Broken())
    assert waiting.outcome() is None
    pool.close()


_PROGRAM = """
import sys, time
sys.path[:0] = sys.argv[1:3]
from odd_worker import ODD_WORKER
from workers_heard import Heard, odd, said, wait_for
from h5viewer.workers.pool import Limits, Pool
pool = Pool(Limits(step_seconds=float(sys.argv[5])), command=ODD_WORKER)
print(said(pool, sys.argv[3], "pid"), flush=True)
heard = Heard()
pool.submit(odd(sys.argv[3], sys.argv[4]), heard)
heard.wait_for_progress()
print("busy", flush=True)
time.sleep(1000)
"""


@on_posix
@pytest.mark.parametrize(("thing", "step_seconds"), [("sleep", 1000), ("hang", 1)])
def test_worker_ends_when_the_program_is_killed(file: str, thing: str, step_seconds: int) -> None:
    """At once when a thread can notice; else by the kernel's alarm (6 s)."""
    import subprocess

    here = Path(__file__).parent
    arguments = [str(here), str(here.parent), file, thing, str(step_seconds)]
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *arguments], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        worker = psutil.Process(int(program.stdout.readline()))
        program.stdout.readline()
        program.kill()
    psutil.wait_procs([worker], timeout=PATIENT)
    assert not worker.is_running()


def test_closing_is_allowed_from_the_last_listener_call(file: str) -> None:
    """A program may end as soon as it has what it wanted."""
    pool = Pool(command=ODD_WORKER, keep_spare=False)
    done = threading.Event()

    class Last(Heard):
        def ended(self, outcome: object) -> None:
            super().ended(outcome)
            done.set()

    pool.submit(SearchNames(document=file, text="nothing"), Last())
    assert done.wait(PATIENT)
    pool.close()
    assert pool.workers == ()
