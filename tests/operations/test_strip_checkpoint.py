"""Checkpoints without what an optimizer keeps: both files, what stays, what is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from checkpoint_files import (
    bundle_entry,
    checkpoint,
    field,
    object_message,
    table,
    values,
    varint,
    write_bundle,
)
from exported import export_here, plan_here

from h5viewer.documents.object_graph import read_graph
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.crc32c import masked_crc32c
from h5viewer.formats.source import Source
from h5viewer.formats.tf_table_writing import table_pieces
from h5viewer.nodes import Exported
from h5viewer.requests import StripFile
from h5viewer.requests.export import part_name

KERNEL = np.arange(12, dtype="f4").reshape(3, 4)
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def strip(index: Path, target: Path, **options: object) -> tuple[Exported, Exported]:
    """The index, then the values, as `exporting` asks for them."""
    request = StripFile(document=str(index), target=str(target), **options)
    first = export_here(request)
    name = str(target.with_name(part_name(request, 0)))
    return first, export_here(msgspec.structs.replace(request, target=name, part=0))


@pytest.fixture
def adam(tmp_path: Path) -> Path:
    """As TensorFlow 1 names them."""
    names = ("conv/kernel", "conv/kernel/Adam", "conv/kernel/Adam_1")
    stored = {name: KERNEL * factor for factor, name in enumerate(names, 1)}
    stored |= {"beta1_power": np.float32([0.9])[0], "global_step": np.int64([70])[0]}
    stored = {name: np.asarray(value) for name, value in stored.items()}
    return write_bundle(tmp_path / "m-70", stored)


def test_slots_are_left_out_and_everything_else_is_the_same(adam: Path, tmp_path: Path) -> None:
    told, done = strip(adam, tmp_path / "small.index")
    assert (told.n_parts, told.n_weights, done.n_weights) == (1, 0, 3)
    before, after = values(adam), values(tmp_path / "small.index")
    assert set(after) == {"conv/kernel", "beta1_power", "global_step"}
    assert all((after[name] == before[name]).all() for name in after)
    plan = plan_here(StripFile(document=str(adam), target="small.index"))
    assert [(part.name, part.n_items) for part in plan.left_out] == [("optimizer state", 2)]
    assert plan.left_out[0].n_bytes == 2 * KERNEL.nbytes


def test_what_the_optimizer_keeps_for_itself_goes_when_that_is_asked(
    adam: Path, tmp_path: Path
) -> None:
    strip(adam, tmp_path / "small.index", training_config=True)
    assert set(values(tmp_path / "small.index")) == {"conv/kernel"}


def test_weights_under_keys_of_an_optimizer_stay(tmp_path: Path) -> None:
    """As Keras 3 writes them: what is left out is known by the objects, not by keys."""
    weight, slot = f"optimizer/_trainable_variables/0{VALUE}", f"optimizer/_variables/1{VALUE}"
    rate = f"optimizer/_learning_rate{VALUE}"
    objects = (
        object_message({"model": 1, "optimizer": 2}),
        object_message({"kernel": 5}),
        object_message({"_trainable_variables": 3, "_variables": 4, "_learning_rate": 7,
                        "_iterations": 7}),
        object_message({"0": 5}),
        object_message({"0": 7, "1": 6}),
        object_message({}, weight, "dense/kernel"),
        object_message({}, slot, "adam/dense_kernel_momentum"),
        object_message({}, rate, "adam/learning_rate"),
    )  # fmt: skip
    stored = {weight: KERNEL, slot: -KERNEL, rate: np.array(0.5, "f4")}
    index = write_bundle(tmp_path / "ckpt", stored, objects)
    strip(index, tmp_path / "small.index")
    after = values(tmp_path / "small.index")
    assert (after[weight] == KERNEL).all()
    assert slot not in after
    graph = read_graph(after["_CHECKPOINTABLE_OBJECT_GRAPH"].item())
    assert [each.key.decode() for each in graph.objects if each.key] == [weight, rate]
    assert dict(graph.objects[4].children) == {b"0": 7}  # no way leads to what is gone
    assert len(graph.objects) == len(objects)  # numbers stay


def test_slots_that_the_graph_lists_are_gone_from_it(tmp_path: Path) -> None:
    weight, slot = f"dense/kernel{VALUE}", f"dense/kernel/.OPTIMIZER_SLOT/optimizer/m{VALUE}"
    objects = (
        object_message({"dense": 1, "optimizer": 2}),
        object_message({"kernel": 3}),
        object_message({}, slots=((3, "m", 4),)),
        object_message({}, weight, "dense/kernel"),
        object_message({}, slot, "Adam/dense/kernel/m"),
    )
    index = write_bundle(tmp_path / "ckpt", {weight: KERNEL, slot: -KERNEL}, objects)
    strip(index, tmp_path / "small.index")
    after = values(tmp_path / "small.index")
    assert set(after) == {weight, "_CHECKPOINTABLE_OBJECT_GRAPH"}
    graph = read_graph(after["_CHECKPOINTABLE_OBJECT_GRAPH"].item())
    assert graph.objects[2].slots == []


def test_a_variable_in_parts_becomes_whole(tmp_path: Path) -> None:
    """Columns lie apart, so that they have to be put together."""
    left, right = KERNEL[:, :1].tobytes(), KERNEL[:, 1:].tobytes()
    slot = np.zeros(12, "f4").tobytes()

    def extents(start: int, length: int) -> bytes:
        return field(1, b"") + field(1, field(1, start) + field(2, length))

    shape = b"".join(field(2, field(1, n)) for n in KERNEL.shape)
    parts = field(7, extents(0, 1)) + field(7, extents(1, 3))
    from h5viewer.formats.ordered_code import encode_slice

    entries = [
        (b"", field(1, 1) + field(3, field(1, 1))),
        (encode_slice(b"w", extents(0, 1)), bundle_entry(1, (3, 1), 0, left)),
        (encode_slice(b"w", extents(1, 3)), bundle_entry(1, (3, 3), len(left), right)),
        (b"w", field(1, 1) + field(2, shape) + parts),
        (b"w/Adam", bundle_entry(1, (3, 4), 48, slot)),
    ]
    (tmp_path / "p.index").write_bytes(table(sorted(entries)))
    (tmp_path / "p.data-00000-of-00001").write_bytes(left + right + slot)
    strip(tmp_path / "p.index", tmp_path / "small.index")
    assert (values(tmp_path / "small.index")["w"] == KERNEL).all()
    assert len(checkpoint(tmp_path / "small.index").variables[b"w"].pieces) == 1


def test_a_wrong_checksum_is_copied_and_said(adam: Path, tmp_path: Path) -> None:
    data = adam.with_name("m-70.data-00000-of-00001")
    stored = bytearray(data.read_bytes())
    stored[data.read_bytes().index(KERNEL.tobytes()) + 5] ^= 1
    data.write_bytes(bytes(stored))
    _, done = strip(adam, tmp_path / "small.index")
    assert "conv/kernel" in " ".join(done.notes)
    container = checkpoint(tmp_path / "small.index")
    assert any("checksum" in problem.message for problem in container.problems)


@pytest.mark.parametrize(
    ("target", "options", "error"),
    [
        ("small.h5", {}, CannotWrite),
        ("small.index", {"gzip": 4}, CannotRead),
        ("small.index", {"floats": "float16"}, CannotRead),
    ],
)
def test_what_a_checkpoint_cannot_be_is_refused_by_plan_and_export(
    adam: Path, tmp_path: Path, target: str, options: dict[str, object], error: type[Exception]
) -> None:
    request = StripFile(document=str(adam), target=str(tmp_path / target), **options)
    with pytest.raises(error) as planned:
        plan_here(request)
    with pytest.raises(error) as written:
        export_here(request)
    assert str(planned.value) == str(written.value)


def test_nothing_to_leave_out_is_said(tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "m", {"w": KERNEL})
    with pytest.raises(CannotRead, match="holds no optimizer state"):
        plan_here(StripFile(document=str(index), target="small.index"))


def test_missing_values_are_refused(adam: Path) -> None:
    adam.with_name("m-70.data-00000-of-00001").unlink()
    with pytest.raises(CannotRead, match="not beside this file"):
        plan_here(StripFile(document=str(adam), target="small.index"))


@pytest.mark.parametrize("n_keys", [1, 17, 9000])
def test_a_table_is_the_same_when_it_is_read(n_keys: int, tmp_path: Path) -> None:
    from h5viewer.formats.tf_table import Table

    entries = sorted((b"name/%d" % n, b"x" * (n % 90)) for n in range(n_keys))
    (tmp_path / "t").write_bytes(b"".join(table_pieces(entries)))
    with Source(str(tmp_path / "t")) as source:
        read = Table(source)
        assert list(read.entries()) == entries
        assert not read.has_wrong_checksum
        middle = entries[n_keys // 2][0]
        assert next(read.starting_with(middle)) == entries[n_keys // 2]


def test_keys_out_of_order_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="sorted"):
        list(table_pieces([(b"b", b""), (b"a", b"")]))


def test_checksum_of_strings_is_of_plain_lengths(tmp_path: Path) -> None:
    """TensorFlow's: the lengths as numbers of four bytes, their checksum, the strings."""
    from h5viewer.formats.tf_bundle_writing import text_variable

    made = text_variable(b"t", (2,), [b"a" * 200, b""])
    lengths = (200).to_bytes(4, "little") + bytes(4)
    checksum = masked_crc32c(lengths).to_bytes(4, "little")
    assert b"".join(made.pieces()) == varint(200) + varint(0) + checksum + b"a" * 200
    assert made.stated == masked_crc32c(lengths + checksum + b"a" * 200)
