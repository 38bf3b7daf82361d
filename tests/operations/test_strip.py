"""Stripping: what is left out, what stays bit for bit, what is said."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations.export_table import plan_export
from h5viewer.operations.strip import strip_file
from h5viewer.requests import PlanExport, StripFile


def write_legacy(path: Path) -> Path:
    """A legacy model as Keras 2 writes it, with what else a file may hold."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": []})
        file.attrs["training_config"] = json.dumps({"loss": "mse"})
        file.attrs["keras_version"] = np.bytes_(b"2.4.0")
        weights = file.create_group("model_weights")
        weights.attrs["layer_names0"] = np.array([b"dense"])
        weights.attrs["layer_names1"] = np.array([b"other"])
        group = weights.create_group("dense/dense", track_order=True)
        group.create_dataset("kernel:0", data=rng.normal(size=(40, 60)).astype("f4"))
        bias = group.create_dataset("bias:0", data=np.full(60, np.nan, ">f8"))
        group.create_dataset(
            "a_packed",
            data=rng.normal(size=(64, 64)).astype("f4"),
            chunks=(16, 64),
            compression="gzip",
            shuffle=True,
            fletcher32=True,
        )
        weights["again"] = bias
        file["soft"] = h5py.SoftLink("/nowhere")
        file["away"] = h5py.ExternalLink("no.h5", "/x")
        file["words"] = np.array(["one", "zwei"], dtype=h5py.string_dtype())
        file["nothing"] = h5py.Empty("f4")
        file["grows"] = np.arange(5)
        file.create_dataset("wide", data=np.arange(9), maxshape=(None,), chunks=(4,), fillvalue=7)
        state = file.create_group("optimizer_weights/Adam")
        state.create_dataset("m", data=rng.normal(size=(400, 60)))
    with path.open("r+b") as raw:
        raw.write(b"a user block")
    return path


def write_numbered(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.linspace(0, 3, 500, dtype="f4"))
        file.create_group("layers/flatten/vars")
        file["layers/dense/vars"].attrs["name"] = "first"
        file.create_dataset("optimizer/vars/0", data=np.ones(5000))
        file.create_dataset("metrics/mean/vars/0", data=np.float32(0.1))
    return path


def write_archive(path: Path, folder: Path) -> Path:
    weights = write_numbered(folder / "inner.h5")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.9.0"}')
        archive.writestr("config.json", '{"class_name": "x", "compile_config": {"loss": "mse"}}')
        archive.write(weights, "model.weights.h5")
        archive.writestr("assets/vocabulary.txt", "one\ntwo\n")
    return path


def strip(path: Path, target: Path, **options: object) -> Exported:
    fd = os.open(target, os.O_RDWR | os.O_CREAT)
    try:
        with Source(str(path)) as source:
            container = open_container(source)
            try:
                request = StripFile(document=str(path), target=target.name, **options)
                steps = strip_file(request, container, Scratch(fd))
                while True:
                    next(steps)
            except StopIteration as end:
                return end.value
            finally:
                container.close()
    finally:
        os.close(fd)


def plan(path: Path, **options: object) -> ExportPlan:
    with Source(str(path)) as source:
        container = open_container(source)
        try:
            wanted = StripFile(document=str(path), target="", **options)
            steps = plan_export(PlanExport(document=str(path), export=wanted), container)
            while True:
                next(steps)
        except StopIteration as end:
            return end.value
        finally:
            container.close()


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(tmp_path / "old.h5")


