"""The worker's end: opens its files, mostly one, confines itself, answers requests about them.

All running operations are stepped in turn, a newly asked one first, so a small question
is answered while a long one runs. A thread reads orders; when the pipe ends the program
is gone, and the worker ends in the middle of whatever it does.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, BinaryIO

import msgspec

from h5viewer.errors import CannotRead, Failure, H5ViewerError, TooLarge
from h5viewer.formats.architecture_text import ArchitectureText, is_json
from h5viewer.formats.container import Container, Unopened
from h5viewer.formats.damaged import Damaged, open_damaged
from h5viewer.formats.folder import Folder
from h5viewer.formats.plain_text import PlainText
from h5viewer.formats.source import Source
from h5viewer.names import plain
from h5viewer.nodes import Document, Identity, Result
from h5viewer.operations import Operation
from h5viewer.requests import Progress, Request
from h5viewer.wording import any_of
from h5viewer.workers import messages
from h5viewer.workers.confinement import allow_descriptors, confine, limit_step
from h5viewer.workers.lending import Guest, borrow_nothing
from h5viewer.workers.messages import Ask, Cancel, Lent, Order, Reader, Report, Serve

Operations = Mapping[type, Callable[..., Operation[Any]]]
"""Each takes its request and a container of every file that the request names.

