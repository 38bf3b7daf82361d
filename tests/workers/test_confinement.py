"""What a worker that holds a file cannot do any more, tried from inside."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from odd_worker import ODD_NETWORK_WORKER, ODD_WORKER
from workers_heard import said

import h5viewer
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers import landlock
from h5viewer.workers.pool import Pool, ask
from h5viewer.workers.process import environment
from h5viewer.workers.python_folders import python_folders

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="about Landlock and /proc")


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pool, str]]:
    path = tmp_path_factory.mktemp("confined") / "some.h5"
    path.write_bytes(b"x")
    pool = Pool(command=ODD_WORKER, keep_spare=False)
    said(pool, str(path), "nothing")  # the worker is there before the first test
    yield pool, str(path)
    pool.close()


@on_posix
@pytest.mark.parametrize("thing", ["open", "write", "list", "socket", "pipe"])
def test_no_file_and_no_socket_can_be_opened(confined: tuple[Pool, str], thing: str) -> None:
    assert said(*confined, thing) != "None"


@on_linux
@pytest.mark.parametrize("thing", ["rename", "execute"])
def test_landlock_denies_what_needs_no_descriptor(confined: tuple[Pool, str], thing: str) -> None:
    if landlock.version() == 0:
        pytest.skip("this kernel has no Landlock")
    assert said(*confined, thing) == "'PermissionError'"


@on_linux
def test_landlock_denies_signals_to_others(confined: tuple[Pool, str]) -> None:
    if landlock.version() < 6:
        pytest.skip("this kernel's Landlock knows no signals")
    assert said(*confined, "signal") == "'PermissionError'"


def test_threads_still_start(confined: tuple[Pool, str]) -> None:
    """Chunks are inflated by several."""
    assert said(*confined, "thread") == "None"


def test_current_folder_is_no_place_for_modules(confined: tuple[Pool, str]) -> None:
    """A file beside the opened one must not be imported."""
    path = said(*confined, "path")
    assert "''" not in path
    assert repr(str(Path.cwd())) not in path or "h5viewer" in os.listdir()
    assert str(Path(sys.executable).parent) in said(*confined, "folder")


def test_environment_is_small_and_names_no_secret(confined: tuple[Pool, str]) -> None:
    names = said(*confined, "environment")
    assert "HDF5_PLUGIN_PRELOAD" in names
    outside = {"SECRET": "1", "PATH": "/bin", "PYTHONSTARTUP": "x", "LD_PRELOAD": "y"}
    inside = environment(outside)
    assert inside["PATH"] == "/bin"
    assert not {"SECRET", "PYTHONSTARTUP", "LD_PRELOAD"} & set(inside)


def test_only_absolute_folders_of_pythonpath_are_kept() -> None:
    """An empty entry means the current folder."""
    absolute = str(Path.cwd())
    inside = environment({"PYTHONPATH": os.pathsep.join(["", ".", absolute, "here"])})
    assert inside["PYTHONPATH"] == absolute
    assert "PYTHONPATH" not in environment({"PYTHONPATH": "."})


def test_worker_runs_the_package_of_its_program(
    tmp_path: Path, keras_h5: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another h5viewer that Python would find first is passed over."""
    (tmp_path / "h5viewer").mkdir()
    (tmp_path / "h5viewer" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pool = Pool(keep_spare=False)
    try:
        assert isinstance(ask(pool, OpenDocument(document=str(keras_h5))), Document)
    finally:
        pool.close()


# ------------------------------------------------------ a worker that predicts


@pytest.fixture(scope="module")
def confined_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pool, str]]:
    path = tmp_path_factory.mktemp("confined") / "some.h5"
    path.write_bytes(b"x")
    pool = Pool(command=ODD_NETWORK_WORKER, keep_spare=False)
    said(pool, str(path), "nothing")
    yield pool, str(path)
    pool.close()


@on_linux
@pytest.mark.parametrize("thing", ["read a module", "list modules", "thread"])
def test_worker_that_predicts_still_reads_modules(
    confined_network: tuple[Pool, str], thing: str
) -> None:
    """Keras and TensorFlow load parts of themselves when they are first needed."""
    assert said(*confined_network, thing) == "None"


@on_linux
@pytest.mark.parametrize(
    "thing",
    [
        "open", "read a password", "list",  # a file outside
        "write", "write a module", "change a module", "rename", "link",  # no change anywhere
        "change rights", "change times", "change attributes",
    ],
)  # fmt: skip
def test_worker_that_predicts_reads_and_changes_nothing_else(
    confined_network: tuple[Pool, str], thing: str
) -> None:
    if landlock.version() < 3:
        pytest.skip("this kernel's Landlock is missing or knows no truncating")
    assert said(*confined_network, thing) == "'PermissionError'"


@on_linux
@pytest.mark.parametrize(
    "thing",
    ["socket", "connect", "send a packet", "speak to the desktop", "run", "execute", "fork",
     "signal"],
)  # fmt: skip
def test_worker_that_predicts_reaches_no_other_process(
    confined_network: tuple[Pool, str], thing: str
) -> None:
    """No program is started, nothing sent: not to the network, not to the desktop's services."""
    if platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("no filter of system calls for this machine")
    assert said(*confined_network, thing) == "'PermissionError'"


def test_a_users_whole_folder_is_no_folder_of_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """... though PYTHONPATH may say so; nor is the one this checkout is in."""
    modules = tmp_path / "home" / "modules"
    modules.mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folders = [str(each) for each in (modules, tmp_path / "home", tmp_path, Path("/"))]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", *folders]))
    found = python_folders()
    assert str(modules) in found
    assert not {*folders[1:], "", str(Path(h5viewer.__file__).parents[1])} & set(found)


@on_posix
def test_worker_that_predicts_has_few_descriptors(confined_network: tuple[Pool, str]) -> None:
    assert said(*confined_network, "many files") == "'OSError'"


@on_posix
def test_limits_are_those_of_the_kernel(confined: tuple[Pool, str]) -> None:
    if sys.platform != "linux":
        pytest.skip("psutil reads other processes' limits on Linux only")
    process = psutil.Process(int(said(*confined, "pid")))
    memory, _ = process.rlimit(psutil.RLIMIT_AS)
    assert process.memory_info().vms < memory < process.memory_info().vms + (3 << 30)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
