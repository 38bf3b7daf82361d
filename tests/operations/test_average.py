"""Averages: what becomes of each number, what is kept, what is refused."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from merged import answer_here, merge_here, plan_here
from small_files import make_keras_archive, make_keras_h5, make_weights_h5

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.averaged_values import AveragedValues
from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.nodes import Exported
from h5viewer.operations import not_finite, plan_merge
from h5viewer.operations.average import plan_average
from h5viewer.operations.mean_rules import rule_notes
from h5viewer.requests import AverageNetworks, CutNetwork, JoinNetworks, PlanMerge, Progress

Change = Callable[[h5py.File], None]


def write_many(folder: Path, n: int, change: Callable[[h5py.File, int], None]) -> list[Path]:
    """Models of one architecture; `change` makes their numbers."""
    paths = [make_keras_h5(folder / f"epoch{number}.h5") for number in range(n)]
    for number, path in enumerate(paths):
        with h5py.File(path, "r+") as file:
            change(file, number)
    return paths


def request_of(paths: list[Path], target: Path, **more: object) -> AverageNetworks:
    first, *others = map(str, paths)
    return AverageNetworks(document=first, others=tuple(others), target=str(target), **more)


def average(paths: list[Path], target: Path, **more: object) -> Exported:
    return merge_here(request_of(paths, target, **more))


def set_bias(values: list[float]) -> Callable[[h5py.File, int], None]:
    def change(file: h5py.File, number: int) -> None:
        file["model_weights/dense/dense/bias:0"][...] = values[number]

    return change


def bias(path: Path) -> list[float]:
    with h5py.File(path) as file:
        return [float(each) for each in file["model_weights/dense/dense/bias:0"][...]]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (1 + 2 + 6) / 3),
        ({"shares": (1.0, 1.0, 2.0)}, (1 + 2 + 12) / 4),
        ({"decay": 0.5}, 1 * 0.25 + 2 * 0.25 + 6 * 0.5),
        ({"shares": (0.0, 0.0, 3.0)}, 6.0),
        ({"decay": 0.0}, 6.0),
    ],
)
def test_each_number_is_the_mean(more: dict[str, object], expected: float, tmp_path: Path) -> None:
    paths = write_many(tmp_path, 3, set_bias([1, 2, 6]))
    target = tmp_path / "mean.h5"
    done = average(paths, target, **more)
    assert bias(target) == [pytest.approx(expected)] * 2
    assert (done.n_weights, done.n_identical) == (4, 4)
    assert done.bytes_before == sum(path.stat().st_size for path in paths)
    assert done.bytes_after == target.stat().st_size


def test_sums_are_in_double_precision_and_rounded_once(tmp_path: Path) -> None:
    values = [2.0**24, 1.0, 1.0, -(2.0**24)]  # single precision would lose the ones
    paths = write_many(tmp_path, 4, set_bias(values))
    average(paths, tmp_path / "mean.h5")
    assert bias(tmp_path / "mean.h5") == [0.5, 0.5]


def test_the_structure_is_that_of_the_first_without_its_optimizer(tmp_path: Path) -> None:
    paths = write_many(tmp_path, 2, set_bias([0, 1]))
    done = average(paths, tmp_path / "mean.h5")
    with h5py.File(paths[0]) as old, h5py.File(tmp_path / "mean.h5") as new:
        assert dict(new.attrs) == dict(old.attrs)
        assert list(new) == ["model_weights"]
        assert list(new["model_weights"].attrs) == list(old["model_weights"].attrs)
        kernel = "model_weights/conv/conv/kernel:0"
        assert new[kernel][...].tobytes() == old[kernel][...].tobytes(), "mean of equal numbers"
    assert any("optimizer's state is left out" in note for note in done.notes)


def test_what_can_be_made_of_files_is_told_without_decoding_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of networks with 100,000 layers that takes most of the time."""
    paths = write_many(tmp_path, 2, lambda _file, _number: None)
    times: list[object] = []
    decode = Decoder.decode
    monkeypatch.setattr(Decoder, "decode", lambda self: times.append(self) or decode(self))
    monkeypatch.setattr(plan_merge, "read_network", refused)  # as of more than 20,000
    request = PlanMerge(document=str(paths[0]), others=(str(paths[1]),))
    choices = {
        each.kind: each.why_not for each in answer_here(plan_merge.plan_merge, request).choices
    }
    assert choices["average"] == ""
    assert len(times) == 2


