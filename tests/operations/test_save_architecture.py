"""The architecture as JSON: exactly as stored, or as Keras 3 reads it."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import pytest
from exported import export_here, plan_here

from h5viewer.errors import CannotRead
from h5viewer.requests import SaveArchitecture

DENSE = {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [None, 3]}}


def write_model(path: Path, *layers: object) -> str:
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}
    text = json.dumps(config, indent=3) + " \n"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = text
        file.attrs["keras_version"] = "2.4.0"
        file.create_group("model_weights").attrs["layer_names"] = [b"d"]
    return text


def save(path: Path, target: Path, **options: object) -> tuple[str, ...]:
    return export_here(SaveArchitecture(document=str(path), target=str(target), **options)).notes


def test_it_is_saved_letter_for_letter(tmp_path: Path) -> None:
    text = write_model(tmp_path / "model.h5", DENSE)
    assert save(tmp_path / "model.h5", tmp_path / "out.json") == ()
    assert (tmp_path / "out.json").read_bytes() == text.encode()


def test_repaired_it_is_in_the_form_of_keras_3(tmp_path: Path) -> None:
    write_model(tmp_path / "model.h5", DENSE)
    save(tmp_path / "model.h5", tmp_path / "out.json", is_repaired=True)
    config = json.loads((tmp_path / "out.json").read_text())
    assert config["module"] == "keras"
    assert config["class_name"] in ("Sequential", "Functional")
    assert "batch_input_shape" not in json.dumps(config)
    assert '"units": 2' in json.dumps(config)


def test_what_cannot_be_repaired_is_refused_and_says_why(tmp_path: Path) -> None:
    own = {"class_name": "MyOwnLayer", "config": {"name": "mine"}}
    write_model(tmp_path / "model.h5", DENSE, own)
    request = SaveArchitecture(
        document=str(tmp_path / "model.h5"), target=str(tmp_path / "x.json"), is_repaired=True
    )
    with pytest.raises(CannotRead, match="MyOwnLayer"):
        export_here(request)
    with pytest.raises(CannotRead, match="MyOwnLayer"):
        plan_here(request)


def test_weights_alone_have_none(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [b"d"]
    with pytest.raises(CannotRead, match=r"w\.h5 holds no configuration"):
        save(tmp_path / "w.h5", tmp_path / "out.json")
