"""The pool: which worker process serves which document, and what its requests come to.

One thread owns all of it and takes events from one queue, so there is nothing to lock:
callers put events in and return at once, worker processes put in what they say, and the
thread calls the listeners. A worker that dies or takes too long costs the request it was
at; its other requests go on in a new worker, where they left off.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

import msgspec

from h5viewer.errors import H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import Document, Identity, Part, Result
from h5viewer.requests import OpenDocument, Progress, Request
from h5viewer.workers import lost, messages
from h5viewer.workers.asking import ask as ask
from h5viewer.workers.limits import Limits as Limits
from h5viewer.workers.lost import Cause
from h5viewer.workers.messages import Report
from h5viewer.workers.process import Ended, Process, default_command
from h5viewer.workers.resuming import Delivery


MAX_RETRIES = 5
"""How often a request goes on in a new worker when another one ended its worker."""


class Listener(Protocol):
    """Hears about one request, from a thread of the pool."""

    def progressed(self, progress: Progress) -> None:
        """How far it is."""

    def delivered(self, part: Part) -> None:
        """A part of the answer."""

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        """The end, told once: the result, what went wrong, or None when cancelled."""


class WorkerInfo(NamedTuple):
    """A worker process, for tests and the About box."""

    pid: int | None
    document: str | None  # None: the spare
    n_requests: int


class Job:
    """A request on its way."""

    def __init__(self, pool: Pool, request: Request, listener: Listener) -> None:
        self._pool = pool
        self.id = next(_ids)
        self.request = request
        self.listener = listener
        ask = messages.Ask(self.id, msgspec.structs.replace(request, document=""))
        self.frame = messages.frame(ask)
        self.delivery = Delivery()
        self.is_cancelled = False
        self.n_retries = 0

    def cancel(self) -> None:
        """Close the operation at its next yield; ended(None) follows, unless it was over."""
        self._pool._post(lambda: self._pool._cancel(self))


_ids = count(1)


@dataclass(eq=False)
class _Worker:
    process: Process
    document: str | None = None
    state: str = "starting"  # "starting", "ready", "opening", "serving", "ending"
    since: float = field(default_factory=time.monotonic)  # last heard of, or changed state
    jobs: dict[int, Job] = field(default_factory=dict)
    stepping: int | None = None
    cancelled_at: float | None = None  # when the job it is at was cancelled
    cause: Cause = Cause.CRASH  # why it is ended, if we do it
    refusal: H5ViewerError | None = None

    @property
    def current(self) -> Job | None:
        """The job it is working at."""
        return None if self.stepping is None else self.jobs.get(self.stepping)


class Pool:
    """Worker processes, one a document and a spare. Close it: it leaves no process behind."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        command: list[str] | None = None,
        keep_spare: bool = True,
    ) -> None:
        """Start nothing yet.

        Args:
            command: the command line of a worker, for tests.
            keep_spare: replace the spare once it is used; a program that opens one file does
                without.
        """
        self.limits = limits or Limits()
        self.workers: tuple[WorkerInfo, ...] = ()
        self._command = command or default_command()
        self._keep_spare = keep_spare
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._workers: list[_Worker] = []
        self._identities: dict[str, Identity] = {}
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="pool", daemon=True)
        self._thread.start()

    # ------------------------------------------------ for any thread, at once

    def warm(self) -> None:
        """Start the spare, so that the first document finds a worker waiting."""
        self._post(self._ensure_spare)

    def submit(self, request: Request, listener: Listener) -> Job:
        """Send `request` to its document's worker; `listener` hears of it from a pool thread."""
        job = Job(self, request, listener)
        self._post(lambda: self._assign(job))
        if self._is_closed:
            self._drain()
        return job

    def forget(self, document: str) -> None:
        """End the worker of a document that was closed or is to be read anew."""
        self._post(lambda: self._forget(document))

    def close(self) -> None:
        """Cancel everything, end every process and wait until they are gone."""
        self._post(self._close)
        self._thread.join()

    def _post(self, event: Callable[[], None]) -> None:
        self._inbox.put(event)

    # ------------------------------------------------------ in the pool's thread

    def _run(self) -> None:
        while not self._is_closed:
            now = time.monotonic()
            due = min((self._deadline(worker) for worker in self._workers), default=math.inf)
            try:
                event = self._inbox.get(timeout=None if due == math.inf else max(0.0, due - now))
            except Empty:
                self._check_deadlines(overslept=time.monotonic() - max(due, now) > 1)
            else:
                event()
            self.workers = tuple(
                WorkerInfo(worker.process.pid, worker.document, len(worker.jobs))
                for worker in self._workers
            )

        self._drain()

    def _drain(self) -> None:
        # After the end a request is only told that it is cancelled, in whatever thread.
        with contextlib.suppress(Empty):
            while True:
                self._inbox.get_nowait()()

    def _assign(self, job: Job) -> None:
        if self._is_closed:
            job.listener.ended(None)
            return
        document = job.request.document
        worker = self._find(document)
        if worker is None:
            worker = self._serve(document)
        if not worker.jobs:
            worker.since = time.monotonic()
        worker.jobs[job.id] = job
        worker.process.send(job.frame)

    def _find(self, document: str) -> _Worker | None:
        for worker in self._workers:
            # one that is at a cancelled step will be ended soon: do not queue behind it
            if worker.document == document and worker.state != "ending":
                return worker
        return None

    def _serve(self, document: str) -> _Worker:
        worker = self._find_spare() or self._start()
        self._retire_idle()
        worker.document = document
        worker.since = time.monotonic()
        if worker.state == "ready":
            worker.state = "opening"
        serve = messages.Serve(
            os.fsencode(document),
            self.limits.memory,
            self.limits.step_seconds,
            self._identities.get(document),
        )
        worker.process.send(messages.frame(serve))
        return worker

    def _find_spare(self) -> _Worker | None:
        return next((w for w in self._workers if w.document is None and w.state != "ending"), None)

    def _ensure_spare(self) -> None:
        if self._find_spare() is None:
            self._start()

    def _start(self) -> _Worker:
        process = Process(self._command, lambda p, r: self._post(lambda: self._hear(p, r)))
        worker = _Worker(process)
        self._workers.append(worker)
        return worker

    def _retire_idle(self) -> None:
        idle = [w for w in self._workers if w.state == "serving" and not w.jobs]
        idle.sort(key=lambda worker: worker.since)
        for worker in idle[: max(0, len(idle) - self.limits.idle_workers + 1)]:
            self._end(worker, Cause.RETIRED)

    def _cancel(self, job: Job) -> None:
        worker = next((w for w in self._workers if job.id in w.jobs), None)
        if worker is None or job.is_cancelled:
            return
        job.is_cancelled = True
        worker.process.send(messages.frame(messages.Cancel(job.id)))
        if worker.current is job:
            worker.cancelled_at = time.monotonic()

    def _forget(self, document: str) -> None:
        self._identities.pop(document, None)
        for worker in self._workers:
            if worker.document == document and worker.state != "ending":
                for job in worker.jobs.values():
                    job.is_cancelled = True
                self._end(worker, Cause.RETIRED)

    def _close(self) -> None:
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.process.kill()
            for job in worker.jobs.values():
                job.listener.ended(None)
        for worker in workers:
            worker.process.join(5)  # longer only when the kernel itself hangs on a dead share
        self._is_closed = True

    # ------------------------------------------------------------ what was heard

    def _hear(self, process: Process, report: Report | Ended) -> None:
        worker = next((w for w in self._workers if w.process is process), None)
        if worker is None:
            return
        if worker.state != "ending":
            worker.since = time.monotonic()
        match report:
            case Ended():
                self._bury(worker, report)
            case messages.Ready():
                worker.state = "ready" if worker.document is None else "opening"
            case messages.Serving(identity):
                worker.state = "serving"
                if worker.document is not None:
                    self._identities[worker.document] = identity
            case messages.Refused(failure):
                worker.refusal = failure.error
            case messages.Stepping(number):
                self._note_stepping(worker, number)
            case _:
                self._pass_on(worker, report)

    def _note_stepping(self, worker: _Worker, number: int) -> None:
        worker.stepping = number
        job = worker.jobs.get(number)
        is_cancelled = job is not None and job.is_cancelled
        worker.cancelled_at = time.monotonic() if is_cancelled else None

    def _pass_on(
        self,
        worker: _Worker,
        report: messages.Progressed
        | messages.Delivered
        | messages.Finished
        | messages.Failed
        | messages.Closed,
    ) -> None:
        job = worker.jobs.get(report.id)
        if job is None:
            return
        match report:
            case messages.Progressed(progress=progress):
                if not job.is_cancelled:
                    job.listener.progressed(progress)
            case messages.Delivered(part=part):
                fresh = job.delivery.fresh(part)
                if fresh is not None and not job.is_cancelled:
                    job.listener.delivered(fresh)
            case messages.Finished(result=Document() as document):
                path = job.request.document
                self._finish(worker, job, msgspec.structs.replace(document, path=path))
            case messages.Finished(result=result):
                self._finish(worker, job, result)
            case messages.Failed(failure=failure):
                self._finish(worker, job, failure.error)
                if isinstance(job.request, OpenDocument) and not worker.jobs:
                    self._forget(job.request.document)  # refused: nothing else will be asked
            case messages.Closed():
                self._finish(worker, job, None)

    def _finish(self, worker: _Worker, job: Job, outcome: Result | H5ViewerError | None) -> None:
        del worker.jobs[job.id]
        if worker.stepping == job.id:
            worker.stepping = worker.cancelled_at = None
        job.listener.ended(None if job.is_cancelled else outcome)
        if self._keep_spare and not worker.jobs:
            self._ensure_spare()  # not earlier: starting it would slow the opening down

    # --------------------------------------------------------------------- ends

    def _deadline(self, worker: _Worker) -> float:
        limits = self.limits
        match worker.state:
            case "ending":
                return worker.since + 1
            case "starting":
                return worker.since + limits.start_seconds
            case "opening":
                return worker.since + limits.open_seconds
            case "serving" if worker.jobs:
                due = worker.since + limits.step_seconds
                if worker.cancelled_at is not None:
                    due = min(due, worker.cancelled_at + limits.cancel_seconds)
                return due
        return math.inf

    def _check_deadlines(self, *, overslept: bool) -> None:
        now = time.monotonic()
        for worker in tuple(self._workers):
            if overslept:  # this program was stopped, not the worker slow
                worker.since = now
                continue
            if self._deadline(worker) > now:
                continue
            if worker.state == "ending":  # not even killing helps: the kernel is waiting
                worker.process.kill()
                self._bury(worker, Ended(None, ""))
            elif worker.cancelled_at is not None:
                self._end(worker, Cause.CANCELLED)
            else:
                slow_to = {"starting": Cause.SLOW_START, "opening": Cause.SLOW_OPEN}
                self._end(worker, slow_to.get(worker.state, Cause.SLOW_STEP))

    def _end(self, worker: _Worker, cause: Cause) -> None:
        worker.state, worker.cause, worker.since = "ending", cause, time.monotonic()
        worker.process.kill(with_last_words=cause is Cause.SLOW_STEP)

    def _bury(self, worker: _Worker, ended: Ended) -> None:
        self._workers.remove(worker)
        culprit = worker.current
        for job in tuple(worker.jobs.values()):
            name = visible(Path(job.request.document).name)
            if job.is_cancelled:
                job.listener.ended(None)
            elif worker.refusal is not None:
                job.listener.ended(worker.refusal)
            elif (
                job is culprit
                or job.n_retries == MAX_RETRIES
                or worker.state in ("starting", "opening")
            ):
                job.listener.ended(lost.error(name, worker.cause, ended, self.limits))
            else:
                job.n_retries += 1
                job.delivery.start_again()
                self._assign(job)