Those that open the files themselves (`opens_itself`) take what opens each.
"""

OpenContainer = Callable[[Any], Any]
"""From a source to what the operations take: a container, nearly always."""

_Opened = Container | PlainText | ArchitectureText | Damaged

SLICE_SECONDS = 0.02
"""How long one operation is stepped before the next has its turn."""

PROGRESS_SECONDS = 0.05
"""Progress is told no more often than this."""

_NICE = 5
"""Inflating on every core, a worker held the window up for 100 ms: the window goes first."""

_FILES_EACH = 4  # of a checkpoint: its index, data in a shard or two, its graph


class _Running:
    """One request being answered."""

    def __init__(self, number: int, operation: Operation[Result], guests: Sequence[Guest]) -> None:
        self.id = number
        self.operation = operation
        self.guests = guests
        self.told_at = 0.0  # its progress
        self.is_over = False

    def close(self) -> None:
        """End the operation where it is, and give back what was lent for it."""
        try:
            self.operation.close()
        finally:
            for guest in self.guests:
                guest.close()


class _Guard:
    """Turns whatever escapes from an operation into a failure; the worker lives on."""

    def __init__(self, name: str, memory: int) -> None:
        self._name = name
        self._memory = memory
        self.failure: Failure | None = None

    def __enter__(self) -> _Guard:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.failure = _failure(self._explain(error))
        return True

    def _explain(self, error: Exception) -> H5ViewerError:
        if isinstance(error, H5ViewerError):
            return error
        if isinstance(error, MemoryError):
            return TooLarge(
                f"{self._name} needs more memory than the limit of {self._memory / 2**30:g} GiB.",
                hint="Other parts of the file can still be shown.",
                details=_trace(error),
            )
        if isinstance(error, messages.FrameTooLong):
            return TooLarge(
                f"This part of {self._name} is too large to be shown.", details=str(error)
            )
        return H5ViewerError(
            f"{self._name} could not be read because of an error in h5viewer.",
            hint="Please report it, with the details.",
            details=_trace(error),
        )


class Server:
    """Serves its documents from two pipes until the first ends."""

    def __init__(
        self,
        operations: Operations,
        open_container: OpenContainer,
        orders: BinaryIO,
        reports: BinaryIO,
        confine: Callable[[int], None] = confine,
        libraries: tuple[tuple[str, str], ...] = (),
        borrow: Callable[[Lent], int] = borrow_nothing,
        open_source: Callable[[str], Source | Folder] = Source,
    ) -> None:
        """Serve nothing yet.

        Args:
            confine: gives up for good what is not needed any more; takes bytes of memory.
            libraries: name and version of what reads the files, for reports of faults.
            borrow: the descriptor of a file that is lent for one request.
            open_source: opens a document.
        """
        self._libraries = libraries
        self._borrow = borrow
        self._confine = confine
        self._operations = operations
        self._open_container = open_container
        self._open_source = open_source
        self._orders: Reader[Order] = Reader(orders, Order)  # type: ignore[arg-type]
        self._reports = reports
        self._inbox: SimpleQueue[Order] = SimpleQueue()
        self._running: deque[_Running] = deque()
        self._stepping: int | None = None
        self._step_seconds = 0.0

    def run(self) -> None:
        """Wait for the documents, then serve them; ends with the process."""
        self._tell(messages.Ready(self._libraries))
        order = self._orders.read()
        if not isinstance(order, Serve):
            return  # the program is gone, and never had a file for this spare
        self._step_seconds = order.step_seconds
        self._memory = order.memory
        with limit_step(order.step_seconds):
            sources = self._open(order)
        if sources is None:
            return
        self._confine(order.memory)
        # not earlier: Landlock holds the thread that asks for it and those it starts later
        threading.Thread(target=self._hear, name="hear", daemon=True).start()
        self._tell(messages.Serving(tuple(source.identity for source in sources)))
        while True:
            self._obey(sources)
            self._step_for_a_while()

    def _open(self, order: Serve) -> tuple[Source | Folder, ...] | None:
        """All of them, as nothing can be opened later; None: one is refused, the worker ends."""
        try:
            allow_descriptors(_FILES_EACH * len(order.documents))
            sources = tuple(
                self._open_source(os.fsdecode(document)) for document in order.documents
            )
            for source, identity in zip(sources, order.identities, strict=False):
                _check_identity(source, identity)
        except H5ViewerError as error:
            self._tell(messages.Refused(_failure(error)))
            return None
        self._name = any_of([source.name for source in sources])
        return sources

    def _hear(self) -> None:
        try:
            while (order := self._orders.read()) is not None:
                self._inbox.put(order)
        except (msgspec.MsgspecError, messages.FrameTooLong, OSError):
            traceback.print_exc()
        os._exit(0)  # the program is gone, and the main thread may be deep in a library

    def _tell(self, report: Report) -> None:
        messages.write(self._reports, messages.frame(report))

    def _obey(self, sources: tuple[Source | Folder, ...]) -> None:
        """Take the orders that have come; wait for one when there is nothing to do."""
        while True:
            try:
                order = self._inbox.get(block=not self._running)
            except Empty:
                return
            match order:
                case Ask(number, request, lent):
                    guests = [Guest(each, self._borrow) for each in lent]
                    answer = self._answer(request, sources, guests)
                    self._running.appendleft(_Running(number, answer, guests))
                case Cancel(number):
                    self._close(number)

    def _answer(
        self, request: Request, sources: tuple[Source | Folder, ...], guests: Sequence[Guest]
    ) -> Operation[Result]:
        with ExitStack() as stack:
            lent = [
                stack.enter_context(Source(guest.path, is_member=True, opened=guest.take))
                for guest in guests
            ]
            for guest, source in zip(guests, lent, strict=True):
                _check_identity(source, guest.identity)
            return (yield from self._answer_about(request, (*sources, *lent)))

    def _answer_about(
        self, request: Request, sources: tuple[Source | Folder, ...]
    ) -> Operation[Result]:
        request = request.about([source.path for source in sources])
        _check_unchanged(sources)
        try:
            with ExitStack() as stack:
                files = [self._file(request, source, stack) for source in sources]
                result: Result = yield from self._operations[type(request)](request, *files)
        except CannotRead:
            _check_unchanged(sources)  # that it is being written explains the rest
            raise
        if isinstance(result, Document):  # a path need not be UTF-8; the other end knows it
            return msgspec.structs.replace(result, path="")
        return result

    def _file(self, request: Request, source: Source | Folder, stack: ExitStack) -> object:
        if isinstance(source, Folder) or request.reads_folder:
            return stack.enter_context(closing(self._open_container(source)))
        if request.opens_itself:
            return Unopened(source, partial(self._open_container, source))
        return stack.enter_context(closing(self._opened(request, source)))

    def _opened(self, request: Request, source: Source) -> _Opened:
        if request.is_about_text:
            return PlainText(source)
        if request.is_about_damage:
            return open_damaged(source)
        if request.may_be_text and is_json(source):
            return ArchitectureText(source)
        opened: Container = self._open_container(source)
        return opened

    def _step_for_a_while(self) -> None:
        if not self._running:
            return
        running = self._running[0]
        if self._stepping != running.id:
            self._stepping = running.id
            self._tell(messages.Stepping(running.id))
        started = time.monotonic()
        while True:
            report: bytes | bytearray = b""
            with _Guard(self._name, self._memory) as guard, limit_step(self._step_seconds):
                report = self._step(running)
            if guard.failure is not None:
                running.is_over = True
                report = messages.frame(messages.Failed(running.id, guard.failure))
            # outside of the time limit: the program may be stopped and not read
            messages.write(self._reports, report)
            if running.is_over:
                self._running.popleft()
                with _Guard(self._name, self._memory):
                    running.close()
                return
            if time.monotonic() - started > SLICE_SECONDS or not self._inbox.empty():
                self._running.rotate(-1)
                return

    def _step(self, running: _Running) -> bytes | bytearray:
        """One step; what to tell of it, as a frame, empty when that is nothing."""
        try:
            part = next(running.operation)
        except StopIteration as end:
            running.is_over = True
            return messages.frame(messages.Finished(running.id, end.value))
        if not isinstance(part, Progress):
            return messages.frame(messages.Delivered(running.id, part))
        now = time.monotonic()
        if now - running.told_at < PROGRESS_SECONDS:
            return b""
        running.told_at = now
        return messages.frame(messages.Progressed(running.id, part))

    def _close(self, number: int) -> None:
        running = next((each for each in self._running if each.id == number), None)
        if running is None:
            return  # it ended meanwhile
        self._running.remove(running)
        with _Guard(self._name, self._memory), limit_step(self._step_seconds):
            running.close()
        self._tell(messages.Closed(number))


def _check_identity(source: Source | Folder, identity: Identity | None) -> None:
    if identity not in (None, source.identity):
        raise CannotRead(f"{source.name} changed on disk.", hint="Reload it to see it as it is.")


def _check_unchanged(sources: Sequence[Source | Folder]) -> None:
    for source in sources:
        source.check_unchanged()


def _failure(error: H5ViewerError) -> Failure:
    # An operating system's message may quote a file name that is no UTF-8.
    return Failure(
        type(error).__name__, plain(error.message), plain(error.hint), plain(error.details)
    )


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error, limit=-12))


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as raw files; prints of libraries go to stderr from now on."""
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, reports


def be_nice() -> None:
    """Let the window go first from now on."""
    if hasattr(os, "nice"):
        os.nice(_NICE)


def prepare() -> tuple[BinaryIO, BinaryIO]:
    """What a worker process does before anything else; returns its pipes."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; it ends us
    if sys.platform == "win32":
        import msvcrt

        for fd in (0, 1):
            msvcrt.setmode(fd, os.O_BINARY)
    return take_pipes()


def main() -> None:
    """The worker process: `h5viewer --worker` in a frozen program."""
    orders, reports = prepare()
    be_nice()
    # After `confine` nothing can be imported any more.
    from h5viewer.formats.libraries import LIBRARIES
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.workers import preloading

    preloading.load()
    Server(OPERATIONS, open_container, orders, reports, libraries=LIBRARIES).run()


if __name__ == "__main__":
    main()
