"""Salvaging: everything outside the damage is saved bit for bit, and nothing that is damaged."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from exported import export_here, plan_here

from h5viewer.errors import CannotOpen, CannotRead, CannotWrite
from h5viewer.formats.hdf5_scan import Scan, scan
from h5viewer.formats.overwritten import look_overwritten
from h5viewer.nodes import Exported
from h5viewer.requests import SalvageFile


def write_model(path: Path, **options: object) -> Path:
    """Five layers as Keras writes them, some of them packed and with checksums."""
    rng = np.random.default_rng(3)
    with h5py.File(path, "w", **options) as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": []})
        weights = file.create_group("model_weights")
        names = [b"dense_%d" % n for n in range(5)]
        weights.attrs["layer_names"] = names
        for number, name in enumerate(names):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [name + b"/kernel:0", name + b"/bias:0"]
            packed = {"chunks": (10, 30), "compression": "gzip", "fletcher32": True}
            kernel = rng.normal(size=(20, 30)).astype("f4")
            group.create_dataset(name + b"/kernel:0", data=kernel, **(packed if number % 2 else {}))
            group.create_dataset(name + b"/bias:0", data=rng.normal(size=30).astype("f4"))
        file["labels"] = np.array(["eins", "zwei"], dtype=h5py.string_dtype())
    return path


def values_of(path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def visit(name: str, node: h5py.Group | h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = node[()]

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def same(first: np.ndarray, second: np.ndarray) -> bool:
    if first.dtype.hasobject:
        return first.tolist() == second.tolist()
    return first.dtype == second.dtype and first.tobytes() == second.tobytes()


def salvage(path: Path, target: Path) -> Exported:
    return export_here(SalvageFile(document=str(path), target=str(target)))


def place_of(path: Path, name: str) -> tuple[int, int]:
    """Where a dataset's bytes, or those of its first chunk, are in the file."""
    with h5py.File(path) as file:
        dataset = file[name]
        if dataset.chunks is not None:
            chunk = dataset.id.get_chunk_info(0)
            return chunk.byte_offset, chunk.size
        return dataset.id.get_offset(), dataset.id.get_storage_size()


def described_at(path: Path, name: str) -> int:
    with h5py.File(path) as file:
        low, _ = h5py.h5g.get_objinfo(file[name].id).objno
        return low + file.userblock_size


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model.h5")


def test_a_whole_file_is_saved_as_it_is(model: Path, tmp_path: Path) -> None:
    done = salvage(model, tmp_path / "new.h5")
    assert done.notes == ("Nothing is lost: all of it is whole.",)
    before, after = values_of(model), values_of(tmp_path / "new.h5")
    assert before.keys() == after.keys()
    assert all(same(before[name], after[name]) for name in before)
    with h5py.File(tmp_path / "new.h5") as file:
        assert json.loads(file.attrs["model_config"])["class_name"] == "Sequential"
        assert file["model_weights/dense_1/dense_1/kernel:0"].fletcher32


