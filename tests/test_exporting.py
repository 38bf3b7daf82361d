"""Exports as a whole: old or new, never half, whatever is killed, full or cancelled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from export_cases import make_network

from h5viewer import exporting, scratch_file
from h5viewer.errors import CannotRead, CannotWrite, WorkerLost
from h5viewer.exporting import Stop, Stopped, export
from h5viewer.gui.export.target_choice import look_at
from h5viewer.requests import ConvertNetwork, Progress, StripFile
from h5viewer.workers.pool import Pool

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
OLD = b"what was there before"


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(keep_spare=False)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "model.h5"
    with h5py.File(path, "w") as file:
        weights = file.create_group("model_weights")
        for number in range(12):
            weights[f"dense_{number}/kernel:0"] = np.full((600, 600), number, "f4")
        file["optimizer_weights/m"] = np.zeros((1000, 1000), "f4")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check_new(path: Path) -> None:
    with h5py.File(path) as file:
        assert list(file) == ["model_weights"]
        corners = [float(file[f"model_weights/dense_{n}/kernel:0"][-1, -1]) for n in range(12)]
        assert corners == list(range(12))


def request_of(model: Path, target: Path) -> StripFile:
    return StripFile(document=str(model), target=str(target))


def test_an_index_comes_with_the_files_it_names_or_not_at_all(pool: Pool, folder: Path) -> None:
    model = make_network(folder / "one.h5", 60)
    index = folder / "new.weights.json"
    request = ConvertNetwork(document=str(model), target=str(index), shard_size=20_000)
    (folder / "new_00002.weights.h5").write_bytes(OLD)
    with pytest.raises(CannotWrite, match=r"new_00002\.weights\.h5 exists already"):
        export(pool, request)
    assert names(folder) == ["new_00002.weights.h5", "one.h5"]
    done = export(pool, request, may_replace=True)
    shards = [f"new_{n:05}.weights.h5" for n in range(4)]
    assert names(folder) == ["new.weights.json", *shards, "one.h5"]
    assert done.n_weights == done.n_identical == 8
    assert done.bytes_after == sum((folder / name).stat().st_size for name in [index.name, *shards])
    named = json.loads(index.read_text())["weight_map"]
    assert named["/layers/dense_1/vars"] == "new_00001.weights.h5"
    with h5py.File(model) as old, h5py.File(folder / "new_00001.weights.h5") as new:
        kernel = old["model_weights/dense_1/case/dense_1/kernel"]
        assert np.array_equal(new["layers/dense_1/vars/0"], kernel)


def test_a_finished_export_is_in_place_and_alone(pool: Pool, model: Path, folder: Path) -> None:
    before = model.read_bytes()
    done = export(pool, request_of(model, folder / "new.h5"))
    assert names(folder) == ["new.h5"]
    check_new(folder / "new.h5")
    assert (done.n_weights, done.n_identical) == (12, 12)
    assert model.read_bytes() == before
    umask = os.umask(0)
    os.umask(umask)
    assert (folder / "new.h5").stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_exists_is_replaced_only_when_allowed(pool: Pool, model: Path, folder: Path) -> None:
    target = folder / "new.h5"
    target.write_bytes(OLD)
    with pytest.raises(CannotWrite, match="exists already"):
        export(pool, request_of(model, target))
    assert target.read_bytes() == OLD
    export(pool, request_of(model, target), may_replace=True)
    check_new(target)


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_never_replaced(
    kind: str, pool: Pool, model: Path, folder: Path
) -> None:
    target = folder / "new.h5"
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "device":  # by a link, for those who may replace the device itself
        target.symlink_to(os.devnull)
    else:
        target.mkdir()
    before = target.lstat()
    with pytest.raises(CannotWrite, match=f"new.h5 is a {kind}; it was not replaced"):
        export(pool, request_of(model, target), may_replace=True)
    assert target.lstat().st_ino == before.st_ino
    assert f"is a {kind}" in look_at(str(target), [str(model)]).refusal


@posix
@pytest.mark.parametrize("link", ["itself", "symbolic", "hard", "through a folder"])
def test_the_source_is_never_the_target(link: str, pool: Pool, model: Path, folder: Path) -> None:
    before = model.read_bytes()
    target = folder / "link.h5"
    if link == "itself":
        target = model
    elif link == "symbolic":
        target.symlink_to(model)
    elif link == "hard":
        target.hardlink_to(model)
    else:
        (folder / "way").symlink_to(model.parent)
        target = folder / "way" / model.name
    with pytest.raises(CannotWrite, match="opened file"):
        export(pool, request_of(model, target), may_replace=True)
    if link == "hard":
        target.unlink()
    assert model.read_bytes() == before


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ("w.weights.json", "w_00001.weights.h5"),
        ("m.index", "m.data-00000-of-00002"),
        ("m.ckpt-7-00000-of-00002", "m.ckpt-7-00001-of-00002"),
    ],
)
def test_what_belongs_to_the_source_is_neither_replaced_nor_may_it_change(
    document: str, part: str, pool: Pool, folder: Path
) -> None:
    for name in (document, part, "other_00001.weights.h5", "m.data"):
        (folder / name).write_bytes(OLD)
    source = folder / document
    with pytest.raises(CannotWrite, match="belongs to the opened file"):
        export(pool, request_of(source, folder / part), may_replace=True)
    assert look_at(str(folder / part), [str(source)]).refusal.startswith("This belongs to")
    assert (folder / part).read_bytes() == OLD
    request = request_of(source, folder / "new")
    before = exporting._identities(request)
    (folder / "other_00001.weights.h5").write_bytes(b"another")
    exporting._require_same(request, before)
    (folder / part).write_bytes(b"another")
    with pytest.raises(CannotRead, match="changed on disk"):
        exporting._require_same(request, before)


def test_a_cancelled_export_leaves_the_folder_as_it_was(
    pool: Pool, model: Path, folder: Path
) -> None:
    target = folder / "new.h5"
    target.write_bytes(OLD)
    stop = Stop()
    with pytest.raises(Stopped):
        export(
            pool, request_of(model, target), may_replace=True, on_progress=lambda _: stop.ask(),
            stop=stop,
        )  # fmt: skip
    assert names(folder) == ["new.h5"]
    assert target.read_bytes() == OLD


def test_a_stop_before_the_beginning_counts(pool: Pool, model: Path, folder: Path) -> None:
    stop = Stop()
    stop.ask()
    with pytest.raises(Stopped):
        export(pool, request_of(model, folder / "new.h5"), stop=stop)
    assert names(folder) == []


def test_a_file_that_cannot_be_exported_leaves_nothing(pool: Pool, folder: Path) -> None:
    plain = folder / "plain.h5"
    with h5py.File(plain, "w") as file:
        file["x"] = 1
    with pytest.raises(CannotRead, match="no Keras model"):
        export(pool, request_of(plain, folder / "new.h5"))
    assert names(folder) == ["plain.h5"]


@posix
def test_a_killed_worker_leaves_the_folder_as_it_was(pool: Pool, model: Path, folder: Path) -> None:
    def kill(_: Progress) -> None:
        for worker in pool.workers:
            if worker.pid is not None:
                os.kill(worker.pid, signal.SIGKILL)

    with pytest.raises(WorkerLost, match=r"new\.h5 was not saved"):
        export(pool, request_of(model, folder / "new.h5"), on_progress=kill)
    assert names(folder) == []


_PROGRAM = """
import resource, sys
from h5viewer.exporting import export
from h5viewer.requests import StripFile
from h5viewer.errors import H5ViewerError
from h5viewer.workers.pool import Pool
if int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
pool = Pool(keep_spare=False)
print("begun", flush=True)
try:
    request = StripFile(document=sys.argv[1], target=sys.argv[2])
    export(pool, request, may_replace=True, on_progress=lambda _: print("step", flush=True))
