"""A health report in words and as JSON, for `h5v check` and for the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from h5viewer.names import plain, visible
from h5viewer.nodes import Gravity, HealthFinding, HealthReport
from h5viewer.wording import bytes_text, plural

GRAVITIES: tuple[Gravity, ...] = ("serious", "warning", "note")

HEADINGS: dict[Gravity, str] = {"serious": "Serious", "warning": "Warnings", "note": "Notes"}


def count(findings: Sequence[HealthFinding], gravity: Gravity) -> int:
    """Findings of one gravity."""
    return sum(finding.gravity == gravity for finding in findings)


def is_healthy(findings: Sequence[HealthFinding]) -> bool:
    """True when there is nothing but notes."""
    return all(finding.gravity == "note" for finding in findings)


def counted(findings: Sequence[HealthFinding]) -> str:
    """As "2 serious findings, 3 warnings, 1 note"; empty when there is none."""
    words = {"serious": "serious finding", "warning": "warning", "note": "note"}
    numbers = {gravity: count(findings, gravity) for gravity in GRAVITIES}
    return ", ".join(plural(n, words[gravity]) for gravity, n in numbers.items() if n)


def sentence(report: HealthReport) -> str:
    """The report in one sentence."""
    if not report.n_weights:
        return counted(report.findings) or "There are no weights to look at."
    what = f"{plural(report.n_weights, 'weight')} in {plural(report.n_layers, 'layer')}"
    found = counted(report.findings) or "nothing found"
    if is_healthy(report.findings):
        return f"Healthy: {what} looked at, {found}."
    return f"{found[0].upper()}{found[1:]}: {what} looked at."


def scope(report: HealthReport) -> str:
    """What was looked at, and what in part only."""
    return " ".join([f"{bytes_text(report.n_bytes)} of values read.", *report.limits])


def place(finding: HealthFinding) -> str:
    """Where it is, as one line: "dense_1 / kernel"."""
    parts = [visible(part, 120) for part in (finding.layer, finding.weight) if part]
    return " / ".join(parts)


def text(title: str, report: HealthReport) -> str:
    """The whole report as text, for the clipboard."""
    return "\n".join(_lines(title, report)) + "\n"


def to_json(report: HealthReport) -> dict[str, Any]:
    """The object that `h5v check --json` prints; the README documents it."""
    return {
        "findings": [
            {
                "severity": finding.gravity,
                "kind": finding.kind,
                "layer": plain(finding.layer) or None,
                "weight": plain(finding.weight) or None,
                "value": finding.value,
                "threshold": finding.threshold,
                "message": finding.message,
            }
            for finding in report.findings
        ]
    }


def _lines(title: str, report: HealthReport) -> Iterator[str]:
    yield title
    yield sentence(report)
    yield scope(report)
    for gravity in GRAVITIES:
        findings = [each for each in report.findings if each.gravity == gravity]
        if findings:
            yield ""
            yield HEADINGS[gravity]
        for finding in findings:
            where = place(finding)
            yield f"- {finding.title}: {f'{where}: ' if where else ''}{finding.message}"
    explained = {each.kind: each for each in report.findings}
    for finding in explained.values():
        yield ""
        yield f"{finding.title}: {finding.meaning}"
        yield f"{finding.quantity}, threshold {number_text(finding.threshold)}. {finding.source}"


def number_text(number: float) -> str:
    """A value or threshold in at most four figures; counts in full."""
    if float(number).is_integer() and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:.4g}"
