"""The two streams of a terminal program, and names from files on them.

Text from a file is made visible first (no control character reaches the terminal) and
then printed as it is: rich reads no markup in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TextIO

from rich.console import COLOR_SYSTEMS, Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.style import Style
from rich.text import Text

from h5viewer.names import visible
from h5viewer.requests import Progress as Done

PATIENCE = 0.5
"""Seconds before a progress bar appears."""

Piece = tuple[str, str]
"""Text, and the style it is shown in."""

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


def line_writer(console: Console) -> Callable[[Sequence[Piece]], None]:
    """What writes a line; rich's own printing takes 60 µs for each of 200,000."""
    write = console.file.write
    if console.legacy_windows:
        return lambda line: console.print(Text.assemble(*line))
    if not console.is_terminal or console.color_system is None:
        return lambda line: _write_plain(write, line)
    system = COLOR_SYSTEMS[console.color_system]

    def paint(text: str, name: str) -> str:
        if not name:
            return text
        style = Style.parse(name)
        style = style.without_color if console.no_color else style
        return style.render(text, color_system=system)

    return lambda line: _write_plain(write, [(paint(*piece), "") for piece in line])


def _write_plain(write: Callable[[str], int], line: Sequence[Piece]) -> None:
    write("".join([text for text, _ in line]) + "\n")


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
        yield lambda done: bar.update(
            task, completed=done.done, total=done.total or None, description=done.text or what
        )


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