@pytest.mark.parametrize(
    "options", [{}, {"libver": "latest"}, {"userblock_size": 512}], ids=["usual", "new", "block"]
)
@pytest.mark.parametrize("share", [0.97, 0.8, 0.5, 0.3])
def test_what_is_before_the_cut_is_saved(
    tmp_path: Path, share: float, options: dict[str, object]
) -> None:
    path = write_model(tmp_path / "model.h5", **options)
    before = values_of(path)
    size = int(path.stat().st_size * share)
    with h5py.File(path) as file:  # of packed ones more has to be there than the first chunk
        numbered = [name for name in before if name != "labels" and file[name].chunks is None]
    whole = {
        name
        for name in numbered
        if sum(place_of(path, name)) <= size and described_at(path, name) + 400 <= size
    }
    os.truncate(path, size)
    if not whole:
        pytest.skip("nothing is left of so small a file")
    salvage(path, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert len(after.pop("salvage_report"))
    named = {name for name in after if not name.startswith("found_again")}
    assert all(same(before[name], after[name]) for name in named)
    assert set(numbers(after)) <= set(numbers(before))
    saved = {each.tobytes() for each in after.values()}
    missed = {name for name in whole if before[name].tobytes() not in saved}
    assert not missed or "libver" in options  # whose groups cannot be looked for, only followed


def test_chunks_with_wrong_checksums_are_not_saved(model: Path, tmp_path: Path) -> None:
    start, length = place_of(model, "model_weights/dense_1/dense_1/kernel:0")
    overwrite(model, start + length // 2, b"\x55\xaa\x55")
    before = write_model(tmp_path / "again.h5")
    done = salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    lost = "model_weights/dense_1/dense_1/kernel:0"
    assert lost not in after
    rest = {name: value for name, value in values_of(before).items() if name != lost}
    assert all(same(rest[name], after[name]) for name in rest)
    told, doubtful = after["salvage_report"].tolist()
    assert told[0] == b"/" + lost.encode()
    assert b"checks" in told[1]
    assert doubtful[0] == b""
    assert doubtful[1].startswith(b"9 datasets that were saved are stored without a checksum")
    assert any(lost in note for note in done.notes)
    with h5py.File(tmp_path / "new.h5") as file:  # Keras takes whole layers only
        weights = file["model_weights"]
        assert weights.attrs["layer_names"].tolist() == [
            b"dense_0", b"dense_2", b"dense_3", b"dense_4",
        ]  # fmt: skip
        assert weights["dense_1"].attrs["weight_names"].tolist() == [b"dense_1/bias:0"]


def test_one_lost_dataset_is_told_of_once(tmp_path: Path) -> None:
    """Groups of the newer kind are found again by what they look like, too."""
    damaged = tmp_path / "model.h5"
    with h5py.File(damaged, "w", libver="latest") as file:
        for number in range(20):
            values = np.arange(1200, dtype="f4").reshape(40, 30) * number
            name = f"{number // 2}/{number % 2}"
            file.create_dataset(name, data=values, compression="gzip")
    start, length = place_of(damaged, "1/0")
    overwrite(damaged, start + length // 2, b"\x55\xaa\x55")
    done = salvage(damaged, tmp_path / "new.h5")
    assert done.notes[0] == "1 item could not be saved; the new file lists it."
    with h5py.File(tmp_path / "new.h5") as file:
        assert set(file) == {*map(str, range(10)), "salvage_report"}


def test_values_that_nothing_vouches_for_are_told_of_in_damaged_files_alone(
    model: Path, tmp_path: Path
) -> None:
    def doubts(name: str) -> list[str]:
        notes = salvage(model, tmp_path / name).notes
        return [note for note in notes if "without a checksum" in note]

    whole = model.read_bytes()
    assert not doubts("whole.h5")
    model.write_bytes(whole[: len(whole) * 3 // 4])  # what is left is as it was
    assert not doubts("cut.h5")
    model.write_bytes(whole)
    overwrite(model, described_at(model, "model_weights/dense_2/dense_2/bias:0"), b"\xff" * 16)
    assert len(doubts("damaged.h5")) == 1


def test_a_damaged_description_costs_one_dataset(model: Path, tmp_path: Path) -> None:
    before = values_of(model)
    name = "model_weights/dense_2/dense_2/bias:0"
    with h5py.File(model) as file:
        low, _ = h5py.h5g.get_objinfo(file[name].id).objno
    overwrite(model, low, b"\xff" * 24)
    salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert set(before) - set(after) == {name}
    assert all(same(before[each], after[each]) for each in set(before) & set(after))


def test_texts_in_a_damaged_heap_are_lost_and_nothing_waits_for_ever(
    model: Path, tmp_path: Path
) -> None:
    """HDF5 goes round in such a heap without an end."""
    before = values_of(model)
    heap = model.read_bytes().find(b"GCOL")
    overwrite(model, heap + 16, bytes(16))
    done = salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert any("attribute model_config" in note for note in done.notes)
    assert numbers(after) == numbers(before)


def numbers(found: dict[str, np.ndarray]) -> list[bytes]:
    return sorted(each.tobytes() for each in found.values() if not each.dtype.hasobject)


@pytest.mark.parametrize("signature", [b"TREE\0", b"SNOD", b"HEAP"], ids=["tree", "node", "heap"])
def test_all_values_are_found_again_where_a_list_of_names_is_damaged(
    model: Path, tmp_path: Path, signature: bytes
) -> None:
    before = values_of(model)
    data = model.read_bytes()
    places = [n for n in range(len(data)) if data.startswith(signature, n)]
    assert len(places) > 5
    for place in places[::3]:
        overwrite(model, 0, data)
        overwrite(model, place, b"\0" * 8)
        salvage(model, tmp_path / "new.h5")
        after = values_of(tmp_path / "new.h5")
        after.pop("salvage_report", None)
        assert numbers(after) == numbers(before)
        named = set(before) & set(after)
        assert all(same(before[name], after[name]) for name in named)
        assert all(name.startswith("found_again/") for name in set(after) - named)


def test_weights_whose_names_are_damaged_are_listed(model: Path, tmp_path: Path) -> None:
    """What a layer calls kernel is there under another name, so Keras would not find it."""
    data = model.read_bytes()
    place = data.index(b"kernel:0\0", data.index(b"TREE"))
    overwrite(model, place, b"kernal")
    done = salvage(model, tmp_path / "new.h5")
    lost = [note for note in done.notes if note.startswith("Lost: ")]
    assert len(lost) == 1
    assert "/kernel:0. It is listed, but nothing is stored under this name." in lost[0]
    with h5py.File(tmp_path / "new.h5") as file:
        assert file["salvage_report"].asstr()[0, 0] in lost[0]
        assert len(file["model_weights"].attrs["layer_names"]) == 4
        assert numbers(values_of(model)) == numbers(
            {n: v for n, v in values_of(tmp_path / "new.h5").items() if n != "salvage_report"}
        )


def test_lists_that_name_links_are_not_followed_outside(model: Path, tmp_path: Path) -> None:
    with h5py.File(model, "r+") as file:
        weights = file["model_weights"]
        weights["dense_0/out"] = h5py.ExternalLink("other.h5", "/")
        weights["dense_0/self"] = weights
        weights["dense_0"].attrs["weight_names"] = ["out/a", "self/dense_1", "../x", "/gone", "."]
        weights.attrs["layer_names"] = ["dense_0", "dense_0/self", "dense_0/self/dense_0"]
    done = salvage(model, tmp_path / "new.h5")
    assert sum("It is listed" in note for note in done.notes) >= 2


def test_what_the_root_held_is_listed_where_it_is_damaged(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model.h5", libver="latest")
    with h5py.File(path) as file:
        overwrite(path, h5py.h5o.get_info(file.id).addr + 20, b"\0" * 8)
    done = salvage(path, tmp_path / "new.h5")
    assert done.notes[1] == (
        "Lost: /. Its description is damaged: its attributes and its list of names are lost."
    )


def test_names_that_fit_several_groups_are_given_to_none(model: Path, tmp_path: Path) -> None:
    """Each layer has a kernel and a bias: to mix them up would be worse than to lose the names."""
    before, data = values_of(model), model.read_bytes()
    for place in [n for n in range(len(data)) if data.startswith(b"TREE\0", n)]:
        overwrite(model, place, b"\0" * 4)
    salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert numbers(after) == numbers(before)
    assert all(same(before[name], after[name]) for name in set(before) & set(after))
    assert all(name.startswith(("found_again/", "salvage")) for name in set(after) - set(before))


@pytest.mark.parametrize("group", ["dense_1", "dense_1/dense_1"])
def test_names_are_not_given_to_a_group_whose_own_values_are_lost(
    group: str, model: Path, tmp_path: Path
) -> None:
    """What belongs to it is known, and gone; layers have weights of like names."""
    before, data = values_of(model), model.read_bytes()
    with h5py.File(model) as file:
        weights = file["model_weights"]
        gone = data.index(b"TREE", h5py.h5o.get_info(weights[group].id).addr)
        other = h5py.h5o.get_info(weights["dense_3/dense_3"].id).addr
    overwrite(model, int.from_bytes(data[gone + 32 : gone + 40], "little"), b"\0" * 8)
    overwrite(model, other, b"\0" * (data.index(b"HEAP", other) + 4 - other))
    salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert numbers(after) == numbers(before)
    assert all(same(before[name], after[name]) for name in set(before) & set(after))
    assert all(name.startswith(("found_again/", "salvage")) for name in set(after) - set(before))


def test_a_description_that_is_cut_does_not_lose_attributes_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "attributes.h5"
    with h5py.File(path, "w") as file:
        file["before"] = np.arange(5)
        file["x"] = np.arange(300)
        for number in range(40):
            file["x"].attrs[f"a{number}"] = number
    with h5py.File(path) as file:
        data_end = file["x"].id.get_offset() + file["x"].id.get_storage_size()
    data = path.read_bytes()
    n_lost = 0
    for size in range(data_end + 8, len(data), 104):
        path.write_bytes(data[:size])
        done = salvage(path, tmp_path / "new.h5")
        with h5py.File(tmp_path / "new.h5") as file:
            assert file["before"][()].tolist() == [0, 1, 2, 3, 4]
            assert "x" not in file or len(file["x"].attrs) == 40
            n_lost += "x" not in file
        assert "x" in values_of(tmp_path / "new.h5") or any("Lost: /x." in n for n in done.notes)
    assert n_lost


def test_names_are_put_where_only_they_belong(model: Path, tmp_path: Path) -> None:
    before, data = values_of(model), model.read_bytes()
    *_, found = scan(lambda at, length: data[at : at + length], len(data))
    assert isinstance(found, Scan)
    with h5py.File(model) as file:
        place, _ = h5py.h5g.get_objinfo(file["model_weights"].id).objno
    overwrite(model, found.groups[place].tree, b"\0" * 4)
    done = salvage(model, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert set(before) <= set(after)
    assert any("found by looking through" in note for note in done.notes)
    with h5py.File(tmp_path / "new.h5") as file:
        assert len(file["model_weights"].attrs["layer_names"]) == 5


# ------------------------------------------------------------------------ archives


def write_archive(path: Path, folder: Path, method: int = zipfile.ZIP_STORED) -> Path:
    with h5py.File(folder / "inner.h5", "w") as file:
        for n in range(6):
            file[f"layers/dense_{n}/vars/0"] = np.random.default_rng(n).normal(size=(50, 40))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.9.0"}')
        archive.writestr("config.json", json.dumps({"class_name": "x", "n": list(range(100))}))
        archive.writestr("assets/words.txt", "one\ntwo\n")
        archive.write(folder / "inner.h5", "model.weights.h5")
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_is_cut_short_keeps_what_came_before(tmp_path: Path, method: int) -> None:
    path = write_archive(tmp_path / "model.keras", tmp_path, method)
    os.truncate(path, path.stat().st_size * 6 // 10)
    salvage(path, tmp_path / "new.keras")
    before = values_of(tmp_path / "inner.h5")
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        assert archive.testzip() is None
        assert {"config.json", "metadata.json", "assets/words.txt"} <= set(archive.namelist())
        report = json.loads(archive.read("salvage.json"))
        (tmp_path / "saved.h5").write_bytes(archive.read("model.weights.h5"))
    after = values_of(tmp_path / "saved.h5")
    after.pop("salvage_report")
    assert report["lost"]
    assert 1 <= len(after) < len(before)
    assert all(same(before[name], after[name]) for name in after)


def test_an_entry_with_a_wrong_checksum_is_not_saved(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.keras", tmp_path)
    overwrite(path, path.read_bytes().find(b'"class_name"') + 2, b"X")
    salvage(path, tmp_path / "new.keras")
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        assert "config.json" not in archive.namelist()
        assert "checksum" in json.loads(archive.read("salvage.json"))["lost"][0][1]
        assert "model.weights.h5" in archive.namelist()


def test_weights_with_a_wrong_checksum_come_with_a_warning(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.keras", tmp_path)
    overwrite(path, path.stat().st_size // 2, b"\x01")
    done = salvage(path, tmp_path / "new.h5")
    assert any("may be wrong" in note for note in done.notes)
    assert "salvage_report" in values_of(tmp_path / "new.h5")


@pytest.mark.parametrize("sector", [bytes(1024), b"\xff" * 1024, bytes(range(256)) * 4])
def test_weights_that_look_overwritten_are_not_saved_where_a_checksum_is_wrong(
    tmp_path: Path, sector: bytes
) -> None:
    path = write_archive(tmp_path / "model.keras", tmp_path)
    before = values_of(tmp_path / "inner.h5")
    data = path.read_bytes()
    place = data.find(before["layers/dense_3/vars/0"].tobytes())
    place += 4096 - place % 4096
    overwrite(path, place, sector)
    salvage(path, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert set(before) - set(after) == {"layers/dense_3/vars/0"}
    assert b"overwritten" in b" ".join(after["salvage_report"].reshape(-1).tolist())


def test_rows_of_zeros_are_no_sign_of_damage() -> None:
    values = np.random.default_rng(0).normal(size=(300, 96)).astype("f4")
    values[0] = values[7:19] = 0
    data = values.tobytes()
    for outer in (0, 100):
        *_, found = look_overwritten(
            lambda at, n: data[at : at + n], 0, len(data), outer, values.dtype
        )
        assert found is False
    assert [*look_overwritten(lambda at, n: bytes(n), 0, 4096, 0, None)][-1] is False


# ----------------------------------------------------------------------- refusals


def test_what_was_never_such_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.h5").write_bytes(b"<html>not found</html>")
    with pytest.raises(CannotOpen, match="web page"):
        salvage(tmp_path / "page.h5", tmp_path / "new.h5")


def test_nothing_whole_is_one_sentence(model: Path, tmp_path: Path) -> None:
    os.truncate(model, 900)
    with pytest.raises(CannotRead, match=r"No dataset in model\.h5 is whole"):
        salvage(model, tmp_path / "new.h5")


def test_a_name_that_says_something_else_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"cannot be called new\.npz"):
        plan_here(SalvageFile(document=str(model), target=str(tmp_path / "new.npz")))


def test_the_plan_says_what_is_lost(model: Path, tmp_path: Path) -> None:
    start, length = place_of(model, "model_weights/dense_3/dense_3/kernel:0")
    overwrite(model, start + length // 2, b"\x55\xaa\x55")
    plan = plan_here(SalvageFile(document=str(model), target=str(tmp_path / "new.h5")))
    assert plan.kept[0].n_items == 10
    assert plan.left_out[0].n_items == 1
    assert any("dense_3" in note for note in plan.notes)


def test_an_index_says_which_file_to_salvage_instead(tmp_path: Path) -> None:
    index = tmp_path / "net.weights.json"
    index.write_text(json.dumps({"weight_map": {"/layers/dense/vars": "net_00000.weights.h5"}}))
    with pytest.raises(CannotOpen, match="only lists") as refused:
        salvage(index, tmp_path / "new.h5")
    assert "net_00000.weights.h5" in (refused.value.hint or "")


# --------------------------------------------------------------------- checkpoints


def test_variables_of_a_checkpoint_that_are_right_are_saved(tmp_path: Path) -> None:
    variables = {
        "net/kernel": np.arange(600, dtype="f4").reshape(20, 30),
        "net/kernel/Adam": np.ones((20, 30), "f4"),
        "net/bias": np.arange(30, dtype="f8"),
        "steps": np.array(7, "i8"),
    }
    index = write_bundle(tmp_path / "model", variables)
    data = next(tmp_path.glob("model.data-*"))
    overwrite(data, data.read_bytes().find(variables["net/bias"].tobytes()) + 11, b"\x01")
    done = salvage(index, tmp_path / "new.h5")
    after = values_of(tmp_path / "new.h5")
    assert after.pop("salvage_report").tolist()[0][0] == b"/net/bias"
    assert sorted(after) == ["net/kernel/Adam", "net/kernel/value", "steps"]  # one is in the other
    assert same(after["net/kernel/value"], variables["net/kernel"])
    assert same(after["steps"], variables["steps"])
    assert done.n_weights == 3
    data.unlink()
    with pytest.raises(CannotRead, match="No dataset"):
        salvage(index, tmp_path / "new.h5")


def test_a_group_of_many_names_in_order_is_saved(tmp_path: Path) -> None:
    names = [f"layer_{number}" for number in range(20, 0, -1)]
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        weights = file.create_group("weights", track_order=True)
        for name in names:
            weights.create_group(name)["kernel"] = np.ones(4)
    assert salvage(tmp_path / "a.h5", tmp_path / "b.h5").n_weights == 20
    with h5py.File(tmp_path / "b.h5") as file:
        assert list(file["weights"]) == names


def test_one_lost_item_is_told_in_the_singular(model: Path, tmp_path: Path) -> None:
    start, length = place_of(model, "model_weights/dense_1/dense_1/kernel:0")
    overwrite(model, start + length // 2, b"\x55\xaa\x55")
    notes = salvage(model, tmp_path / "new.h5").notes
    assert "1 item could not be saved; the new file lists it." in notes
