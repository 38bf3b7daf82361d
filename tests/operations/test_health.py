"""The health report finds what is planted, where it is, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from decoding import opened, run
from planted_faults import BASES, PLANTED

from h5viewer.nodes import HealthReport
from h5viewer.operations.health import check_health
from h5viewer.requests import CheckHealth


def report_on(path: Path) -> HealthReport:
    asked = CheckHealth(document=str(path))
    return opened(path, lambda container: run(check_health(asked, container))[0])


def places(report: HealthReport) -> list[tuple[str, str | None, str | None]]:
    return [(each.kind, each.layer or None, each.weight or None) for each in report.findings]


@pytest.mark.parametrize("name", BASES)
def test_a_healthy_trained_network_has_no_finding(name: str, tmp_path: Path) -> None:
    BASES[name](tmp_path / "healthy.h5")
    report = report_on(tmp_path / "healthy.h5")
    assert report.findings == ()
    assert report.n_weights > 2
    assert report.n_bytes > 10_000


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_at_its_place_and_nothing_else(name: str, tmp_path: Path) -> None:
    fault = PLANTED[name]
    fault.write(tmp_path / "faulty.h5")
    report = report_on(tmp_path / "faulty.h5")
    assert places(report) == [(fault.kind, fault.layer, fault.weight)]
