"""`h5v merge`: what it tells, what it writes, what is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import pytest
from small_files import make_keras_h5, make_weights_h5

from h5viewer.cli import run
from h5viewer.match_file import read_pairs, text_of
from h5viewer.nodes import LayerMatch, WeightMatches


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    return [str(make_keras_h5(tmp_path / f"{name}.h5")) for name in "ab"]


def heard(capture: pytest.CaptureFixture[bytes]) -> str:
    return capture.readouterr().out.decode()


def test_without_a_target_it_says_what_the_files_allow(
    models: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["merge", *models]) == 0
    lines = heard(capfdbinary).splitlines()
    assert lines[0] == (
        "a.h5: Keras 2.9.0 model (HDF5); 4 weights, 122 numbers; (None, 8, 8, 3) → (None, 2)"
    )
    assert lines[3:5] == ["--average: possible", "--ensemble: possible"]
    assert lines[5] == "--chain: a.h5 puts out (None, 2), b.h5 takes (None, 8, 8, 3)."
    assert run(["merge", *models, "--json"]) == 0
    found = json.loads(heard(capfdbinary))
    assert [choice["kind"] for choice in found["choices"]] == [
        "average", "ensemble", "chain", "combine",
    ]  # fmt: skip
    assert found["members"][0]["n_parameters"] == 122
    assert "type" not in found


def test_an_average_is_one_line_and_one_object(
    models: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "mean.h5"
    assert run(["merge", "--average", *models, "--shares", "1,3", "-o", str(target)]) == 0
    said = heard(capfdbinary).splitlines()
    assert said[0].startswith("mean.h5: ")
    assert said[0].endswith(" made of 2 files; 4 weights written and verified")
    assert said[1] == "The mean of 2 files: a.h5 25 %, b.h5 75 %."
    before = target.read_bytes()
    assert run(["merge", "--ensemble", *models, "-o", str(target)]) == 1
    assert run(["merge", "--ensemble", *models, "-o", models[1], "--force"]) == 1
    assert target.read_bytes() == before
    capfdbinary.readouterr()
    assert run(["merge", "--ensemble", *models, "-o", str(target), "--force", "--json"]) == 0
    found = json.loads(heard(capfdbinary))
    assert list(found) == ["target", "bytes_before", "bytes_after", "weights", "verified", "notes"]
    assert (found["weights"], found["verified"]) == (8, 8)


def test_which_layer_takes_which_weights_is_told_and_can_be_changed(
    models: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    weights = str(make_weights_h5(tmp_path / "w.h5"))
    words = ["merge", "--architecture", models[0], "--weights", weights, "--pair", "conv="]
    assert run(words) == 0
    assert heard(capfdbinary).splitlines() == [
        "conv  (3, 3, 3, 4) (4,)  ←  keeps its own",
        "dense  (4, 2) (2,)  ←  dense  by name",
        "Not used: conv",
    ]
    assert run([*words, "-o", str(tmp_path / "new.h5")]) == 0
    with h5py.File(tmp_path / "new.h5") as file:
        assert set(file["model_weights"]) >= {"conv", "dense"}


@pytest.mark.parametrize(
    "words",
    [
        ["a.h5", "b.h5", "-o", "x.h5"],
        ["--average", "a.h5", "b.h5", "--decay", "0.5", "--shares", "1,2"],
        ["--chain", "a.h5", "b.h5", "--shares", "1,2"],
        ["--average", "a.h5", "--shares", "1,x"],
        ["--architecture", "a.h5"],
        ["--average", "a.h5", "b.h5", "--with-state", "-o", "c.keras"],
        ["--architecture", "a.h5", "--weights", "b.h5", "--pair", "x"],
        [],
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(words: list[str]) -> None:
    assert run(["merge", *words]) == 2


def test_a_refusal_is_a_sentence_and_leaves_no_file(
    models: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "new.h5"
    assert run(["merge", "--chain", *models, "-o", str(target), "--json"]) == 1
    captured = capfdbinary.readouterr()
    assert b"a.h5 puts out (None, 2), b.h5 takes (None, 8, 8, 3)." in captured.err
    assert json.loads(captured.out)["error"]["message"].startswith("a.h5 puts out")
    assert not target.exists()


def test_the_match_is_saved_edited_and_used_again(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    architecture, weights = make_keras_h5(tmp_path / "a.h5"), make_keras_h5(tmp_path / "b.h5")
    given = ["merge", "--architecture", str(architecture), "--weights", str(weights)]
    assert run([*given, "--json"]) == 0
    printed = heard(capfdbinary)
    found = json.loads(printed)
    layers = [match["layer"] for match in found["matches"] if match["source"]]
    found["matches"][0]["source"] = ""
    match = tmp_path / "match.json"
    match.write_text(json.dumps(found))
    assert run([*given, "--pairs", str(match), "--json"]) == 0
    again = json.loads(heard(capfdbinary))
    assert again["matches"][0]["source"] == ""
    assert all(each["basis"] == "hand" for each in again["matches"])
    match.write_text(json.dumps({"pairs": {layers[0]: None}}))
    changed = ["--pair", f"{layers[0]}={layers[0]}"]
    assert run([*given, "--pairs", str(match), *changed, "--json"]) == 0
    assert json.loads(heard(capfdbinary))["matches"][0]["source"] == layers[0]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"pairs": {"a": 1}}', '{"pairs": 5}'])
def test_a_file_that_holds_no_pairs_is_refused_in_one_sentence(
    text: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    architecture = str(make_keras_h5(tmp_path / "a.h5"))
    match = tmp_path / "match.json"
    match.write_text(text)
    given = ["merge", "--architecture", architecture, "--weights", architecture]
    assert run([*given, "--pairs", str(match)]) == 1
    assert capfdbinary.readouterr().err.decode().startswith("match.json ")


def test_a_saved_match_reads_as_it_was(tmp_path: Path) -> None:
    matches = (
        LayerMatch(layer="encoder/a", class_name="Dense", shapes=(), source="W + b"),
        LayerMatch(layer="é", class_name="Dense", shapes=()),
    )
    found = WeightMatches(matches=matches, sources=(), keeps_values=False)
    path = tmp_path / "match.json"
    path.write_text(text_of(found, "a.json", "m.index"))
    assert read_pairs(str(path)) == (("encoder/a", "W + b"), ("é", ""))
