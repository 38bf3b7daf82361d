"""The health report on real networks: all were looked at by hand, these are the facts found.

Nothing in a network that somebody published is serious. Nine of ten are healthy. What is a
warning is true: units that weight decay or pruning took to zero and what follows from them,
layers that the loss cannot reach, scales that collapsed with the units.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import opened, run
from test_corpus import LINES

from h5viewer import health_report
from h5viewer.nodes import HealthReport
from h5viewer.operations.health import check_health
from h5viewer.requests import CheckHealth

NETWORKS = [line.path for line in LINES if line.is_keras]


@pytest.fixture(scope="module")
def reports() -> dict[str, HealthReport]:
    if not NETWORKS:
        pytest.skip("the corpus is not there")
    return {str(path): report_on(str(path)) for path in NETWORKS}


def report_on(path: str) -> HealthReport:
    asked = CheckHealth(document=path)
    return opened(Path(path), lambda container: run(check_health(asked, container))[0])


def test_nothing_that_somebody_published_is_serious(reports: dict[str, HealthReport]) -> None:
    serious = {
        path: finding.message
        for path, report in reports.items()
        for finding in report.findings
        if finding.gravity == "serious"
    }
    assert serious == {}


def test_nine_of_ten_real_networks_are_healthy(reports: dict[str, HealthReport]) -> None:
    healthy = [
        path for path, report in reports.items() if health_report.is_healthy(report.findings)
    ]
    assert len(healthy) >= 0.9 * len(reports)


def test_warnings_are_of_kinds_that_were_looked_at(reports: dict[str, HealthReport]) -> None:
    kinds = {
        finding.kind
        for report in reports.values()
        for finding in report.findings
        if finding.gravity == "warning"
    }
    assert kinds <= {"dead_units", "variance_small", "untrained", "weight_scale"}


def test_units_called_dead_are_zero_in_the_file(reports: dict[str, HealthReport]) -> None:
    """Read anew with h5py: no unit of these has a value that float32 could tell from zero."""
    n_checked = 0
    for path, report in reports.items():
        for finding in report.findings:
            if finding.kind != "dead_units" or not h5py.is_hdf5(path):
                continue
            assert finding.path is not None
            with h5py.File(path) as file:
                kernel = file[b"/".join(finding.path)][()]
            out = finding.axes.index("out") if "out" in finding.axes else kernel.ndim - 1
            others = tuple(axis for axis in range(kernel.ndim) if axis != out)
            largest = np.abs(kernel).max(axis=others)
            n_dead = int(finding.message.split(" of ")[0])
            assert np.sort(largest)[n_dead - 1] <= 1e-6 * np.sqrt(np.mean(kernel**2))
            n_checked += 1
    assert n_checked > 5


def test_layers_called_untrained_have_biases_of_zero(reports: dict[str, HealthReport]) -> None:
    n_checked = 0
    for path, report in reports.items():
        for finding in report.findings:
            if finding.kind != "untrained" or finding.path is None:
                continue
            with h5py.File(path) as file:
                group = file[b"/".join(finding.path)]
                biases = [item[()] for name, item in group.items() if name.startswith("bias")]
            assert not any(np.any(bias) for bias in biases)
            n_checked += len(biases)
    assert n_checked > 3
