"""`h5v dataset check`: what is wrong with data sets of pictures, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from faulty_pictures import Content, plant

from h5viewer.cli import run


def test_json_has_what_the_readme_says(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = plant(Content(), "leak", "sorted").write(tmp_path / "set.h5")
    assert run(["dataset", "check", str(path), "--json"]) == 1
    told = json.loads(capfdbinary.readouterr().out)
    assert set(told) == {"samples", "classes", "findings", "sets", "limits"}
    assert told["samples"] == 104
    assert told["classes"] == {"ant": 26, "bee": 26, "cat": 26, "dog": 26}
    leak, order = told["findings"]
    assert set(leak) == {"severity", "kind", "value", "indices", "message", "set", "others"}
    assert (leak["severity"], leak["kind"], leak["value"]) == ("warning", "leakage", 2)
    assert leak["indices"] == [3, 9]
    assert leak["others"] == [{"set": 1, "index": 70}, {"set": 1, "index": 5}]
    assert (order["severity"], order["kind"], order["indices"]) == ("note", "sorted-by-class", [])
    assert [each["dataset"] for each in told["sets"]] == ["/test_set_x", "/train_set_x"]
    assert told["sets"][1] == {
        "file": "set.h5",
        "dataset": "/train_set_x",
        "labels": "/train_set_y",
        "split": "training",
        "samples": 80,
        "classes": {"ant": 20, "bee": 20, "cat": 20, "dog": 20},
        "without_label": 0,
    }


def test_people_read_sentences(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = plant(Content(), "blank").write(tmp_path / "set.h5")
    assert run(["dataset", "check", str(path)]) == 1
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[0] == "104 pictures in 2 data sets looked at: 1 warning."
    assert "/train_set_x: 80 pictures, 32 × 32, 3 channels of uint8, 4 classes" in lines
    assert "  bee: 20" in lines
    assert lines[-1] == (
        "warning  /train_set_x: 4 pictures are blank: all pixels have the same value, or nearly "
        "so. Pictures 20, 21, 33, 60."
    )


def test_exit_code_tells_whether_there_are_warnings(tmp_path: Path) -> None:
    assert run(["dataset", "check", str(Content().write(tmp_path / "good.h5"))]) == 0
    noted = plant(Content(), "sorted").write(tmp_path / "noted.h5")
    assert run(["dataset", "check", str(noted)]) == 0
    assert run(["dataset", "check", str(tmp_path / "gone.h5")]) == 2


def test_files_of_several_splits_are_looked_at_together(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    content = plant(Content(), "leak")
    x_test = content.x_test
    content.x_test = content.y_test = None
    content.write(tmp_path / "a_train.h5")
    with h5py.File(tmp_path / "a_test.h5", "w") as file:
        file["images"] = x_test
    files = [str(tmp_path / name) for name in ("a_train.h5", "a_test.h5")]
    assert run(["dataset", "check", *files]) == 1
    out = capfdbinary.readouterr().out.decode()
    assert "/images of a_test.h5: 2 pictures (8.3 %) are in /train_set_x of a_train.h5" in out


def test_names_from_files_are_made_visible(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    content = plant(Content(), "unbalanced")
    content.names = ("cat\x1b[31m", "dog")
    assert run(["dataset", "check", str(content.write(tmp_path / "set.h5"))]) in (0, 1)
    assert b"\x1b" not in capfdbinary.readouterr().out


def test_file_without_pictures_is_refused_in_one_sentence(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file["kernel"] = np.zeros((3, 3, 64, 64), "f4")
    assert run(["dataset", "check", str(tmp_path / "none.h5"), "--json"]) == 2
    told = capfdbinary.readouterr()
    assert b"none.h5 holds no data set of pictures." in told.err
    assert "none.h5" in json.dumps(json.loads(told.out))
