"""`h5v repair`: a network written as a file that today's Keras opens."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from h5viewer.errors import CannotWrite
from h5viewer.file_writing import writing
from h5viewer.names import visible
from h5viewer.nodes import FileBytes, Part, Repaired
from h5viewer.requests import RepairNetwork
from h5viewer.summary import Json
from h5viewer.terminal import screen
from h5viewer.terminal.architecture import architecture_for
from h5viewer.terminal.consent import consent_for
from h5viewer.terminal.export import require_free
from h5viewer.wording import bytes_text, plural
from h5viewer.workers.pool import Pool, ask


def write_repaired(
    pool: Pool,
    source: str,
    target: str,
    *,
    may_replace: bool,
    code: Sequence[str] = (),
    architecture: str = "",
    compiles: bool = True,
) -> Repaired:
    """Write the file.

    Args:
        code: see `consent_for`.
        architecture: see `architecture_for`.
        compiles: with the loss and the optimizer that the file states.

    Raises:
        H5ViewerError: the target is the source or exists, or the network cannot be written.
    """
    path = Path(target)
    if path.suffix != ".keras":
        raise CannotWrite(
            f"{visible(path.name)} would not be opened by Keras: the name has to end in .keras."
        )
    require_free(path, may_replace=may_replace)
    with closing(writing(path, source, may_replace=may_replace)) as file:
        next(file)  # refuses a target that must not be written before anything is asked
        given = architecture_for(pool, source, architecture)
        consent = consent_for(pool, source, code=code, architecture=given)

        def keep(part: Part) -> None:
            if isinstance(part, FileBytes):
                file.send(part.data)

        with screen.progress("Repairing") as show:
            done = ask(
                pool, RepairNetwork(document=source, consent=consent, compiles=compiles), keep, show
            )
        assert isinstance(done, Repaired)
        file.send(None)
    return done


def sentences(source: str, target: str, done: Repaired) -> list[str]:
    """What was written and what was repaired for it; then what is not as in the file."""
    made = plural(len(done.findings), "repair") if done.findings else "no repair needed"
    said = (
        f"{visible(target)} ({bytes_text(done.n_bytes)}) holds the network of {visible(source)}: "
        f"{made}, and plain Keras opens it and answers alike."
    )
    more = [done.training] if done.training else []
    return [said, *more, *(visible(each, 1000) for each in done.warnings)]


def to_json(source: str, target: str, done: Repaired) -> Json:
    """The same as an object, as of every export; `verified` by what plain Keras answers."""
    return {
        "target": target,
        "bytes_before": Path(source).stat().st_size,
        "bytes_after": done.n_bytes,
        "weights": done.n_weights,
        "verified": done.n_weights,
        "notes": sentences(Path(source).name, Path(target).name, done),
    }
