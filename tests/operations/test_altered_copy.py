"""Copies with something different: what changes, and that nothing else does."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from exported import export_here, plan_here
from stripped_corpus import structure_differences

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import ChangePreview
from h5viewer.operations.preview_change import preview_change
from h5viewer.requests import (
    AnyChange,
    ComputeWeight,
    EditFile,
    FreezeLayers,
    PasteValues,
    PreviewChange,
    RenameLayer,
    RenameLayers,
    SetAttribute,
    SetClassNames,
    SetElement,
)

KERNEL = (b"model_weights", b"dense", b"m", b"dense", b"kernel")


def dense(name: str, trainable: bool = True, fed_by: str = "") -> dict[str, Any]:
    config = {"name": name, "trainable": trainable, "units": 3, "dtype": "float32"}
    config |= {"activation": "linear", "use_bias": True}
    layer: dict[str, Any] = {"module": "keras.layers", "class_name": "Dense", "config": config}
    layer |= {"registered_name": None, "name": name}
    history = {"shape": [None, 3], "dtype": "float32", "keras_history": [fed_by, 0, 0]}
    tensor = {"class_name": "__keras_tensor__", "config": history}
    return {**layer, "inbound_nodes": [{"args": [tensor], "kwargs": {}}]}


def config() -> dict[str, Any]:
    first = {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None}
    first |= {"config": {"batch_shape": [None, 3], "dtype": "float32", "name": "in"}}
    first |= {"name": "in", "inbound_nodes": []}
    layers = [first, dense("dense", fed_by="in"), dense("dense_1", fed_by="dense")]
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "registered_name": "Functional",
        "config": {
            "name": "m",
            "trainable": True,
            "layers": layers,
            "input_layers": [["in", 0, 0]],
            "output_layers": [["dense_1", 0, 0]],
        },
    }


TRAINING = {"loss": {"dense_1": "mse"}, "loss_weights": None, "metrics": ["accuracy"]}


def write_legacy(path: Path) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["model_config"] = json.dumps(config())
        file.attrs["training_config"] = np.bytes_(json.dumps(TRAINING))
        file.attrs["keras_version"] = "3.9.0"
        file.attrs["backend"] = np.bytes_(b"tensorflow")
        file.attrs["epochs"] = np.int16(7)
        file.attrs["rates"] = np.array([0.1, 0.2], ">f4")
        file.attrs["done"] = True
        weights = file.create_group("model_weights")
        weights.attrs["layer_names0"] = np.array([b"in", b"dense"])
        weights.attrs["layer_names1"] = np.array([b"dense_1"])
        weights.create_group("in").attrs["weight_names"] = np.zeros(0)
        for name in ("dense", "dense_1"):
            group = weights.create_group(name)
            group.attrs["weight_names"] = np.array([f"m/{name}/kernel", f"m/{name}/bias"], "S")
            kernel = rng.normal(size=(3, 3)).astype("f4")
            group.create_dataset(f"m/{name}/kernel", data=kernel, chunks=(2, 3), compression=4)
            group.create_dataset(f"m/{name}/bias", data=np.array([1, np.nan, 3], ">f4"))
        state = file.create_group("optimizer_weights")
        names = ["adam/iteration", "adam/m_dense_kernel_momentum", "adam/m_dense_1_kernel_momentum"]
        state.attrs["weight_names"] = np.array(names, "S")
        for name in names:
            state[name] = np.ones(3)
        file["again"] = weights["dense/m/dense/bias"]
        file["words"] = np.array(["one", "zwei"], dtype=h5py.string_dtype())
        file["counts"] = np.array([1, 2, 3], "u1")
    return path


def write_archive(path: Path) -> Path:
    inner = path.with_name("inner.h5")
    with h5py.File(inner, "w") as file:
        for group, name in (("dense", "dense"), ("dense_1", "dense_1")):
            file[f"layers/{group}/vars/0"] = np.arange(9, dtype="f4").reshape(3, 3)
            file[f"layers/{group}/vars/1"] = np.zeros(3, "f4")
            file[f"layers/{group}/vars"].attrs["name"] = name
        file["optimizer/vars/0"] = np.int64(5)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.9.0"}')
        archive.writestr("config.json", json.dumps({**config(), "compile_config": TRAINING}))
        archive.write(inner, "model.weights.h5")
        archive.writestr("assets/notes.txt", "kept")
    return path


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(tmp_path / "old.h5")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "old.keras")


def edit(source: Path, *changes: AnyChange) -> Path:
    target = source.with_name(f"new{source.suffix}")
    export_here(EditFile(document=str(source), target=str(target), changes=changes))
    return target


def preview(source: Path, change: AnyChange, *before: AnyChange) -> ChangePreview:
    with Source(str(source)) as opened:
        container = open_container(opened)
        request = PreviewChange(document=str(source), change=change, before=before)
        steps = preview_change(request, container)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            container.close()
            return end.value


# -------------------------------------------------------------------------- edit


def test_only_the_changed_weight_differs(legacy: Path) -> None:
    new = edit(
        legacy,
        ComputeWeight(path=KERNEL, expression="x * 2"),
        ComputeWeight(path=KERNEL, expression="x[0, 0] = 5"),
        SetElement(path=(b"counts",), index=(1,), text="200"),
    )
    with h5py.File(legacy) as old, h5py.File(new) as made:
        wanted = old["/".join(p.decode() for p in KERNEL)][()] * np.float32(2)
        wanted[0, 0] = 5
        kernel = made["/".join(p.decode() for p in KERNEL)]
        assert np.array_equal(kernel[()], wanted)
        assert (kernel.chunks, kernel.compression_opts) == ((2, 3), 4)
        assert made["counts"][()].tolist() == [1, 200, 3]
    assert set(structure_differences_all(legacy, new)) == {
        "model_weights/dense/m/dense/kernel",
        "counts",
    }


def structure_differences_all(old: Path, new: Path) -> list[str]:
    """As `structure_differences`, of the optimizer's state, too."""
    from stripped_corpus import _differences

    with h5py.File(old) as first, h5py.File(new) as second:
        return _differences(first, second, "")


