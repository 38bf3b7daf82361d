"""What the pool knows of one worker process, and until when it waits for it."""

from __future__ import annotations

import math
import time
from enum import Enum, auto

import msgspec

from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Result
from h5viewer.workers.jobs import Job
from h5viewer.workers.kinds import Kind
from h5viewer.workers.limits import Limits
from h5viewer.workers.lost import Cause
from h5viewer.workers.process import Process

KILLING_SECONDS = 1.0
"""How long a process may take to die; longer only when the kernel waits for a dead disk."""


class State(Enum):
    """A worker's life, in this order."""

    STARTING = auto()
    READY = auto()  # the spare
    OPENING = auto()
    SERVING = auto()
    ENDING = auto()


class Worker(msgspec.Struct, eq=False):
    """One worker; belongs to the pool's thread."""

    process: Process
    kind: Kind = Kind.FILES
    documents: tuple[str, ...] = ()  # none: the spare
    state: State = State.STARTING
    since: float = msgspec.field(default_factory=time.monotonic)
    """Last heard of, or given something."""

    has_served: bool = False
    jobs: dict[int, Job] = {}
    stepping: int | None = None  # the job it is at
    cancelled_at: float | None = None  # when that job was cancelled, or all before it served
    saying: str = ""  # what it does while it starts
    outcome: Result | H5ViewerError | None = None  # of an export, told when its process is gone
    cause: Cause = Cause.CRASH  # why it is ended, when we do it

    @property
    def current(self) -> Job | None:
        """The job it is at."""
        return None if self.stepping is None else self.jobs.get(self.stepping)

    @property
    def is_idle(self) -> bool:
        """True when it serves its documents and has nothing to do."""
        return self.state is State.SERVING and not self.jobs

    def deadline(self, limits: Limits) -> float:
        """When the pool's patience ends, in monotonic time."""
        match self.state:
            case State.ENDING:
                return self.since + KILLING_SECONDS
            case State.STARTING:
                due = self.since + limits.start_seconds
            case State.OPENING:
                due = self.since + limits.open_seconds
            case State.SERVING if self.jobs:
                due = self.since + limits.step_seconds
            case _:
                return math.inf
        if self.cancelled_at is not None:
            due = min(due, self.cancelled_at + limits.cancel_seconds)
        return due

    @property
    def overdue_cause(self) -> Cause:
        """What to say when the deadline has passed."""
        if self.cancelled_at is not None:
            return Cause.CANCELLED
        if self.state is State.STARTING:
            return Cause.SLOW_START
        return Cause.SLOW_OPEN if self.state is State.OPENING else Cause.SLOW_STEP

    def end(self, cause: Cause) -> None:
        """Kill it; how it ended is heard later."""
        self.state, self.cause, self.since = State.ENDING, cause, time.monotonic()
        self.process.kill(with_last_words=cause is Cause.SLOW_STEP)
