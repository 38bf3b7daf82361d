"""What was found in data sets of pictures, in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from h5viewer.names import path_text, plain, visible
from h5viewer.nodes import PictureFinding, PictureReport, Severity
from h5viewer.wording import count_text, plural

TITLES = {
    "nan": "NaN or infinite",
    "blank": "Blank pictures",
    "mixed-range": "Scaled differently",
    "value-range": "Range of values",
    "other-range": "Another range",
    "other-size": "Another size",
    "dtype": "Type of numbers",
    "grey-as-colour": "Grey in colour",
    "bgr": "Red and blue exchanged",
    "labels-out-of-range": "Labels out of range",
    "labels-from-one": "Labels from 1",
    "length-mismatch": "Pictures and labels",
    "empty-class": "Classes without pictures",
    "unknown-class": "Classes never trained",
    "class-balance": "Class balance",
    "sorted-by-class": "Sorted by class",
    "similar-names": "Names of classes",
    "conflicting-labels": "Conflicting labels",
    "exact-duplicates": "Exact duplicates",
    "near-duplicates": "Near duplicates",
    "leakage": "Leakage",
    "shared-pictures": "Shared pictures",
    "same-set": "The same set",
    "slow-batches": "Slow random batches",
    "compression": "Compression",
    "unreadable": "Cannot be read",
}
"""Each kind of finding in two or three words."""

SEVERITIES: tuple[Severity, ...] = ("warning", "note")


def title(finding: PictureFinding) -> str:
    """The kind, for people."""
    return TITLES.get(finding.kind, finding.kind)


def count(findings: Sequence[PictureFinding], severity: Severity) -> int:
    """Findings of one severity."""
    return sum(finding.severity == severity for finding in findings)


def sentence(report: PictureReport) -> str:
    """The report in one sentence."""
    sets = plural(len(report.sets), "data set")
    what = f"{plural(n_samples(report), 'picture')} in {sets} looked at"
    found = ", ".join(
        plural(n, severity) for severity in SEVERITIES if (n := count(report.findings, severity))
    )
    return f"{what}: {found or 'nothing found'}."


def n_samples(report: PictureReport) -> int:
    """Pictures of all sets."""
    return sum(each.n_pictures for each in report.sets)


def class_counts(report: PictureReport) -> dict[str, int]:
    """Pictures of each class, of all sets together."""
    total: Counter[str] = Counter()
    for each in report.counts:
        for name, number in zip(each.names, each.counts, strict=True):
            total[name] += number
    return dict(total)


def set_text(report: PictureReport, number: int) -> str:
    """Which set, in a few words: with its file where there are several."""
    pictures = report.sets[number]
    name = visible(path_text(pictures.node), 80)
    return f"{name} of {report.files[number]}" if len(set(report.files)) > 1 else name


def facts(report: PictureReport, number: int) -> str:
    """How many pictures of which classes."""
    pictures, counts = report.sets[number], report.counts[number]
    layout = pictures.layout
    parts = [
        plural(pictures.n_pictures, "picture"),
        f"{layout.width} × {layout.height}",
        f"{plural(layout.channels, 'channel')} of {pictures.dtype}",
    ]
    if counts.names:
        parts.append(plural(len(counts.names), "class", "classes"))
    return ", ".join(parts)


def to_json(report: PictureReport) -> dict[str, Any]:
    """For programs."""
    return {
        "samples": n_samples(report),
        "classes": {plain(name): number for name, number in class_counts(report).items()},
        "findings": [_finding(each) for each in report.findings],
        "sets": [_set(report, number) for number in range(len(report.sets))],
        "limits": list(report.limits),
    }


def _finding(finding: PictureFinding) -> dict[str, Any]:
    value = finding.value
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "value": int(value) if value == int(value) else value,
        "indices": list(finding.indices),
        "message": plain(finding.message),
        "set": finding.set_index,
        "others": [{"set": number, "index": index} for number, index in finding.others],
    }


def _set(report: PictureReport, number: int) -> dict[str, Any]:
    pictures, counts = report.sets[number], report.counts[number]
    return {
        "file": plain(report.files[number]),
        "dataset": path_text(pictures.node),
        "labels": None if pictures.labels is None else path_text(pictures.labels),
        "split": pictures.split or None,
        "samples": pictures.n_pictures,
        "classes": {
            plain(name): number for name, number in zip(counts.names, counts.counts, strict=True)
        },
        "without_label": counts.n_without,
    }


def text(report: PictureReport) -> str:
    """The whole report as text, for the clipboard."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: PictureReport) -> Iterator[str]:
    yield sentence(report)
    for number in range(len(report.sets)):
        yield f"{set_text(report, number)}: {facts(report, number)}"
    for finding in report.findings:
        yield f"{finding.severity}: {title(finding)}: {finding.message}{indices_text(finding)}"
    yield from report.limits


def indices_text(finding: PictureFinding, most: int = 10) -> str:
    """The first pictures it is about: " Pictures 3, 17, 20 and more."; empty without any."""
    if not finding.indices:
        return ""
    shown = ", ".join(count_text(index) for index in finding.indices[:most])
    word = "Picture" if len(finding.indices) == 1 else "Pictures"
    return f" {word} {shown}{' and more' if len(finding.indices) > most else ''}."
