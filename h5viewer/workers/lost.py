"""The sentence for a worker that is no more."""

from __future__ import annotations

from enum import Enum, auto

from h5viewer.errors import WorkerLost
from h5viewer.workers.limits import Limits
from h5viewer.workers.process import Ended


class Cause(Enum):
    """Why a worker ends."""

    CRASH = auto()  # not our doing
    SLOW_START = auto()
    SLOW_OPEN = auto()
    SLOW_STEP = auto()
    CANCELLED = auto()  # a cancelled request did not come to its next yield
    RETIRED = auto()  # not needed any more


def reading(name: str, cause: Cause, ended: Ended, limits: Limits) -> WorkerLost:
    """What to tell whoever asked about the file called `name`."""
    message, hint = _reading(name, cause, ended, limits)
    return WorkerLost(message, hint=hint, details=_details(ended))


def exporting(name: str, target: str, cause: Cause, ended: Ended, limits: Limits) -> WorkerLost:
    """What to tell whoever wanted `target` to be made of the file called `name`."""
    match cause:
        case Cause.SLOW_OPEN | Cause.SLOW_START:
            why, hint = _reading(name, cause, ended, limits)
            message = f"{target} was not saved. {why}"
        case Cause.SLOW_STEP:
            message = f"{target} was not saved: writing it stood still and was stopped."
            hint = "The disk may not be answering, or the file be damaged. Try again."
        case _ if ended.code is None:
            message = f"{target} was not saved: the writing process could not be started."
            hint = "h5viewer may have to be installed again."
        case _:
            message = f"{target} was not saved: the process that wrote it ended in the middle."
            hint = f"Nothing was left behind, and {name} is as it was. Try again."
    return WorkerLost(message, hint=hint, details=_details(ended))


def building(name: str, target: str, cause: Cause, ended: Ended, limits: Limits) -> WorkerLost:
    """What to tell whoever wanted `target` to be made of the pictures in the folder `name`."""
    error = exporting(name, target, cause, ended, limits)
    if cause is Cause.CRASH and ended.code is not None:
        error.hint = (
            "Nothing was left behind. "
            f"A picture in {name} may be damaged in a way that what decodes it does not survive."
        )
    elif cause is Cause.SLOW_STEP:
        error.hint = f"The disk or network that {name} is on may not be answering. Try again."
    return error


def predicting(
    name: str, cause: Cause, ended: Ended, limits: Limits, *, has_served: bool
) -> WorkerLost:
    """What to tell whoever asked something of the network in the file called `name`."""
    message, hint = _predicting(name, cause, ended, limits, has_served)
    return WorkerLost(message, hint=hint, details=_details(ended))


def _reading(name: str, cause: Cause, ended: Ended, limits: Limits) -> tuple[str, str]:
    match cause:
        case Cause.SLOW_OPEN:
            return (
                f"{name} did not open within {limits.open_seconds:g} seconds.",
                "The disk or network it is on may not be answering. Try again later.",
            )
        case Cause.SLOW_STEP:
            return (
                f"Reading {name} took longer than {limits.step_seconds:g} seconds and was stopped.",
                "This part of the file is probably damaged; the rest can still be shown.",
            )
        case Cause.SLOW_START:
            return (
                f"{name} could not be read: the reading process did not start in time.",
                "The computer may be very busy. Try again.",
            )
        case Cause.CANCELLED | Cause.RETIRED:
            return f"Reading {name} was stopped.", "Try again."
    if ended.code is None:
        return (
            f"{name} could not be read: the reading process could not be started.",
            "h5viewer may have to be installed again.",
        )
    if ended.signal_name == "SIGKILL":
        return (
            f"Reading {name} was ended by the system, perhaps for lack of memory.",
            "Close other programs and try again.",
        )
    return (
        f"Reading {name} ended in a crash of the reading process.",
        "This part of the file is probably damaged; the rest can still be shown.",
    )


def _predicting(
    name: str, cause: Cause, ended: Ended, limits: Limits, has_served: bool
) -> tuple[str, str]:
    match cause:
        case Cause.SLOW_OPEN:
            return _reading(name, cause, ended, limits)
        case Cause.SLOW_STEP:
            return (
                f"The network of {name} took longer than {limits.step_seconds:g} seconds "
                "at one step and was stopped.",
                "It may be too large for this computer, or never come to an end.",
            )
        case Cause.SLOW_START:
            return (
                f"The network of {name} could not be loaded: "
                f"what runs it did not start within {limits.start_seconds:g} seconds.",
                "The computer may be very busy. Try again.",
            )
        case Cause.CANCELLED | Cause.RETIRED:
            return f"The network of {name} was stopped.", "Try again."
    if ended.code is None:
        return (
            f"The network of {name} could not be loaded: the process for it did not start.",
            "h5viewer may have to be installed again.",
        )
    if ended.signal_name == "SIGKILL":
        return (
            f"The network of {name} was stopped by the system, perhaps for lack of memory.",
            "Close other programs and try again.",
        )
    if not has_served:
        return (
            f"The network of {name} could not be loaded: what runs it crashed while it started.",
            "TensorFlow may have to be installed again.",
        )
    return (
        f"The network of {name} ended in a crash of the process that ran it.",
        "It may need more memory than it is given. The file can still be looked at, and another "
        "picture may work.",
    )


def _details(ended: Ended) -> str:
    how = "" if ended.code is None else ended.signal_name or f"exit code {ended.code}"
    return "\n".join(filter(None, (how, ended.broken, ended.last_words)))
