"""What holds for every export, whatever it writes: old or new, never half, the source as it was.

The operations run here in the test's own process, so that something can happen at a certain
step of them; `test_exporting` and `killed_exports` have them in workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
from export_cases import CASES, Case, make_checkpoint, make_network

from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.exporting import Stopped, export
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations.export_table import EXPORTS
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import AverageNetworks, ConvertNetwork, Export, PlanExport, StripFile
from h5viewer.scratch_file import ScratchFile
from h5viewer.workers.child import Server

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits, links and folders of POSIX")
OLD = b"what was there before"
Happening = Callable[[], None]


class Here:
    """Answers as the pool does, at once and in this process; `at` a step, something happens."""

    def __init__(self, at: int = -1, happens: Happening = lambda: None) -> None:
        self.n_steps = 0
        self._at, self._happens = at, happens

    def submit(self, request: Any, listener: Any, scratch: int | None = None) -> Here:
        outcome: object
        try:
            outcome = self._answer(request, scratch)
        except H5ViewerError as error:
            outcome = error
        listener.ended(outcome)
        return self

    def cancel(self) -> None:
        """It is over by then."""

    def _answer(self, request: Any, scratch: int | None) -> object:
        operations = dict(OPERATIONS)
        if scratch is not None:
            file = Scratch(scratch)
            operations = {kind: partial(row.write, scratch=file) for kind, row in EXPORTS.items()}
        server = Server(operations, open_container, BytesIO(), BytesIO(), lambda _: None)
        with ExitStack() as stack:
            sources = tuple(stack.enter_context(Source(path)) for path in request.documents)
            about = request.about([source.path for source in sources])
            steps = stack.enter_context(closing(server._answer(about, sources, ())))
            while True:
                if self.n_steps == self._at:
                    self._happens()
                self.n_steps += 1
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=CASES, ids=[case.name for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


@pytest.fixture
def wanted(case: Case, folder: Path) -> Export:
    return case.of(folder.with_name("sources"), folder / f"new{case.suffix}")


@pytest.fixture(autouse=True)
def _sources_stay(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test but the one that changes them itself."""
    if "wanted" not in request.fixturenames or "changed" in request.node.name:
        yield
        return
    wanted: Export = request.getfixturevalue("wanted")
    before = [Path(path).read_bytes() for path in wanted.documents]
    yield
    assert [Path(path).read_bytes() for path in wanted.documents] == before


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def n_steps_of(wanted: Export) -> int:
    """From its beginning to its end."""
    counting = Here()
    export(counting, wanted)  # type: ignore[arg-type]
    Path(wanted.target).unlink()
    return counting.n_steps


def test_every_export_has_a_case() -> None:
    assert {case.kind for case in CASES} == set(EXPORTS)
    assert set(EXPORTS) <= set(get_args(Export))


def test_it_is_planned_written_and_alone(wanted: Export, folder: Path) -> None:
    asking = Here()
    told: list[object] = []
    listener = type("Ear", (), {"ended": lambda self, outcome: told.append(outcome)})()
    asking.submit(PlanExport(document=wanted.document, export=wanted), listener)
    (plan,) = told
    assert isinstance(plan, ExportPlan)
    done = export(Here(), wanted)  # type: ignore[arg-type]
    assert isinstance(done, Exported)
    assert names(folder) == [Path(wanted.target).name]
    size = Path(wanted.target).stat().st_size
    assert done.bytes_after == size
    assert plan.bytes_before in (0, done.bytes_before)
    near = 0.5 if plan.is_estimate else 0.1
    # of a file so small, much is not weights
    assert abs(size - plan.bytes_after) <= max(near * size, 24576)


@posix
@pytest.mark.parametrize("share", [0.0, 0.4, 0.95])
def test_a_full_disk_leaves_the_folder_as_it_was(
    share: float, wanted: Export, folder: Path
) -> None:
    export(Here(), wanted)  # type: ignore[arg-type]
    length = Path(wanted.target).stat().st_size
    Path(wanted.target).write_bytes(OLD)
    with file_limit(int(share * length)), pytest.raises(CannotWrite, match="was not saved"):
        export(Here(), wanted, may_replace=True)  # type: ignore[arg-type]
    assert names(folder) == [Path(wanted.target).name]
    assert Path(wanted.target).read_bytes() == OLD


