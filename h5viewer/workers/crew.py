"""The worker processes that there are, and which of them serves which documents."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from h5viewer.nodes import Identity
from h5viewer.workers import messages
from h5viewer.workers.kinds import Kind
from h5viewer.workers.limits import Limits
from h5viewer.workers.lost import Cause
from h5viewer.workers.messages import Report
from h5viewer.workers.process import Ended, Process
from h5viewer.workers.worker import State, Worker


class WorkerInfo(NamedTuple):
    """A worker process, for tests and the About box."""

    pid: int | None
    documents: tuple[str, ...]  # none: the spare; several: compared or merged
    n_requests: int
    kind: Kind = Kind.FILES

    @property
    def document(self) -> str | None:
        """The first, as nearly every worker serves one; None: the spare."""
        return self.documents[0] if self.documents else None


class Crew:
    """Starts workers, gives them documents, sends idle ones home; the pool's thread's alone."""

    def __init__(
        self,
        commands: dict[Kind, list[str]],
        limits: Callable[[Kind], Limits],
        hear: Callable[[Process, Report | Ended], None],
    ) -> None:
        """Start nothing yet.

        Args:
            commands: the command line of a worker of each kind.
            limits: what one of a kind may take, asked anew for each.
            hear: is told what a process says, in a thread of the process.
        """
        self.workers: list[Worker] = []
        self.identities: dict[str, Identity] = {}  # of documents that were opened
        self._commands = commands
        self._limits = limits
        self._hear = hear

    @property
    def infos(self) -> tuple[WorkerInfo, ...]:
        """All of them, for others to look at."""
        return tuple(
            WorkerInfo(worker.process.pid, worker.documents, len(worker.jobs), worker.kind)
            for worker in self.workers
        )

    def of_process(self, process: Process) -> Worker | None:
        """The worker that this process is."""
        return next((worker for worker in self.workers if worker.process is process), None)

    def with_job(self, number: int) -> Worker | None:
        """The worker that has this job."""
        return next((worker for worker in self.workers if number in worker.jobs), None)

    def find(self, kind: Kind, documents: tuple[str, ...] = ()) -> Worker | None:
        """The worker of exactly these documents; of none the spare."""
        for worker in self.workers:
            is_meant = (worker.kind, worker.documents) == (kind, documents)
            if is_meant and worker.state is not State.ENDING:
                return worker
        return None

    def serve(self, kind: Kind, documents: tuple[str, ...], scratch: int | None) -> Worker:
        """A worker that opens these documents: the spare or a new one."""
        limits = self._limits(kind)
        self.retire_idle(kind, limits.idle_workers - 1)
        worker = self.find(kind) or self._start(kind, scratch)
        worker.documents = documents
        worker.since = time.monotonic()
        if worker.state is State.READY:
            worker.state = State.OPENING
        serve = messages.Serve(
            tuple(os.fsencode(document) for document in documents),
            limits.memory,
            limits.step_seconds,
            tuple(self.identities.get(document) for document in documents),
        )
        worker.process.send(messages.frame(serve))
        return worker

    def ensure_spare(self, kind: Kind) -> None:
        """Start a worker without documents, unless there is one."""
        if self.find(kind) is None:
            self._start(kind)

    def _start(self, kind: Kind, scratch: int | None = None) -> Worker:
        process = Process(
            self._commands[kind], self._hear, scratch, can_borrow=kind is Kind.NETWORK
        )
        worker = Worker(process, kind)
        self.workers.append(worker)
        return worker

    def retire_idle(self, kind: Kind, n_kept: int) -> None:
        """End those that have been idle longest."""
        idle = [worker for worker in self.workers if worker.is_idle and worker.kind is kind]
        idle.sort(key=lambda worker: worker.since)
        for worker in idle[: max(0, len(idle) - n_kept)]:
            worker.end(Cause.RETIRED)