def test_weights_that_lie_with_the_optimizer_stay(legacy: Path, tmp_path: Path) -> None:
    """A soft link into what is left out becomes what it leads to, also by way of another."""
    with h5py.File(legacy, "a") as old:
        state = old["optimizer_weights"]
        state["kept/kernel:0"] = np.arange(6.0)
        old["model_weights/other"] = h5py.SoftLink("/optimizer_weights/kept")
        old["model_weights/dense/first"] = h5py.SoftLink("/optimizer_weights/kept/kernel:0")
        old["model_weights/dense/second"] = h5py.SoftLink("first")
        state["back"] = h5py.SoftLink("/model_weights/dense/dense/bias:0")
        old["model_weights/dense/third"] = h5py.SoftLink("/optimizer_weights/back")
        old["all_of_it"] = h5py.SoftLink("/optimizer_weights")
    assert strip(legacy, tmp_path / "new.h5").n_weights == 4
    with h5py.File(tmp_path / "new.h5") as new:
        assert set(new["model_weights/other"]) == {"kernel:0"}
        for name in ("other/kernel:0", "dense/first", "dense/second"):
            assert new["model_weights"][name][()].tolist() == [0, 1, 2, 3, 4, 5]
        assert new["model_weights/dense/third"] == new["model_weights/again"]
        assert new["model_weights/dense/second"] == new["model_weights/other/kernel:0"]
        assert "optimizer_weights" not in new
        assert new.get("all_of_it", getlink=True).path == "/optimizer_weights"


def test_everything_but_the_optimizer_stays(legacy: Path, tmp_path: Path) -> None:
    done = strip(legacy, tmp_path / "new.h5")
    with h5py.File(legacy) as old, h5py.File(tmp_path / "new.h5") as new:
        assert set(old) - set(new) == {"optimizer_weights"}
        assert set(old.attrs) == set(new.attrs)
        assert dict(new["model_weights"].attrs).keys() == {"layer_names0", "layer_names1"}
        assert list(new["model_weights/dense/dense"]) == ["kernel:0", "bias:0", "a_packed"]
        for name in ("kernel:0", "bias:0", "a_packed"):
            first, second = (each["model_weights/dense/dense"][name] for each in (old, new))
            assert first[()].tobytes() == second[()].tobytes()
            assert (first.dtype, first.chunks, first.compression, first.shuffle) == (
                second.dtype, second.chunks, second.compression, second.shuffle
            )  # fmt: skip
            assert first.fletcher32 == second.fletcher32
        packed = [each["model_weights/dense/dense/a_packed"].id for each in (old, new)]
        assert packed[0].read_direct_chunk((16, 0)) == packed[1].read_direct_chunk((16, 0))
        assert new["model_weights/again"] == new["model_weights/dense/dense/bias:0"]
        assert new.get("soft", getlink=True).path == "/nowhere"
        assert new.get("away", getlink=True).filename == "no.h5"
        assert list(new["words"].asstr()) == ["one", "zwei"]
        assert new["nothing"].shape is None
        assert (new["wide"].maxshape, new["wide"].fillvalue) == ((None,), 7)
        assert new.userblock_size == 512
    assert (tmp_path / "new.h5").read_bytes()[:512] == legacy.read_bytes()[:512]
    assert done.n_weights == done.n_identical == 3
    assert done.bytes_after == (tmp_path / "new.h5").stat().st_size
    assert done.bytes_before - done.bytes_after > 400 * 60 * 8


def test_training_configuration_goes_only_when_asked(legacy: Path, tmp_path: Path) -> None:
    strip(legacy, tmp_path / "kept.h5")
    done = strip(legacy, tmp_path / "gone.h5", training_config=True)
    with h5py.File(tmp_path / "kept.h5") as kept, h5py.File(tmp_path / "gone.h5") as gone:
        assert set(kept.attrs) - set(gone.attrs) == {"training_config"}
    assert "trained" in done.notes[0]


def test_archives_stay_archives(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "old.keras", tmp_path)
    done = strip(path, tmp_path / "new.keras")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new.keras") as new:
        assert new.testzip() is None
        assert new.namelist() == old.namelist()
        assert {info.compress_type for info in new.infolist()} == {zipfile.ZIP_STORED}
        for name in ("metadata.json", "config.json", "assets/vocabulary.txt"):
            assert new.read(name) == old.read(name)
        new.extract("model.weights.h5", tmp_path / "out")
    with h5py.File(tmp_path / "out" / "model.weights.h5") as file:
        assert set(file) == {"layers", "metrics"}
        assert file["layers/dense/vars"].attrs["name"] == "first"
        assert file["layers/dense/vars/0"][-1] == 3
    assert done.n_weights == 1


