"""What every command begins and ends with: a worker, a document, JSON on standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from h5viewer.errors import H5ViewerError
from h5viewer.names import plain, visible
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool, ask


@contextmanager
def worker(*, warm: bool = True) -> Iterator[Pool]:
    """One worker process, started at once: the block loads what prints while it starts."""
    pool = Pool(keep_spare=False)
    if warm:
        pool.warm()
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def network_worker() -> Iterator[Pool]:
    """One that loads Keras, for commands that ask a network."""
    pool = Pool(keep_spare=False)
    pool.warm_network()
    try:
        yield pool
    finally:
        pool.close()


def opened(pool: Pool, file: str) -> Document:
    """The document of a file as it was typed."""
    from h5viewer.terminal import screen

    with screen.progress("Opening") as show:
        document = ask(pool, OpenDocument(document=absolute(file)), on_progress=show)
    assert isinstance(document, Document)
    return document


def absolute(file: str) -> str:
    """The absolute path of a file as it was typed."""
    return os.path.abspath(file)  # noqa: PTH100  # pathlib would resolve links: not what was typed


@contextmanager
def refusals(*, as_json: bool, code: int) -> Iterator[None]:
    """A refusal ends the command with this exit code: a sentence, and JSON where that was asked."""
    try:
        yield
    except H5ViewerError as error:
        if as_json:
            from h5viewer import summary

            write_json(summary.to_json(summary.refusal(error)))
        explain(error)
        raise click.exceptions.Exit(code) from error


def explain(error: H5ViewerError) -> None:
    """What happened and what to do, on standard error."""
    sentences = [visible(error.message, 2000), visible(error.hint, 2000)]
    click.echo(" ".join(filter(None, sentences)), err=True)


def write_object(value: dict[str, Any]) -> None:
    """One JSON object on standard output, on several lines where a person reads it."""
    from h5viewer import summary

    write_json(summary.to_json(value, indent=json_indent()))


def json_indent() -> int | None:
    """Spaces before what is inside something else; None, all on one line: for programs."""
    return 2 if sys.stdout.isatty() else None


def write_json(text: str) -> None:
    """One JSON text on standard output: UTF-8 everywhere."""
    sys.stdout.buffer.write(plain(text).encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()
