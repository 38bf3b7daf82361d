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
from export_cases import CASES, OF_SEVERAL_FILES, Case, content, make_checkpoint

from h5viewer.data_sets import table as data_sets
from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.exporting import Stopped, export
from h5viewer.formats.folder import Folder
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.loose_pictures import table as loose_pictures
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations.export_table import EXPORTS
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import Export, PlanExport, StripFile
from h5viewer.scratch_file import ScratchFile, remove_abandoned
from h5viewer.workers.child import Server

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits, links and folders of POSIX")
ALL = EXPORTS | data_sets.EXPORTS
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
            operations = {kind: partial(row.write, scratch=file) for kind, row in ALL.items()}
            if request.is_about_loose:
                loose = loose_pictures.EXPORTS.items()
                operations |= {kind: partial(write, scratch=file) for kind, write in loose}
        elif request.reads_folder:
            operations = dict(data_sets.OPERATIONS)
        opened = data_sets.open_folder if request.reads_folder else open_container
        server = Server(operations, opened, BytesIO(), BytesIO(), lambda _: None)
        open_one = Folder if request.reads_folder else Source
        with ExitStack() as stack:
            sources = tuple(
                stack.enter_context(closing(open_one(path))) for path in request.documents
            )
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


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_old_files(folder: Path) -> dict[str, bytes]:
    """The folder with other files in the places of all that were written."""
    for path in folder.iterdir():
        path.write_bytes(OLD)
    return contents(folder)


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
    before = [content(Path(path)) for path in wanted.documents]
    yield
    assert [content(Path(path)) for path in wanted.documents] == before


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor for the thread that does: an export has as many steps each time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(Scratch, "start_flushing", lambda _: None)


def n_steps_of(wanted: Export) -> int:
    """From its beginning to its end."""
    counting = Here()
    export(counting, wanted)  # type: ignore[arg-type]
    for path in Path(wanted.target).parent.iterdir():
        path.unlink()
    return counting.n_steps


def test_every_export_has_a_case() -> None:
    assert {case.kind for case in CASES} == set(ALL)
    assert set(ALL) <= set(get_args(Export))


def test_it_is_planned_written_and_alone(case: Case, wanted: Export, folder: Path) -> None:
    asking = Here()
    told: list[object] = []
    listener = type("Ear", (), {"ended": lambda self, outcome: told.append(outcome)})()
    asking.submit(PlanExport(document=wanted.document, export=wanted), listener)
    (plan,) = told
    assert isinstance(plan, ExportPlan)
    done = export(Here(), wanted)  # type: ignore[arg-type]
    assert isinstance(done, Exported)
    assert Path(wanted.target).name in names(folder)
    assert (len(names(folder)) > 1) == (case.name in OF_SEVERAL_FILES)
    size = sum(len(data) for data in contents(folder).values())
    assert done.bytes_after == size
    assert plan.bytes_before in (0, done.bytes_before)
    near = 0.5 if plan.is_estimate else 0.1
    # of files so small, much is not weights
    assert abs(size - plan.bytes_after) <= max(near * size, 24576 * len(names(folder)))


@posix
@pytest.mark.parametrize("share", [0.0, 0.4, 0.95])
def test_a_full_disk_leaves_the_folder_as_it_was(
    share: float, wanted: Export, folder: Path
) -> None:
    export(Here(), wanted)  # type: ignore[arg-type]
    length = max(len(data) for data in contents(folder).values())
    before = with_old_files(folder)
    with file_limit(int(share * length)), pytest.raises(CannotWrite, match="was not saved"):
        export(Here(), wanted, may_replace=True)  # type: ignore[arg-type]
    assert contents(folder) == before


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

    export(Here(), wanted)  # type: ignore[arg-type]
    before = with_old_files(folder)
    for name in ("link", "replace", "rename"):
        monkeypatch.setattr(os, name, refuse)
    with pytest.raises(CannotWrite, match="permission denied"):
        export(Here(), wanted, may_replace=True)  # type: ignore[arg-type]
    assert contents(folder) == before