def test_attributes_keep_their_types(legacy: Path) -> None:
    new = edit(
        legacy,
        SetAttribute(path=(), name=b"epochs", text="-3"),
        SetAttribute(path=(), name=b"rates", text="[0.5, 1e-3]"),
        SetAttribute(path=(), name=b"backend", text="jax"),
        SetAttribute(path=(), name=b"done", text="false"),
        SetAttribute(path=(b"model_weights",), name=b"layer_names1", text='["last"]'),
    )
    with h5py.File(legacy) as old, h5py.File(new) as made:
        for name in ("epochs", "rates", "backend", "done"):
            assert made.attrs.get_id(name).get_type().equal(old.attrs.get_id(name).get_type())
        assert (made.attrs["epochs"], made.attrs["done"]) == (-3, False)
        assert made.attrs["rates"].tolist() == np.array([0.5, 1e-3], "f4").tolist()
        assert made.attrs["backend"] == b"jax"
        assert made["model_weights"].attrs["layer_names1"].tolist() == [b"last"]
    assert set(structure_differences_all(legacy, new)) == {"/", "model_weights"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"epochs", "40000"), (b"epochs", "1.5"), (b"epochs", "many"), (b"rates", "1e39"),
        (b"rates", "[1]"), (b"rates", "[1, [2, 3]]"), (b"rates", '["a", "b"]'), (b"backend", "é"),
        (b"backend", "a text that is longer than before"), (b"done", "perhaps"), (b"nothing", "1"),
        (b"model_config", "{"), (b"rates", "["),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused(legacy: Path, name: bytes, text: str) -> None:
    change = SetAttribute(path=(), name=name, text=text)
    with pytest.raises(CannotRead) as refusal:
        edit(legacy, change)
    assert preview(legacy, change).refusal == refusal.value.message


def test_class_names_keep_their_form(legacy: Path) -> None:
    with h5py.File(edit(legacy, SetClassNames(names=("cat", "Löwe")))) as made:
        assert made.attrs["class_names"].tolist() == ["cat", "Löwe"]
    for stored, wanted in (
        ("cat\ndog", "lion\ntiger"),
        ("cat, dog", "lion, tiger"),
        ('["cat", "dog"]', '["lion", "tiger"]'),
        ('{"cat": 0, "dog": 1}', '{"lion": 0, "tiger": 1}'),
        ('{"0": "cat", "1": "dog"}', '{"0": "lion", "1": "tiger"}'),
    ):
        with h5py.File(legacy, "r+") as file:
            file.attrs["labels"] = stored
        with h5py.File(edit(legacy, SetClassNames(names=("lion", "tiger")))) as made:
            assert made.attrs["labels"] == wanted
    with h5py.File(legacy, "r+") as file:
        file.attrs["labels"] = np.array([b"cat", b"dog"])
    with h5py.File(edit(legacy, SetClassNames(names=("lion", "tiger")))) as made:
        assert made.attrs["labels"].tolist() == [b"lion", b"tiger"]


