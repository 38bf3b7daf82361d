"""Findings as lines of a table: a heading a gravity, many of one kind folded into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

import msgspec

from h5viewer.health_report import GRAVITIES
from h5viewer.nodes import Gravity, HealthFinding

MOST_UNFOLDED = 3
"""Findings of one kind that are listed without a line above them."""

MOST_OPEN = 30
"""Findings in all, beyond which folds are closed until the user opens them."""


FoldKey = tuple[Gravity, str]


class Heading(msgspec.Struct, frozen=True):
    """The line above all findings of one gravity."""

    gravity: Gravity
    n_findings: int


class Fold(msgspec.Struct, frozen=True):
    """The line that stands for many findings of one kind."""

    gravity: Gravity
    first: HealthFinding
    n_findings: int
    is_open: bool

    @property
    def key(self) -> FoldKey:
        """What the user opens and closes."""
        return self.gravity, self.first.kind


class FindingLine(msgspec.Struct, frozen=True):
    """One finding; `is_inside` below a fold."""

    finding: HealthFinding
    is_inside: bool = False


Line = Heading | Fold | FindingLine


def lines(findings: Sequence[HealthFinding], turned: Set[FoldKey] = frozenset()) -> Iterator[Line]:
    """Every line to show; `turned` are the folds that the user has opened, or closed."""
    starts_open = len(findings) <= MOST_OPEN
    for gravity in GRAVITIES:
        alike = [each for each in findings if each.gravity == gravity]
        if alike:
            yield Heading(gravity, len(alike))
        by_kind: dict[str, list[HealthFinding]] = {}
        for finding in alike:
            by_kind.setdefault(finding.kind, []).append(finding)
        for kind, same in by_kind.items():
            if len(same) <= MOST_UNFOLDED:
                yield from (FindingLine(each) for each in same)
                continue
            is_open = ((gravity, kind) in turned) != starts_open
            yield Fold(gravity, same[0], len(same), is_open)
            if is_open:
                yield from (FindingLine(each, is_inside=True) for each in same)
