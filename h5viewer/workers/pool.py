"""The pool: which worker process serves which documents, and what their requests come to.

There are three kinds: workers that read files; workers that predict, which take seconds to
load the frameworks and to build a network, and stay while their document is open; and
workers that export, each made for one request, with the descriptor of the file it writes.
The first and the last are also there for folders of pictures, and for pictures that stand each
by itself in a file (`Kind`).

One thread owns all of it and takes events from one queue, so there is nothing to lock:
callers put events in and return at once, worker processes put in what they say, and the
thread calls the listeners. A worker that dies or takes too long costs the request it was
at; its other requests go on in a new worker, where they left off.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from h5viewer.errors import H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import Result
from h5viewer.requests import ExportRequest, OpenDocument, Progress, Request
from h5viewer.wording import any_of
from h5viewer.workers import lost, messages
from h5viewer.workers.asking import ask as ask
from h5viewer.workers.crew import Crew
from h5viewer.workers.crew import WorkerInfo as WorkerInfo
from h5viewer.workers.jobs import Job as Job
from h5viewer.workers.jobs import Listener as Listener
from h5viewer.workers.kinds import Kind as Kind
from h5viewer.workers.limits import FOLDER_LIMITS, NETWORK_LIMITS
from h5viewer.workers.limits import Limits as Limits
from h5viewer.workers.lost import Cause
from h5viewer.workers.messages import Report
from h5viewer.workers.process import Ended, Process, default_command
from h5viewer.workers.worker import State, Worker

MAX_RETRIES = 5
"""How often a request goes on in a new worker when another one ended its worker."""


SPARE_SECONDS = 1.0
"""How long nothing is asked before a new spare starts: it would slow an opening down."""


class Pool:
    """Worker processes, one a kind and its documents, and spares; none is left when closed."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        network_limits: Limits | None = None,
        folder_limits: Limits | None = None,
        command: list[str] | None = None,
        network_command: list[str] | None = None,
        export_command: list[str] | None = None,
        keep_spare: bool = True,
    ) -> None:
        """Start nothing yet.

        Args:
            limits: of workers that read files.
            network_limits: of those that predict.
            folder_limits: of those that read folders of pictures.
            command: the command line of a worker that reads files, for tests.
            network_command: of one that predicts.
            export_command: of one that exports.
            keep_spare: replace the spare once it is used; a program that opens one file does
                without. Of the workers that predict only `warm_network` makes one.
        """
        self.limits = limits or Limits()
        self.network_limits = network_limits or NETWORK_LIMITS
        self.folder_limits = folder_limits or FOLDER_LIMITS
        self.workers: tuple[WorkerInfo, ...] = ()
        self.libraries: tuple[tuple[str, str], ...] = ()  # that read files, once a worker told
        commands = {
            Kind.FILES: command or default_command(),
            Kind.NETWORK: network_command or default_command("network"),
            Kind.EXPORT: export_command or default_command("export"),
            Kind.PICTURES: default_command("pictures"),
            Kind.BUILD: default_command("build"),
            Kind.LOOSE: default_command("loose"),
            Kind.LOOSE_EXPORT: default_command("loose-export"),
        }
        self._crew = Crew(commands, self._limits, lambda p, r: self._post(lambda: self._hear(p, r)))
        self._keep_spare = keep_spare
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._spare_due = math.inf
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="pool", daemon=True)
        self._thread.start()

    # ------------------------------------------------ for any thread, at once

    def warm(self) -> None:
        """Start the spare, so that the first document finds a worker waiting."""
        self._post(lambda: self._crew.ensure_spare(Kind.FILES))

    def warm_network(self, document: str = "") -> None:
        """Start a worker that predicts, unless this document has one.

        It takes seconds and half a gigabyte.
        """
        self._post(lambda: self._warm_network((document,)))

    def submit(self, request: Request, listener: Listener, scratch: int | None = None) -> Job:
        """Send `request` to its documents' worker; `listener` hears of it from a pool thread.

        Args:
            request: what is asked.
            listener: hears of it.
            scratch: of an export: the descriptor of the file to be written, which stays open
                until the end has been told. The process is gone by then.
        """
        job = Job(request, listener, lambda job: self._post(lambda: self._cancel(job)), scratch)
        self._post(lambda: self._assign(job))
        if self._is_closed:
            self._drain()
        return job

    def forget(self, document: str) -> None:
        """End the workers of a document that was closed or is to be read anew."""
        self._post(lambda: self._forget(document))

    def close(self) -> None:
        """Cancel everything, end every process and wait until they are gone."""
        self._post(self._close)
        self._thread.join()

    def _post(self, event: Callable[[], None]) -> None:
        self._inbox.put(event)

    # ------------------------------------------------------ in the pool's thread

    def _run(self) -> None:
        try:
            while not self._is_closed:
                self._take_event()
                self.workers = self._crew.infos
        finally:  # also after a bug, a listener's perhaps: nobody may wait for ever
            self._close()
            self._drain()

    def _take_event(self) -> None:
        now = time.monotonic()
        deadlines = (worker.deadline(self._limits(worker.kind)) for worker in self._crew.workers)
        due = min((self._spare_due, *deadlines))
        try:
            event = self._inbox.get(timeout=None if due == math.inf else max(0.0, due - now))
        except Empty:
            self._end_overdue(overslept=time.monotonic() - max(due, now) > 1)
            if self._spare_due <= time.monotonic():
                self._spare_due = math.inf
                self._crew.ensure_spare(Kind.FILES)
        else:
            event()

    def _drain(self) -> None:
        # After the end a request is only told that it is cancelled, in whatever thread.
        with contextlib.suppress(Empty):
            while True:
                self._inbox.get_nowait()()

    def _assign(self, job: Job) -> None:
        if self._is_closed:
            job.end(None)
            return
        self._spare_due = math.inf
        found = None if job.kind.writes else self._crew.find(job.kind, job.documents)
        worker = found or self._crew.serve(job.kind, job.documents, job.scratch)
        if worker.is_idle:
            worker.since = time.monotonic()
        if worker.state in (State.STARTING, State.OPENING):
            worker.cancelled_at = None  # somebody wants it again
            if worker.saying:
                job.progress(Progress(0, text=worker.saying))
        worker.jobs[job.id] = job
        worker.process.send(job.order(self._crew.identities))

    def _warm_network(self, documents: tuple[str, ...]) -> None:
        if not self._is_closed and self._crew.find(Kind.NETWORK, documents) is None:
            self._crew.ensure_spare(Kind.NETWORK)

    def _limits(self, kind: Kind) -> Limits:
        if kind in (Kind.PICTURES, Kind.BUILD):
            return self.folder_limits
        return self.network_limits if kind is Kind.NETWORK else self.limits

    def _cancel(self, job: Job) -> None:
        worker = self._crew.with_job(job.id)
        if worker is None or job.is_cancelled:
            return
        job.is_cancelled = True
        if worker.kind is Kind.NETWORK and not worker.has_served:
            self._withdraw(worker, job)
        elif job.lent and worker.current is not job:
            del worker.jobs[job.id]  # a disk may never answer for what is lent
            job.end(None)
        elif worker.kind.writes:
            worker.end(Cause.CANCELLED)  # what it has written is thrown away
            return
        elif worker.state is State.OPENING and all(j.is_cancelled for j in worker.jobs.values()):
            self._end_at_once(worker, None)  # nothing has begun; the disk may never answer
            return
        worker.process.send(messages.frame(messages.Cancel(job.id)))
        if worker.current is job:
            worker.cancelled_at = time.monotonic()

    def _withdraw(self, worker: Worker, job: Job) -> None:
        """Nobody waits until the frameworks are there; they may be wanted again at once."""
        del worker.jobs[job.id]
        job.end(None)
        if not worker.jobs:
            worker.cancelled_at = time.monotonic()

    def _forget(self, document: str) -> None:
        self._crew.identities.pop(document, None)
        for worker in self._crew.workers:
            is_its = document in worker.documents and not worker.kind.writes
            if is_its and worker.state is not State.ENDING:
                self._end_at_once(worker, None)

    def _close(self) -> None:
        workers, self._crew.workers = self._crew.workers, []
        for worker in workers:
            worker.process.kill()
            for job in worker.jobs.values():
                job.end(None)
        for worker in workers:
            worker.process.join(5)  # longer only when the kernel itself waits for a dead disk
        self._is_closed = True

    # ------------------------------------------------------------ what was heard

    def _hear(self, process: Process, report: Report | Ended) -> None:
        worker = self._crew.of_process(process)
        if worker is None:
            return
        if isinstance(report, Ended):
            self._bury(worker, report)
            return
        if worker.state is State.ENDING:
            return  # what it still says is said again by its successor
        worker.since = time.monotonic()
        match report:
            case messages.Starting(text):
                worker.saying = text
                for job in worker.jobs.values():
                    job.progress(Progress(0, text=text))
            case messages.Ready(libraries):
                self.libraries = libraries or self.libraries
                worker.state = State.OPENING if worker.documents else State.READY
            case messages.Serving(identities):
                worker.state, worker.has_served = State.SERVING, True
                worker.cancelled_at = None
                self._crew.identities.update(zip(worker.documents, identities, strict=False))
            case messages.Refused(failure) if worker.kind.writes:
                worker.outcome = failure.error
                worker.end(Cause.RETIRED)
            case messages.Refused(failure):
                self._end_at_once(worker, failure.error)
            case _:
                self._hear_of_job(worker, worker.jobs.get(report.id), report)

    def _hear_of_job(self, worker: Worker, job: Job | None, report: Report) -> None:
        if job is None:
            return
        match report:
            case messages.Stepping():
                worker.stepping = job.id
                worker.cancelled_at = time.monotonic() if job.is_cancelled else None
            case messages.Progressed(progress=progress):
                job.progress(progress)
            case messages.Delivered(part=part):
                job.deliver(part)
            case messages.Finished(result=result):
                self._finish(worker, job, result)
            case messages.Failed(failure=failure):
                self._finish(worker, job, failure.error)
            case messages.Closed():
                self._finish(worker, job, None)

    def _finish(self, worker: Worker, job: Job, outcome: Result | H5ViewerError | None) -> None:
        if worker.kind.writes:
            worker.outcome = outcome
            worker.end(Cause.RETIRED)  # told when it is gone, and writes no more
            return
        del worker.jobs[job.id]
        if worker.stepping == job.id:
            worker.stepping = worker.cancelled_at = None
        job.end(outcome)
        if not worker.jobs:
            worker.since = time.monotonic()
            self._crew.retire_idle(worker.kind, self._limits(worker.kind).idle_workers)
        if isinstance(job.request, OpenDocument) and isinstance(outcome, H5ViewerError):
            if not worker.jobs:
                self._forget(job.request.document)  # refused: nothing else will be asked
        elif self._keep_spare and not worker.jobs:
            self._spare_due = time.monotonic() + SPARE_SECONDS

    # --------------------------------------------------------------------- ends

    def _end_overdue(self, *, overslept: bool) -> None:
        now = time.monotonic()
        for worker in tuple(self._crew.workers):
            if overslept:  # this program was stopped for a while, not the worker slow
                worker.since = now
            elif worker.deadline(self._limits(worker.kind)) > now:
                continue
            elif worker.state is State.ENDING:
                worker.process.kill()
                self._bury(worker, Ended(None, ""))
            else:
                worker.end(worker.overdue_cause)

    def _end_at_once(self, worker: Worker, outcome: H5ViewerError | None) -> None:
        """End a worker and, without waiting for it, all its jobs."""
        jobs, worker.jobs = worker.jobs, {}
        worker.end(Cause.RETIRED)
        for job in jobs.values():
            job.end(outcome)

    def _bury(self, worker: Worker, ended: Ended) -> None:
        self._crew.workers.remove(worker)
        for job in tuple(worker.jobs.values()):
            if worker.kind.writes:
                job.end(worker.outcome or self._loss(worker, job, ended))
            elif job is worker.current or job.n_retries == MAX_RETRIES or not worker.has_served:
                job.end(self._loss(worker, job, ended))
            elif job.is_cancelled:
                job.end(None)
            else:
                job.start_again()
                self._assign(job)

    def _loss(self, worker: Worker, job: Job, ended: Ended) -> H5ViewerError:
        name = any_of([visible(Path(path).name) for path in job.request.documents])
        if isinstance(job.request, ExportRequest):
            target = visible(Path(job.request.target).name)
            tell = lost.building if worker.kind is Kind.BUILD else lost.exporting
            return tell(name, target, worker.cause, ended, self._limits(worker.kind))
        limits = self._limits(worker.kind)
        if worker.kind is not Kind.NETWORK:
            return lost.reading(name, worker.cause, ended, limits)
        return lost.predicting(name, worker.cause, ended, limits, has_served=worker.has_served)