@pytest.mark.parametrize(
    "change",
    [
        ComputeWeight(path=(b"nowhere",), expression="x"),
        ComputeWeight(path=(b"model_weights",), expression="x"),
        ComputeWeight(path=(b"words",), expression="x"),
        ComputeWeight(path=(b"counts",), expression="x * 0.5"),
        SetElement(path=(b"counts",), index=(3,), text="1"),
        SetElement(path=(b"counts",), index=(0,), text="256"),
        PasteValues(path=KERNEL, text="1 2"),
        SetClassNames(names=("one",)),
        RenameLayer(old="nobody", new="x"),
        RenameLayer(old="dense", new="a/b"),
    ],
)
def test_changes_that_cannot_be_made_are_refused_alike(legacy: Path, change: AnyChange) -> None:
    with pytest.raises(CannotRead) as refusal:
        edit(legacy, change)
    assert preview(legacy, change).refusal == refusal.value.message
    with pytest.raises(CannotRead, match="no changes"):
        edit(legacy)


@pytest.mark.parametrize("path", ["again", "model_weights/dense/m/dense/bias"])
def test_a_dataset_with_two_names_changes_under_either(legacy: Path, path: str) -> None:
    parts = tuple(part.encode() for part in path.split("/"))
    with h5py.File(edit(legacy, SetElement(path=parts, index=(0,), text="9"))) as made:
        assert made["again"][0] == made["model_weights/dense/m/dense/bias"][0] == 9
        assert made["again"] == made["model_weights/dense/m/dense/bias"]


def test_an_attribute_that_would_be_lost_under_another_name_is_refused(legacy: Path) -> None:
    with h5py.File(legacy, "r+") as file:
        file["again"].attrs["x"] = 1
    bias = (b"model_weights", b"dense", b"m", b"dense", b"bias")
    with pytest.raises(CannotWrite, match="another name"):
        edit(legacy, SetAttribute(path=bias, name=b"x", text="2"))


def test_archives_are_edited_inside(archive: Path) -> None:
    path = (b"model.weights.h5", b"layers", b"dense", b"vars", b"0")
    new = edit(
        archive, ComputeWeight(path=path, expression="-x"), RenameLayer(old="dense", new="d")
    )
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(new) as made:
        changed = [each for each in old.namelist() if old.read(each) != made.read(each)]
        assert changed == ["config.json", "model.weights.h5"]
        archive.with_name("a.h5").write_bytes(old.read("model.weights.h5"))
        archive.with_name("b.h5").write_bytes(made.read("model.weights.h5"))
    differences = structure_differences_all(archive.with_name("a.h5"), archive.with_name("b.h5"))
    assert set(differences) == {"layers/dense/vars/0", "layers/dense/vars"}
    with pytest.raises(CannotRead, match="no place for class names"):
        edit(archive, SetClassNames(names=("a", "b")))
    with pytest.raises(CannotRead, match="part of the archive"):
        edit(archive, SetAttribute(path=(), name=b"x", text="1"))


def test_previews_say_what_would_be(legacy: Path) -> None:
    twice = ComputeWeight(path=(b"counts",), expression="x * 2")
    found = preview(legacy, SetElement(path=(b"counts",), index=(2,), text="9"), twice)
    assert (found.old, found.new, found.refusal) == ("6", "9", "")
    found = preview(legacy, ComputeWeight(path=(b"counts",), expression="x[1] = 0"), twice)
    assert (found.old, found.new) == ("2, 4, 6", "2, 0, 6") or found.old.startswith("4")
    assert found.notes == ("1 of 3 values change.",)
    found = preview(legacy, SetAttribute(path=(), name=b"backend", text="jax"))
    assert (found.old, found.new) == ("tensorflow", "jax")
    found = preview(
        legacy, RenameLayer(old="dense", new="dense_1"), RenameLayer(old="dense_1", new="z")
    )
    assert (found.old, found.new, found.refusal) == ("dense", "dense_1", "")


# ------------------------------------------------------------------------ rename


