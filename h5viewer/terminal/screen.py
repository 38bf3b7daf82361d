"""The two streams of a terminal program, and names from files on them.

Text from a file is made visible first (no control character reaches the terminal) and
then printed as it is: rich reads no markup in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from h5viewer.names import visible
from h5viewer.requests import Progress as Done

PATIENCE = 0.5
"""Seconds before a progress bar appears."""

_WIDE = 10_000  # columns of a pipe: nothing is folded or cut


def errors() -> Console:
    """Standard error, likewise."""
    return _console(sys.stderr)


def output() -> Console:
    """Standard output; without colours and without folding in a pipe."""
    return _console(sys.stdout)


def shown(name: bytes | str, style: str = "") -> Text:
    """A name from a file as one line of text."""
    return Text(visible(name), style)


@contextmanager
def progress(what: str) -> Iterator[Callable[[Done], None]]:
    """A bar on standard error while the block waits long; nothing where that is no terminal."""
    with ExitStack() as stack:
        update: Callable[[Done], None] = _no_bar
        started = time.monotonic()

        def show(done: Done) -> None:
            nonlocal update
            if update is _no_bar and _is_terminal(sys.stderr):
                if time.monotonic() - started < PATIENCE:
                    return
                update = stack.enter_context(_bar(what))
            update(done)

        yield show


@contextmanager
def _bar(what: str) -> Iterator[Callable[[Done], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done.done, total=done.total or None)


def _no_bar(_: Done) -> None:
    """Too early, or no terminal."""


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _console(stream: TextIO) -> Console:
    return Console(
        file=stream,
        width=None if _is_terminal(stream) else _WIDE,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
    )
