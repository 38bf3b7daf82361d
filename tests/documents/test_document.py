"""A file's kind is recognised by its structure, without reading its configuration."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import decoded, layer_entry, opened, sequential, write_archive, write_legacy
from small_files import make_datasets, make_keras_archive, make_keras_h5, make_weights_h5

from h5viewer.documents.document import describe
from h5viewer.formats.container import Container
from h5viewer.nodes import Document

DENSE = {"d/kernel:0": (4, 3)}


def described(path: Path) -> Document:
    return opened(path, describe)


def test_every_kind_has_its_title(tmp_path: Path) -> None:
    kinds = {
        make_keras_h5(tmp_path / "a.h5"): ("keras-h5", "Keras 2.9.0 model (HDF5)"),
        make_weights_h5(tmp_path / "b.h5"): ("keras-h5-weights", "Keras 2.9.0 weights (HDF5)"),
        make_keras_archive(tmp_path / "c.h5"): ("keras-archive", "Keras 3.10.0 model (archive)"),
        make_datasets(tmp_path / "d.keras"): ("hdf5", "HDF5 file"),
    }
    for path, expected in kinds.items():
        found = described(path)
        assert (found.format, found.title) == expected
        assert found.has_architecture == (expected[0] != "hdf5")


def test_version_and_backend_may_stand_with_the_weights(tmp_path: Path) -> None:
    path = make_weights_h5(tmp_path / "w.h5")
    found = described(path)
    assert (found.keras_version, found.backend) == ("2.9.0", "tensorflow")


def test_the_configuration_is_not_read_to_describe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def use(container: Container) -> Document:
        read = container.attribute_text

        def note(path: tuple[bytes, ...], name: bytes, limit: int) -> object:
            asked.append(name)
            return read(path, name, limit)

        monkeypatch.setattr(container, "attribute_text", note)
        return describe(container)

    assert opened(make_keras_h5(tmp_path / "m.h5"), use).format == "keras-h5"
    assert b"keras_version" in asked
    assert b"model_config" not in asked


def test_an_archive_without_a_configuration_says_so(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras", None, {"layers/dense/vars/0": (4, 3)})
    found = decoded(path)
    assert "config.json is missing" in found.document.problems[0].message
    assert found.layers[0].n_parameters == 12


@pytest.mark.parametrize("text", ["{oops", "[]", '{"keras_version": 3}', "[" * 100_000])
def test_strange_metadata_does_no_harm(tmp_path: Path, text: str) -> None:
    import zipfile

    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", text)
        archive.writestr("config.json", "{}")
    assert described(path).keras_version is None


def test_versions_of_a_stranger_are_cut_and_made_visible(tmp_path: Path) -> None:
    def spoil(file: h5py.File) -> None:
        file.attrs["keras_version"] = "2\x1b[31m" + "9" * 10_000
        file.attrs["backend"] = np.arange(4)

    config = sequential(layer_entry("Dense", "d"))
    found = described(write_legacy(tmp_path / "m.h5", config, {"d": DENSE}, more=spoil))
    assert found.keras_version is not None
    assert found.keras_version.startswith(r"2\x1b[31m9")
    assert len(found.keras_version) <= 60


def test_a_model_without_a_weights_group_is_still_a_model(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Sequential", "config": []}'
    assert described(path).format == "keras-h5"
