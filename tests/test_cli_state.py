"""`h5v state`: checkpoints that a state file names, and a copy that finds those that were moved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from checkpoint_files import write_bundle

from h5viewer.cli import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("m-1", "m-2"):
        write_bundle(tmp_path / name, {"w": np.ones(3, "f4")})
    (tmp_path / "checkpoint").write_text(
        'model_checkpoint_path: "/gone/away/m-2"\n'
        'all_model_checkpoint_paths: "m-1"\n'
        'all_model_checkpoint_paths: "m-9"\n'
        'all_model_checkpoint_paths: "/gone/away/m-2"\n'
        "last_preserved_timestamp: 1.5\n"
    )
    return tmp_path


def test_it_says_where_checkpoints_are(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["state", str(folder)]) == 0
    assert capfdbinary.readouterr().out.decode().splitlines() == [
        "m-1",
        "m-9  not in this folder",
        "/gone/away/m-2  latest  moved: m-2.index",
    ]
    assert run(["state", str(folder / "checkpoint"), "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert found["latest"] == "/gone/away/m-2"
    assert found["kept"][2] == {
        "written": "/gone/away/m-2", "file": "m-2.index", "was_moved": True,
    }  # fmt: skip


def test_the_copy_names_what_was_moved_and_keeps_the_rest(folder: Path) -> None:
    before = (folder / "checkpoint").read_bytes()
    copy = folder / "right"
    assert run(["state", str(folder), "-o", str(copy)]) == 0
    assert (folder / "checkpoint").read_bytes() == before
    assert copy.read_text() == before.decode().replace("/gone/away/m-2", "m-2")


@pytest.mark.parametrize("case", ["itself", "exists", "nothing wrong", "no list", "no file"])
def test_what_cannot_be_done_is_one_sentence(
    case: str, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    given, target = folder / "checkpoint", folder / "new"
    if case == "itself":
        target = given
    elif case == "exists":
        target.write_text("mine")
    elif case == "nothing wrong":
        given.write_text('model_checkpoint_path: "m-1"\n')
    elif case == "no list":
        given.write_text("hello\n")
    else:
        given = folder / "none"
    before = given.read_bytes() if given.exists() else b""
    options = ["--force"] if case == "itself" else []
    assert run(["state", str(given), "-o", str(target), *options]) == 1
    assert capfdbinary.readouterr().err.decode().strip().count("\n") == 0
    assert (given.read_bytes() if given.exists() else b"") == before
    assert target.exists() == (case in ("itself", "exists"))