except H5ViewerError as error:
    print("refused:", error)
pool.close()
"""


def program(model: Path, target: Path, limit: int = 0) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _PROGRAM, str(model), str(target), str(limit)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


@posix
def test_a_full_disk_leaves_the_folder_as_it_was(model: Path, folder: Path) -> None:
    (folder / "new.h5").write_bytes(OLD)
    with program(model, folder / "new.h5", limit=5_000_000) as running:
        said, _ = running.communicate(timeout=60)
    assert "refused: new.h5 was not saved: file too large." in said
    assert names(folder) == ["new.h5"]
    assert (folder / "new.h5").read_bytes() == OLD


@posix
@pytest.mark.parametrize("seed", range(int(os.environ.get("H5VIEWER_KILLS", "1"))))
def test_a_killed_program_leaves_old_or_new(seed: int, model: Path, folder: Path) -> None:
    target = folder / "new.h5"
    target.write_bytes(OLD)
    with program(model, target) as running:
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.2, 1.2))
        running.kill()
        running.communicate()
    if target.read_bytes() != OLD:
        check_new(target)
    if sys.platform == "linux":
        assert names(folder) == ["new.h5"]
    scratch_file.remove_abandoned(folder)
    assert names(folder) == ["new.h5"]


def test_a_scratch_file_with_a_name_is_as_good(folder: Path) -> None:
    """Where the system cannot make one without."""
    with scratch_file.scratch_file(
        folder / "new.h5", [], may_replace=False, anonymous=False
    ) as scratch:
        assert len(names(folder)) == 1
        os.write(scratch.fd, b"new")
        scratch_file.remove_abandoned(folder)
        assert len(names(folder)) == 1, "it is held"
        scratch.take_place()
    assert names(folder) == ["new.h5"]
    assert (folder / "new.h5").read_bytes() == b"new"


def test_a_scratch_file_that_nobody_holds_is_removed(folder: Path) -> None:
    (folder / f".new.h5-abc{scratch_file.SUFFIX}").write_bytes(b"half")
    (folder / "other.h5").write_bytes(b"")
    with scratch_file.scratch_file(folder / "new.h5", [], may_replace=False):
        pass
    assert names(folder) == ["other.h5"]


def test_a_target_that_comes_to_be_meanwhile_is_kept(folder: Path) -> None:
    with scratch_file.scratch_file(folder / "new.h5", [], may_replace=False) as scratch:
        (folder / "new.h5").write_bytes(OLD)
        with pytest.raises(CannotWrite, match="exists already"):
            scratch.take_place()
    assert (folder / "new.h5").read_bytes() == OLD
    assert names(folder) == ["new.h5"]