def test_archives_lose_their_compile_config_when_asked(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "old.keras", tmp_path)
    strip(path, tmp_path / "new.keras", training_config=True)
    with zipfile.ZipFile(tmp_path / "new.keras") as new:
        assert json.loads(new.read("config.json")) == {"class_name": "x"}


def test_weights_are_compressed_anew_without_change(legacy: Path, tmp_path: Path) -> None:
    done = strip(legacy, tmp_path / "new.h5", gzip=9, shuffle=True)
    with h5py.File(legacy) as old, h5py.File(tmp_path / "new.h5") as new:
        place = "model_weights/dense/dense/kernel:0"
        assert (new[place].compression, new[place].compression_opts) == ("gzip", 9)
        assert new[place].shuffle
        assert new[place][()].tobytes() == old[place][()].tobytes()
        assert new["grows"].compression is None, "no weight"
    assert done.n_identical == done.n_weights


def test_a_weight_with_a_second_name_elsewhere_is_rounded_once(
    legacy: Path, tmp_path: Path
) -> None:
    with h5py.File(legacy, "r+") as file:
        file["zz_outside"] = file["model_weights/dense/dense/kernel:0"]
        file["a_cycle/root"] = file["/"]
    strip(legacy, tmp_path / "new.h5", floats="float16")
    with h5py.File(tmp_path / "new.h5") as new:
        assert new["zz_outside"] == new["model_weights/dense/dense/kernel:0"]
        assert new["zz_outside"].dtype == np.float16
        assert new["a_cycle/root"] == new["/"]


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_rounding_is_to_the_nearest_and_its_error_is_told(name: str, tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "old.weights.h5")
    done = strip(path, tmp_path / "new.weights.h5", floats=name)
    with h5py.File(path) as old, h5py.File(tmp_path / "new.weights.h5") as new:
        exact, stored = old["layers/dense/vars/0"][()], new["layers/dense/vars/0"]
        if name == "float16":
            assert stored.dtype == np.float16
            read = stored[()].astype("f8")
        else:
            assert (stored.dtype, stored.attrs["dtype"]) == (np.dtype("V2"), "bfloat16")
            read = (stored[()].view("<u2").astype("<u4") << 16).view("<f4").astype("f8")
        assert new["metrics/mean/vars/0"].dtype == np.float32, "no weight"
    error = float(np.abs(read - exact).max())
    assert 0 < error <= 2.0 ** -(10 if name == "float16" else 7)
    assert f"{error:.3g}" in done.notes[0]
    assert (done.n_weights, done.n_identical) == (1, 0)


def test_values_beyond_the_range_of_float16_are_refused(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "old.weights.h5")
    with h5py.File(path, "r+") as file:
        file["layers/dense/vars/0"][7] = 70_000
    with pytest.raises(CannotRead, match="beyond the range of float16"):
        strip(path, tmp_path / "new.weights.h5", floats="float16")


def test_a_file_without_optimizer_state_is_refused(legacy: Path, tmp_path: Path) -> None:
    strip(legacy, tmp_path / "once.h5")
    with pytest.raises(CannotRead, match="no optimizer state"):
        strip(tmp_path / "once.h5", tmp_path / "twice.h5")