def rename(source: Path, *names: tuple[str, str]) -> Path:
    target = source.with_name(f"renamed{source.suffix}")
    export_here(RenameLayers(document=str(source), target=str(target), names=names))
    return target


def test_names_change_wherever_the_file_mentions_them(legacy: Path) -> None:
    new = rename(legacy, ("dense", "dense_1"), ("dense_1", "a-much-longer.name"))
    with h5py.File(legacy) as old, h5py.File(new) as made:
        text = made.attrs["model_config"]
        layers = json.loads(text)["config"]["layers"]
        assert [each["config"]["name"] for each in layers] == [
            "in", "dense_1", "a-much-longer.name",
        ]  # fmt: skip
        tensor = layers[2]["inbound_nodes"][0]["args"][0]
        assert tensor["config"]["keras_history"][0] == "dense_1"
        assert json.loads(text)["config"]["output_layers"] == [["a-much-longer.name", 0, 0]]
        loss = json.loads(made.attrs["training_config"])["loss"]
        assert loss == {"a-much-longer.name": "mse"}
        weights = made["model_weights"]
        assert weights.attrs["layer_names0"].tolist() == [b"in", b"dense_1"]
        assert weights.attrs["layer_names1"].tolist() == [b"a-much-longer.name"]
        for before, after in (("dense", "dense_1"), ("dense_1", "a-much-longer.name")):
            names = [f"m/{after}/kernel".encode(), f"m/{after}/bias".encode()]
            assert weights[after].attrs["weight_names"].tolist() == names
            first, second = (
                group[f"{name}/m/{name}/kernel"][()]
                for group, name in ((old["model_weights"], before), (weights, after))
            )
            assert np.array_equal(first, second)
        state = made["optimizer_weights"]
        assert set(state["adam"]) == {
            "iteration", "m_dense_1_kernel_momentum", "m_a-much-longer.name_kernel_momentum",
        }  # fmt: skip
        assert {"adam/" + name for name in state["adam"]} == {
            name.decode() for name in state.attrs["weight_names"]
        }
        assert made["again"] == weights["dense_1/m/dense_1/bias"]