@posix
def test_a_folder_that_vanishes_costs_nothing_but_the_export(wanted: Export, folder: Path) -> None:
    with pytest.raises(CannotWrite, match="was not saved"):
        export(Here(n_steps_of(wanted) // 2, folder.rmdir), wanted)  # type: ignore[arg-type]
    assert not folder.exists()


@posix
def test_a_folder_that_may_not_be_written_any_more_stays_as_it_was(
    wanted: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    Path(wanted.target).write_bytes(OLD)
    for name in ("link", "replace", "rename"):
        monkeypatch.setattr(os, name, refuse)
    with pytest.raises(CannotWrite, match="permission denied"):
        export(Here(), wanted, may_replace=True)  # type: ignore[arg-type]
    assert names(folder) == [Path(wanted.target).name]
    assert Path(wanted.target).read_bytes() == OLD


@pytest.mark.parametrize("when", ["in the middle", "before the last step"])
def test_a_source_that_is_changed_meanwhile_is_told(
    when: str, wanted: Export, folder: Path
) -> None:
    n_steps = n_steps_of(wanted)
    at = n_steps // 2 if when == "in the middle" else n_steps - 1
    for source in wanted.documents:
        with pytest.raises(CannotRead, match="changed on disk"):
            export(Here(at, partial(change, Path(source))), wanted)  # type: ignore[arg-type]
        assert names(folder) == []


def change(path: Path) -> None:
    """Another last byte."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    os.utime(path, ns=(1, 1))


@posix
@pytest.mark.parametrize("link", ["itself", "symbolic", "hard"])
def test_no_source_is_ever_the_target(link: str, case: Case, wanted: Export, folder: Path) -> None:
    for source in wanted.documents:
        target = folder / f"link{case.suffix}"
        if link == "itself":
            target = Path(source)
        elif link == "symbolic":
            target.symlink_to(source)
        else:
            target.hardlink_to(source)
        request = case.request(list(wanted.documents), str(target))
        with pytest.raises(CannotWrite, match="opened file"):
            export(Here(), request, may_replace=True)  # type: ignore[arg-type]
        if link != "itself":
            target.unlink()


def test_a_cancelled_export_leaves_the_folder_as_it_was(wanted: Export, folder: Path) -> None:
    class Abandoned(Here):
        def submit(self, request: Any, listener: Any, scratch: int | None = None) -> Here:
            listener.ended(None)
            return self

    Path(wanted.target).write_bytes(OLD)
    with pytest.raises(Stopped):
        export(Abandoned(), wanted, may_replace=True)  # type: ignore[arg-type]
    assert names(folder) == [Path(wanted.target).name]
    assert Path(wanted.target).read_bytes() == OLD


def split(folder: Path) -> ConvertNetwork:
    source = make_network(folder.with_name("sources") / "one.h5", 96)
    target = folder / "new.weights.json"
    return ConvertNetwork(document=str(source), target=str(target), shard_size=60_000)


def stripped(folder: Path) -> StripFile:
    (source,) = make_checkpoint(folder.with_name("sources"), 96)
    return StripFile(document=str(source), target=str(folder / "new.index"))


def averaged(folder: Path) -> AverageNetworks:
    made = stripped(folder)
    return AverageNetworks(document=made.document, others=(made.document,), target=made.target)


Several = ConvertNetwork | StripFile | AverageNetworks


@pytest.fixture(params=[split, stripped, averaged], ids=["shards", "checkpoint", "mean"])
def several(request: pytest.FixtureRequest, folder: Path) -> Several:
    """An export of an index and of files beside it."""
    made: Several = request.param(folder)
    return made


def test_several_files_are_all_there_or_none(several: Several, folder: Path) -> None:
    export(Here(), several)  # type: ignore[arg-type]
    whole = names(folder)
    assert len(whole) >= 2
    before = {name: (folder / name).read_bytes() for name in whole}
    with file_limit(40_000), pytest.raises(CannotWrite, match="was not saved"):
        export(Here(), several, may_replace=True)  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_several_files_take_their_places_when_the_disk_has_all(
    several: Several, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    placed = Path.replace

    def place(path: Path, target: Path) -> object:
        done.append(target.name)
        return placed(path, target)

    monkeypatch.setattr(ScratchFile, "settle", lambda _: done.append("settled"))
    monkeypatch.setattr(Path, "replace", place)
    export(Here(), several)  # type: ignore[arg-type]
    first = next(at for at, what in enumerate(done) if what != "settled")
    assert done[:first].count("settled") >= len(names(folder))
    assert [what for what in done if what != "settled"][-1] == Path(several.target).name


def test_several_files_are_of_one_source_or_none(several: Several, folder: Path) -> None:
    """Each file is made by a worker of its own, between which the source may be replaced."""

    class Between(Here):
        def submit(self, request: Any, listener: Any, scratch: int | None = None) -> Here:
            if request.part is not None:
                os.utime(several.document, ns=(1, 1))
            return super().submit(request, listener, scratch)

    with pytest.raises(CannotRead, match="changed on disk"):
        export(Between(), several)  # type: ignore[arg-type]
    assert names(folder) == []


@posix
def test_a_file_beside_the_index_that_is_there_is_not_replaced(folder: Path) -> None:
    beside = folder / "new.data-00000-of-00001"
    beside.write_bytes(OLD)
    with pytest.raises(CannotWrite, match="exists already"):
        export(Here(), stripped(folder))  # type: ignore[arg-type]
    assert names(folder) == [beside.name]
    assert beside.read_bytes() == OLD


@contextmanager
def file_limit(length: int) -> Iterator[None]:
    """No file may become longer, as on a full disk; Python ignores the signal that tells."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
