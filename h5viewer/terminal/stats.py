"""`h5v stats`: every weight with its numbers, as a table, JSON or CSV."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5viewer.names import plain, visible
from h5viewer.nodes import Document, Part, WeightRow, WeightRows, WeightSummaries, WeightSummary
from h5viewer.requests import TabulateWeights
from h5viewer.terminal import screen
from h5viewer.terminal.screen import shown
from h5viewer.weight_sheet import Pair
from h5viewer.wording import UNKNOWN, bytes_text, count_text, plural, shape_text
from h5viewer.workers.pool import Pool, ask

_HEADINGS = ("Layer", "Weight", "Shape", "Type", "Bytes", "Min", "Max", "Mean", "Std", "Norm")
_COUNTS = ("Zeros", "NaN", "Inf")
_MOST_REASONS = 50


def read_weights(pool: Pool, document: Document, *, with_state: bool) -> list[Pair]:
    """Every weight of the document, in the order of the layers.

    Raises:
        H5ViewerError: the file cannot be read.
    """
    rows: list[WeightRow] = []
    summaries: dict[int, WeightSummary] = {}

    def keep(part: Part) -> None:
        if isinstance(part, WeightRows):
            rows.extend(part.rows)
        elif isinstance(part, WeightSummaries):
            summaries.update({each.row: each for each in part.summaries})

    request = TabulateWeights(document=document.path, with_state=with_state)
    with screen.progress("Reading weights") as show:
        ask(pool, request, keep, show)
    return [(row, summaries.get(number)) for number, row in enumerate(rows)]


def write_pieces(pieces: Iterable[str]) -> None:
    """UTF-8 whatever the terminal speaks; names that are no text are spelled out."""
    for piece in pieces:
        sys.stdout.buffer.write(plain(piece).encode("utf-8"))
    sys.stdout.buffer.flush()


def print_weights(console: Console, document: Document, pairs: Sequence[Pair]) -> None:
    """The table, and why weights have no numbers."""
    n_bytes = sum(row.n_bytes for row, _ in pairs)
    what = f"{plural(len(pairs), 'weight')}, {bytes_text(n_bytes)}"
    console.print(Text(document.title, "bold"), Text(what, "dim"))
    if not pairs:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (*_HEADINGS, *_COUNTS):
        is_text = heading in _HEADINGS[:4]
        table.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    for row, summary in pairs:
        table.add_row(*_cells(row, summary))
    console.print(table)
    print_reasons(console, pairs)


def print_reasons(console: Console, pairs: Iterable[Pair]) -> None:
    """One line for each weight that was not read."""
    refused = [(row, summary.reason) for row, summary in pairs if summary and summary.reason]
    for row, reason in refused[:_MOST_REASONS]:
        where = visible(f"{row.layer}/{row.name}" if row.layer else row.name)
        console.print(Text(f"{where}: ", "bold") + Text(visible(reason), "yellow"))
    if len(refused) > _MOST_REASONS:
        console.print(f"… and {plural(len(refused) - _MOST_REASONS, 'more weight')} not read.")


def _cells(row: WeightRow, summary: WeightSummary | None) -> Iterator[Text]:
    yield shown(row.layer)
    yield shown(row.name)
    yield Text(shape_text(row.shape))
    yield shown(row.dtype)
    yield Text(count_text(row.n_bytes))
    if summary is None or summary.reason:
        yield from [Text(UNKNOWN)] * (len(_HEADINGS) + len(_COUNTS) - 5)
        return
    numbers = (summary.minimum, summary.maximum, summary.mean, summary.std, summary.norm)
    yield from (Text(_number(value)) for value in numbers)
    yield _count(summary.n_zero, is_odd=summary.n_zero == _n_elements(row) > 1)
    yield _count(summary.n_nan, is_odd=summary.n_nan > 0)
    yield _count(summary.n_infinite, is_odd=summary.n_infinite > 0)


def _number(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.4g}"


def _count(count: int, *, is_odd: bool) -> Text:
    return Text(count_text(count), "yellow" if is_odd else "" if count else "dim")


def _n_elements(row: WeightRow) -> int:
    return 0 if row.shape is None else math.prod(row.shape)