def refused(_container: object) -> Iterator[None]:
    raise CannotRead("Too many layers.")
    yield


def test_the_plan_says_what_the_export_does(tmp_path: Path) -> None:
    paths = write_many(tmp_path, 3, set_bias([0, 1, 2]))
    request = request_of(paths, tmp_path / "mean.h5", shares=(1.0, 1.0, 2.0))
    plan = plan_here(request)
    done = merge_here(request)
    assert plan.notes == done.notes
    assert plan.notes[0] == "The mean of 3 files: epoch0.h5 25 %, epoch1.h5 25 %, epoch2.h5 50 %."
    assert [(part.name, part.n_items) for part in plan.kept] == [("averaged weights", 4)]
    assert [part.name for part in plan.left_out] == ["optimizer state"]
    assert plan.bytes_before == done.bytes_before


def test_steps_that_hold_nan_are_told_before_they_are_averaged(tmp_path: Path) -> None:
    paths = write_many(tmp_path, 4, set_bias([0, np.nan, 2, np.inf]))
    odd = "hold NaN or infinities, and so will the mean"
    for suffix in (".h5", ".keras"):  # written anew as an archive
        told = plan_here(request_of(paths, tmp_path / f"mean{suffix}")).notes
        assert told[0] == f"2 files {odd}: epoch1.h5, epoch3.h5."
    told = plan_here(request_of(paths[:2], tmp_path / "mean.h5")).notes
    assert told[0] == "epoch1.h5 holds NaN or infinities, and so will the mean."
    for request in (
        request_of(paths[::2], tmp_path / "mean.h5"),
        request_of(paths, tmp_path / "mean.h5", shares=(1.0, 0.0, 1.0, 0.0)),
    ):
        assert not any("NaN" in note for note in plan_here(request).notes)