def test_losses_of_a_table_of_outputs_keep_its_keys(tmp_path: Path) -> None:
    """Keras knows them by the keys, whatever the layers are called."""
    path = write_legacy(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        stated = config()
        stated["config"]["output_layers"] = {"dense_1": ["dense_1", 0, 0]}
        file.attrs["model_config"] = json.dumps(stated)
    rename = RenameLayers(
        document=str(path), target=str(tmp_path / "b.h5"), names=(("dense_1", "end"),)
    )
    export_here(rename)
    with h5py.File(tmp_path / "b.h5") as made:
        outputs = json.loads(made.attrs["model_config"])["config"]["output_layers"]
        assert outputs == {"dense_1": ["end", 0, 0]}
        assert json.loads(made.attrs["training_config"])["loss"] == {"dense_1": "mse"}


def test_soft_links_lead_where_they_led(legacy: Path) -> None:
    bias = "dense/m/dense/bias"
    links = {
        "far": f"/model_weights/{bias}",
        "model_weights/near": bias,
        "model_weights/dense/inside": "m/dense/bias",
        "model_weights/dense_1/other": "./m/dense_1/bias",
        "nowhere": "/model_weights/dense/gone/./on",
        "outside": "words",
    }
    with h5py.File(legacy, "r+") as file:
        for name, target in links.items():
            file[name] = h5py.SoftLink(target)
    new = rename(legacy, ("dense", "renamed"))
    with h5py.File(new) as made:
        found = {
            name: made.get(name.replace("dense/", "renamed/"), getlink=True).path for name in links
        }
        assert found == {
            "far": "/model_weights/renamed/m/renamed/bias",
            "model_weights/near": "renamed/m/renamed/bias",
            "model_weights/dense/inside": "m/renamed/bias",
            "model_weights/dense_1/other": "./m/dense_1/bias",
            "nowhere": "/model_weights/renamed/gone/on",
            "outside": "words",
        }
        assert made["far"] == made["model_weights/renamed/inside"] == made["again"]


@pytest.mark.parametrize(
    "names",
    [
        [("dense", "dense_1")], [("nobody", "x")], [("dense", "")], [("dense", "a b")],
        [("dense", "a/b")], [("dense", "_x")], [("dense", "ü")], [("dense", "n" * 300)],
        [("dense", "x"), ("dense_1", "x")], [("dense", "x"), ("dense", "y")], [("dense", "dense")],
        [("dense", "top_level_model_weights")],
    ],
)  # fmt: skip
def test_clashes_and_illegal_names_are_refused(
    legacy: Path, archive: Path, names: list[tuple[str, str]]
) -> None:
    for source in (legacy, archive):
        with pytest.raises(CannotRead) as refusal:
            rename(source, *names)
        request = RenameLayers(document=str(source), target="new.h5", names=tuple(names))
        with pytest.raises(CannotRead, match=refusal.value.message[:20].replace("(", ".")):
            plan_here(request)


def test_archives_keep_names_beside_the_variables(archive: Path) -> None:
    new = rename(archive, ("dense_1", "end"))
    with zipfile.ZipFile(new) as made:
        stated = json.loads(made.read("config.json"))
        assert stated["compile_config"]["loss"] == {"end": "mse"}
        assert made.read("assets/notes.txt") == b"kept"
        (new.with_name("weights.h5")).write_bytes(made.read("model.weights.h5"))
    with h5py.File(new.with_name("weights.h5")) as weights:
        assert weights["layers/dense_1/vars"].attrs["name"] == "end"
        assert weights["layers/dense/vars"].attrs["name"] == "dense"
        assert weights["optimizer/vars/0"][()] == 5


def test_long_lists_of_names_are_split_as_keras_splits_them(tmp_path: Path) -> None:
    path = tmp_path / "many.h5"
    names = [f"layer_{i}" for i in range(600)]
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(names, "S")
        for name in names:
            file.create_group(name).attrs["weight_names"] = np.zeros(0)
        file["layer_0/w"] = 1.0
        file["layer_0"].attrs["weight_names"] = np.array([b"w"])
    with h5py.File(rename(path, ("layer_3", "n" * 180))) as made:
        parts = [made.attrs[f"layer_names{i}"] for i in range(2)]
        assert "layer_names" not in made.attrs
        listed = [name.decode() for part in parts for name in part]
        assert listed == [*names[:3], "n" * 180, *names[4:]]


# ------------------------------------------------------------------------ freeze


def freeze(source: Path, *frozen: str, train: tuple[str, ...] = ()) -> tuple[Path, Any]:
    target = source.with_name(f"frozen-{source.name}")
    request = FreezeLayers(document=str(source), target=str(target), frozen=frozen, trained=train)
    return target, export_here(request)


def flags(text: Any) -> dict[str, bool]:
    layers = json.loads(text)["config"]["layers"]
    return {each["name"]: each["config"].get("trainable") for each in layers}


def test_flags_change_and_the_state_of_other_weights_goes(legacy: Path) -> None:
    new, done = freeze(legacy, "*", train=("dense_1",))
    with h5py.File(new) as made:
        assert flags(made.attrs["model_config"]) == {"in": None, "dense": False, "dense_1": True}
        assert "optimizer_weights" not in made
    assert set(structure_differences(legacy, new)) == {"/"}
    assert any("fresh optimizer" in note for note in done.notes)
    assert any("“dense”" in note for note in done.notes)
    assert any("Training changes 2 weights" in note for note in done.notes)
    again, done = freeze(new, train=("dense",))
    with h5py.File(again) as made:
        assert flags(made.attrs["model_config"])["dense"] is True
    with pytest.raises(CannotRead, match="already"):
        freeze(again, train=("dense*",))


def test_archives_keep_all_but_flags_and_state(archive: Path) -> None:
    new, _ = freeze(archive, "dense")
    assert structure_differences(archive, new) == ["config.json"]
    with zipfile.ZipFile(new) as made:
        assert flags(made.read("config.json"))["dense"] is False


def test_patterns_that_mean_no_layer_are_refused(legacy: Path) -> None:
    with pytest.raises(CannotRead, match="no layer “conv") as refusal:
        freeze(legacy, "conv*")
    with pytest.raises(CannotRead) as refusal:
        freeze(legacy, "dens_1")
    assert "dense_1" in refusal.value.hint


def test_weights_alone_and_other_files_are_refused(tmp_path: Path) -> None:
    for name, make in (("w.h5", {"layer_names": np.array([b"a"])}), ("plain.h5", {"x": 1})):
        with h5py.File(tmp_path / name, "w") as file:
            file.create_group("a")
            for key, value in make.items():
                file.attrs[key] = value
        with pytest.raises(CannotRead, match="no architecture"):
            freeze(tmp_path / name, "a")
