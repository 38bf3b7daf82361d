"""Weights that lie apart from their network: which file states their layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest
from small_files import make_keras_h5, make_weights_h5

from h5viewer.errors import CannotRead
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import ArchitectureFit, Diagnosis
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import (
    CodeFile,
    DiagnoseNetwork,
    FitArchitecture,
    Progress,
    ReadArchitecture,
    Request,
)


def ask(request: Request) -> Any:
    """As a worker answers it, in this process."""
    with Source(request.document) as source:
        work = OPERATIONS[type(request)](request, open_container(source))
        while True:
            try:
                assert isinstance(next(work), Progress)
            except StopIteration as end:
                return end.value


@pytest.fixture
def weights(tmp_path: Path) -> str:
    return str(make_weights_h5(tmp_path / "weights.h5"))


@pytest.fixture
def whole(tmp_path: Path) -> str:
    return str(make_keras_h5(tmp_path / "whole.h5"))


def stated(whole: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(ask(ReadArchitecture(document=whole)).text)
    return config


def is_fit(weights: str, config: object) -> bool:
    file = CodeFile(name="layers.json", text=json.dumps(config))
    found = ask(FitArchitecture(document=weights, architecture=file))
    assert isinstance(found, ArchitectureFit)
    return found.fits


def test_whole_model_states_its_layers_and_who_wrote_them(whole: str) -> None:
    config = stated(whole)
    assert next(each["class_name"] for each in config["config"]["layers"]) == "Conv2D"
    assert (config["keras_version"], config["backend"]) == ("2.9.0", "tensorflow")


def test_weights_state_no_layers(weights: str) -> None:
    with pytest.raises(CannotRead, match=r"weights\.h5 holds no architecture"):
        ask(ReadArchitecture(document=weights))


def test_layers_of_the_same_weights_fit(weights: str, whole: str) -> None:
    assert is_fit(weights, stated(whole))
    assert is_fit(weights, json.dumps(stated(whole)))  # a text of a text


@pytest.mark.parametrize(
    ("at", "changes"),
    [(0, {"filters": 5}), (0, {"name": "convolution"}), (2, {"units": 3})],
)
def test_layers_of_other_weights_do_not_fit(
    weights: str, whole: str, at: int, changes: dict[str, object]
) -> None:
    config = stated(whole)
    config["config"]["layers"][at]["config"] |= changes
    assert not is_fit(weights, config)


def test_network_with_less_than_the_weights_does_not_fit(weights: str, whole: str) -> None:
    config = stated(whole)
    del config["config"]["layers"][2]
    assert not is_fit(weights, config)


def test_network_with_more_than_the_weights_does_not_fit(weights: str, whole: str) -> None:
    config = stated(whole)
    last = json.loads(json.dumps(config["config"]["layers"][2]))
    last["config"]["name"] = "another"
    config["config"]["layers"].append(last)
    assert not is_fit(weights, config)


@pytest.mark.parametrize("config", [["cat", "dog"], {"cat": 0}, 3])
def test_json_of_something_else_does_not_fit(weights: str, config: object) -> None:
    assert not is_fit(weights, config)


def test_whole_model_is_no_file_of_weights(whole: str) -> None:
    with pytest.raises(CannotRead, match="is no file of weights alone"):
        is_fit(whole, {})


def test_weights_are_diagnosed_with_the_layers_of_another_file(weights: str, whole: str) -> None:
    with pytest.raises(CannotRead, match="holds weights and no architecture"):
        ask(DiagnoseNetwork(document=weights))
    given = CodeFile(name="whole.h5", text=json.dumps(stated(whole)))
    found = ask(DiagnoseNetwork(document=weights, architecture=given))
    assert isinstance(found, Diagnosis)
    assert found.loads
    assert found.findings[0].repair == "The layers are taken from whole.h5."


def test_code_of_a_given_architecture_is_shown_and_the_word_is_for_both_files(
    weights: str, whole: str
) -> None:
    config = stated(whole)
    code = {"name": "turn", "function": ["4wEAAAA=", None, None], "function_type": "lambda"}
    config["config"]["layers"].append({"class_name": "Lambda", "config": code})

    def diagnosis() -> Diagnosis:
        given = CodeFile(name="layers.json", text=json.dumps(config))
        found = ask(DiagnoseNetwork(document=weights, architecture=given))
        assert isinstance(found, Diagnosis)
        return found

    first = diagnosis()
    assert [each.layer for each in first.code] == ["turn"]
    config["config"]["name"] = "renamed"
    second = diagnosis()
    assert first.content_hash
    assert first.content_hash != second.content_hash


def test_architecture_of_a_whole_model_is_its_own(whole: str) -> None:
    other = CodeFile(name="layers.json", text="{}")
    assert ask(DiagnoseNetwork(document=whole, architecture=other)).loads


def test_weights_of_keras_3_are_known_by_class_and_number(tmp_path: Path, whole: str) -> None:
    path = tmp_path / "some.weights.h5"
    with h5py.File(path, "w") as file:
        for name, shapes in (("conv2d", ((3, 3, 3, 4), (4,))), ("dense", ((4, 2), (2,)))):
            for i, shape in enumerate(shapes):
                file.create_dataset(f"layers/{name}/vars/{i}", shape, "f4")
    assert is_fit(str(path), stated(whole))
    with h5py.File(path, "a") as file:
        file.create_dataset("layers/dense_1/vars/0", (4, 2), "f4")
    assert not is_fit(str(path), stated(whole))


def test_diagnosis_counts_the_layers(whole: str) -> None:
    assert ask(DiagnoseNetwork(document=whole)).n_layers == 3