@pytest.mark.parametrize("when", ["in the middle", "before the last step"])
def test_a_source_that_is_changed_meanwhile_is_told(
    when: str, wanted: Export, folder: Path
) -> None:
    n_steps = n_steps_of(wanted)
    at = n_steps // 2 if when == "in the middle" else n_steps - 1
    for source in map(Path, wanted.documents):
        whole = None if source.is_dir() else source.read_bytes()
        with pytest.raises(CannotRead, match="changed on disk"):
            export(Here(at, partial(change, source)), wanted)  # type: ignore[arg-type]
        assert names(folder) == []
        if whole is None:
            source.rmdir()
            elsewhere(source).rename(source)
        else:
            source.write_bytes(whole)


def elsewhere(folder: Path) -> Path:
    return folder.with_name("elsewhere")


def change(path: Path) -> None:
    """Another last byte; another folder."""
    if path.is_dir():
        path.rename(elsewhere(path))
        path.mkdir()
        return
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
        elif Path(source).is_dir():
            continue  # has one name
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


# --------------------------------------------------------- an index and files beside it


@pytest.fixture(params=OF_SEVERAL_FILES)
def several(request: pytest.FixtureRequest, folder: Path) -> Export:
    (case,) = [case for case in CASES if case.name == request.param]
    return case.of(folder.with_name("sources"), folder / f"new{case.suffix}")


class Killed(BaseException):
    """Nothing that the program could mend."""


@pytest.mark.parametrize("has_old", [True, False])
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), Killed()])
def test_one_place_that_is_refused_leaves_all_as_they_were(
    error: BaseException,
    has_old: bool,
    several: Export,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At each of the moves; of a killed program what is left is mended by the next start."""
    export(Here(), several)  # type: ignore[arg-type]
    whole = contents(folder)
    moved = ScratchFile.replace_target
    for at in range(len(whole)):
        for name in whole:
            (folder / name).write_bytes(OLD) if has_old else (folder / name).unlink(missing_ok=True)
        before, left = contents(folder), iter([False] * at + [True])

        def move(scratch: ScratchFile, left: Iterator[bool] = left) -> None:
            if next(left, False):
                raise error
            moved(scratch)

        monkeypatch.setattr(ScratchFile, "replace_target", move)
        with pytest.raises((CannotWrite, Killed)):
            export(Here(), several, may_replace=True)  # type: ignore[arg-type]
        if isinstance(error, Killed):
            assert contents(folder) != before
            remove_abandoned(folder)
        assert contents(folder) == before
    monkeypatch.setattr(ScratchFile, "replace_target", moved)
    export(Here(), several, may_replace=True)  # type: ignore[arg-type]
    assert names(folder) == sorted(whole)
    assert OLD not in contents(folder).values()


def test_several_files_take_their_places_when_the_disk_has_all(
    several: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
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


def test_several_files_are_of_one_source_or_none(several: Export, folder: Path) -> None:
    """Each file is made by a worker of its own, between which the source may be replaced."""
    replaced = Path(several.document)

    class Between(Here):
        def submit(self, request: Any, listener: Any, scratch: int | None = None) -> Here:
            if request.part is not None:
                os.utime(replaced, ns=(1, 1))
            return super().submit(request, listener, scratch)

    for path in folder.with_name("sources").iterdir():
        replaced = path  # also the values beside the index of a checkpoint
        with pytest.raises(CannotRead, match="changed on disk"):
            export(Between(), several)  # type: ignore[arg-type]
        assert names(folder) == []


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", [case.name for case in CASES if "checkpoint" in case.name])
def test_values_of_a_checkpoint_that_are_cut_short_meanwhile_are_told(
    name: str, share: float, folder: Path
) -> None:
    (case,) = [case for case in CASES if case.name == name]
    wanted = case.of(folder.with_name("sources"), folder / f"new{case.suffix}")
    *_, values = sorted(folder.with_name("sources").glob("*.data-*"))
    at = int(share * n_steps_of(wanted))
    with pytest.raises(CannotRead, match=r"data-\S+ changed on disk"):
        export(Here(at, partial(os.truncate, values, 1000)), wanted)  # type: ignore[arg-type]
    assert names(folder) == []


@posix
def test_a_file_beside_the_index_that_is_there_is_not_replaced(folder: Path) -> None:
    beside = folder / "new.data-00000-of-00001"
    beside.write_bytes(OLD)
    (source,) = make_checkpoint(folder.with_name("sources"), 96)
    wanted = StripFile(document=str(source), target=str(folder / "new.index"))
    with pytest.raises(CannotWrite, match="exists already"):
        export(Here(), wanted)  # type: ignore[arg-type]
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
