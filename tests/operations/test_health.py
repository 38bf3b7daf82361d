"""The health report finds what is planted, where it is, and nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from decoding import opened, run, sequential, write_legacy
from planted_faults import BASES, PLANTED

from h5viewer import health_report
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import HealthFindings, HealthReport
from h5viewer.operations import health
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


@pytest.mark.parametrize("name", PLANTED)
def test_no_finding_comes_without_a_number_a_meaning_and_a_source(
    name: str, tmp_path: Path
) -> None:
    PLANTED[name].write(tmp_path / "faulty.h5")
    for finding in report_on(tmp_path / "faulty.h5").findings:
        assert math.isfinite(finding.value)
        assert math.isfinite(finding.threshold)
        assert any(letter.isdigit() for letter in finding.message)
        assert finding.message.endswith(".")
        assert finding.meaning
        assert finding.source


@pytest.mark.parametrize("name", PLANTED)
def test_json_names_seven_things_of_each_finding(name: str, tmp_path: Path) -> None:
    PLANTED[name].write(tmp_path / "faulty.h5")
    printed = json.loads(
        json.dumps(health_report.to_json(report_on(tmp_path / "faulty.h5")), allow_nan=False)
    )
    assert [list(finding) for finding in printed["findings"]] == [
        ["severity", "kind", "layer", "weight", "value", "threshold", "message"]
    ]


def test_the_gravest_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "faulty.h5"
    PLANTED["a frozen layer"].write(path)
    with h5py.File(path, "r+") as file:
        for fault in ("an old head", "one NaN"):
            PLANTED[fault].plant(file)
    assert [each.gravity for each in report_on(path).findings] == ["serious", "warning", "note"]


def test_findings_come_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "faulty.h5"
    PLANTED["one NaN"].write(path)
    asked = CheckHealth(document=str(path))
    report, parts = opened(path, lambda container: run(check_health(asked, container)))
    told = [each for part in parts if isinstance(part, HealthFindings) for each in part.findings]
    assert tuple(told) == report.findings


def test_a_check_can_be_given_up_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_YIELD", 0)  # at all steps, however fast they are taken
    path = tmp_path / "shapes.h5"
    BASES["pictures"](path)
    asked = CheckHealth(document=str(path))

    def stop_after_each(container: Container) -> int:
        n_steps = 0
        while True:
            steps = check_health(asked, container)
            n_taken = sum(1 for _ in zip(range(n_steps), steps, strict=False))
            steps.close()
            if n_taken < n_steps:
                return n_taken
            n_steps += 1

    assert opened(path, stop_after_each) > 0


def test_a_file_without_a_network_is_refused_in_plain_words(datasets_h5: Path) -> None:
    with pytest.raises(CannotRead, match=r"datasets\.h5 holds no network"):
        report_on(datasets_h5)


def test_weights_of_other_programs_are_judged_by_their_outputs(tmp_path: Path) -> None:
    """PyTorch's matrices begin with them: a row that is NaN is in one of three."""
    path = tmp_path / "state_dict.h5"
    with h5py.File(path, "w") as file:
        file["fc.weight"] = np.random.default_rng(0).normal(size=(3, 40)).astype("f4")
        file["fc.weight"][1] = np.nan
        file["fc.bias"] = np.zeros(3, "f4")
    report = report_on(path)
    (found,) = (each for each in report.findings if each.weight == "weight")
    assert report.n_layers == 1
    assert (found.layer, found.kind) == ("fc", "nan")
    assert found.axes == ("out", "in")


def test_a_dead_filter_of_pytorch_is_found(tmp_path: Path) -> None:
    path = tmp_path / "state_dict.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for name, shape in (("conv", (8, 3, 5, 5)), ("fc", (3, 40))):
            file[f"{name}.weight"] = rng.normal(size=shape).astype("f4") / 9
            file[f"{name}.bias"] = rng.normal(size=shape[:1]).astype("f4") / 9
        file["conv.weight"][5] = 0
        file["conv.bias"][5] = 0
    (found,) = report_on(path).findings
    assert (found.layer, found.weight, found.kind) == ("conv", "weight", "dead_units")
    assert found.message == "1 of 8 filters is all zero (number 5)."


def test_large_weights_are_judged_in_pieces(tmp_path: Path) -> None:
    """A kernel of 64 MB: the NaN is in the last row, the dead unit in every one."""
    kernel = np.random.default_rng(1).standard_t(4, (4000, 4000)).astype(np.float32) / 60
    kernel[:, 7] = 0
    kernel[-1, 9] = np.nan
    path = tmp_path / "wide.h5"
    write_dense(path, kernel, np.full(4000, 0.1, np.float32))
    report = report_on(path)
    found = {finding.kind: finding for finding in report.findings}
    assert set(found) == {"nan", "dead_units"}
    [limit] = report.limits
    assert limit.startswith("1 weight is larger than 25.2 MB: duplicates, rank and distribution")
    assert found["nan"].value == 1
    assert found["dead_units"].message == "1 of 4,000 units is all zero (number 7)."


def test_a_freshly_made_network_is_one_note(tmp_path: Path) -> None:
    limit = np.sqrt(6 / 96)
    kernel = np.random.default_rng(2).uniform(-limit, limit, (64, 32)).astype(np.float32)
    write_dense(tmp_path / "fresh.h5", kernel, np.zeros(32, np.float32))
    [finding] = report_on(tmp_path / "fresh.h5").findings
    assert (finding.kind, finding.gravity, finding.layer) == ("untrained", "note", "")


def test_a_bias_that_moved_tells_a_trained_layer(tmp_path: Path) -> None:
    """However much its kernel still looks like a fresh one."""
    limit = np.sqrt(6 / 96)
    kernel = np.random.default_rng(2).uniform(-limit, limit, (64, 32)).astype(np.float32)
    write_dense(tmp_path / "trained.h5", kernel, np.full(32, 1e-3, np.float32))
    assert report_on(tmp_path / "trained.h5").findings == ()


def write_dense(path: Path, kernel: np.ndarray, bias: np.ndarray) -> None:
    """One dense layer, as a legacy file."""
    entry = {"class_name": "Dense", "config": {"name": "dense", "units": bias.size}}
    shapes = {"dense": {"dense/kernel:0": kernel.shape, "dense/bias:0": bias.shape}}
    write_legacy(path, sequential(entry), shapes)
    with h5py.File(path, "r+") as file:
        file["model_weights/dense/dense/kernel:0"][...] = kernel
        file["model_weights/dense/dense/bias:0"][...] = bias


def test_every_checksum_of_a_checkpoint_is_compared(tmp_path: Path) -> None:
    """Also of variables that are too large to be looked at when the file is opened."""
    stored = {
        "a/kernel": np.random.default_rng(0).standard_normal((4, 1 << 20)).astype("<f4"),
        "b/kernel": np.random.default_rng(1).standard_normal((2, 1 << 20)).astype("<f4"),
    }
    index = write_bundle(tmp_path / "m", stored)
    shard = tmp_path / "m.data-00000-of-00001"
    data = bytearray(shard.read_bytes())
    data[-4] ^= 1
    shard.write_bytes(data)
    report = report_on(index)
    wrong = [found for found in report.findings if found.kind == "checksum"]
    assert [(found.gravity, found.layer, found.weight) for found in wrong] == [
        ("serious", "b", "kernel")
    ]
    assert opened(index, lambda container: container.problems) == ()
