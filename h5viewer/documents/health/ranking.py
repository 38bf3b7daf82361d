"""The order of a report: the gravest first, each layer once for the same thing."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.nodes import Gravity, HealthFinding

MOST_FINDINGS = 1000

_RANKS: dict[Gravity, int] = {"serious": 0, "warning": 1, "note": 2}


def ranked(findings: Sequence[HealthFinding]) -> tuple[HealthFinding, ...]:
    """The gravest first, of one gravity the same kinds together, else as they came."""
    kinds = {kind: place for place, kind in enumerate(dict.fromkeys(f.kind for f in findings))}
    order = sorted(findings, key=lambda found: (_RANKS[found.gravity], kinds[found.kind]))
    return tuple(order)
