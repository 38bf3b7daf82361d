"""`h5v check`: what is wrong with the weights of a network."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from h5viewer import health_report
from h5viewer.names import visible
from h5viewer.nodes import Gravity, HealthFinding, HealthReport
from h5viewer.requests import CheckHealth
from h5viewer.terminal import screen
from h5viewer.workers.pool import Pool, ask

_STYLES: dict[Gravity, str] = {"serious": "bold red", "warning": "yellow", "note": "dim"}


def check_health(pool: Pool, path: str) -> HealthReport:
    """The report on one file.

    Raises:
        H5ViewerError: it cannot be read, or holds no network.
    """
    with screen.progress("Checking weights") as show:
        report = ask(pool, CheckHealth(document=path), on_progress=show)
    assert isinstance(report, HealthReport)
    return report


def print_report(console: Console, name: str, report: HealthReport) -> None:
    """Sentence, findings, and what each kind of them means, once."""
    console.print(Text(visible(name), "bold"), Text(health_report.sentence(report)))
    console.print(Text(health_report.scope(report), "dim"))
    for finding in report.findings:
        _print_finding(console, finding)
    for finding in {each.kind: each for each in report.findings}.values():
        console.print()
        console.print(Text(f"{finding.title}. ", "bold") + Text(finding.meaning))
        threshold = health_report.number_text(finding.threshold)
        console.print(Text(f"{finding.quantity}, threshold {threshold}. {finding.source}", "dim"))


def _print_finding(console: Console, finding: HealthFinding) -> None:
    style = _STYLES[finding.gravity]
    where = health_report.place(finding)
    console.print(
        Text(f"{finding.gravity:<8} ", style)
        + Text(f"{where}: " if where else "", "bold")
        + Text(visible(finding.message, 1000))
    )