def test_plain_hdf5_and_legacy_bfloat16_are_refused(legacy: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(CannotRead, match="no Keras model"):
        strip(tmp_path / "data.h5", tmp_path / "new.h5")
    with pytest.raises(CannotRead, match="bfloat16"):
        strip(legacy, tmp_path / "new.h5", floats="bfloat16")


def test_values_in_other_files_and_references_are_refused(legacy: Path, tmp_path: Path) -> None:
    with h5py.File(legacy, "r+") as file:
        file.create_dataset("far", (3,), "f4", external=[("far.bin", 0, 12)])
    with pytest.raises(CannotRead, match="another file"):
        strip(legacy, tmp_path / "new.h5")
    with h5py.File(legacy, "r+") as file:
        del file["far"]
        file.attrs["to"] = file["grows"].ref
    with pytest.raises(CannotRead, match="references"):
        strip(legacy, tmp_path / "new.h5")


def test_a_disk_that_lies_is_found_out(
    legacy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with h5py.File(legacy) as file:
        kernel = file["model_weights/dense/dense/kernel:0"][()].tobytes()
    write = Scratch.write

    def write_wrongly(self: Scratch, data: memoryview) -> int:
        piece = bytes(memoryview(data).cast("B"))
        if kernel[:64] in piece:
            piece = piece.replace(kernel[:4], b"\0\0\0\0", 1)
        return write(self, piece)

    monkeypatch.setattr(Scratch, "write", write_wrongly)
    with pytest.raises(CannotWrite, match="read back"):
        strip(legacy, tmp_path / "new.h5")


def test_the_plan_says_what_will_be(legacy: Path, tmp_path: Path) -> None:
    found = plan(legacy)
    assert [(part.name, part.n_bytes) for part in found.left_out] == [
        ("optimizer state", 400 * 60 * 8)
    ]
    assert [part.n_items for part in found.kept] == [3, 4]
    done = strip(legacy, tmp_path / "new.h5")
    assert abs(done.bytes_after - found.bytes_after) < 8000


def test_a_file_that_changes_meanwhile_is_refused(legacy: Path, tmp_path: Path) -> None:
    fd = os.open(tmp_path / "new.h5", os.O_RDWR | os.O_CREAT)
    with Source(str(legacy)) as source:
        container = open_container(source)
        steps = strip_file(StripFile(document=str(legacy), target="new.h5"), container, Scratch(fd))
        for _ in range(3):
            next(steps)
        with legacy.open("ab") as file:
            file.write(b"more")
        with pytest.raises(CannotRead, match="changed on disk"):
            for _ in steps:
                pass
        container.close()
    os.close(fd)


@pytest.mark.parametrize("user_block", [0, 1024])
@pytest.mark.parametrize("fill", [None, 7.0])
def test_large_weights_are_copied_beside_hdf5_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_block: int, fill: float | None
) -> None:
    """Nothing that HDF5 keeps back is written over them, and fill values stay."""
    monkeypatch.setattr("h5viewer.formats.hdf5_copying.SMALL", 0)
    values = np.random.default_rng(3).standard_normal((700, 811), np.float32)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=user_block) as file:
        for layer in "ab":
            group = f"model_weights/{layer}/{layer}/kernel:0"
            file.create_dataset(group, data=values, fillvalue=fill)
            file[f"optimizer_weights/{layer}"] = values
        file["model_weights"].attrs["layer_names"] = np.array(["a", "b"], "S")
    target = tmp_path / "b.h5"
    done = strip(path, target)
    assert (done.n_weights, done.n_identical) == (2, 2)
    with h5py.File(target) as file:
        assert file.userblock_size == user_block
        for layer in "ab":
            kept = file[f"model_weights/{layer}/{layer}/kernel:0"]
            assert np.array_equal(kept[:], values)
            assert kept.fillvalue == (fill or 0)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_groups_of_many_names_in_order_are_copied_in_their_order(
    libver: str, tmp_path: Path
) -> None:
    names = [f"layer_{number}" for number in range(20, 0, -1)]
    with h5py.File(tmp_path / "a.h5", "w", track_order=True, libver=libver) as file:
        file.attrs["model_config"] = "{}"
        weights = file.create_group("model_weights", track_order=True)
        for name in names:
            weights.create_group(name, track_order=True)["kernel:0"] = np.ones(4)
        file["optimizer_weights/m"] = np.zeros(100)
    assert strip(tmp_path / "a.h5", tmp_path / "b.h5").n_identical == 20
    with h5py.File(tmp_path / "b.h5") as file:
        assert list(file["model_weights"]) == names
