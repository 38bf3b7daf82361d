"""Every hostile file through `h5v`, with the rules of the README beside their maker."""

from __future__ import annotations

import hashlib
import io
import json
import runpy
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from json_shape import checked_answer, checked_refusal

from h5viewer.cli import run
from h5viewer.terminal import files
from h5viewer.workers.pool import Pool

MAKER = Path(__file__).parents[2] / "shared" / "hostile" / "make_hostile.py"
SECONDS = 60  # none takes five on an idle machine; a hang takes for ever

# Words that name what is notable about a file, in what `tree -a` or `info` prints of it.
NOTICES = {
    "C05": "did not close this file",
    "B01": "One chunk holds 1.07 GB",
    "B02": "4.00 PB, 0 bytes stored",
    "B03": "It has 200,000 attributes.",
    "B04": "50",
    "B05": "too large to be read",
    "B06": "nested too deeply",
    "L01": "broken",
    "L02": "same object as",
    "L03": "external link, not followed",
    "L04": "data is in",
    "L05": "virtual",
    "K01": "not valid JSON",
    "K02": "not understood",
    "K03a": "not understood",
    "K03b": "not understood",
    "K03c": "not understood",
    "K03d": "not a list",
    "K04": "in a circle",
    "K05": "100,001 layers",
    "K06": "same name",
    "K07": "missing",
    "K08": "not followed",
    "X01": "contains Python code, not executed",
    "X02": "contains Python code, not executed",
    "X03": "not part of Keras",
    "Z01": "leaves the archive",
    "Z03": "config.json is missing",
    "Z04": "symbolic link",
    "V03": "LZ4",
    "V04": r"\xff",
    "W01": "the configuration says",
    "T02": "checksum",
    "T03": "layer/kernel",
    # refusals
    "C01": "is empty (0 bytes)",
    "C02": "text file",
    "T01": "cut short",
    "C03_50": "407,692 of 815,384 bytes",
    "Z02": "declares",
}


@dataclass(frozen=True)
class Outcome:
    case: dict[str, Any]
    info: subprocess.CompletedProcess[str]
    table: subprocess.CompletedProcess[str]
    tree: subprocess.CompletedProcess[str]

    @property
    def text(self) -> str:
        runs = (self.info, self.table, self.tree)
        return "".join(run.stdout + run.stderr for run in runs)


@dataclass(frozen=True)
class Hostile:
    """The files, and the canaries that none of them may make us touch."""

    folder: Path
    manifest: dict[str, Any]
    canary: Any


def h5v(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "h5viewer.cli", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=SECONDS)


@pytest.fixture
def _one_worker(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """All commands about a file ask one worker: its start takes longer than most answers."""
    monkeypatch.setattr(pool, "close", lambda: None)  # by its owner, afterwards
    monkeypatch.setattr(files, "Pool", lambda **_: pool)


def h5v_here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The same without a new interpreter."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    out.flush()
    err.flush()
    said = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(arguments, code, *said)


def fingerprint(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


def names() -> list[str]:
    if not MAKER.exists():
        return []
    listing = subprocess.run(
        [sys.executable, str(MAKER), "unused", "--list"], capture_output=True, text=True
    )
    return [line.split()[0] for line in listing.stdout.splitlines()]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(MAKER), str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    canary = runpy.run_path(str(MAKER))["Canary"](manifest["canary"])
    return Hostile(folder, manifest, canary)


def outcome_of(hostile: Hostile, name: str) -> Outcome:
    folder = hostile.folder
    case = next(case for case in hostile.manifest["cases"] if case["id"] == name)
    path = folder / case["file"]
    before, siblings = fingerprint(path), sorted(folder.iterdir())
    hostile.canary.arm()
    outcome = Outcome(
        case,
        h5v_here("info", "--json", str(path)),
        h5v_here("info", str(path)),
        h5v_here("tree", "-a", str(path)),
    )
    assert hostile.canary.tripped() == []
    assert fingerprint(path) == before
    assert sorted(folder.iterdir()) == siblings
    assert hostile.manifest["secret_text"][:12] not in outcome.text
    return outcome


@pytest.mark.skipif(not MAKER.exists(), reason="the maker of hostile files is not there")
@pytest.mark.usefixtures("_one_worker")
@pytest.mark.parametrize("name", names())
def test_hostile_file_is_shown_or_refused_as_expected(hostile: Hostile, name: str) -> None:
    """Opened or refused, the notable thing named, no canary touched, nothing raw printed."""
    outcome = outcome_of(hostile, name)
    is_refused = outcome.case["outcome"] == "REFUSE"
    for done in (outcome.info, outcome.table, outcome.tree):
        assert done.returncode == (1 if is_refused else 0)
        assert "Traceback" not in done.stderr
        assert "error in h5viewer" not in done.stdout + done.stderr
    assert not {letter for letter in outcome.text if not letter.isprintable()} - {"\n"}
    if is_refused:
        assert outcome.case["file"] in checked_refusal(outcome.info.stdout).error.message
        assert outcome.tree.stdout == ""
    else:
        answer = checked_answer(outcome.info.stdout)
        assert answer.file.bytes == (hostile.folder / outcome.case["file"]).stat().st_size
    assert NOTICES.get(name, "") in outcome.text


@pytest.mark.skipif(not MAKER.exists(), reason="the maker of hostile files is not there")
@pytest.mark.parametrize("name", ["G00", "G01", "C04"])
def test_control_file_has_its_3_layers_and_23_parameters(hostile: Hostile, name: str) -> None:
    case = next(case for case in hostile.manifest["cases"] if case["id"] == name)
    printed = h5v("info", "--json", str(hostile.folder / case["file"]))
    architecture = json.loads(printed.stdout)["architecture"]
    if name != "C04":
        assert len(architecture["layers"]) == 3
        assert architecture["parameters"]["total"] == 23
    assert sum(len(layer["weights"]) for layer in architecture["layers"]) == 4