@pytest.mark.parametrize("suffix", [".h5", ".keras"])  # .keras: written anew
def test_values_are_looked_at_where_that_is_told_and_not_too_long(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_many(tmp_path, 2, set_bias([0, np.nan]))
    request = request_of(paths, tmp_path / f"mean{suffix}")
    merge = PlanMerge(document=request.document, others=request.others)
    assert not looks_for_nan(plan_merge.plan_merge, merge)
    assert looks_for_nan(plan_average, request)
    monkeypatch.setattr(not_finite, "_MOST_READ", 600)  # of both together; 488 bytes are one's
    assert not looks_for_nan(plan_average, request)


def looks_for_nan(operation: Any, request: Any) -> bool:
    told: list[Progress] = []

    def recorded(*asked: Any) -> Iterator[Progress]:
        for step in operation(*asked):
            told.append(step)
            yield step

    answer_here(recorded, request)
    return any("NaN" in step.text for step in told)


@pytest.mark.parametrize("has_state", [True, False])
def test_plan_leaves_out_of_the_training_what_a_file_holds(has_state: bool, tmp_path: Path) -> None:
    """Nothing where there is nothing, whatever is made of the files."""

    def untrained(file: h5py.File, _: int) -> None:
        if not has_state:
            del file["optimizer_weights"], file.attrs["training_config"]

    paths = write_many(tmp_path, 2, untrained)
    joined = JoinNetworks(
        document=str(paths[0]), others=(str(paths[1]),), target=str(tmp_path / "both.keras")
    )
    anew = request_of(paths, tmp_path / "mean.keras")
    cut = CutNetwork(document=str(paths[0]), target=str(tmp_path / "cut.h5"), layer=("conv",))
    told: set[str] = set()
    for request in (request_of(paths, tmp_path / "mean.h5"), anew, joined, cut):
        found = [part.name for part in plan_here(request).left_out]
        assert ("optimizer state" in found) == has_state
        told.update(found)
    how = {"how it was trained", "how they were trained"}
    assert told & how == (how if has_state else set())


def store(dtype: str, **how: object) -> Callable[[h5py.File, int], None]:
    def change(file: h5py.File, number: int) -> None:
        group = file["model_weights/dense/dense"]
        del group["kernel:0"]
        values = np.full((4, 2), number + 1)
        group.create_dataset("kernel:0", data=values.astype(dtype), **how)

    return change


@pytest.mark.parametrize("shares", [(), (1.0, 1.0, 1.0, 1.0001)])
@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8"])
def test_the_type_and_the_filters_of_the_first_are_kept(
    dtype: str, is_packed: bool, shares: tuple[float, ...], tmp_path: Path
) -> None:
    packed = {"chunks": (2, 2), "compression": "gzip", "shuffle": True}
    paths = write_many(tmp_path, 4, store(dtype, **(packed if is_packed else {})))
    average(paths, tmp_path / "mean.h5", shares=shares)
    with h5py.File(tmp_path / "mean.h5") as file:
        kernel = file["model_weights/dense/dense/kernel:0"]
        assert kernel.dtype.str == dtype
        assert (kernel.chunks, kernel.compression) == (
            ((2, 2), "gzip") if is_packed else (None,) * 2
        )
        assert kernel[...] == pytest.approx(2.5, rel=1e-3 if shares else 0)


def test_bfloat16_is_rounded_to_the_nearest(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.weights.h5" for number in range(2)]
    for path, upper in zip(paths, (0x3F80, 0x3F83), strict=True):  # 1 and 1.0234375
        with h5py.File(path, "w") as file:
            values = np.array([upper], "<u2").view("V2")
            file.create_dataset("layers/dense/vars/0", data=values).attrs["dtype"] = "bfloat16"
    average(paths, tmp_path / "mean.weights.h5")
    with h5py.File(tmp_path / "mean.weights.h5") as file:
        variable = file["layers/dense/vars/0"]
        assert variable.attrs["dtype"] == "bfloat16"
        found = variable[...].view("<u2").tolist()
    assert found == [0x3F82], "half-way: to the even one"


def test_a_weight_that_layers_share_is_averaged_once_and_stays_shared(tmp_path: Path) -> None:
    def share(file: h5py.File, number: int) -> None:
        group = file["model_weights/dense/dense"]
        group["bias:0"][...] = number
        file["model_weights/a_name_before"] = group["bias:0"]

    paths = write_many(tmp_path, 3, share)
    average(paths, tmp_path / "mean.h5")
    assert bias(tmp_path / "mean.h5") == [1, 1]
    with h5py.File(tmp_path / "mean.h5") as file:
        assert file["model_weights/a_name_before"] == file["model_weights/dense/dense/bias:0"]


def test_whole_numbers_stay_those_of_the_first(tmp_path: Path) -> None:
    def count(file: h5py.File, number: int) -> None:
        group = file["model_weights/dense"]
        group["dense/count:0"] = np.int64(number + 5)
        names = [*group.attrs["weight_names"], b"dense/count:0"]
        group.attrs["weight_names"] = np.array(names, dtype="S")

    paths = write_many(tmp_path, 2, count)
    done = average(paths, tmp_path / "mean.h5")
    with h5py.File(tmp_path / "mean.h5") as file:
        assert file["model_weights/dense/dense/count:0"][()] == 5
    assert any(note.startswith("1 variable of whole numbers") for note in done.notes)


def test_archives_and_weights_alone_keep_their_layout(tmp_path: Path) -> None:
    paths = [make_keras_archive(tmp_path / f"{number}.keras") for number in range(2)]
    done = average(paths, tmp_path / "mean.keras")
    assert (done.n_weights, done.n_identical) == (2, 2)
    alone = [make_weights_h5(tmp_path / f"{number}.h5") for number in range(2)]
    with h5py.File(alone[1], "r+") as file:
        file["dense/dense/bias:0"][...] = 3
        expected = np.zeros(2)
    with h5py.File(alone[0], "r+") as file:
        file["dense/dense/bias:0"][...] = 1
    average(alone, tmp_path / "mean.h5")
    with h5py.File(tmp_path / "mean.h5") as file:
        expected = file["dense/dense/bias:0"][...]
    assert expected.tolist() == [2, 2]


def test_numbered_weights_alone_are_averaged(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        paths.append(tmp_path / f"{number}.weights.h5")
        with h5py.File(paths[-1], "w") as file:
            variables = file.create_group("layers/dense/vars")
            variables.attrs["name"] = f"dense_{number}"  # built twice by one program
            variables["0"] = np.full((2, 2), number, "f4")
            file["optimizer/vars/0"] = np.int64(3)
    average(paths, tmp_path / "mean.weights.h5")
    with h5py.File(tmp_path / "mean.weights.h5") as file:
        assert (file["layers/dense/vars/0"][...] == 0.5).all()
        assert file["layers/dense/vars"].attrs["name"] == "dense_0"
        assert list(file) == ["layers"]


def test_layers_of_other_names_are_taken_in_their_order(tmp_path: Path) -> None:
    """`dense` and `dense_1` of one run are `dense_1` and `dense_2` of the next."""
    paths = []
    for run, names in enumerate((("dense", "dense_1"), ("dense_1", "dense_2"))):
        paths.append(tmp_path / f"run{run}.h5")
        layers = [
            {"class_name": "Dense", "config": {"name": name, "units": 2, "use_bias": False}}
            for name in names
        ]
        config = {"class_name": "Sequential", "config": {"name": "x", "layers": layers}}
        with h5py.File(paths[-1], "w") as file:
            file.attrs["model_config"] = json.dumps(config)
            file.attrs["keras_version"] = "2.9.0"
            weights = file.create_group("model_weights")
            weights.attrs["layer_names"] = np.array(names, dtype="S")
            for number, name in enumerate(names):
                weights.create_group(name).attrs["weight_names"] = [f"{name}/kernel:0".encode()]
                weights[f"{name}/{name}/kernel:0"] = np.full((2, 2), 10 * number + run, "f4")
    average(paths, tmp_path / "mean.h5")
    with h5py.File(tmp_path / "mean.h5") as file:
        found = [file[f"model_weights/{n}/{n}/kernel:0"][0, 0] for n in ("dense", "dense_1")]
    assert found == [0.5, 10.5]


def change_config(old: str, new: str) -> Change:
    def change(file: h5py.File) -> None:
        file.attrs["model_config"] = file.attrs["model_config"].replace(old, new)

    return change


def drop_weight(file: h5py.File) -> None:
    del file["model_weights/dense/dense/bias:0"]


def longer_bias(file: h5py.File) -> None:
    group = file["model_weights/dense/dense"]
    del group["bias:0"]
    group["bias:0"] = np.zeros(3, "f4")


def quantized(file: h5py.File) -> None:
    group = file["model_weights/dense/dense"]
    del group["kernel:0"]
    group["kernel:0"] = np.zeros((4, 2), "i1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (change_config('"softmax"', '"relu"'), "dense has another value of activation in b.h5"),
        (change_config('"Dense"', '"Conv2D"'), "is of the class Dense, dense of b.h5"),
        (drop_weight, "The layer dense has 2 weights in a.h5 and 1 in b.h5."),
        (longer_bias, r"dense/bias is \(2,\) in a.h5 and \(3,\) in b.h5."),
        (quantized, "dense/kernel of b.h5 is stored as int8"),
    ],
)
def test_other_architectures_are_refused_in_a_sentence(
    change: Change, sentence: str, tmp_path: Path
) -> None:
    a, b = make_keras_h5(tmp_path / "a.h5"), make_keras_h5(tmp_path / "b.h5")
    with h5py.File(b, "r+") as file:
        change(file)
    for run in (plan_here, merge_here):
        with pytest.raises(H5ViewerError, match=sentence):
            run(request_of([a, b], tmp_path / "mean.h5"))
    assert not (tmp_path / "mean.h5").exists()


def test_kernels_that_theano_stored_backwards_are_turned_first(tmp_path: Path) -> None:
    a, b = make_keras_h5(tmp_path / "a.h5"), make_keras_h5(tmp_path / "b.h5")
    kernel = np.arange(108, dtype="f4").reshape(3, 3, 3, 4)
    for path, values in ((a, kernel), (b, kernel[::-1, ::-1])):
        with h5py.File(path, "r+") as file:
            file["model_weights/conv/conv/kernel:0"][...] = values
    with h5py.File(b, "r+") as file:
        file.attrs["backend"] = "theano"
        file["model_weights"].attrs["backend"] = "theano"
    done = average([a, b], tmp_path / "mean.h5")
    with h5py.File(tmp_path / "mean.h5") as file:
        assert np.array_equal(file["model_weights/conv/conv/kernel"][...], kernel)
    assert any("written anew" in note for note in done.notes)


def test_blocks_of_any_lengths_make_one_mean() -> None:
    """Files store the same weight in chunks of their own."""

    class Blocks:
        shape, dtype = (7,), "float32"

        def __init__(self, *lengths: int) -> None:
            self.lengths = lengths

        def pieces(self) -> Iterator[np.ndarray]:
            start = 0
            for length in self.lengths:
                yield np.arange(start, start + length, dtype="f4")
                start += length

    values = AveragedValues((Blocks(7), Blocks(1, 2, 4), Blocks(5, 2)), (1.0, 2.0, 3.0))
    pieces = list(values.pieces())
    assert len(pieces) == 4
    assert np.concatenate(pieces).tolist() == list(range(7))


def test_what_only_training_needs_may_differ(tmp_path: Path) -> None:
    a, b = make_keras_h5(tmp_path / "a.h5"), make_keras_h5(tmp_path / "b.h5")
    with h5py.File(b, "r+") as file:
        change_config('"units"', '"kernel_initializer": "zeros", "units"')(file)
    assert average([a, b], tmp_path / "mean.h5").n_weights == 4


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"shares": (1.0,)}, "^1 share was given for 2 files"),
        ({"shares": (1.0, -1.0)}, "from 0 on"),
        ({"shares": (0.0, 0.0)}, "not all of them 0"),
        ({"decay": 1.0}, "below 1"),
    ],
)
def test_shares_that_make_no_mean_are_refused(
    more: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    paths = write_many(tmp_path, 2, set_bias([0, 1]))
    with pytest.raises(CannotRead, match=sentence):
        average(paths, tmp_path / "mean.h5", **more)
    with pytest.raises(CannotRead, match="at least two files"):
        average(paths[:1], tmp_path / "mean.h5")


def test_a_file_that_is_no_model_is_refused(datasets_h5: Path, tmp_path: Path) -> None:
    model = make_keras_h5(tmp_path / "a.h5")
    for paths in ([model, datasets_h5], [datasets_h5, model]):
        with pytest.raises(CannotRead, match=r"datasets\.h5 is no Keras model"):
            average(paths, tmp_path / "mean.h5")


def write_large(folder: Path, n: int) -> list[Path]:
    def change(file: h5py.File, number: int) -> None:
        group = file["model_weights/dense"]
        group["dense/large:0"] = np.full((1500, 1024), number, "f4")
        names = [*group.attrs["weight_names"], b"dense/large:0"]
        group.attrs["weight_names"] = np.array(names, dtype="S")

    return write_many(folder, n, change)


def test_each_source_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write_large(tmp_path, 3)
    n_read: dict[str, int] = {}
    real = Source.read_into

    def counting(source: Source, start: int, buffer: memoryview) -> int:
        n_read[source.name] = n_read.get(source.name, 0) + len(buffer)
        return real(source, start, buffer)

    monkeypatch.setattr(Source, "read_into", counting)
    average(paths, tmp_path / "mean.h5")
    weights = 1500 * 1024 * 4
    for path in paths:
        assert weights <= n_read[path.name] < 1.1 * weights


@pytest.mark.parametrize("more", [{}, {"shares": (1.0, 2.0, 3.0)}])
@pytest.mark.parametrize("types", ["f4 f4 f4", "f8 f4 f4", ">f4 >f4 >f4", "f4 f2 >f8"])
def test_large_weights_are_averaged_to_the_last_number(
    types: str, more: dict[str, object], tmp_path: Path
) -> None:
    """They are written in pieces by several threads, beside HDF5."""
    random = np.random.default_rng(0)
    values = [random.standard_normal((700, 1023)).astype(each) for each in types.split()]
    for each in values:
        each[300, :3] = (-0.0, np.nan, np.inf)

    def change(file: h5py.File, number: int) -> None:
        group = file["model_weights/dense"]
        group["dense/large:0"] = values[number]
        names = [*group.attrs["weight_names"], b"dense/large:0"]
        group.attrs["weight_names"] = np.array(names, dtype="S")

    average(write_many(tmp_path, 3, change), tmp_path / "mean.h5", **more)
    shares = more.get("shares", (1.0, 1.0, 1.0))
    total = sum(share * each.astype("f8") for share, each in zip(shares, values, strict=True))
    with h5py.File(tmp_path / "mean.h5") as file:
        found = file["model_weights/dense/dense/large:0"][...]
    expected = ((total + -0.0) / sum(shares)).astype(values[0].dtype)
    assert np.signbit(found[300, 0])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n_bytes", [50_000, 500_000])
def test_what_the_disk_made_of_it_is_noticed(
    n_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first rows, which HDF5 wrote, and of the others."""
    paths = write_large(tmp_path, 2)
    real = Scratch.write_at
    n_damaged = 0

    def damaging(scratch: Scratch, at: int, data: memoryview | bytes) -> None:
        nonlocal n_damaged
        view = bytearray(memoryview(data).cast("B"))
        if len(view) > n_bytes and not n_damaged:
            view[1000] ^= 1
            n_damaged += 1
        real(scratch, at, bytes(view))

    monkeypatch.setattr(Scratch, "write_at", damaging)
    with pytest.raises(CannotWrite, match="read back"):
        average(paths, tmp_path / "mean.h5")
    assert n_damaged == 1


def test_a_file_that_changes_meanwhile_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_many(tmp_path, 2, set_bias([0, 1]))
    real = Scratch.truncate

    def changing(scratch: Scratch, size: int | None = None) -> int:
        os.utime(paths[1], (1, 1))
        return real(scratch, size)

    monkeypatch.setattr(Scratch, "truncate", changing)
    with pytest.raises(CannotRead, match=r"epoch1\.h5 changed on disk"):
        average(paths, tmp_path / "mean.h5")


def test_the_same_file_twice_counts_twice(tmp_path: Path) -> None:
    paths = write_many(tmp_path, 2, set_bias([0, 3]))
    shutil.copy(paths[1], tmp_path / "again.h5")
    average([*paths, tmp_path / "again.h5"], tmp_path / "mean.h5")
    assert bias(tmp_path / "mean.h5") == [2, 2]
    average([*paths, paths[1]], tmp_path / "mean.h5")
    assert bias(tmp_path / "mean.h5") == [2, 2]


def test_one_variable_without_a_mean_is_told_in_the_singular() -> None:
    one, several = (next(rule_notes(0, n, "a.h5")) for n in (1, 2))
    assert one.endswith("cannot be averaged and stays that of a.h5.")
    assert several.endswith("cannot be averaged and stay those of a.h5.")
