"""`h5v dataset check`: what is wrong with data sets of pictures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from h5viewer import picture_report
from h5viewer.names import visible
from h5viewer.nodes import ClassCounts, PictureReport, Severity
from h5viewer.requests import CheckPictures
from h5viewer.terminal import screen
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool, ask

_STYLES: dict[Severity, str] = {"warning": "yellow", "note": "dim"}
_MOST_CLASSES = 20


def check_pictures(pool: Pool, paths: Sequence[str]) -> PictureReport:
    """The report on files that belong together.

    Raises:
        H5ViewerError: one cannot be read, or holds no pictures.
    """
    with screen.progress("Looking at pictures") as show:
        request = CheckPictures(document=paths[0], others=tuple(paths[1:]))
        report = ask(pool, request, on_progress=show)
    assert isinstance(report, PictureReport)
    return report


def print_report(console: Console, report: PictureReport) -> None:
    """Sentence, the sets with their classes, findings."""
    console.print(Text(picture_report.sentence(report), "bold"))
    for number, counts in enumerate(report.counts):
        name = picture_report.set_text(report, number)
        console.print(Text(f"{name}: ", "bold"), Text(picture_report.facts(report, number)), sep="")
        _print_classes(console, counts)
    for finding in report.findings:
        where = picture_report.set_text(report, finding.set_index)
        message = f"{finding.message}{picture_report.indices_text(finding)}"
        console.print(
            Text(f"{finding.severity:<8} ", _STYLES[finding.severity])
            + Text(f"{where}: ", "bold")
            + Text(visible(message, 2000))
        )
    for limit in report.limits:
        console.print(Text(limit, "dim"))


def _print_classes(console: Console, counts: ClassCounts) -> None:
    pairs = list(zip(counts.names, counts.counts, strict=True))
    for name, number in pairs[:_MOST_CLASSES]:
        console.print(Text(f"  {visible(name, 60)}: {count_text(number)}"))
    if len(pairs) > _MOST_CLASSES:
        console.print(Text(f"  and {count_text(len(pairs) - _MOST_CLASSES)} more classes", "dim"))
