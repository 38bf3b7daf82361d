"""An export from its request to the file in place, for the window and for the terminal.

The program makes the scratch file beside the target and hands its descriptor to a worker of
its own, which is confined to reading the document and writing that. When the worker has
written, read back and compared, and is gone, the program has the disk hold every byte and
puts the file in place. Whatever fails before that leaves the folder as it was.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import Exported, Part
from h5viewer.requests import AverageNetworks, ConvertNetwork, Export, Progress, Request, StripFile
from h5viewer.requests.export import part_name
from h5viewer.scratch_file import ScratchFile, scratch_file, take_places
from h5viewer.targets import files_of
from h5viewer.wording import bytes_text, plural
from h5viewer.workers.asking import Cancelled, ask
from h5viewer.workers.pool import Pool

STOPPED = "The export was cancelled."


class Stopped(H5ViewerError):
    """The export was cancelled; nothing was left behind."""


class Stop:
    """Asks one export to end, from any thread, before it began or while it runs."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._tell: Callable[[], None] | None = None

    @property
    def is_asked(self) -> bool:
        """Somebody asked."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Have it end."""
        self._asked.set()
        tell = self._tell
        if tell is not None:
            tell()

    def heard_by(self, tell: Callable[[], None]) -> None:
        """What to call when it is asked."""
        self._tell = tell
        if self.is_asked:
            tell()


def export(
    pool: Pool,
    request: Export,
    *,
    may_replace: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Stop | None = None,
) -> Exported:
    """Write the target of `request`; returns when it is in place. Takes long: call in a thread.

    Args:
        pool: starts the worker.
        request: what to make of which files, all by absolute paths.
        may_replace: False: a target that exists already is refused.
        on_progress: called in this thread.
        stop: ends it early.

    Raises:
        CannotWrite: the target is one of them or exists, or the disk refuses.
        Stopped: it was asked to.
        H5ViewerError: a document cannot be read, or the worker died.
    """
    stop = stop or Stop()
    target = Path(request.target)
    with ExitStack() as scratches:

        def scratch_of(name: str) -> ScratchFile:
            path = target.with_name(name)
            made = scratch_file(path, request.documents, may_replace=may_replace)
            return scratches.enter_context(made)

        scratch = scratch_of(target.name)
        before = _identities(request)
        exported = ask_worker(pool, request, stop, on_progress, scratch=scratch.fd)
        asked = list(_parts(request, exported.n_parts))
        parts = [scratch_of(Path(each.target).name) for each in asked]  # refused before any is long
        for each, part in zip(asked, parts, strict=True):
            written = ask_worker(pool, each, stop, on_progress, scratch=part.fd)
            exported = _together(exported, written)
        _require_same(request, before)  # each part had a worker that opened it anew
        if stop.is_asked:
            raise Stopped(STOPPED)
        on_progress(Progress(done=0, text="Waiting for the disk…"))
        take_places([*parts, scratch])  # an index comes last: what it names is there
    return exported


_Identity = tuple[int, int, int, int]
_Identities = list[tuple[_Identity | None, ...]]
"""Of each document: of its file, and of those that belong to it; None: there is none."""


def _identities(request: Export) -> _Identities:
    """Which files the documents are now."""
    return [tuple(map(_identity, files_of(document))) for document in request.documents]


def _identity(path: Path) -> _Identity | None:
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    is_folder = stat.S_ISDIR(facts.st_mode)  # in which files may come and go
    changing = (0, 0) if is_folder else (facts.st_size, facts.st_mtime_ns)
    return facts.st_dev, facts.st_ino, *changing


def _require_same(request: Export, before: _Identities) -> None:
    """Raise when a document was replaced.

    Raises:
        CannotRead: it was.
    """
    pairs = zip(request.documents, before, _identities(request), strict=True)
    for document, old, new in pairs:
        if old != new:
            raise CannotRead(
                f"{visible(Path(document).name)} changed on disk.",
                hint="Reload it to see it as it is.",
            )


def _parts(request: Export, n_parts: int) -> Iterator[Export]:
    """Of an index: the files that it names."""
    if isinstance(request, ConvertNetwork | StripFile | AverageNetworks):
        for number in range(n_parts):
            path = Path(request.target).with_name(part_name(request, number))
            yield msgspec.structs.replace(request, target=str(path), part=number)


def _together(first: Exported, part: Exported) -> Exported:
    return msgspec.structs.replace(
        first,
        bytes_after=first.bytes_after + part.bytes_after,
        n_weights=first.n_weights + part.n_weights,
        n_identical=first.n_identical + part.n_identical,
        notes=tuple(dict.fromkeys((*first.notes, *part.notes))),
    )


def ask_worker(
    pool: Pool,
    request: Request,
    stop: Stop,
    on_progress: Callable[[Progress], None],
    *,
    on_part: Callable[[Part], None] | None = None,
    scratch: int | None = None,
) -> Exported:
    """What a worker has written, or delivered to be written.

    Raises:
        Stopped: it was asked to.
        H5ViewerError: it could not, or died.
    """
    try:
        outcome = ask(
            pool,
            request,
            on_part,
            on_progress,
            on_begin=lambda job: stop.heard_by(job.cancel),
            scratch=scratch,
        )
    except Cancelled:
        raise Stopped(STOPPED) from None
    assert isinstance(outcome, Exported)
    return outcome


def result_sentence(target: str, done: Exported) -> str:
    """`x.h5: 94 MB instead of 283 MB; 62 weights verified identical`."""
    if done.data_set is not None:
        what = plural(done.data_set.n_pictures, "picture")
        if done.data_set.classes:
            what += f" in {plural(len(done.data_set.classes), 'class', 'classes')}"
        return f"{target}: {what}, {bytes_text(done.bytes_after)}; read back and found to be right"
    if not done.n_weights:
        return f"{target}: {bytes_text(done.bytes_after)}; read back and found to be right"
    if done.n_files > 1:
        made = f"{bytes_text(done.bytes_after)} made of {plural(done.n_files, 'file')}"
        return f"{target}: {made}; {plural(done.n_identical, 'weight')} written and verified"
    sizes = f"{bytes_text(done.bytes_after)} instead of {bytes_text(done.bytes_before)}"
    checked = f"{plural(done.n_identical, 'weight')} verified identical"
    n_rounded = done.n_weights - done.n_identical - done.n_changed
    for count, what in ((done.n_changed, "changed"), (n_rounded, "rounded")):
        if count:
            checked += f", {plural(count, 'weight')} {what}"
    return f"{target}: {sizes}; {checked}"


def result_notes(done: Exported) -> tuple[str, ...]:
    """What else is to be known: what was left out of a data set, too, and why."""
    made = done.data_set
    if made is None or not made.n_skipped:
        return done.notes
    verb = "was" if made.n_skipped == 1 else "were"
    files = [f"{visible(each.name)}: {visible(each.reason)}" for each in made.skipped]
    if made.n_skipped > len(files):
        files.append(f"… and {plural(made.n_skipped - len(files), 'more file')}.")
    return f"{plural(made.n_skipped, 'file')} {verb} left out.", *done.notes, *files
