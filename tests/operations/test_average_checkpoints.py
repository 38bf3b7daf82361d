"""Means of checkpoints: values, what is the first one's, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from checkpoint_files import bundle_entry, field, object_message, table, values, write_bundle
from merged import merge_here, plan_here
from small_files import make_keras_h5

from h5viewer.documents.object_graph import read_graph
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.nodes import Exported
from h5viewer.requests import AverageNetworks
from h5viewer.requests.export import part_name

KERNEL = np.arange(12, dtype="f4").reshape(3, 4)


def average(files: list[Path], target: Path, **options: object) -> tuple[Exported, Exported]:
    """The index, then the values, as `exporting` asks for them."""
    document, *others = map(str, files)
    request = AverageNetworks(
        document=document, others=tuple(others), target=str(target), **options
    )
    first = merge_here(request)
    name = str(target.with_name(part_name(request, 0)))
    return first, merge_here(msgspec.structs.replace(request, target=name, part=0))


def write(path: Path, factor: float, **more: np.ndarray) -> Path:
    stored = {
        "conv/kernel": KERNEL * np.float32(factor), "conv/kernel/Adam": KERNEL,
        "global_step": np.array(int(factor), "i8"), "table": np.array([int(factor)], "i4"),
    }  # fmt: skip
    return write_bundle(path, {**stored, **more})


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / f"m-{n}", n) for n in (1, 2, 6)]


@pytest.mark.parametrize(
    ("options", "factor"),
    [({}, 3.0), ({"shares": (1.0, 1.0, 0.0)}, 1.5), ({"decay": 0.5}, 0.25 + 0.5 + 3)],
)
def test_weights_are_the_mean_and_all_else_the_first_file_s(
    three: list[Path], tmp_path: Path, options: dict[str, object], factor: float
) -> None:
    told, done = average(three, tmp_path / "mean.index", **options)
    assert (told.n_parts, told.n_files, done.n_identical) == (1, 3, 2)
    found = values(tmp_path / "mean.index")
    assert set(found) == {"conv/kernel", "table"}
    np.testing.assert_array_equal(found["conv/kernel"], KERNEL * np.float32(factor))
    assert found["table"] == 1


def test_the_objects_are_those_of_the_first_without_its_optimizer(tmp_path: Path) -> None:
    value = "/.ATTRIBUTES/VARIABLE_VALUE"
    weight, slot = f"dense/kernel{value}", f"dense/kernel/.OPTIMIZER_SLOT/optimizer/m{value}"
    objects = (
        object_message({"dense": 1, "optimizer": 2}),
        object_message({"kernel": 3}),
        object_message({}, slots=((3, "m", 4),)),
        object_message({}, weight, "dense/kernel"),
        object_message({}, slot, "Adam/dense/kernel/m"),
    )
    stored = {weight: KERNEL, slot: KERNEL}
    files = [write_bundle(tmp_path / name, stored, objects) for name in "ab"]
    average(files, tmp_path / "mean.index")
    found = values(tmp_path / "mean.index")
    assert set(found) == {weight, "_CHECKPOINTABLE_OBJECT_GRAPH"}
    graph = read_graph(found["_CHECKPOINTABLE_OBJECT_GRAPH"].item())
    assert [each.key.decode() for each in graph.objects if each.key] == [weight]


def test_short_floats_are_rounded_to_nearest(tmp_path: Path) -> None:
    """bfloat16: the mean of two neighbours lies between them, and the even one is taken."""
    files = []
    for name, bits in (("a", 0x3F81), ("b", 0x3F82)):
        data = np.array([bits, 0x7F80], "<u2").tobytes()
        entries = [
            (b"", field(1, 1) + field(3, field(1, 1))),
            (b"w", bundle_entry(14, (2,), 0, data)),
        ]
        (tmp_path / f"{name}.index").write_bytes(table(entries))
        (tmp_path / f"{name}.data-00000-of-00001").write_bytes(data)
        files.append(tmp_path / f"{name}.index")
    average(files, tmp_path / "mean.index")
    made = np.frombuffer((tmp_path / "mean.data-00000-of-00001").read_bytes(), "<u2")
    assert made.tolist() == [0x3F82, 0x7F80]


def test_the_plan_says_what_goes_in(three: list[Path]) -> None:
    document, *others = map(str, three)
    request = AverageNetworks(document=document, others=tuple(others), target="mean.index")
    plan = plan_here(request)
    assert [(part.name, part.n_items) for part in plan.kept] == [
        ("averaged weights", 1), ("other variables of the first file", 1),
    ]  # fmt: skip
    assert [(part.name, part.n_items) for part in plan.left_out] == [("optimizer state", 2)]


def test_checkpoint_that_holds_nan_is_told_before_it_is_averaged(tmp_path: Path) -> None:
    odd = np.where(KERNEL.max() == KERNEL, np.nan, KERNEL).astype(KERNEL.dtype)
    files = [write_bundle(tmp_path / "a", {"w": KERNEL}), write_bundle(tmp_path / "b", {"w": odd})]
    request = AverageNetworks(document=str(files[0]), others=(str(files[1]),), target="mean.index")
    told = plan_here(request).notes
    assert told[0] == "b.index holds NaN or infinities, and so will the mean."


@pytest.mark.parametrize("case", ["shape", "missing", "other kind", "name", "damage"])
def test_what_cannot_be_averaged_is_one_sentence(
    case: str, three: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "mean.index"
    if case == "shape":
        three[1] = write(tmp_path / "x", 1, **{"conv/kernel": np.ones((2, 2), "f4")})
    elif case == "missing":
        three[0] = write(tmp_path / "x", 1, more=np.ones(2, "f4"))
    elif case == "other kind":
        three[2] = make_keras_h5(tmp_path / "x.h5")
    elif case == "name":
        target = tmp_path / "mean.h5"
    else:
        three[2].with_name("m-6.data-00000-of-00001").unlink()
    document, *others = map(str, three)
    request = AverageNetworks(document=document, others=tuple(others), target=str(target))
    expected = CannotWrite if case == "name" else CannotRead
    with pytest.raises(expected) as planned:
        plan_here(request)
    with pytest.raises(expected) as written:
        merge_here(request)
    assert str(planned.value) == str(written.value)


def test_values_that_may_be_damaged_are_told(three: list[Path], tmp_path: Path) -> None:
    data = three[2].with_name("m-6.data-00000-of-00001")
    stored = bytearray(data.read_bytes())
    stored[1] ^= 255
    data.write_bytes(bytes(stored))
    told, _ = average(three, tmp_path / "mean.index")
    assert any("m-6.index: conv/kernel: The checksum" in note for note in told.notes)
