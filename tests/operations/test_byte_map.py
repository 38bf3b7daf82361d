"""Where the bytes go: parts add up to the file, and deleted data shows."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from small_files import make_keras_archive, make_keras_h5

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import ByteMap, BytePart
from h5viewer.operations import byte_map
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import MeasureBytes
from h5viewer.workers.pool import Pool, ask


def bytes_of(path: Path) -> ByteMap:
    with Source(str(path)) as source:
        container = open_container(source)
        steps = OPERATIONS[MeasureBytes](MeasureBytes(document=str(path)), container)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            found: ByteMap = end.value
            assert sum(part.n_bytes for part in found.parts) == found.n_bytes
            return found
        finally:
            container.close()


def by_kind(found: ByteMap) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in found.parts:
        sums[part.kind] = sums.get(part.kind, 0) + part.n_bytes
    return sums


def part(found: ByteMap, kind: str, name: str = "") -> BytePart:
    return next(each for each in found.parts if (each.kind, each.name) == (kind, name))


def test_a_model_is_layers_optimizer_attributes_and_structure(tmp_path: Path) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    found = bytes_of(path)
    assert found.n_bytes == path.stat().st_size
    assert part(found, "layer", "conv").n_bytes == 448
    assert part(found, "layer", "dense").n_items == 2
    assert by_kind(found)["optimizer"] == 16
    with h5py.File(path) as file:
        n_letters = sum(len(file.attrs[name]) for name in ("model_config", "training_config"))
    assert n_letters < by_kind(found)["attributes"] < n_letters + 1500


def test_a_new_file_has_next_to_nothing_unaccounted_for(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for n in range(50):
            file[f"group {n}/data"] = np.zeros(500)
            file.create_dataset(
                f"packed {n}", data=np.zeros((40, 40)), chunks=(9, 9), compression=1
            )
    found = by_kind(bytes_of(tmp_path / "a.h5"))
    assert found.get("rest", 0) < 0.01 * (tmp_path / "a.h5").stat().st_size


def test_deleted_data_is_unreclaimed_space(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["deleted"] = np.zeros(100_000)
        file["kept"] = np.zeros(1000)  # after it: the file cannot be cut short
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["deleted"]
    found = by_kind(bytes_of(tmp_path / "a.h5"))
    assert found["rest"] > 700_000


def test_compressed_data_counts_as_it_is_stored(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a/x", data=np.zeros(100_000), compression=9)
        file["a/y"] = np.arange(10.0)
    found = bytes_of(tmp_path / "a.h5")
    assert part(found, "data", "x").n_bytes < 5000
    assert part(found, "data", "y").n_bytes == 80


def test_data_without_a_network_is_grouped_below_what_holds_all(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("all/one/x", "all/one/y", "all/two"):
            file[name] = np.zeros(10)
    found = bytes_of(tmp_path / "a.h5")
    assert part(found, "data", "one").n_bytes == 160
    assert part(found, "data", "one").path == (b"all", b"one")
    assert part(found, "data", "two").n_items == 1


def test_an_archive_has_entries_beside_its_weights(tmp_path: Path) -> None:
    path = make_keras_archive(tmp_path / "model.keras")
    found = bytes_of(path)
    assert found.n_bytes == path.stat().st_size
    assert part(found, "layer", "dense").n_bytes == 40
    assert part(found, "entry", "metadata.json").n_bytes == len('{"keras_version": "3.10.0"}')


def test_weights_that_an_archive_compressed_are_one_part(tmp_path: Path) -> None:
    plain = make_keras_archive(tmp_path / "plain.keras")
    with (
        zipfile.ZipFile(plain) as old,
        zipfile.ZipFile(tmp_path / "packed.keras", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    found = bytes_of(tmp_path / "packed.keras")
    with zipfile.ZipFile(tmp_path / "packed.keras") as archive:
        stored = archive.getinfo("model.weights.h5").compress_size
    assert part(found, "entry", "model.weights.h5").n_bytes == stored


def test_the_smallest_parts_are_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_map, "_MOST_PARTS", 2)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for n in range(1, 6):
            file[f"x{n}"] = np.zeros(n)
    found = bytes_of(tmp_path / "a.h5")
    assert [each.name for each in found.parts if each.kind == "data"] == ["x5", "x4", ""]
    assert part(found, "data").n_bytes == 8 * (3 + 2 + 1)


def test_a_confined_worker_answers_it(keras_archive: Path, pool: Pool) -> None:
    found = ask(pool, MeasureBytes(document=str(keras_archive)))
    assert isinstance(found, ByteMap)
    assert found.n_bytes == keras_archive.stat().st_size


def test_a_checkpoint_is_variables_of_layers_and_of_the_optimizer(tmp_path: Path) -> None:
    ending = "/.ATTRIBUTES/VARIABLE_VALUE"
    slot = "/.OPTIMIZER_SLOT/optimizer/m"
    index = write_bundle(
        tmp_path / "ckpt",
        {
            f"dense/kernel{ending}": np.zeros((4, 3), "f4"),
            f"dense/bias{ending}": np.zeros(3, "f4"),
            f"dense/kernel{slot}{ending}": np.zeros((4, 3), "f4"),
            "flags": np.zeros(7, "?"),
        },
    )
    found = bytes_of(index)
    assert part(found, "layer", "dense").n_bytes == 60
    assert part(found, "layer", "flags").n_bytes == 7
    assert by_kind(found)["optimizer"] == 48
    assert by_kind(found)["structure"] == index.stat().st_size


def test_what_is_no_variable_of_a_checkpoint_is_not_the_optimizers(corpus: Path) -> None:
    (index,) = corpus.glob("tf_ckpt/*m3gnet*/*.index")  # trained elsewhere: no optimizer in it
    found = by_kind(bytes_of(index))
    assert "optimizer" not in found
    assert found["data"] > 10_000  # TensorFlow's graph of objects
